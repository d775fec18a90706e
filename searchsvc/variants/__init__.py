"""A run of a query → the words and names in it that another place writes otherwise, and how.

In: a run of text as typed, without spaces. Out: spans of it, apart and in order, each with its
other forms. At query time only, never while indexing: converted text would be found that nobody
wrote. What to search and how to show it is left to the caller.

- ``tables``: two files → phrases. ``names.tsv`` is ours and may be edited (特朗普, 川普);
  ``regional.tsv`` is made from OpenCC's phrases by ``make_regional`` (软件, 軟體).
- ``borders``: where a word may begin or end, so that 多數位置 is not read as 數位.
- ``find``: the phrases of a run.
"""
