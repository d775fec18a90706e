"""How often feeds say that they are worth asking."""

import time

import pytest

from searchsvc.ingest.rhythm import rhythm
from searchsvc.store.feeds import Rhythm
from tests.ingest.site import rss

SY = "<sy:updatePeriod>{}</sy:updatePeriod><sy:updateFrequency>{}</sy:updateFrequency>"


def of(about: str) -> Rhythm:
    return rhythm(rss("例", about=about).decode())


@pytest.mark.parametrize(
    ("about", "seconds"),
    [
        ("", 0),
        ("<ttl>90</ttl>", 5_400),
        ("<ttl> 90\n</ttl>", 5_400),
        ("<ttl>0</ttl>", 0),
        ("<ttl>-5</ttl>", 0),
        ("<ttl>soon</ttl>", 0),
        ("<ttl>5256000</ttl>", 86_400),
        (SY.format("hourly", 1), 3_600),
        (SY.format("HOURLY", 2), 1_800),
        (SY.format("daily", 4), 21_600),
        (SY.format("weekly", 1), 86_400),
        (SY.format("daily", 0), 86_400),
        (SY.format("now and then", 1), 0),
        ("<sy:updatePeriod> hourly </sy:updatePeriod>", 3_600),
        ("<ttl>90</ttl>" + SY.format("hourly", 1), 5_400),
    ],
)
def test_the_least_interval(about: str, seconds: int) -> None:
    assert of(about).every == seconds


def test_hours_and_days_of_rest() -> None:
    hours = "<skipHours><hour>0</hour><hour> 23 </hour><hour>24</hour><hour>77</hour></skipHours>"
    days = "<skipDays><day>Saturday</day><day>sunday</day><day>Funday</day></skipDays>"
    assert (of(hours).skip_hours, of(days).skip_days) == ((0, 23), (5, 6))


def test_a_feed_that_always_rests_does_not_mean_it() -> None:
    hours = "".join(f"<hour>{hour}</hour>" for hour in range(24))
    days = "".join(
        f"<day>{day}day</day>" for day in ("Mon", "Tues", "Wednes", "Thurs", "Fri", "Satur", "Sun")
    )
    assert of(f"<skipHours>{hours}</skipHours><skipDays>{days}</skipDays>") == Rhythm()


def test_what_stands_in_items_is_about_something_else() -> None:
    text = "<rss><channel><item><ttl>90</ttl></item><item><ttl>80</ttl></item><skipHours><hour>3</hour></skipHours></channel></rss>"
    assert rhythm(text) == Rhythm(skip_hours=(3,))


@pytest.mark.parametrize("piece", ["<item>", "<ttl>1", "<ttl> ", "</", "<sy:", "</a:item"])
def test_hostile_text_takes_no_quadratic_time(piece: str) -> None:
    began = time.process_time()
    rhythm(piece * 200_000)
    assert time.process_time() - began < 20
