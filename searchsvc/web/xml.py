"""What the XML documents of the service are made with: whatever comes in, they stay well-formed.

ElementTree escapes what is markup but writes any character; what XML 1.0 cannot hold is left out here.
"""

import re
from collections.abc import Mapping
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

LANG = "{http://www.w3.org/XML/1998/namespace}lang"
# https://www.w3.org/TR/xml/#charsets
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
NOTHING: Mapping[str, str] = {}


def clean(text: str) -> str:
    """The text without control characters, lone surrogates, U+FFFE and U+FFFF."""
    return FORBIDDEN.sub("", text)


def add(
    parent: Element, name: str, text: str | None = None, attributes: Mapping[str, str] = NOTHING
) -> Element:
    """A new element at the end of another one."""
    element = SubElement(parent, name, {key: clean(value) for key, value in attributes.items()})
    element.text = None if text is None else clean(text)
    return element


def serialise(root: Element) -> bytes:
    """The document that an element is the root of, in UTF-8."""
    document: bytes = ElementTree.tostring(root, "utf-8", xml_declaration=True)
    return document
