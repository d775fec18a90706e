"""An address as someone wrote it → the http or https address it means, or None.

Nothing is fetched and nothing is known about hosts but the picture proxy that mirrors put in front
of every picture. Whether an address may be connected to is for the fetcher to decide.
"""

import ipaddress
import re
from urllib.parse import unquote, urljoin, urlsplit

from searchsvc.text.lines import names

# What nearly every address looks like, so that it need not be taken apart.
_PLAIN = re.compile(
    r"https?://(?:[a-z0-9_-]{1,63}\.)+[a-z]{2,24}(?:[/?#][!#-;=?-\[\]_a-z~]*)?", re.IGNORECASE
)
_HOST_NAME = re.compile(r"(?:[\w-]{1,63}\.)*[\w-]*[^\W\d][\w-]*\.?")
# Control characters, invisible ones and lone surrogates: ``java\tscript:`` is ``javascript:``.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\xad\u200b\u2028\u2029\u2060\ufeff\ud800-\udfff]")
# Left as they are these end an attribute, a line of a list or a Markdown link.
_UNSAFE = re.compile(r"[\s\"'<>`\\^{|}]")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:(?!\d)", re.IGNORECASE)

_PROXIES = frozenset({"images.weserv.nl", "wsrv.nl"})
# The proxy's own parameters; any other after an unescaped address belongs to that address.
_PROXY_PARAMETERS = names(
    "a af bg blur cbg cont crop cx cy cw ch default dpr errorredirect encoding filename filt fit flip flop"
    " fpx fpy fsol gam h hue il l ll lossless maxage mask mbg mod mtrim n output page precrop q rbg ro sat"
    " sharp sharpj start stop tint trim w we"
)
_DEEPEST_PROXY = 3
_LONGEST = 8000


def original_address(url: str, base: str | None = None) -> str | None:
    """The picture's or page's own address, behind the proxy; None unless it is http or https.

    ``base`` resolves a relative address. ``https://images.weserv.nl?url=gdb.voanews.com/a.jpg`` is
    ``https://gdb.voanews.com/a.jpg``: the proxy may go, and readers should not be shown to it.
    """
    if len(url) > _LONGEST:
        return None
    for _ in range(_DEEPEST_PROXY):
        if not (_PLAIN.fullmatch(url) or (url := _absolute(url, base) or "")):
            return None
        if (proxied := _behind_proxy(url)) is None:
            return url
        url, base = proxied, None
    return None


def _absolute(url: str, base: str | None) -> str | None:
    url = _CONTROL.sub("", url).strip()
    try:
        if base and not _SCHEME.match(url):
            url = urljoin(base, url) if url else ""
        elif url.startswith("//"):
            url = f"https:{url}"
        url = _UNSAFE.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), url)
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and _is_host(parts.hostname or "")
        return url if known and parts.port != 0 else None
    except ValueError:  # A bracket without its mate, a port that is no number.
        return None


def _is_host(host: str) -> bool:
    if _HOST_NAME.fullmatch(host):
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _behind_proxy(url: str) -> str | None:
    if "weserv.nl" not in url and "wsrv.nl" not in url:
        return None
    parts = urlsplit(url)
    if parts.hostname not in _PROXIES:
        return None
    pairs = [pair for pair in parts.query.split("&") if pair]
    starts = [place for place, pair in enumerate(pairs) if pair.startswith("url=")]
    return _target(pairs, starts[0]) if starts else ""


def _target(pairs: list[str], place: int) -> str:
    """The address in the proxy's query, whose first part is ``pairs[place]``."""
    target = pairs[place].removeprefix("url=")
    if "?" in target:
        own = [pair for pair in pairs[place + 1 :] if pair.partition("=")[0] not in _PROXY_PARAMETERS]
        target = "&".join([target, *own])
    # An escaped address has its slashes escaped; otherwise a percent sign is the address's own, as in
    # ``?url=example.com/%E5%9B%BE.jpg``.
    if re.search("%2f|%3a", target, re.IGNORECASE):
        target = unquote(target)
    if target.startswith("ssl:"):
        target = f"https://{target.removeprefix('ssl:').lstrip('/')}"
    return target if re.match("https?:", target, re.IGNORECASE) else f"https://{target.lstrip('/')}"
