"""A real cluster of 5,000 nodes, 30,000 daemon pods and 120,000 others: read, followed and shown."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import urlopen

from controller.services.mirrors import mirror_add
from controller.upstream.connection import Connection
from dashboard.supervise import free_port
from tests.bench import memory
from tests.bench.browser import Browser, next_frame
from tests.bench.ledger import Ledger
from tests.bench.telling import tell
from tests.bench.upstream import NODES, SETS
from tests.servers import BASE, Everynode

RATE, SECONDS = 500, 20
STATE = "SELECT state FROM controller_mirror WHERE cluster_id = ?"
PODS = "SELECT count(*) FROM controller_pod WHERE cluster_id = ?"
UNREADY = "SELECT count(*) FROM controller_pod WHERE cluster_id = ? AND NOT ready"


def figures(running: Everynode) -> dict[str, float]:
    """Measure from adding it to the first map, and how far the screen is behind while pods change."""
    ledger, browser = Ledger(running.data / "everynode.sqlite3"), Browser(running.url, running.password)
    mirror = memory.pid_of(running.run["pid"], "mirror")
    with _upstream() as url:
        busy, began = memory.processor_s(mirror), time.perf_counter()
        pk = mirror_add(name="real", actor="bench", connection=Connection(url)).pk
        listed = ledger.until(
            lambda: ledger.text(STATE, pk) == "live" and ledger.one(PODS, pk) == SETS * NODES, pause=0.05
        )
        with browser.socket("real") as socket:
            next_frame(socket, "snapshot")
            first_map = time.perf_counter() - began
            tell("seconds of processor time of the mirror for the lists", [memory.processor_s(mirror) - busy])
            busy = memory.processor_s(mirror)
            seen = _followed(url, socket)
        tell("... of a core while pods change", [(memory.processor_s(mirror) - busy) / SECONDS])
        told, asked = _asked(url, "told"), _asked(url, "asked")
        ledger.until(lambda: ledger.one(UNREADY, pk) == RATE * SECONDS, pause=0.05)
    lags = sorted((seen[pair] - at) * 1000 for pair, at in told.items() if pair in seen)
    assert len(lags) == len(told) == RATE * SECONDS, f"{len(lags)} of {len(told)} changes were seen"
    tell("seconds from adding a real cluster until all is in the rows", [listed - began])
    tell("... until the first map of all of it", [first_map])
    tell("requests", [sum(asked.values())])
    for what, count in sorted(asked.items()):
        tell(f"... {what}", [count])
    tell(f"ms from a change upstream to the screen, at {RATE} a second", lags)
    p99, held = lags[len(lags) * 99 // 100], memory.of(running.run["pid"], "mirror")
    return {"mirror_first_map_s": first_map, "mirror_mb": held, "mirror_p99_ms": p99}


def _followed(url: str, socket: object) -> dict[str, float]:
    """Let pods change; return when each was first told on a socket, by set and node."""
    urlopen(f"{url}/bench/start?rate={RATE}&seconds={SECONDS}").close()  # noqa: S310 - the loopback
    seen: dict[str, float] = {}
    until = time.monotonic() + SECONDS + 60
    while len(seen) < RATE * SECONDS and time.monotonic() < until:
        delta = next_frame(socket, "delta")  # type: ignore[arg-type]
        now = time.time()
        for uid, cells in delta["cells"].items():
            for node in cells:
                seen.setdefault(f"{uid} {node}", now)
    return seen


def _asked(url: str, what: str) -> dict[str, float]:
    with urlopen(f"{url}/bench/{what}") as answer:  # noqa: S310 - the loopback
        return dict(json.loads(answer.read()))


@contextmanager
def _upstream() -> Iterator[str]:
    port = free_port()
    words = [sys.executable, "-m", "tests.bench.upstream", str(port)]
    with subprocess.Popen(words, cwd=BASE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        assert server.stdout.readline() == "ready\n"
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.kill()
