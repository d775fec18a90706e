"""What goes wrong with disks, processes, feeds and people, done on purpose: ``make torture``.

Each row is one promise with its figure (``row.py``); ``rows.py`` names them all. The whole battery takes
hours and prints the table of figures that it reached; its quick form is part of ``make test``.
"""
