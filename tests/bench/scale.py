"""A hundred thousand pods: made, held in memory and on disk, and gone on with after a worker died."""

from __future__ import annotations

import os
import signal
import sqlite3
from contextlib import closing

from controller.services import workloads
from tests.bench import memory
from tests.bench.browser import Browser, next_frame
from tests.bench.clusters import ACTOR, EVERYWHERE, Fleet, committed
from tests.bench.ledger import Ledger
from tests.bench.telling import tell
from tests.servers import Everynode

NODES, SETS = 5_000, 20
NAME = "large"
LOOK = 0.01
"""Seconds between two looks at the database."""

READY = "SELECT count(*) FROM controller_pod WHERE cluster_id = ? AND ready"
UPDATED = "SELECT count(*) FROM controller_pod WHERE cluster_id = ? AND owner = ? AND hash <> ?"
NEWEST = "SELECT max(id) FROM controller_pass WHERE cluster_id = ?"


def figures(running: Everynode) -> dict[str, float]:
    """Measure one large cluster."""
    ledger = Ledger(running.data / "everynode.sqlite3")
    fleet = Fleet.made(running, ledger, NAME, NODES)
    began = fleet.create("---".join(EVERYWHERE.replace("agent", f"agent-{one}") for one in range(SETS)))
    created = ledger.settled(fleet.pk) - began
    assert ledger.one(READY, fleet.pk) == NODES * SETS
    tell("create_100k_s", [created])
    worker = memory.of(running.run["pid"], "celery")
    tell("worker_mb", [worker])
    web = _looked_at(running)
    tell("web_mb", [web])
    disk = _database(running)
    tell("database_mb", [disk])
    cold = _killed(running, fleet)
    tell("cold_pass_s", [cold])
    return {
        "create_100k_s": created,
        "cold_pass_s": cold,
        "worker_mb": worker,
        "web_mb": web,
        "database_mb": disk,
    }


def _looked_at(running: Everynode) -> float:
    browser = Browser(running.url, running.password)
    browser.page(f"clusters/{NAME}/")
    with browser.socket(NAME) as socket:
        next_frame(socket, "snapshot")
        return memory.of(running.run["pid"], "uvicorn")


def _database(running: Everynode) -> float:
    """Return the size of the database in MB once its write-ahead log is copied back."""
    place = running.data / "everynode.sqlite3"
    with closing(sqlite3.connect(place, timeout=60)) as opened:
        opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return place.stat().st_size / 2**20


def _killed(running: Everynode, fleet: Fleet) -> float:
    """Kill the worker in the middle of a rollout; return the seconds until another one's first pass."""
    ledger = fleet.ledger
    find = "SELECT owner, hash FROM controller_pod WHERE cluster_id = ? AND name LIKE 'agent-0-%' LIMIT 1"
    owner, old = ledger.row(find, fleet.pk)
    image = {"container": "main", "image": fleet.image()}
    committed(
        lambda: workloads.workload_image(
            kind="DaemonSet", cluster=fleet.pk, actor=ACTOR, namespace="default", name="agent-0", **image
        )
    )
    ledger.until(lambda: ledger.one(UPDATED, fleet.pk, owner, old) > 0, pause=LOOK)
    os.kill(running.run["pids"]["worker"], signal.SIGKILL)
    died, stood = ledger.now(), ledger.one(NEWEST, fleet.pk)
    return ledger.until(lambda: ledger.one(NEWEST, fleet.pk) > stood, pause=LOOK) - died
