"""An archive to read in: an article with versions, one with pictures, one that is all hostile,
one story twice, one eight times."""

from dataclasses import replace

from searchsvc.article import Article, Source
from searchsvc.ingest.compose import compose
from searchsvc.service import Service
from searchsvc.store.articles import Write
from tests.build import NOW, ZONE, article, entry, fill
from tests.web.conftest import MARKUP, UDN, VOA, WIDE

MINUTE = 60
FERRY = "渡轮海星号"
STORY = (
    "海湾大桥昨晚亮灯，工程师说新灯省电一半。市民在岸边唱歌，直到午夜才散去。"
    "几位老人说，上次这座桥这样亮，还是四十年前通车的那个夜里。它们用太阳能，每盏重三公斤，可以用十五年。"
)
STORY_ELSEWHERE = (
    "海灣大橋昨晚亮燈，工程師說新燈省電一半。市民在岸邊唱歌，直到午夜才散去。"
    "幾位老人說，上次這座橋這樣亮，還是四十年前通車的那個夜裡。它們用太陽能，每盞重三公斤，可以用十五年。"
)
# What eight papers say.
SAILORS = "渡轮公司今年要招二十名水手，会游泳的优先。报名的人须有五年经验，并且能认出岸上的每一盏灯。面试在海边进行，风大也不改期。"
# What an article said at first, then, and says now.
DRAFTS = (
    ("灯塔将关闭", "灯塔五月关闭。\n守塔人说不知道去哪里。\n船长们写了信。\n信有三页。\n没有回音。\n完。"),
    ("灯塔将关闭", "灯塔六月关闭。\n守塔人说不知道去哪里。\n船长们写了信。\n信有三页。\n没有回音。\n完。"),
    (
        f"灯塔不关了{MARKUP}",
        f"灯塔六月不关闭。\n守塔人说不知道去哪里。\n船长们写了信。\n信有三页。\n没有回音。\n完。\n{MARKUP}",
    ),
)


def drafts() -> list[Article]:
    """The versions of one article, in their order."""
    return [
        replace(
            article(title, text, url="https://news.example/lighthouse"),
            title=title,
            retrieved=NOW + at * MINUTE,
        )
        for at, (title, text) in enumerate(DRAFTS)
    ]


def pictured(address: str) -> Article:
    """An article with a picture that is there, a caption, and one that is not; ``address`` is a server."""
    html = (
        f'<p>{FERRY}今天下水。</p><figure><img src="{address}/there.svg" alt="一艘白船"><figcaption>海星号</figcaption></figure>'
        f'<p>船上有一家书店。</p><p><img src="{address}/gone.svg" alt="书店"></p><p>{"明天首航。" * 40}</p>'
    )
    made = entry("海星号下水", url="https://news.example/starfish", html=html, text=None, author="李四")
    return compose(made, zone=ZONE, now=NOW)


def hostile() -> Article:
    """Markup, direction overrides and no break for 10,000 characters, wherever there is text."""
    made = article("恶意", "恶意", url="https://news.example/hostile")
    text = f"恶意{MARKUP}\n\u202e翻转{WIDE}\n{'长' * 10_000}\n\t表{MARKUP}\t{'a' * 3_000}\n"
    return replace(
        made,
        title=f"恶意{MARKUP}{WIDE}",
        text=text,
        author=WIDE,
        image="javascript:window.broken=3",
        html='<img src="javascript:window.broken=4" alt="x">',
        source=Source("hostile.example", f"\u202e{MARKUP}"),
    )


def fill_reading(service: Service, pictures: str = "https://pictures.example") -> Service:
    """A service with all of it: twelve articles of one matter besides."""
    first, second, third = drafts()
    service.store.put([Write(first)])
    service.store.put([Write(second)])
    return fill(
        service,
        [
            third,
            pictured(pictures),
            hostile(),
            article("海湾大桥亮灯", STORY, source=VOA),
            article("大橋的燈", STORY_ELSEWHERE, source=UDN),
            article("大桥省电", "海湾大桥的灯省电，工程师很高兴。", source=VOA),
            replace(article("无文", "无文"), title="", text=""),
            *(article("渡轮公司招水手", SAILORS, url=f"https://harbour-{n}.example/1") for n in range(8)),
            *(
                article(
                    f"班次第{n}号", f"渡轮第{n}次加班。特朗普没有坐船，川普也沒有。", stated=NOW - n * 3600
                )
                for n in range(1, 13)
            ),
        ],
    )


def id_of(service: Service, title: str) -> str:
    """The id of the article whose title begins so."""
    return next(each.id for each in service.store.all() if each.title.startswith(title))
