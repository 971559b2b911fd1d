"""``manage.py whatif``: what would come of an edit, told in the terminal. Nothing is written."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from controller import manifests
from controller.engine.edits.decide import Request
from controller.engine.edits.deletion import Delete, Options
from controller.engine.edits.draft import PAGES, Client
from controller.engine.edits.nodes import Cordon, PatchLabels, RemoveNodes, SetPower
from controller.engine.edits.objects import Apply, CreateAll, Patch, PatchType, key_of
from controller.engine.errors import Refused
from controller.engine.kinds import KINDS
from controller.engine.objects import Key
from controller.queries.clusters import cluster_id
from controller.queries.whatif import preview
from dashboard.http import faults_of
from dashboard.present.whatif import text

ACTOR = "command"
APPLIES = Client("whatif", "whatif")
"""Who owns what an apply would write."""

WARNED = 3
"""The exit status if there is something to be warned of, and that was asked for."""

Options_ = dict[str, Any]


class Command(BaseCommand):
    """Plays an edit out in memory and tells which pods would come, go and be replaced."""

    help = "Tell what would come of an edit of a cluster, and write nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a cluster and the edit."""
        parser.add_argument("cluster")
        parser.add_argument("--fail-on-warning", action="store_true",
                            help=f"exit with {WARNED} if there is something to be warned of")  # fmt: skip
        parser.add_argument("--seconds", type=float, default=30.0, metavar="S",
                            help="how long it may take (30)")  # fmt: skip
        verbs = parser.add_subparsers(dest="verb", required=True)
        apply = verbs.add_parser("apply", help="apply one object, or create several")
        apply.add_argument("-f", "--file", required=True, help="a file with YAML, - for standard input")
        patch = verbs.add_parser("patch", help="change an object by a strategic merge patch")
        patch.add_argument("object", type=object_key, help="KIND/NAME or KIND/NAMESPACE/NAME")
        patch.add_argument("patch", type=json_value, help="the patch as JSON")
        delete = verbs.add_parser("delete", help="delete an object")
        delete.add_argument("object", type=object_key, help="KIND/NAME or KIND/NAMESPACE/NAME")
        label = verbs.add_parser("label", help="set and remove labels of nodes")
        label.add_argument("nodes", help="their names, separated by commas")
        label.add_argument("labels", nargs="+", metavar="KEY=VALUE|KEY-")
        for verb in ("cordon", "uncordon", "power-off", "power-on", "remove-nodes"):
            verbs.add_parser(verb, help=f"{verb} nodes").add_argument("nodes", help="names, by commas")

    def handle(self, *, cluster: str, verb: str, **options: Any) -> None:  # noqa: ANN401 - as Django hands them over
        """Tell what would come of it; what would be refused is told in its own sentence."""
        client = APPLIES if verb == "apply" else PAGES
        try:
            request = REQUESTS[verb](options)
            found = preview(
                cluster=cluster_id(cluster),
                request=request,
                actor=ACTOR,
                client=client,
                patience=options["seconds"],
            )
        except Refused as refused:
            raise CommandError("\n".join(faults_of(refused))) from refused
        except OSError as error:
            raise CommandError(str(error)) from error
        self.stdout.write("\n".join(text(cluster, found)))
        if found.warnings and options["fail_on_warning"]:
            sys.exit(WARNED)


def object_key(given: str) -> Key:
    """Return which object ``KIND/NAME`` or ``KIND/NAMESPACE/NAME`` names; without a namespace: default."""
    kind, _slash, place = given.partition("/")
    known = {name.lower(): one for one in KINDS.values() for name in (one.name, one.plural)}.get(kind.lower())
    if known is None or not place:
        raise argparse.ArgumentTypeError(f"{given!r} is not KIND/NAME or KIND/NAMESPACE/NAME")
    namespace, _slash, name = place.rpartition("/")
    return (known.name, (namespace or "default") if known.namespaced else "", name)


def json_value(given: str) -> Any:  # noqa: ANN401 - any JSON
    """Return what is written as JSON."""
    try:
        return json.loads(given)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"not JSON: {error}") from error


def _nodes(options: Options_) -> list[str]:
    return [name for name in options["nodes"].split(",") if name]


def _apply(options: Options_) -> Request:
    given = sys.stdin.read() if options["file"] == "-" else Path(options["file"]).read_text(encoding="utf-8")
    documents = manifests.read_documents(given)
    if len(documents) > 1:
        return CreateAll([(one.kind, one.manifest) for one in documents])
    (one,) = documents
    meta = one.manifest["metadata"]
    if KINDS[one.kind].namespaced:
        meta = {"namespace": "default", **meta}
    return Apply(key_of(one.kind, meta), {**one.manifest, "metadata": meta}, force=True)


def _label(options: Options_) -> Request:
    pairs = [word.partition("=") for word in options["labels"]]
    wrong = [key for key, equals, _value in pairs if not equals and not key.endswith("-")]
    if wrong:
        raise CommandError(f"{wrong[0]}: write a label as key=value, or key- to remove it")
    given = {key: value for key, equals, value in pairs if equals}
    return PatchLabels(_nodes(options), given, [key[:-1] for key, equals, _value in pairs if not equals])


REQUESTS: dict[str, Callable[[Options_], Request]] = {
    "apply": _apply,
    "patch": lambda options: Patch(options["object"], PatchType.STRATEGIC, options["patch"]),
    "delete": lambda options: Delete(options["object"], Options("Background")),
    "label": _label,
    "cordon": lambda options: Cordon(_nodes(options), cordoned=True),
    "uncordon": lambda options: Cordon(_nodes(options), cordoned=False),
    "power-off": lambda options: SetPower(_nodes(options), on=False),
    "power-on": lambda options: SetPower(_nodes(options), on=True),
    "remove-nodes": lambda options: RemoveNodes(_nodes(options)),
}
