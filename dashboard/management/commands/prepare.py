"""``manage.py prepare``: what must be so before the page can be shown. Called by the supervisor.

A command of its own, so that the memory of migrations is given back before the work begins.
"""

from __future__ import annotations

import json
import secrets
from contextlib import suppress
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from controller.engine.errors import AlreadyExists
from controller.services.clusters import cluster_create
from dashboard.models import User

ADMIN = "admin"
# No letter that is read as another one: people copy it from a terminal.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


class Command(BaseCommand):
    """Migrate when needed; at the first start make the demo cluster and the user admin."""

    help = "Bring the database up to date; at the first start make the user admin and a demo cluster."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take whether a demo cluster is wanted."""
        parser.add_argument("--no-demo", action="store_true", help="make no demo cluster")

    def handle(self, *, no_demo: bool, **_: Any) -> None:  # noqa: ANN401
        """Print one JSON object: ``password`` is there only when the user admin was made just now."""
        migrate()
        login = {} if User.objects.exists() else first_start(demo=not no_demo)
        self.stdout.write(json.dumps(login))


def migrate() -> None:
    """Apply the migrations that are missing. Asking costs a tenth of applying none."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0, interactive=False)


def first_start(*, demo: bool) -> dict[str, str]:
    """Make the demo cluster and the user admin; return the password, which is kept only hashed.

    The user comes last: a first start that was cut off is then begun anew.
    """
    if demo:
        with suppress(AlreadyExists):
            cluster_create(name="demo", actor=ADMIN, demo=True)
    password = "".join(secrets.choice(LETTERS) for _ in range(16))
    User.objects.create_superuser(ADMIN, password=password)
    return {"password": password}
