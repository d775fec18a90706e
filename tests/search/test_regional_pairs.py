"""OpenCC's regional pairs through the whole search: an article with each form, asked for by the other."""

from dataclasses import dataclass
from pathlib import Path

import pytest

import config
from searchsvc.search.request import Request
from searchsvc.service import Service, open_service
from searchsvc.settings import load_settings
from searchsvc.text.fold import fold
from searchsvc.text.make_fold_table import read_table
from tests.build import article, fill

pytestmark = pytest.mark.shared_data

# A form that is asked for, and the other one, whose article should be found.
Pair = tuple[str, str]


@pytest.fixture(scope="module", params=["TWPhrases", "HKPhrases"])
def pairs(request: pytest.FixtureRequest, shared: Path) -> list[Pair]:
    """Every pair of a table both ways, those left out that are one string after folding."""
    rows = read_table(shared / "data" / "opencc" / f"{request.param}.txt")
    found = {(key, value): None for key, values in rows for value in values if fold(key) != fold(value)}
    return [*found, *((value, key) for key, value in found)]


@dataclass(frozen=True)
class Archive:
    """A service with an article for every form, which says nothing else, and these by their ids."""

    service: Service
    texts: dict[str, str]

    def found(self, q: str, variants: str) -> set[str]:
        """The texts of all articles that a query finds."""
        met: set[str] = set()
        number, total = 1, 1
        while (number - 1) * 100 < total:
            request = Request(q=q, variants=variants, page_size="100", page=str(number))
            found = self.service.search.find(request).found
            met.update(self.texts[hit.id] for hit in found.hits)
            number, total = number + 1, found.total
        return met


@pytest.fixture(scope="module")
def archive(pairs: list[Pair], tmp_path_factory: pytest.TempPathFactory) -> Archive:
    folder = tmp_path_factory.mktemp("pairs")
    folders = {"SEARCHSVC_DATA_DIR": str(folder / "data"), "SEARCHSVC_INDEX_DIR": str(folder / "index")}
    forms = dict.fromkeys(form for pair in pairs for form in pair)
    articles = [article("", form, url=f"https://news.example/{n}") for n, form in enumerate(forms)]
    service = fill(open_service(load_settings(vars(config), folders)), articles)
    return Archive(service, {each.id: each.text for each in articles})


def test_nearly_all_find_each_other_with_variants_on(archive: Archive, pairs: list[Pair]) -> None:
    missed = [pair for pair in pairs if pair[1] not in archive.found(pair[0], "on")]
    assert len(missed) <= 0.05 * len(pairs), missed


def test_with_variants_off_all_that_is_found_has_every_character_asked_for(
    archive: Archive, pairs: list[Pair]
) -> None:
    for asked in dict.fromkeys(asked for asked, _ in pairs):
        found = archive.found(asked, "off")
        assert asked in found
        assert [text for text in found if not set(fold(asked)) <= set(fold(text))] == []
