"""What to offer somebody who types, mistyped, or has read an article: nothing here searches for them.

- ``complete``: the beginning of a word → words, names and titles of the archive that go on so.
- ``correct``: a query that found little → queries with one word mended that find more.
- ``similar``: an article → others of the same matter.

Each asks the engine how often strings occur, so whatever is offered is there, with exact counts.
``cutting`` parts titles into words, ``titles`` fetches those that contain a string, ``names`` knows
the names of the table, ``confusable`` which characters sound or look alike, ``damage`` what may have
been meant by a word, ``writing`` shows a string in the script that was typed.
"""
