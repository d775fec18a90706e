"""The same story, told by several sources: which articles are nearly the same text.

- ``sketch``: a text → 160 numbers, of which two near texts have most in common
- ``near``: sketches and times → which are near each other, and the groups they make
- ``follow``: the database's changes → its stories, kept up to date; the main function

Two articles are *near* when they have at least half of their strings of four characters in common,
in either script, appeared within four days, and do not disagree about the numbers in them. A
*component* is everything that hangs together by that. A *story* is what of a component is joined
without its earliest articles growing apart, and within the same four days: a chain of rewritings
does not join two ends that have nothing in common. The stories are a function of the articles
alone: in what order they came does not matter.
"""
