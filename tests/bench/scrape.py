"""``/metrics`` of 30,000 daemon pods on 5,000 nodes, as a Prometheus asks for it again and again."""

from __future__ import annotations

import time
from functools import partial

import httpx

from controller.services import nodes
from tests.bench.clusters import ACTOR, EVERYWHERE, Fleet, committed
from tests.bench.ledger import Ledger
from tests.bench.telling import tell
from tests.servers import Everynode

NODES, SETS, RUNS = 5_000, 6, 5


def figures(running: Everynode) -> dict[str, float]:
    """Measure the first scrape, and those after: between two of them a hundred nodes get a label."""
    ledger = Ledger(running.data / "everynode.sqlite3")
    fleet = Fleet.made(running, ledger, "scraped", NODES)
    fleet.create("---".join(EVERYWHERE.replace("agent", f"agent-{one}") for one in range(SETS)))
    ledger.settled(fleet.pk)
    first, _ = _scraped(running)
    tell("first_scrape_s", [first])
    later, size = [], 0.0
    for turn in range(RUNS):
        some = fleet.names[turn * 100 : (turn + 1) * 100]
        edit = partial(nodes.node_label_patch, nodes=some, set={"turn": "1"}, remove=())
        committed(partial(edit, cluster=fleet.pk, actor=ACTOR))
        ledger.settled(fleet.pk)
        took, size = _scraped(running)
        later.append(took)
    tell("scrape_s", later)
    tell("scrape_mb", [size])
    return {"scrape_s": sorted(later)[RUNS // 2], "first_scrape_s": first, "scrape_mb": size}


def _scraped(running: Everynode) -> tuple[float, float]:
    """Return the seconds of a scrape, and its MB on the wire."""
    token = (running.data / "metrics-token").read_text()
    began = time.monotonic()
    with httpx.stream(
        "GET",
        f"{running.url}metrics",
        headers={"Authorization": f"Bearer {token}", "Accept-Encoding": "gzip"},
        timeout=60,
    ) as answer:
        size = sum(len(part) for part in answer.iter_raw())
    assert answer.status_code == httpx.codes.OK
    return time.monotonic() - began, size / 2**20
