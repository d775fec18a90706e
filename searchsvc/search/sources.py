"""What people call a source → the sources meant: by id, by name, by a part of either."""

from collections.abc import Callable, Mapping

from searchsvc.text.terms import needle


def named(sources: Callable[[], Mapping[str, str]], typed: str) -> list[str]:
    """The ids of the sources that somebody means; none if there is none.

    ``sources``: asks for the id and the name of every source. What is exactly so called comes alone:
    bbc.com is not bbc.com.example. 美國之音 is 美国之音.
    """
    if typed in (known := sources()):
        return [typed]
    wanted = needle(typed).text
    called = {key: {needle(key).text, needle(name).text} for key, name in known.items()}
    exactly = [key for key, names in called.items() if wanted in names]
    if exactly or not wanted:
        return exactly
    return [key for key, names in called.items() if any(wanted in name for name in names)]
