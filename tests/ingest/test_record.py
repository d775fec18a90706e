"""What is recorded of an ingest: everything counted, nothing that is not for everybody's eyes."""

from collections.abc import Iterator

import pytest

from searchsvc.ingest.items import Failed, Item, Skipped
from searchsvc.ingest.pipeline import ingest
from searchsvc.ingest.record import LONGEST, MOST_REASONS, public
from searchsvc.service import Service
from searchsvc.store.runs import Reason
from tests.build import NOW, ZONE, entry

pytestmark = pytest.mark.both_databases


def take(service: Service, name: str, *items: Item) -> None:
    ingest([(name, iter(items))], service.store, service.engine, zone=ZONE, now=NOW)


def test_an_ingest_leaves_a_record(service: Service) -> None:
    take(service, "test", entry("一"), entry("二"), entry("一"), Skipped("x", "why"), Failed("y", "because"))
    run = service.runs.last()
    assert run is not None
    assert (run.began, run.indexed, run.stopped) == (NOW, 2, None)
    assert run.took_ms >= 0
    (source,) = run.sources
    assert (source.source, source.new, source.updated, source.unchanged) == ("test", 2, 0, 1)
    assert (source.skipped, source.failed) == (1, 1)
    assert source.reasons == (Reason("failed", "y", "because"), Reason("skipped", "x", "why"))
    assert service.runs.unfinished() is None


def test_an_ingest_that_breaks_leaves_one_too(service: Service) -> None:
    def items() -> Iterator[Item]:
        yield entry("一")
        raise RuntimeError("the disk is gone")

    with pytest.raises(RuntimeError):
        ingest([("test", items())], service.store, service.engine, zone=ZONE, now=NOW)
    run = service.runs.last()
    assert run is not None
    assert run.stopped == "RuntimeError"
    assert [source.source for source in run.sources] == ["test"]


@pytest.mark.parametrize(
    ("origin", "shown"),
    [
        (
            "https://reader:secret@a.example:8443/feed.xml?key=secret#secret",
            "https://a.example:8443/feed.xml",
        ),
        ("HTTPS://A.example/feed", "https://a.example/feed"),
        ("/home/somebody/news/2024.jsonl:17", "2024.jsonl:17"),
        ("samples/*.txt", "*.txt"),
        ("/", "/"),
        ("standard input", "standard input"),
        ("https://a.example:99999/feed", "(unreadable address)"),
        ("https://[/feed", "(unreadable address)"),
    ],
)
def test_an_origin_tells_no_folders_passwords_or_keys(origin: str, shown: str) -> None:
    assert public(origin) == shown


def test_reasons_tell_none_either(service: Service) -> None:
    address = "https://reader:secret@a.example/feed?key=secret"
    take(
        service,
        address,
        Failed(address, f"{address}: Cannot fetch {address} via https://b.example/?t=secret: 404."),
        Skipped("/home/secret/a.txt:1", "/home/secret/a.txt:1: it has neither a title nor a text"),
    )
    run = service.runs.last()
    assert run is not None
    assert "secret" not in repr(run)
    assert [(each.item, each.reason) for each in run.sources[0].reasons] == [
        ("https://a.example/feed", "Cannot fetch https://a.example/feed via https://b.example/: 404."),
        ("a.txt:1", "it has neither a title nor a text"),
    ]


def test_many_reasons_and_long_ones_are_cut_but_all_are_counted(service: Service) -> None:
    take(service, "test", *(Skipped(f"{n}", "why" * LONGEST) for n in range(50)))
    run = service.runs.last()
    assert run is not None
    (source,) = run.sources
    assert (source.skipped, len(source.reasons)) == (50, MOST_REASONS)
    assert max(len(each.reason) for each in source.reasons) == LONGEST
