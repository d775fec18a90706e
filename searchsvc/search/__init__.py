"""The way out: query string → syntax → plan → engine → highlight → results."""
