"""Many people who look at one cluster that somebody changes: 500 sockets of one web process.

Each is a browser's: it is compressed as a browser asks for it, and every frame is read. They live in a
process of their own, so that what they cost themselves is no part of what the writer waits for.
"""

from __future__ import annotations

import subprocess
import sys
import time

from tests.bench import memory
from tests.bench.browser import Browser, socket_address
from tests.bench.clusters import EVERYWHERE, Fleet, stamp
from tests.bench.ledger import Ledger
from tests.bench.telling import tell
from tests.servers import BASE, Everynode

SOCKETS, NODES = 500, 100
SECONDS, PAUSE = 30.0, 0.2
"""So long a node is labelled every PAUSE seconds: a frame each, for every socket."""


def figures(running: Everynode) -> dict[str, float]:
    """Measure how far the last of them are behind."""
    fleet = Fleet.made(running, Ledger(running.data / "everynode.sqlite3"), "crowd", NODES)
    fleet.create(EVERYWHERE)
    fleet.ledger.settled(fleet.pk)
    address, browser = socket_address(running.url, "crowd"), Browser(running.url, running.password)
    web = memory.pid_of(running.run["pid"], "uvicorn")
    words = [sys.executable, "-m", "tests.bench.sockets", address, browser.cookies, str(SOCKETS)]
    with subprocess.Popen(words, cwd=BASE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as crowd:
        assert crowd.stdin
        assert crowd.stdout
        assert crowd.stdout.readline() == "ready\n"
        busy, began = memory.processor_s(web), time.monotonic()
        moments = _labelled(fleet)
        share = (memory.processor_s(web) - busy) / (time.monotonic() - began)
        held = memory.of(running.run["pid"], "uvicorn")
        crowd.stdin.close()
        lags = sorted((float(at) - moments[int(stamp)]) * 1000 for stamp, at in map(str.split, crowd.stdout))
    assert len(lags) == SOCKETS * len(moments), f"{len(lags)} of {SOCKETS * len(moments)} frames came"
    tell(f"{SOCKETS} sockets, ms from the commit to the frame", lags)
    tell("... p99", [lags[len(lags) * 99 // 100]])
    tell("... of a core of the web process", [share])
    return {"crowd_p99_ms": lags[len(lags) * 99 // 100], "crowd_web_mb": held}


def _labelled(fleet: Fleet) -> list[float]:
    """Label one node after the other; return the moments of the commits."""
    moments: list[float] = []
    until = time.perf_counter() + SECONDS
    while (began := time.perf_counter()) < until:
        moments.append(stamp(fleet, [fleet.names[len(moments) % fleet.nodes]], len(moments)))
        time.sleep(max(0.0, began + PAUSE - time.perf_counter()))
    time.sleep(1)  # the last frames are on their way
    return moments
