"""What deploy/ tells systemd and cron: commands and settings that exist, and no more rights than needed."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import config
from searchsvc.settings import load_settings

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
SERVICES = sorted(DEPLOY.glob("*.service"))
TIMERS = sorted(DEPLOY.glob("*.timer"))
# What every service gives up.
GIVEN_UP = {
    "NoNewPrivileges": "yes", "CapabilityBoundingSet": "", "ProtectSystem": "strict", "ProtectHome": "yes", "PrivateTmp": "yes",
    "PrivateDevices": "yes", "ProtectKernelTunables": "yes", "ProtectControlGroups": "yes", "RestrictNamespaces": "yes",
    "RestrictSUIDSGID": "yes", "SystemCallFilter": "@system-service",
}  # fmt: skip


def values(path: Path, name: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", path.read_text(), re.MULTILINE)


def test_there_are_units_for_serving_fetching_reindexing_and_backups() -> None:
    assert [path.name for path in SERVICES] == [
        "searchsvc-backup.service",
        "searchsvc-ingest.service",
        "searchsvc-reindex.service",
        "searchsvc.service",
    ]
    assert [path.with_suffix(".service").name for path in TIMERS] == [path.name for path in SERVICES[:3]]


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_a_service_has_no_rights_that_it_does_not_need(path: Path) -> None:
    assert {name: values(path, name) for name in GIVEN_UP} == {
        name: [value] for name, value in GIVEN_UP.items()
    }


def test_the_service_that_is_open_to_the_web_writes_no_index_and_goes_nowhere() -> None:
    path = DEPLOY / "searchsvc.service"
    assert values(path, "ReadWritePaths") == ["/var/lib/searchsvc/data"]
    assert values(path, "StateDirectory") == []
    assert (values(path, "IPAddressDeny"), values(path, "IPAddressAllow")) == (["any"], ["localhost"])


def test_the_web_is_a_user_of_its_own_and_shares_no_compiled_code() -> None:
    web, *others = (
        DEPLOY / name
        for name in (
            "searchsvc.service",
            *(f"searchsvc-{task}.service" for task in ("ingest", "reindex", "backup")),
        )
    )
    assert (values(web, "User"), values(web, "Group")) == (["searchsvc-web"], ["searchsvc"])
    assert all((values(path, "User"), values(path, "UMask")) == (["searchsvc"], ["0027"]) for path in others)
    caches = [re.findall(r"NUMBA_CACHE_DIR=(\S+)", path.read_text()) for path in (web, *others)]
    assert caches[0] == ["/var/cache/searchsvc-web"]
    assert caches[1] == caches[2] == caches[3] == ["/var/cache/searchsvc"]
    readme = (DEPLOY / "README.md").read_text()
    assert (
        "useradd --system --gid searchsvc --no-create-home --shell /usr/sbin/nologin searchsvc-web" in readme
    )
    assert "install -d -o searchsvc -g searchsvc -m 0770 /var/lib/searchsvc/data" in readme


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_settings_and_commands_exist_and_folders_are_those_that_may_be_written(path: Path) -> None:
    given = dict(line.split("=", 1) for line in values(path, "Environment"))
    own = {name: value for name, value in given.items() if name.startswith("SEARCHSVC_")}
    settings = load_settings(vars(config), own)
    assert {str(folder.parent) for folder in (settings.data_dir, settings.index_dir, settings.feeds)} == {
        "/var/lib/searchsvc"
    }
    cache = given["NUMBA_CACHE_DIR"].removeprefix("/var/cache/")
    assert values(path, "CacheDirectory") == [cache]
    assert [*values(path, "StateDirectory"), *values(path, "ReadWritePaths")] in (
        ["searchsvc"],
        ["searchsvc", "-/var/backups/searchsvc"],
        ["/var/lib/searchsvc/data"],
    )
    (command,) = values(path, "ExecStart")
    assert re.fullmatch(
        r"/opt/searchsvc/\.venv/bin/(flask (ingest|reindex)|gunicorn --config gunicorn\.conf\.py wsgi:app)"
        r"|/bin/sh -c 'exec /opt/searchsvc/\.venv/bin/flask backup \S+\$\(date \+%%u\)\.zip\"'",
        command,
    )


def test_backups_go_to_the_only_other_folder_that_may_be_written() -> None:
    path = DEPLOY / "searchsvc-backup.service"
    assert values(path, "ReadWritePaths") == ["-/var/backups/searchsvc"]
    assert '"/var/backups/searchsvc/' in values(path, "ExecStart")[0]
    assert not any("backups" in other.read_text() for other in SERVICES if other != path)


def test_feeds_are_fetched_every_half_hour_and_the_night_has_a_backup_and_an_index() -> None:
    calendars = [values(path, "OnCalendar")[0] for path in TIMERS]
    assert calendars == ["*-*-* 02:30:00", "*:00/30", "*-*-* 03:30:00"]
    assert all(
        values(path, "RandomizedDelaySec") and values(path, "Persistent") == ["yes"] for path in TIMERS
    )


def test_the_crontab_runs_the_same_commands() -> None:
    text = (DEPLOY / "crontab").read_text()
    assert re.search(r"^7,37 \* \* \* \* .*flask ingest\b", text, re.MULTILINE)
    assert re.search(r"^30 3 \* \* \* .*flask reindex\b", text, re.MULTILINE)
    assert re.search(r"^30 2 \* \* \* .*flask backup \"/var/backups/searchsvc/", text, re.MULTILINE)


@pytest.mark.skipif(
    not shutil.which("systemd-analyze"), reason="systemd-analyze is not on this machine: it has no systemd"
)
def test_systemd_understands_every_line(tmp_path: Path) -> None:
    """With a user and programs that are here: it checks that too."""
    for path in (*SERVICES, *TIMERS):
        text = re.sub(r"/opt/searchsvc/\.venv/bin/\w+", sys.executable, path.read_text())
        (tmp_path / path.name).write_text(re.sub("^(User|Group)=.*", r"\1=root", text, flags=re.MULTILINE))
    command = ["systemd-analyze", "verify", *map(str, tmp_path.iterdir())]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, [line for line in done.stderr.splitlines() if "searchsvc" in line]) == (0, [])
