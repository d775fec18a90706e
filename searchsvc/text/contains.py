"""Texts in a form in which containing a string is Python's ``in``: a plain scan, to hold an index against.

Containing is what ``terms`` says it is; here it is decided on the squeezed characters themselves, so a
scan shares nothing with an index but what squeezing is. A search never comes here.
"""

from searchsvc.text.terms import squeeze

# Around words: signs that no squeezed text has.
BEGIN, END = "\1", "\2"


def fenced(text: str) -> str:
    """Squeezed text with a sign at the beginning and the end of every word: containing is ``in``."""
    squeezed = squeeze(text)
    chars, is_word, starts = squeezed.text, squeezed.is_word.tolist(), squeezed.starts_word.tolist()
    out = []
    for at, char in enumerate(chars):
        ends = is_word[at] and (at + 1 == len(chars) or not is_word[at + 1] or starts[at + 1])
        out.append(BEGIN * starts[at] + char + END * ends)
    return "".join(out)
