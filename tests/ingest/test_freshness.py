"""What headers say of time."""

import pytest

from searchsvc.ingest.freshness import fresh_seconds, retry_at

# Thu, 07 Nov 2024 08:00:00 GMT
NOW = 1_730_966_400


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0),
        ({"cache-control": "max-age=600"}, 600),
        ({"cache-control": "public, MAX-AGE=600, must-revalidate"}, 600),
        ({"cache-control": 'max-age="600"'}, 600),
        ({"cache-control": "s-maxage=9000"}, 0),
        ({"cache-control": "max-age=600", "age": "200"}, 400),
        ({"cache-control": "max-age=600", "age": "900"}, 0),
        ({"cache-control": "max-age=600", "age": "old"}, 600),
        ({"cache-control": "no-store, max-age=600"}, 0),
        ({"cache-control": "no-cache"}, 0),
        ({"cache-control": "max-age=-1"}, 0),
        ({"cache-control": "max-age=99999999999999999999"}, 9_999_999_999),
        ({"cache-control": "max-age=soon"}, 0),
        ({"expires": "Thu, 07 Nov 2024 09:00:00 GMT"}, 3_600),
        ({"expires": "Thu, 07 Nov 2024 07:00:00 GMT"}, 0),
        ({"expires": "0"}, 0),
        ({"expires": "-1"}, 0),
        ({"expires": "Thu, 99 Nov 2024 99:00:00 GMT"}, 0),
        # By the server's own clock, which is a day behind here.
        ({"expires": "Wed, 06 Nov 2024 09:00:00 GMT", "date": "Wed, 06 Nov 2024 08:00:00 GMT"}, 3_600),
        ({"expires": "Thu, 07 Nov 2024 09:00:00 GMT", "cache-control": "max-age=60"}, 60),
    ],
)
def test_how_long_an_answer_is_good(headers: dict[str, str], seconds: int) -> None:
    assert fresh_seconds(headers, NOW) == seconds


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("120", NOW + 120),
        (" 0 ", NOW),
        ("Thu, 07 Nov 2024 09:00:00 GMT", NOW + 3_600),
        ("Thu, 07 Nov 2024 17:00:00 +0800", NOW + 3_600),
        ("soon", None),
        ("-5", None),
        ("", None),
        ("99999999999999", None),
        ("Thu, 99 Nov 2024 09:00:00 GMT", None),
    ],
)
def test_when_to_come_back(text: str, when: int | None) -> None:
    assert retry_at({"retry-after": text}, NOW) == when
