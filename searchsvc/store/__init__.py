"""What is kept: the articles, and what is known of each feed. The only SQL."""
