"""The articles, kept. The only SQL."""
