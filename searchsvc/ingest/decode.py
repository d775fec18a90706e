"""Bytes → text, whatever the header says.

Chinese feeds come in UTF-8, GB18030, Big5 and UTF-16, and their headers lie in all directions. So
the bytes are asked first: what is valid UTF-8 is UTF-8 (other encodings almost never are). Then the
declared encoding and the usual two are tried, and the reading wins in which most Han characters are
common ones: GB 18030 read as Big5 is made of rare characters, and the other way round.
"""

import codecs
import re
from dataclasses import dataclass

from charset_normalizer import from_bytes

from searchsvc.errors import EntryError, SourceError

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
DECLARED = re.compile(rb"""(?:encoding|charset)\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE)
# Supersets that decode whatever the declared ones do, and what is found in the wild under their names.
SUPERSETS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "big5": "big5hkscs",
    "iso-8859-1": "cp1252",
}
CANDIDATES = ("gb18030", "big5hkscs")
# What is written where nobody thought about it, and what Chinese is usually in: these decide nothing.
# A feed that says KOI8-R or EUC-KR, and decodes so, means it.
NO_CLAIM = re.compile("iso8859|cp125[24]|ascii|utf|gb|big5|hz|latin")
# Bytes on which the choice is made.
SAMPLE = 200_000
# UTF-8 with one fault in so many characters is still UTF-8: a file that was cut in the middle of a
# character must not turn into another script.
SOUND_PER_FAULT = 5
CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f]")
# How much of a text may be control characters before it is no text.
BINARY = 0.02


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, the encoding it was read in, and how many of its characters could not be read."""

    text: str
    encoding: str
    replaced: int


def decode_answer(data: bytes, origin: str, content_type: str | None) -> str:
    """The text of what a server sent. Raises SourceError, naming where it is from, when it is no text."""
    declared = re.search(r"charset=[\"']?([\w.:-]+)", content_type or "")
    try:
        return decode(data, declared[1] if declared else None).text
    except EntryError as error:
        raise SourceError(f"{origin}: {error}") from error


def decode(data: bytes, declared: str | None = None) -> Decoded:
    """The text of some bytes. Raises EntryError when they are no text."""
    for mark, encoding in BOMS:
        if data.startswith(mark):
            return _checked(data, encoding)
    wide = _utf16_without_mark(data)
    if wide:
        return _checked(data, wide)
    try:
        return _checked_text(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        pass
    return _checked(data, _guess(data, declared))


def _guess(data: bytes, declared: str | None) -> str:
    """The encoding in which bytes that are not UTF-8 read best."""
    sample = data[:SAMPLE]
    text = sample.decode("utf-8", "replace")
    faults = text.count("\ufffd")
    if sum(char >= "\x80" for char in text) - faults >= SOUND_PER_FAULT * faults:
        return "utf-8"
    claims = [name for name in (_known(declared), _known(_declared(data))) if name and _decodes(data, name)]
    for name in claims:
        if not NO_CLAIM.match(codecs.lookup(name).name):
            return name
    scores = {name: _share_of_common(sample, name) for name in CANDIDATES}
    best = max(scores, key=scores.__getitem__)
    if scores[best] > 0.5:
        return best
    opinion = from_bytes(sample).best()
    return claims[0] if claims else opinion.encoding if opinion else "utf-8"


def _declared(data: bytes) -> str | None:
    match = DECLARED.search(data[:2_000])
    return match[1].decode("ascii") if match else None


def _known(name: str | None) -> str | None:
    """The name of a codec that decodes to text, or None."""
    if not name:
        return None
    name = SUPERSETS.get(name.lower(), name)
    try:
        codecs.lookup(name)
        b"<".decode(name)
    except (LookupError, ValueError, AssertionError):  # hex and rot13 are codecs too, and make no text.
        return None
    return name


def _decodes(data: bytes, name: str) -> bool:
    try:
        data.decode(name)
    except ValueError:
        return False
    return True


def _share_of_common(sample: bytes, name: str) -> float:
    """Which share of the characters beyond ASCII is common Chinese in this reading."""
    text = sample.decode(name, "replace")
    foreign = [char for char in text if char >= "\x80"]
    return sum(map(_is_common, foreign)) / len(foreign) if foreign else 0.0


def _is_common(char: str) -> bool:
    """Whether a character is on the first level of GB 2312 or Big5 (less its kana), or full-width."""
    if "\u3000" <= char <= "\u3020" or "\uff01" <= char <= "\uff5e" or char in "“”‘’…—·":
        return True
    for encoding, least, most in (("gb2312", 0xB0, 0xD7), ("big5", 0xA4, 0xC5)):
        encoded = char.encode(encoding, "ignore")
        if len(encoded) == 2 and least <= encoded[0] <= most:
            return True
    return False


def _utf16_without_mark(data: bytes) -> str | None:
    """UTF-16 that does not say so: markup has ASCII, and its other bytes are NUL."""
    sample = data[:2_000]
    half = len(sample) // 2
    if half < 2:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > 0.1 * half and odd > 8 * even:
        return "utf-16-le"
    if even > 0.1 * half and even > 8 * odd:
        return "utf-16-be"
    return None


def _checked(data: bytes, encoding: str) -> Decoded:
    return _checked_text(data.decode(encoding, "replace"), encoding)


def _checked_text(text: str, encoding: str) -> Decoded:
    sample = text[:SAMPLE]
    controls = len(CONTROLS.findall(sample))
    replaced = text.count("\ufffd")
    if controls > max(2, BINARY * len(sample)) or sample.count("\ufffd") > max(2, 0.1 * len(sample)):
        raise EntryError("it is not text")
    return Decoded(text, encoding.removesuffix("-sig"), replaced)
