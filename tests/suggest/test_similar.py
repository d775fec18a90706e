"""Other articles of the same matter."""

from searchsvc.article import Source
from searchsvc.service import Service
from searchsvc.suggest.lookup import Lookup
from searchsvc.suggest.similar import Similar, similar, telling
from tests.build import article, fill
from tests.suggest.conftest import archive

STORY = "海湾大桥昨晚亮灯，工程师说新灯省电一半。市民在岸边唱歌，直到午夜。"
ELSEWHERE = "海灣大橋昨晚亮燈，工程師說新燈省電一半。市民在岸邊唱歌，直到午夜。"


def found(service: Service, title: str, limit: int = 10) -> list[Similar]:
    lookup = Lookup(service.store, service.engine, service.settings.names)
    one = next(each for each in service.store.all() if each.title == title)
    return similar(one, limit, lookup)


def titles(service: Service, title: str, limit: int = 10) -> list[str]:
    return [each.hit.article.title for each in found(service, title, limit)]


def test_the_same_story_in_the_other_script_comes_first(service: Service) -> None:
    fill(
        service,
        [
            *archive(),
            article("海湾大桥亮灯", STORY),
            article("大橋的燈", ELSEWHERE, source=Source("udn.example", "聯合晚報")),
            article("海湾大桥海湾大桥", "海湾大桥亮灯，海湾大桥亮灯，海湾大桥的灯省电。"),
        ],
    )
    near = found(service, "海湾大桥亮灯")
    shown = [(each.hit.article.title, each.same_story) for each in near]
    assert shown[:2] == [("大橋的燈", True), ("海湾大桥海湾大桥", False)]
    assert "海湾大桥亮灯" not in dict(shown)


def test_other_forms_of_a_name_are_the_same_matter(kept: Service) -> None:
    assert "川普啟程" in titles(kept, "特朗普启程")


def test_the_limit_is_kept(kept: Service) -> None:
    assert len(titles(kept, "石破茂会见记者", 2)) == 2


def test_an_article_unlike_all_others_has_none(service: Service) -> None:
    fill(service, [*archive(), article("龘", "靐")])
    assert titles(service, "龘") == []


def test_what_only_one_article_has_or_most_have_tells_nothing(lookup: Lookup) -> None:
    one = next(each for each in lookup.store.all() if each.title == "石油公司裁员")
    assert "裁员" not in telling(one, lookup)
    assert "石油" in telling(one, lookup)
