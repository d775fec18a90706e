"""No text makes an XML document that cannot be read."""

from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from hypothesis import given
from hypothesis import strategies as st

from searchsvc.web.xml import add, clean, serialise

text = st.text(st.characters(codec=None))


@given(text)
def test_whatever_is_put_in_the_document_can_be_read(hostile: str) -> None:
    root = Element("a")
    add(root, "b", hostile, {"c": hostile})
    (read,) = ElementTree.fromstring(serialise(root))
    # Line ends are normalised by whoever reads.
    assert (read.text or "") == clean(hostile).replace("\r\n", "\n").replace("\r", "\n")


@given(text)
def test_what_xml_can_hold_stays(hostile: str) -> None:
    kept = clean(hostile)
    assert clean(kept) == kept
    gone = set(hostile) - set(kept)
    assert all(char < " " or "\ud800" <= char <= "\udfff" or char in "\ufffe\uffff" for char in gone)
    assert not gone & set("\t\n\r")
