"""Other articles of the same matter."""

from searchsvc.article import Source
from searchsvc.service import Service
from searchsvc.suggest.lookup import Lookup
from searchsvc.suggest.similar import Similar, same_matter, similar, telling
from tests.build import NOW, article, fill
from tests.suggest.conftest import DAY, archive

STORY = (
    "海湾大桥昨晚亮灯，工程师说新灯省电一半。市民在岸边唱歌，直到午夜。"
    "几位老人说，上次这座桥这样亮，还是四十年前通车的那个夜里。新灯用太阳能，每盏重三公斤，可以用十五年。"
)
ELSEWHERE = (
    "海灣大橋昨晚亮燈，工程師說新燈省電一半。市民在岸邊唱歌，直到午夜。"
    "幾位老人說，上次這座橋這樣亮，還是四十年前通車的那個夜裡。新燈用太陽能，每盞重三公斤，可以用十五年。"
)


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


def test_all_that_tell_the_story_come_first_the_earliest_of_them_first(service: Service) -> None:
    tellings = [
        article(
            "海湾大桥亮灯",
            STORY,
            url=f"https://{name}.example/1",
            source=Source(f"{name}.example", name),
            stated=NOW + hours * 3_600,
        )
        for name, hours in (("own", 1), ("late", 9), ("first", 0), ("middle", 5))
    ]
    fill(service, [*archive(), *tellings, article("海湾大桥海湾大桥", "海湾大桥亮灯，海湾大桥亮灯。")])
    lookup = Lookup(service.store, service.engine, service.settings.names)
    own = service.store.get(tellings[0].id)
    assert own is not None

    def shown(limit: int) -> list[tuple[str, bool]]:
        return [(each.hit.article.source.name, each.same_story) for each in similar(own, limit, lookup)]

    story = [("first", True), ("middle", True), ("late", True)]
    assert shown(2) == story[:2]
    assert shown(3) == story
    assert shown(4) == [*story, ("例报", False)]
    assert [hit.article.title for hit in same_matter(own, 1, lookup)] == ["海湾大桥海湾大桥"]


def test_the_same_words_weeks_later_are_the_same_matter_and_another_story(service: Service) -> None:
    later = article("海湾大桥亮灯了", STORY, url="https://later.example/1", stated=NOW + 30 * DAY)
    fill(service, [*archive(), article("海湾大桥亮灯", STORY, stated=NOW), later])
    shown = [(each.hit.article.title, each.same_story) for each in found(service, "海湾大桥亮灯")]
    assert shown == [("海湾大桥亮灯了", False)]


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
