"""Try Everynode on a real cluster (``make real KUBECONFIG=FILE``), and tell what was found.

    python -m tests.real --kubeconfig FILE [--context NAME] [--nodes ok|fake] [--kubelet] [--limit SECONDS]

It starts an Everynode with a folder of its own, adds the cluster to it and changes things on both sides.
In the cluster it touches one namespace that it makes and deletes, and nodes only with ``--nodes``: ``ok``
labels nodes that are there and takes the label off again, ``fake`` makes three without machines and deletes
them. ``--kubelet`` lets the pods of its namespace run where no machines are (``fake`` does so anyway).
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import django

NAME = "trial"


def asked(words: Sequence[str] | None) -> argparse.Namespace:
    """Return what the command line says."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.real", description="Try Everynode on a real cluster."
    )
    parser.add_argument("--kubeconfig", type=Path, required=True, metavar="FILE")
    parser.add_argument("--context", default="", help="one of the file (its current one)")
    parser.add_argument(
        "--nodes", choices=("", "ok", "fake"), default="", help="what may be done to nodes (nothing)"
    )
    parser.add_argument("--kubelet", action="store_true", help="let pods run where no machines are")
    parser.add_argument("--limit", type=float, default=1.0, metavar="SECONDS",
                        help="in which a change must be on the screen (1)")  # fmt: skip
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """Try everything, print a line for each step; return 0 if all was as it should be."""
    given = asked(words)
    with tempfile.TemporaryDirectory(prefix="everynode-real-") as folder:
        os.environ |= {"EVERYNODE_DATA": folder, "DJANGO_SETTINGS_MODULE": "dashboard.settings"}
        django.setup()
        return _tried(given, Path(folder) / "data")


def _tried(given: argparse.Namespace, data: Path) -> int:
    from controller.upstream import kubeconfig  # noqa: PLC0415 - Django is set up only now
    from tests.real.run import tried  # noqa: PLC0415 - as above
    from tests.real.upstream import Cluster  # noqa: PLC0415 - as above
    from tests.servers import everynode_running  # noqa: PLC0415 - as above

    cluster = Cluster(kubeconfig.read(given.kubeconfig.read_text(), given.context))
    with (
        cluster.prepared(fake=given.nodes == "fake", kubelet=given.kubelet),
        everynode_running(data, "--no-demo") as running,
    ):
        context = ["--context", given.context] if given.context else []
        running.manage("cluster", "add", NAME, "--kubeconfig", str(given.kubeconfig.resolve()), *context)
        return tried(cluster, running, NAME, limit=given.limit, labels=bool(given.nodes))


if __name__ == "__main__":
    sys.exit(main())
