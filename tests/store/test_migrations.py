"""What an older Everynode wrote is read by this one."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import zlib
from pathlib import Path

import orjson

from tests.builders import pod_manifest
from tests.servers import BASE

BEFORE = "0006"
DAY = "2026-01-01"
NAMES = [f"agent-{at:02}" for at in range(40)]
ASK = """
import django; django.setup()
import orjson
from controller import models
from controller.store import log
state = log.state_at(1, 40)
same = {key: one.manifest for key, one in log.gather(1)[1].items() for one in (one.parsed(key[0]),)}
print(orjson.dumps([
    [one.manifest["metadata"]["name"] for one in models.Pod.objects.order_by("name")],
    sorted(stored.manifest["metadata"]["name"] for stored in state.values()),
    [entry.change.manifest["metadata"]["name"] for entry in log.since(1, 37)],
    models.Pass.objects.get().lines,
    len(same), models.Dictionary.objects.count(),
]).decode())
"""


def manage(folder: Path, *words: str) -> str:
    """Run manage.py in a folder of its own, and return what it printed."""
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment |= {"EVERYNODE_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "dashboard.settings"}
    run = subprocess.run(
        [sys.executable, *words], cwd=BASE, env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def insert(database: sqlite3.Connection, table: str, **values: object) -> None:
    """Write a row."""
    marks = ", ".join("?" * len(values))
    sql = f"INSERT INTO controller_{table} ({', '.join(values)}) VALUES ({marks})"  # noqa: S608 - names of the test
    database.execute(sql, list(values.values()))


def fill(file: Path) -> None:
    """Write a cluster of forty pods with log, snapshot and pass, as it was before texts were packed."""
    clock = {"anchor_wall": 0, "anchor_cluster": 0, "speed": 1, "paused": 1}
    delays = {"start_delay": 1, "stop_delay": 1, "node_grace": 1, "recipe": "{}", "created": DAY}
    empty = dict.fromkeys(("node", "owner", "phase", "hash"), "")
    pods = {name: orjson.dumps(pod_manifest(name, node="n")).decode() for name in NAMES}
    body = zlib.compress(orjson.dumps([("Pod", "default", name, 1, pods[name], "{}") for name in NAMES[:30]]))
    with sqlite3.connect(file) as database:
        insert(
            database, "cluster", id=1, name="old", mode="simulated", number=40, planned=40, **clock, **delays
        )
        for number, (name, text) in enumerate(pods.items(), 1):
            named = {"cluster_id": 1, "namespace": "default", "name": name, "manifest": text, "timers": "{}"}
            insert(database, "pod", **named, uid=name, version=number, ready=0, terminating=0, **empty)
            told = {"verb": "ADDED", "actor": "", "reason": "", "at": DAY}
            insert(database, "change", **named, number=number, kind="Pod", **told)
        insert(database, "snapshot", cluster_id=1, number=30, body=body)
        numbers = {"first": 1, "last": 40, "cluster_time": 0, "creations": 0, "deletions": 0}
        insert(database, "pass", cluster_id=1, at=DAY, lines='["a line"]', **numbers)


def test_texts_become_packed(tmp_path: Path) -> None:
    """Objects, log, snapshots and passes of a cluster are after the migration what they were before."""
    manage(tmp_path, "manage.py", "migrate", "controller", BEFORE)
    fill(tmp_path / "everynode.sqlite3")
    manage(tmp_path, "manage.py", "migrate")
    found = orjson.loads(manage(tmp_path, "-c", ASK))
    assert found == [NAMES, NAMES, NAMES[37:], ["a line"], 40, 1]
