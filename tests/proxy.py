"""Real nginx with ``deploy/nginx.conf``, in front of a service, on a port and in a folder of its own."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.service import free_port, wait_until_answered

ROOT = Path(__file__).resolve().parents[1]
# What a package's nginx.conf has around a site, as far as it matters here.
MAIN = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; worker_processes 1; {user}
events {{ worker_connections 2048; }}
http {{
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


@contextmanager
def proxied(service_port: int, folder: Path) -> Iterator[int]:
    """The port of nginx in front of a service; its site differs from the one in deploy/ by where it is."""
    folder.mkdir(parents=True)
    port = free_port()
    site = (ROOT / "deploy" / "nginx.conf").read_text()
    for given, ours in (
        ("listen 80;", f"listen 127.0.0.1:{port};"),
        ("    listen [::]:80;\n", ""),
        ("127.0.0.1:8000", f"127.0.0.1:{service_port}"),
        ("/var/lib/nginx/searchsvc", f"{folder}/cache"),
        ("/opt/searchsvc/deploy/", f"{ROOT}/deploy/"),
    ):
        assert given in site, given
        site = site.replace(given, ours)
    with running(site, folder) as process:
        wait_until_answered(f"http://127.0.0.1:{port}/healthz", process, folder / "error.log")
        yield port


@contextmanager
def running(site: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The process of an nginx that serves a site, with its files in a folder."""
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    assert nginx, "nginx is missing; `make test` installs it (apt-get install nginx-light)"
    (folder / "site.conf").write_text(site)
    main = folder / "nginx.conf"
    # Begun by root, it would have its workers be another user, who may not see a test's folder.
    user = "user root;" if os.geteuid() == 0 else ""
    main.write_text(MAIN.format(folder=folder, user=user))
    process = subprocess.Popen([nginx, "-c", str(main), "-e", str(folder / "error.log")])
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=30)
