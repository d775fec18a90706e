"""What is kept: the articles, what each ingest did, what is known of each feed. The only SQL."""
