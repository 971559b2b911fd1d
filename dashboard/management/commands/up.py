"""``manage.py up``: everything on this machine, with one command.

Only looks at the arguments and the settings, then becomes the supervisor: Django's memory would
otherwise be held for the whole run by a process that waits.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from dashboard import instance, redis_server, tls
from dashboard.programs import HOST


class Command(BaseCommand):
    """Start database, Redis, web, worker and clock, and keep them running."""

    help = "Start Everynode on this machine: web, worker, clock, and a Redis unless REDIS_URL names one."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the port of the page, and whether a demo cluster is wanted."""
        parser.add_argument("--port", type=int, default=8000, help="port of the page (default 8000)")
        parser.add_argument("--tls", action="store_true", help="serve https, by a certificate made here")
        parser.add_argument(
            "--host", default="", help="name or address by which other machines come, with --tls"
        )
        parser.add_argument("--no-demo", action="store_true", help="make no demo cluster at the first start")

    def handle(self, *, port: int, tls: bool, host: str, no_demo: bool, **_: Any) -> None:  # noqa: ANN401
        """Become the supervisor."""
        if settings.PRODUCTION:
            raise CommandError(
                "`up` is local mode, which generates what is missing. With EVERYNODE_ENV=production "
                "start web, worker and clock by your own means."
            )
        if host and not tls:
            raise CommandError("Other machines come over TLS only: --host needs --tls.")
        names = certified(host) if tls else []
        server = "" if os.environ.get("REDIS_URL", "").strip() else redis_server.find()
        words = [str(settings.EVERYNODE_DATA), str(port), "no-demo" if no_demo else "demo", server, *names]
        os.environ["EVERYNODE_DATA"] = str(settings.EVERYNODE_DATA)
        os.environ["PYTHONPATH"] = os.pathsep.join(
            filter(None, [str(settings.BASE), os.environ.get("PYTHONPATH", "")])
        )
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, "-m", "dashboard.supervise", *words])  # noqa: S606


def certified(host: str) -> list[str]:
    """Return the names to come by over TLS, the first to hand out, once a certificate vouches for them."""
    names = [*filter(None, [host]), HOST, "localhost"]
    try:
        tls.certify(instance.certificates(settings.EVERYNODE_DATA), names, datetime.now(UTC))
    except ValueError as error:
        raise CommandError(f"--host is {host!r}, which is no name of a machine: {error}") from error
    os.environ["ALLOWED_HOSTS"] = ",".join(dict.fromkeys([*settings.ALLOWED_HOSTS, *names]))
    os.environ["EVERYNODE_TLS"] = "yes"
    return names
