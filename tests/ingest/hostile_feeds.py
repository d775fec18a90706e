"""Feeds that harm whoever parses them carelessly, and feeds with random damage."""

import random

MB = 1_000_000
HEAD = b"<rss version='2.0'><channel><title>x</title>"
BEFORE = HEAD + b"<item><title>t</title><link>http://a.example/1</link><description>"
AFTER = b"</description></item></channel></rss>"

# What a name stands for: a body that is hostile, and that is read or refused within the usual limits.
LAUGHS = b"".join(
    b'<!ENTITY l%d "%s">' % (number, b"&l%d;" % (number - 1) * 10 if number else b"ha")
    for number in range(12)
)
HOSTILE = {
    "billion laughs": b"<!DOCTYPE rss [" + LAUGHS + b"]>" + BEFORE + b"&l11;" + AFTER,
    "quadratic blowup": b'<!DOCTYPE rss [<!ENTITY a "' + b"A" * 100_000 + b'">]>' + BEFORE + b"&a;" * 50_000 + AFTER,
    "deep nesting": BEFORE + b"<a>" * 50_000 + AFTER,
    "giant attribute": BEFORE + b"<a x='" + b"y" * 10 * MB + b"'/>" + AFTER,
    "open comments": BEFORE + b"<!--" * 300_000 + AFTER,
    "open CDATA": BEFORE + b"<![CDATA[" * 100_000 + AFTER,
    "many namespaces": b"<rss " + b" ".join(b"xmlns:a%d='u'" % n for n in range(10_000)) + b">" + BEFORE + AFTER,
    "an outer entity": b'<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + BEFORE + b"&a;" + AFTER,
    "deep JSON": b"[" * MB,
    "JSON that nests in an item": b'{"version":"https://jsonfeed.org/version/1","items":[' + b'{"a":' * 100_000,
    "NUL": BEFORE + b"\0" * MB + AFTER,
}  # fmt: skip

MARKS = [b"<", b">", b"<![CDATA[", b"]]>", b"&", b"&#0;", b"&#xD800;", b"<!--", b"-->", b"\0", b"\xff\xfe", b"<item>", b"</channel>", b'xmlns="', b"<!DOCTYPE a [", b"{", b"]", "\u202e".encode(), b"9" * 50]  # fmt: skip


def mutated(data: bytes, rng: random.Random) -> bytes:
    """A feed with some bytes turned, cut, doubled, or put where they do not belong."""
    made = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        start, length = rng.randrange(len(made) + 1), rng.randint(0, 60)
        match rng.randrange(4):
            case 0:
                made[start : start + 1] = bytes([rng.randrange(256)])
            case 1:
                del made[start : start + length]
            case 2:
                made[start:start] = made[start : start + length] * rng.randint(1, 20)
            case _:
                made[start:start] = rng.choice(MARKS)
    return bytes(made)
