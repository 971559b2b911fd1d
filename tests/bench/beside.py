"""How long an edit of one cluster waits while a large one is copied, reset, or made of a file.

The large work is done in a process of its own: what is measured is the wait for the database, which has
one writer, not for the interpreter.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import orjson

from controller import models
from controller.engine.errors import Busy
from controller.manifests.dumps import File
from controller.mirror.dumps import dump_import
from controller.services import clusters, history, nodes
from controller.services.archives import cluster_import
from controller.store import log
from tests.bench.clusters import ACTOR, EVERYWHERE, Fleet
from tests.bench.ledger import Ledger
from tests.bench.telling import tell
from tests.servers import BASE, Everynode

NODES, SETS = 5_000, 20
PAUSE = 0.02
"""Seconds between two edits."""
WORK = "import sys, django; django.setup(); from tests.bench.beside import work; work(*sys.argv[1:])"
DUMPED = frozenset({"Node", "DaemonSet", "ControllerRevision", "Pod", "Namespace"})


def figures(running: Everynode) -> dict[str, float]:
    """Measure the longest wait of an edit beside each of the four; what is refused waited for 8 s in vain."""
    ledger = Ledger(running.data / "everynode.sqlite3")
    small = Fleet.made(running, ledger, "small", 3)
    large = Fleet.made(running, ledger, "large", NODES)
    large.create("---".join(EVERYWHERE.replace("agent", f"agent-{one}") for one in range(SETS)))
    ledger.settled(large.pk)
    saved, dump = running.data / "saved.gz", running.data / "dump.json"
    history.history_trim(cluster=large.pk, actor=ACTOR)  # or that comes in between
    running.manage("cluster", "export", "large", str(saved))
    _dump(large.pk, dump)
    found: dict[str, float] = {}
    for name, place in (("copy", large.pk), ("reset", "copied"), ("import", saved), ("dump", dump)):
        found |= _beside(small, name, str(place))
    return found


def _beside(small: Fleet, name: str, place: str) -> dict[str, float]:
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", WORK, name, place], cwd=BASE)
    waits, refused = list[float](), 0
    while process.poll() is None:
        asked = time.perf_counter()
        try:
            label = {"n": str(len(waits))}
            nodes.node_label_patch(cluster=small.pk, actor=ACTOR, nodes=["node-1"], set=label, remove=())
        except Busy:
            refused += 1
        waits.append(time.perf_counter() - asked)
        time.sleep(PAUSE)
    took = time.perf_counter() - began
    assert process.returncode == 0, name
    tell(f"{name} s", [took])
    tell(f"edits beside it: {refused} refused, wait s", waits)
    return {f"{name}_s": took, f"{name}_wait_s": max(waits)}


def work(name: str, place: str) -> None:
    """Do one of the four, in a process of its own."""
    if name == "copy":
        clusters.cluster_copy(cluster=int(place), name="copied", actor=ACTOR)
    elif name == "reset":
        clusters.cluster_reset(cluster=models.Cluster.objects.get(name=place).pk, actor=ACTOR)
    else:
        with Path(place).open("rb") as file:
            if name == "import":
                cluster_import(file=file, actor=ACTOR, name="imported")
            else:
                dump_import(files=[File(name, file)], actor=ACTOR, name="dumped")


def _dump(cluster: int, path: Path) -> None:
    """Write what ``kubectl get ... -o json`` would print of a cluster."""
    _number, state = log.gather(cluster, DUMPED)
    with path.open("wb") as file:
        file.write(b'{"apiVersion": "v1", "kind": "List", "items": [\n')
        for at, (key, one) in enumerate(sorted(state.items())):
            file.write((b",\n" if at else b"") + orjson.dumps(one.parsed(key[0]).manifest))
        file.write(b"\n]}\n")
