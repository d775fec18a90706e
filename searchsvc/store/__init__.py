"""What is kept: the articles, and what each ingest did. The only SQL."""
