"""The door for Kubernetes clients: lists of a large cluster, and many watches of a busy one."""

from __future__ import annotations

import asyncio
import http.client
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

from django.contrib.auth import get_user_model

from controller import models
from controller.services import tokens
from tests.bench import memory, patches
from tests.bench.clusters import ACTOR, EVERYWHERE, WHERE_SSD, Fleet, stamp
from tests.bench.ledger import Ledger
from tests.bench.telling import tell
from tests.servers import Everynode

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
SETS, LOOKS = 5, 20
WATCHES, SECONDS, AT_ONCE, PAUSE = 200, 30.0, 10, 0.05
"""So many watches see changes for so long: AT_ONCE in one commit every PAUSE seconds, 200 in a second."""
STAMP = re.compile(rb'"stamp":"([0-9]+)"')
NUMBER = re.compile(rb'"resourceVersion":"([0-9]+)"')


def figures(running: Everynode, ledger: Ledger) -> dict[str, float]:
    """Measure what clients wait for."""
    large = Fleet.made(running, ledger, "lists", 1000)
    for number in range(SETS):
        large.create(EVERYWHERE.replace("agent", f"agent-{number}"))
        ledger.settled(large.pk)
    client = Client(running, large)
    sets = client.spent("/apis/apps/v1/namespaces/default/daemonsets?limit=500")
    tell("list_sets_ms", sets)
    before = memory.of(running.run["pid"], "uvicorn")
    pods = client.spent("/api/v1/pods")
    tell("table_pods_ms", pods)
    held = max(0.0, memory.of(running.run["pid"], "uvicorn") - before)
    names = sorted(models.Node.objects.filter(cluster=large.pk).values_list("name", flat=True))
    rate = patches.per_second(running.port, client.base, names)
    tell(f"{patches.PATCHES} label patches of {patches.CLIENTS} clients, a second", [rate])
    lag = _watched(running, Fleet.made(running, ledger, "watches", 100))
    seen = _label_to_watch(running, Fleet.made(running, ledger, "follows", 100))
    tell("label_watch_ms", seen)
    return {
        "list_sets_ms": median(sets),
        "table_pods_ms": median(pods),
        "table_pods_mb": held,
        "watch_p99_ms": lag,
        "label_watch_ms": median(seen),
    }


class Client:
    """Somebody with a token of a cluster."""

    def __init__(self, running: Everynode, fleet: Fleet) -> None:
        self._running = running
        person = get_user_model().objects.get(username="admin")
        token = tokens.token_create(cluster=fleet.pk, user=person.pk, actor=ACTOR)
        self.base = f"/k8s/{models.Cluster.objects.get(pk=fleet.pk).name}/{token}"

    def spent(self, path: str) -> list[float]:
        """Return how many milliseconds a Table at a path takes, each time it is asked for."""
        line = http.client.HTTPConnection("127.0.0.1", self._running.port)
        spent = []
        for _ in range(LOOKS):
            began = time.perf_counter()
            line.request("GET", self.base + path, headers={"Accept": TABLE})
            response = line.getresponse()
            response.read()
            assert response.status == http.client.OK
            spent.append((time.perf_counter() - began) * 1000)
        return spent

    async def watch(self, path: str, seen: Callable[[bytes, float], None]) -> None:
        """Watch a path; hand whole lines of events over as they come, with their moment."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._running.port, limit=2**20)
        writer.write(f"GET {self.base}{path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert b" 200 " in await reader.readuntil(b"\r\n\r\n")
        held = b""
        while piece := await reader.read(2**18):
            now, (lines, end, rest) = time.perf_counter(), (held + piece).rpartition(b"\n{")
            lines, held = (lines, b"{" + rest) if end else (b"", rest)
            if held.endswith((b"\n", b"\n\r\n")):
                lines, held = lines + held, b""
            if lines:
                seen(lines, now)


@dataclass
class Watched:
    """What one watch has seen: how many changes up to which number, and the moment of each stamp."""

    number: int
    count: int = 0
    broken: bool = False
    stamps: dict[int, float] = field(default_factory=dict)

    def see(self, lines: bytes, now: float) -> None:
        """Take whole lines into account."""
        for found in NUMBER.findall(lines):
            number = int(found)
            self.broken = self.broken or number != self.number + 1
            self.number, self.count = number, self.count + 1
        for found in STAMP.findall(lines):
            self.stamps.setdefault(int(found), now)


def _watched(running: Everynode, fleet: Fleet) -> float:
    """Return by how many milliseconds all but a hundredth of the changes are behind their commit, at most."""
    client = Client(running, fleet)
    start = models.Cluster.objects.get(pk=fleet.pk).number
    watches = [Watched(start) for _ in range(WATCHES)]
    moments: list[float] = []

    def write() -> None:
        until = time.perf_counter() + SECONDS
        while (began := time.perf_counter()) < until:
            some = [fleet.names[(len(moments) * AT_ONCE + each) % fleet.nodes] for each in range(AT_ONCE)]
            moments.append(stamp(fleet, some, len(moments)))
            time.sleep(max(0.0, began + PAUSE - time.perf_counter()))

    async def all_watches() -> None:
        path = f"/api/v1/nodes?watch=1&resourceVersion={start}"
        tasks = [asyncio.create_task(client.watch(path, each.see)) for each in watches]
        await asyncio.sleep(1)
        await asyncio.to_thread(write)
        await asyncio.sleep(1)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(all_watches())
    changes = len(moments) * AT_ONCE
    assert all(each.count == changes and not each.broken for each in watches)
    lags = sorted((at - moments[stamp]) * 1000 for each in watches for stamp, at in each.stamps.items())
    tell(f"{WATCHES} watches of {changes} changes, ms behind the commit", lags)
    return lags[len(lags) * 99 // 100]


def _label_to_watch(running: Everynode, fleet: Fleet) -> list[float]:
    """Return how many milliseconds lie between a label patched by HTTP and its pod in a watch."""
    fleet.create(WHERE_SSD)
    fleet.ledger.settled(fleet.pk)
    client = Client(running, fleet)
    spent: list[float] = []

    async def follow() -> None:
        added: asyncio.Queue[float] = asyncio.Queue()

        def see(lines: bytes, now: float) -> None:
            if b'"type":"ADDED"' in lines:
                added.put_nowait(now)

        task = asyncio.create_task(client.watch("/api/v1/pods?watch=1", see))
        for name in fleet.names[:LOOKS]:
            await asyncio.sleep(0.5)
            began = time.perf_counter()
            await asyncio.to_thread(_patch, running, client, name)
            spent.append((await asyncio.wait_for(added.get(), 10) - began) * 1000)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(follow())
    return spent


def _patch(running: Everynode, client: Client, name: str) -> None:
    line = http.client.HTTPConnection("127.0.0.1", running.port)
    headers = {"Content-Type": "application/merge-patch+json"}
    line.request(
        "PATCH", f"{client.base}/api/v1/nodes/{name}", '{"metadata":{"labels":{"disk":"ssd"}}}', headers
    )
    assert line.getresponse().status == http.client.OK
