"""Keeps Chinese news and finds it again, in simplified and traditional script.

Text goes through in two directions, and the folders are those two ways:

- in: feeds and files → parse → clean → store → terms → index
  (``ingest/``, ``text/``, ``store/``, ``engine/``)
- out: query string → syntax → plan → engine → highlight → present
  (``search/``, ``engine/``, ``present``, ``web/``)

The two ways share ``text/``: what an article says and what a query asks go through the same code.
``article`` and ``errors`` have the values and errors that all of them know; ``settings`` and
``service`` put the parts together; ``stats`` counts what is there; ``commands`` (with ``ingest_command``,
``feed_commands`` and what they share, ``terminal``) and ``web/`` are the doors, ``logs`` is how they log, and
``evaluate`` measures how well the way out answers. Imports point one way:
the doors to search and ingest, those to engine and store, those to text, article and errors.
"""
