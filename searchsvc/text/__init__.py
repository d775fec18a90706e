"""Strings in, values out: clean, fold, terms, script. Knows neither the web nor an index."""
