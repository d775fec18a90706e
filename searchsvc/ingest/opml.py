"""Feed lists: OPML 2.0 → ListedFeed, and back with all that other programs put there.

What OPML has no word for stands in attributes of a namespace of ours, as OPML 2.0 asks; other
readers pass over them: ``zone``, ``paused``, ``fullText``, ``movedFrom``. Folders, order, titles and
foreign attributes survive every change, comments too.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from w3lib.url import safe_url_string

from searchsvc.errors import EntryError, SourceError
from searchsvc.ingest.decode import decode
from searchsvc.ingest.items import host_of, web_address

MOST_BYTES = 10_000_000
DEEPEST = 50
NAMESPACE = "urn:searchsvc:feeds"
ZONE, PAUSED, FULL_TEXT, MOVED_FROM = (
    f"{{{NAMESPACE}}}{name}" for name in ("zone", "paused", "fullText", "movedFrom")
)
DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
# OPML by itself has no namespaces, so these are what others declared; ElementTree forgets their names.
DECLARED = re.compile(r"xmlns:([A-Za-z_][\w.-]*)\s*=\s*[\"']([^\"']+)[\"']")
RESERVED = re.compile(r"xml.*|ns\d+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ListedFeed:
    """A feed as a list has it. ``name`` is unique in the list, ``folder`` a path such as 新闻/台湾.

    ``zone`` is that of times in the feed that state none, None for the service's own. ``full_text``:
    the feed has only a beginning, and articles are to be fetched from their pages. ``problem`` says
    what is wrong with what the list says of it.
    """

    name: str
    address: str
    folder: str = ""
    home: str | None = None
    zone: ZoneInfo | None = None
    paused: bool = False
    full_text: bool = False
    moved_from: str | None = None
    problem: str | None = None


def parse_opml(data: bytes, origin: str) -> Element:
    """The root of a list, in any encoding. Raises SourceError when it is none."""
    if len(data) > MOST_BYTES or b"<!ENTITY" in data:
        raise SourceError(f"{origin}: it is not a feed list")
    try:
        # Without its declaration: expat knows no GBK, and the text is UTF-8 by now.
        text = DECLARATION.sub("", decode(data).text)
        for prefix, uri in DECLARED.findall(text[:10_000]):
            if not RESERVED.fullmatch(prefix):
                ElementTree.register_namespace(prefix, uri)
        builder = ElementTree.TreeBuilder(insert_comments=True)
        parser = ElementTree.XMLParser(target=builder)  # noqa: S314 - Entities are refused above.
        root = ElementTree.parse(BytesIO(text.encode()), parser).getroot()  # noqa: S314 - As above.
    except (ElementTree.ParseError, EntryError, ValueError) as error:
        raise SourceError(f"{origin}: it is not OPML ({error})") from error
    if root.tag != "opml" or _too_deep(root):
        raise SourceError(f"{origin}: it is not a feed list")
    return root


def _too_deep(root: Element) -> bool:
    """Whether elements nest deeper than any list of feeds does, and than writing them can follow."""
    level = [root]
    for _ in range(DEEPEST):
        level = [child for each in level for child in each]
    return bool(level)


def empty_list() -> Element:
    """A list without feeds."""
    root = Element("opml", version="2.0")
    ElementTree.SubElement(ElementTree.SubElement(root, "head"), "title").text = "searchsvc"
    ElementTree.SubElement(root, "body")
    return root


def write_opml(root: Element) -> bytes:
    """The bytes of a list, indented, with our namespace under its own name."""
    ElementTree.register_namespace("searchsvc", NAMESPACE)
    root.set("version", "2.0")
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def feeds_of(root: Element) -> list[ListedFeed]:
    """The feeds of a list, in its order, each address once, each name once."""
    found: dict[str, ListedFeed] = {}
    names: set[str] = set()
    for folder, outline in outlines(root):
        address = web_address(outline.get("xmlUrl"))
        if address and address not in found:
            name = _unique(_name(outline, address), names)
            found[address] = _feed(outline, name, address, folder)
    return list(found.values())


def outlines(root: Element) -> Iterator[tuple[str, Element]]:
    """Every outline that stands for a feed, with the path of the folders it is in."""
    body = root.find("body")
    top = (root if body is None else body).findall("outline")
    waiting = [("", child) for child in reversed(top)]
    while waiting:
        folder, outline = waiting.pop()
        if outline.get("xmlUrl"):
            yield folder, outline
        inner = f"{folder}/{title_of(outline)}".lstrip("/") if not outline.get("xmlUrl") else folder
        waiting += [(inner, child) for child in reversed(outline.findall("outline"))]


def outlines_of(root: Element, address: str) -> list[Element]:
    """The outlines of a feed's address: some lists have a feed in several folders."""
    wanted = _as_sent(address)
    return [each for _, each in outlines(root) if _as_sent(web_address(each.get("xmlUrl"))) == wanted]


def _as_sent(address: str | None) -> str | None:
    """An address as it goes over the wire, in which 新闻 and %E6%96%B0%E9%97%BB are one."""
    try:
        return safe_url_string(address) if address else None
    except ValueError:
        return address


def title_of(outline: Element) -> str:
    """What an outline is called, on one line."""
    return " ".join((outline.get("text") or outline.get("title") or "").split())


def folder_in(root: Element, path: str) -> Element:
    """The element in which the feeds of a folder stand, made where it is not there."""
    body = root.find("body")
    place = ElementTree.SubElement(root, "body") if body is None else body
    for name in filter(None, path.split("/")):
        inner = [each for each in place.findall("outline") if not each.get("xmlUrl")]
        found = next((each for each in inner if title_of(each) == name), None)
        place = ElementTree.SubElement(place, "outline", text=name) if found is None else found
    return place


def _feed(outline: Element, name: str, address: str, folder: str) -> ListedFeed:
    named = (outline.get(ZONE) or "").strip()
    zone = zone_of(named)
    return ListedFeed(
        name=name,
        address=address,
        folder=folder,
        home=web_address(outline.get("htmlUrl")),
        zone=zone,
        paused=_is_set(outline, PAUSED),
        full_text=_is_set(outline, FULL_TEXT),
        moved_from=outline.get(MOVED_FROM),
        problem=f"{named!r} is not a time zone; one is 'Asia/Taipei'" if named and not zone else None,
    )


def zone_of(name: str) -> ZoneInfo | None:
    """The time zone of a name, or None."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):  # A folder of zones is an OSError: "Asia".
        return None


def _is_set(outline: Element, name: str) -> bool:
    return (outline.get(name) or "").strip().lower() in ("true", "1", "yes")


def _name(outline: Element, address: str) -> str:
    return title_of(outline) or host_of(address) or address


def _unique(name: str, names: set[str]) -> str:
    """A name that no feed before has: 新闻, 新闻 (2), …"""
    number, chosen = 1, name
    while chosen in names:
        number += 1
        chosen = f"{name} ({number})"
    names.add(chosen)
    return chosen
