"""``manage.py up``: everything on this machine, with one command.

Only looks at the arguments and the settings, then becomes the supervisor: Django's memory would
otherwise be held for the whole run by a process that waits.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from dashboard import redis_server


class Command(BaseCommand):
    """Start database, Redis, web, worker and clock, and keep them running."""

    help = "Start Everynode on this machine: web, worker, clock, and a Redis unless REDIS_URL names one."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the port of the page, and whether a demo cluster is wanted."""
        parser.add_argument("--port", type=int, default=8000, help="port of the page (default 8000)")
        parser.add_argument("--no-demo", action="store_true", help="make no demo cluster at the first start")

    def handle(self, *, port: int, no_demo: bool, **_: Any) -> None:  # noqa: ANN401
        """Become the supervisor."""
        if settings.PRODUCTION:
            raise CommandError(
                "`up` is local mode, which generates what is missing. With EVERYNODE_ENV=production "
                "start web, worker and clock by your own means."
            )
        server = "" if os.environ.get("REDIS_URL", "").strip() else redis_server.find()
        words = [str(settings.EVERYNODE_DATA), str(port), "no-demo" if no_demo else "demo", server]
        os.environ["EVERYNODE_DATA"] = str(settings.EVERYNODE_DATA)
        os.environ["PYTHONPATH"] = os.pathsep.join(
            filter(None, [str(settings.BASE), os.environ.get("PYTHONPATH", "")])
        )
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, "-m", "dashboard.supervise", *words])  # noqa: S606
