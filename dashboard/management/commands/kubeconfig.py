"""``manage.py kubeconfig NAME``: the file by which kubectl finds a cluster."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from controller.engine.errors import NotFound
from controller.queries.clusters import cluster_id
from dashboard import instance
from dashboard.kubeconfig import kubeconfig
from dashboard.management.commands.prepare import ADMIN
from dashboard.models import User


class Command(BaseCommand):
    """Print a kubeconfig with a new token."""

    help = "Print a kubeconfig for a cluster, with a new token: kubectl --kubeconfig FILE get nodes"
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the cluster, the user, and the address if no instance runs on this folder."""
        parser.add_argument("name", help="the cluster")
        parser.add_argument("--user", default=ADMIN, help=f"whose token it is (default {ADMIN})")
        parser.add_argument("--url", default="", help="address of the page, if it does not run here")

    def handle(self, *, name: str, user: str, url: str, **_: Any) -> None:  # noqa: ANN401
        """Make a token and print the file."""
        run = instance.read_run(settings.EVERYNODE_DATA)
        if not (url or run):
            raise CommandError(
                "Everynode does not run on this folder: start it with `python manage.py up`, "
                "or name its address with --url."
            )
        person = User.objects.filter(username=user, is_active=True).first()
        if person is None:
            raise CommandError(f"There is no user {user!r} who may log in.")
        try:
            cluster = cluster_id(name)
        except NotFound as error:
            raise CommandError(f"There is no cluster {name!r}.") from error
        text = kubeconfig(
            cluster=cluster,
            name=name,
            user=person.pk,
            username=person.username,
            url=url or run["url"],
            authority=instance.authority(settings.EVERYNODE_DATA),
        )
        self.stdout.write(text, ending="")
