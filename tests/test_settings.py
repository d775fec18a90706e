"""Settings: checked once, each bad one named."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import config
from searchsvc.errors import SettingsError
from searchsvc.settings import Settings, load_settings


def load(**environ: str) -> Settings:
    return load_settings(vars(config), {f"SEARCHSVC_{name}": value for name, value in environ.items()})


def test_the_defaults_are_good_and_paths_stand_beside_config() -> None:
    settings = load()
    root = Path(config.__file__).parent
    assert (settings.data_dir, settings.index_dir, settings.feeds) == (
        root / "data",
        root / "index",
        root / "feeds.opml",
    )
    assert (settings.timezone, settings.engine, settings.fetch_allow_private) == (
        ZoneInfo("Asia/Shanghai"),
        "whoosh",
        False,
    )


def test_the_environment_overrides() -> None:
    settings = load(
        TIMEZONE="Asia/Taipei", DATA_DIR="/var/lib/news", FETCH_ALLOW_PRIVATE="1", FETCH_MAX_BYTES="5000"
    )
    assert (str(settings.timezone), settings.data_dir) == ("Asia/Taipei", Path("/var/lib/news"))
    assert (settings.fetch_allow_private, settings.fetch_max_bytes) == (True, 5000)


@pytest.mark.parametrize(
    ("name", "value"),
    [("TIMEZONE", "Beijing"), ("TIMEZONE", ""), ("FETCH_MAX_BYTES", "-1"), ("FETCH_MAX_BYTES", "many"), ("ENGINE", "sphinx"),
     ("FETCH_TIMEOUT_SECONDS", "nan"), ("FETCH_TIMEOUT_SECONDS", "0"), ("FETCH_ALLOW_PRIVATE", "perhaps"), ("DATA_DIR", " "),
     ("INDEX_DIR", "a\0b"), ("NO_SUCH", "1"), ("INDEX_MEMORY_MB", "1"),
     ("FETCH_PROXY", "proxy:3128"), ("FETCH_PROXY", "socks5://proxy:1080"), ("FETCH_PROXY", "http://"), ("FETCH_PROXY", "http://proxy:x"),
     ("FETCH_CONTACT", "me (here)"), ("FETCH_CONTACT", "a\r\nX: y"), ("FETCH_CONTACT", "我"), ("FETCH_PAUSE_SECONDS", "-1"),
     ("FETCH_HOSTS_AT_ONCE", "0"), ("PARSE_TIMEOUT_SECONDS", "0"), ("PARSE_TIMEOUT_SECONDS", "inf"), ("PARSE_MEMORY_MB", "64"), ("PARSE_MEMORY_MB", "1e9"), ("LOG_JSON", "perhaps"),
     *(("PUBLIC_URL", bad) for bad in ("news.example", "ftp://news.example", "https://news.example/path", "https://a@b", "https://新闻.example", "https://x y", "https://x\r\ny", "https://[::1]", "https://a:0", "//a"))],
)  # fmt: skip
def test_a_bad_or_unknown_setting_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"SEARCHSVC_{name}"):
        load(**{name: value})


def test_the_public_address_has_one_form() -> None:
    assert load(PUBLIC_URL="HTTPS://News.Example:8443/").public_url == "https://news.example:8443"
    assert load().public_url == ""


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(SettingsError, match=r"TIMEZONE.*ENGINE|ENGINE.*TIMEZONE"):
        load(TIMEZONE="Beijing", ENGINE="sphinx")


def test_the_tests_own_variable_is_no_setting() -> None:
    load(SHARED="/somewhere")


def test_every_setting_is_documented() -> None:
    table = (Path(config.__file__).parent / "docs" / "settings.md").read_text()
    names = {name for name in vars(config) if name.isupper()}
    assert names == {name.upper() for name in Settings.model_fields}
    assert [name for name in sorted(names) if f"`{name}`" not in table] == []
