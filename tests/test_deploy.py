"""What production is told to use: the site of the proxy."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from dashboard import instance, tls
from dashboard.programs import Plan, web
from dashboard.supervise import free_port
from tests.servers import BASE, missing

SITE = BASE / "deploy" / "nginx.conf"


def test_nginx_takes_the_site(tmp_path: Path) -> None:
    """The example is a site that nginx would serve, once host and certificate are named."""
    nginx = shutil.which("nginx") or missing("nginx")
    keys = instance.certificates(tmp_path)
    tls.certify(keys, ["localhost"], datetime.now(UTC))
    site = SITE.read_text()
    for name, file in (("fullchain.pem", keys.server), ("privkey.pem", keys.server_key)):
        site = site.replace(f"/etc/ssl/everynode/{name}", str(file))
    for line in ("listen 443", "listen 80"):
        assert line in site
        site = site.replace(line, f"listen 127.0.0.1:{free_port()}")
    whole = tmp_path / "nginx.conf"
    folders = "".join(f"{kind}_temp_path {tmp_path}/{kind};" for kind in ("client_body", "proxy"))
    whole.write_text(f"pid {tmp_path}/pid; events {{}} http {{ access_log off; {folders} {site} }}")
    done = subprocess.run(
        [nginx, "-t", "-c", str(whole), "-e", str(tmp_path / "log")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_proxy_carries_what_goes_on() -> None:
    """Sockets are upgraded on every path, answers are not held back, and no client says who it is."""
    site = SITE.read_text()
    for line in (
        "location / {",
        "proxy_set_header Upgrade    $http_upgrade;",
        "proxy_buffering    off;",
        "proxy_set_header X-Forwarded-For   $remote_addr;",
        "proxy_set_header X-Forwarded-Proto $scheme;",
    ):
        assert line in site


def test_a_connection_that_rests_outlasts_its_client(tmp_path: Path) -> None:
    """One that the server closes as the next request comes loses that: kubectl keeps them for 90 seconds."""
    unit = (BASE / "deploy" / "everynode-web.service").read_text().split()
    for words in (list(web(Plan(tmp_path, 8000, demo=False, redis_server="")).argv), unit):
        assert int(words[words.index("--timeout-keep-alive") + 1]) > 90
