"""Clusters by hand: make one, add a real one, delete one, write one to a file and read it, list all."""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from controller import models
from controller.engine.errors import Refused
from controller.manifests.archive import SUFFIX
from controller.manifests.dumps import COMMAND, File
from controller.mirror.dumps import dump_import
from controller.queries.archives import cluster_archive
from controller.queries.clusters import cluster_id
from controller.services import clusters
from controller.services.archives import cluster_import
from controller.services.mirrors import mirror_add
from controller.upstream import kubeconfig

ACTOR = "command"


def label(text: str) -> tuple[str, str]:
    """Return the key and the value of ``key=value``."""
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not key=value")
    return key, value


OPTIONS = ("name", "nodes", "start_delay", "stop_delay", "node_grace", "kubelet_events")
"""Those that the service takes as they are."""


class Command(BaseCommand):
    """Makes, deletes and lists clusters through the services that the pages use."""

    help = "Make, add, delete, export, import or list clusters."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a verb and its options."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        create = verbs.add_parser("create", help="make a cluster")
        create.add_argument("name")
        create.add_argument("--nodes", type=int, default=0, metavar="N", help="with so many equal nodes")
        create.add_argument("--label", type=label, action="append", default=[], metavar="K=V",
                            help="a label of every node; may be given several times")  # fmt: skip
        create.add_argument("--start-delay", type=float, default=1.0, metavar="S",
                            help="seconds until a pod's containers have started (1)")  # fmt: skip
        create.add_argument("--stop-delay", type=float, default=1.0, metavar="S",
                            help="seconds until a deleted pod's containers have stopped (1)")  # fmt: skip
        create.add_argument("--node-grace", type=float, default=40.0, metavar="S",
                            help="seconds until a silent node counts as lost (40)")  # fmt: skip
        create.add_argument("--kubelet-events", action=argparse.BooleanOptionalAction, default=None,
                            help="let kubelets tell of all they do (up to 500 nodes they do)")  # fmt: skip
        verbs.add_parser("delete", help="delete a cluster").add_argument("name")
        add = verbs.add_parser("add", help="add a real cluster, which is shown live")
        add.add_argument("name")
        add.add_argument("--kubeconfig", type=Path, required=True, metavar="FILE")
        add.add_argument("--context", default="", help="one of the file (its current one)")
        add.add_argument("--impersonate", action="store_true",
                         help="do there as themselves what people change (Impersonate-User)")  # fmt: skip
        save = verbs.add_parser("export", help="write a cluster with its history to a file")
        save.add_argument("name")
        save.add_argument("file", type=Path, help=f"a new file, for instance NAME{SUFFIX}")
        load = verbs.add_parser("import", help="make a cluster of such a file")
        load.add_argument("file", type=Path)
        load.add_argument("--name", default="", help="another name than it had")
        dump = verbs.add_parser("import-dump", help="make a simulated cluster of a dump of a real one",
                                description=f"A dump is what this writes: {COMMAND}")  # fmt: skip
        dump.add_argument("name")
        dump.add_argument("file", type=Path, nargs="+", help="JSON or YAML, also packed by gzip")
        verbs.add_parser("list", help="list all clusters")

    def handle(self, *, verb: str, **options: Any) -> None:  # noqa: ANN401 - as Django hands them over
        """Do what the verb says; what is refused is told in its own sentence."""
        acts = {
            "add": self._add,
            "create": self._create,
            "delete": self._delete,
            "export": self._export,
            "import": self._import,
            "import-dump": self._import_dump,
            "list": self._list,
        }
        try:
            acts[verb](options)
        except Refused as refused:
            raise CommandError(refused.sentence) from refused
        except OSError as error:
            raise CommandError(str(error)) from error

    def _create(self, options: dict[str, Any]) -> None:
        wanted = {key: options[key] for key in OPTIONS}
        made = clusters.cluster_create(actor=ACTOR, labels=dict(options["label"]), **wanted)
        self.stdout.write(f"cluster {made.name} created")

    def _add(self, options: dict[str, Any]) -> None:
        connection = kubeconfig.read(options["kubeconfig"].read_text(), options["context"])
        made = mirror_add(
            name=options["name"], actor=ACTOR, connection=connection, impersonate=options["impersonate"]
        )
        self.stdout.write(f"cluster {made.name} added: {connection.origin}")

    def _delete(self, options: dict[str, Any]) -> None:
        clusters.cluster_delete(cluster=cluster_id(options["name"]), actor=ACTOR)
        self.stdout.write(f"cluster {options['name']} deleted")

    def _export(self, options: dict[str, Any]) -> None:
        with options["file"].open("xb") as file:
            file.writelines(cluster_archive(cluster=cluster_id(options["name"])))
        self.stdout.write(f"cluster {options['name']} written to {options['file']}")

    def _import(self, options: dict[str, Any]) -> None:
        with options["file"].open("rb") as file:
            made = cluster_import(file=file, actor=ACTOR, name=options["name"])
        self.stdout.write(f"cluster {made.name} made of {options['file']}")

    def _import_dump(self, options: dict[str, Any]) -> None:
        with ExitStack() as opened:
            files = [File(path.name, opened.enter_context(path.open("rb"))) for path in options["file"]]
            made = dump_import(files=files, actor=ACTOR, name=options["name"])
        at = datetime.fromtimestamp(made.at, UTC).strftime("%Y-%m-%d %H:%M:%S")
        counts = [f"{number} {kind}" for kind, number in sorted(made.counts.items())]
        self.stdout.write(f"cluster {made.name} made of a dump of {at} UTC, paused: {', '.join(counts)}")
        if made.others:
            self.stdout.write(f"{made.others} other pods: only what they take of their nodes")
        if left := ", ".join(f"{number} {kind}" for kind, number in sorted(made.left_out.items())):
            self.stdout.write(f"left out: {left}")

    def _list(self, _options: dict[str, Any]) -> None:
        for row in models.Cluster.objects.order_by("name"):
            nodes = models.Node.objects.filter(cluster=row).count()
            self.stdout.write(f"{row.name}\t{nodes} nodes\t{'paused' if row.paused else f'x{row.speed:g}'}")
