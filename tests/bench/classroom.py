"""A class: thirty people, each with a cluster, a browser and a rolling update at the same time.

Their machines need a second to start and to stop a container, as those of a new cluster do.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from controller import models
from controller.services import clusters, workloads
from tests.bench import memory
from tests.bench.browser import Browser, next_frame
from tests.bench.clusters import ACTOR, EVERYWHERE, WHERE_SSD, Fleet
from tests.bench.labels import LOOK, POD, label
from tests.bench.ledger import Ledger
from tests.bench.telling import tell
from tests.servers import Everynode

CLUSTERS, NODES = 30, 50
ROUNDS = 3
"""How many nodes of each cluster get a label while all of them roll; each round begins with a new image."""

MOVING = "SELECT count(*) FROM controller_pod WHERE cluster_id = ? AND (terminating OR NOT ready)"


def figures(running: Everynode) -> dict[str, float]:
    """Measure the class."""
    ledger = Ledger(running.data / "everynode.sqlite3")
    fleets = [_made(ledger, f"class-{number:02}") for number in range(CLUSTERS)]
    for fleet in fleets:
        ledger.settled(fleet.pk)
    browser = Browser(running.url, running.password)
    spent: list[float] = []
    with _looking(browser, [f"class-{number:02}" for number in range(CLUSTERS)]):
        for number in range(ROUNDS):
            for fleet in fleets:
                _roll(fleet, f"agent:{2 + number}")
            spent += [_labelled(fleet, fleet.names[-1 - number]) for fleet in fleets]
        rolling = sum(bool(ledger.one(MOVING, fleet.pk)) for fleet in fleets)
        parts = memory.megabytes(running.run["pid"])
    assert rolling > CLUSTERS / 2, f"only {rolling} clusters were still rolling"
    tell("class_label ms", spent)
    for part, megabytes in parts.items():
        tell(f"PSS in MB of {part}", [megabytes])
    return {"class_label_p95_ms": sorted(spent)[len(spent) * 95 // 100], "class_mb": sum(parts.values())}


def _made(ledger: Ledger, name: str) -> Fleet:
    row = clusters.cluster_create(name=name, actor=ACTOR, nodes=NODES)
    nodes = models.Node.objects.filter(cluster=row.pk).order_by("name").values_list("name", flat=True)
    fleet = Fleet(row.pk, tuple(nodes), ledger)
    fleet.create(f"{EVERYWHERE}---{WHERE_SSD}")
    return fleet


def _roll(fleet: Fleet, image: str) -> None:
    place = {"namespace": "default", "name": "agent", "container": "main"}
    workloads.workload_image(kind="DaemonSet", cluster=fleet.pk, actor=ACTOR, image=image, **place)


def _labelled(fleet: Fleet, node: str) -> float:
    began = label(fleet, node)
    seen = fleet.ledger.until(lambda: bool(fleet.ledger.one(POD, fleet.pk, node)), pause=LOOK)
    return (seen - began) * 1000


@contextmanager
def _looking(browser: Browser, names: Sequence[str]) -> Iterator[None]:
    """Keep the map of each cluster open, and take in what it is told."""
    with ExitStack() as stack:
        for name in names:
            socket = stack.enter_context(browser.socket(name))
            next_frame(socket, "snapshot")
            threading.Thread(target=_listen, args=(socket,), daemon=True).start()
        yield


def _listen(socket: ClientConnection) -> None:
    try:
        for frame in socket:
            json.loads(frame)
    except ConnectionClosed:
        return
