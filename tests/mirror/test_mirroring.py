"""A mirror follows an API server: lists, watches, what it may not read, what it has to read anew."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pytest_django import Settings

from controller import models
from controller.engine.objects import Manifest
from controller.mirror import mirroring
from controller.mirror.following import follow
from controller.mirror.ledger import Ledger, Seen
from controller.mirror.mirroring import Mirroring
from controller.mirror.process import Hand
from controller.store import leases
from controller.store.leases import Held, Lost
from controller.upstream.client import AsyncClient
from controller.upstream.connection import Connection
from controller.upstream.secrets import seal
from tests.builders import node_manifest, pod_manifest
from tests.clusters import OWNER, bare_cluster, everything, mirrored, row_of, run_out
from tests.upstream.serving import Answer, Server, serving

pytestmark = pytest.mark.django_db(transaction=True)

SYSTEM = "/api/v1/namespaces/kube-system"
DAEMONS = [{"kind": "DaemonSet", "name": "agent", "uid": "set", "controller": True, "apiVersion": "apps/v1"}]


@pytest.fixture(autouse=True)
def _hasty(settings: Settings) -> None:
    settings.EVERYNODE_UPSTREAM_BACKOFF = 0.5


def listed(*items: Manifest, version: int = 5) -> Answer:
    """Return the answer to a list."""
    numbered = [{**one, "metadata": {**one["metadata"], "resourceVersion": str(version)}} for one in items]
    return Answer(body={"metadata": {"resourceVersion": str(version)}, "items": numbered})


def space(uid: str = "first") -> Manifest:
    """Return the namespace that tells clusters apart."""
    return {"metadata": {"name": "kube-system", "uid": uid}, "spec": {}, "status": {}}


def pod(name: str, *, owned: bool) -> Manifest:
    """Return a pod on node n1, of a DaemonSet or of nobody."""
    made = pod_manifest(name)
    meta = {**made["metadata"], "ownerReferences": DAEMONS if owned else []}
    return {**made, "metadata": meta, "spec": {**made["spec"], "nodeName": "n1"}}


def answers() -> dict[str, Answer]:
    """Return what a small cluster answers; its watches end at once, with nothing to tell."""
    return {
        "/version": Answer(body={"gitVersion": "v1.36.0"}),
        "/api/v1/namespaces": listed(space()),
        SYSTEM: Answer(body=space()),
        "/api/v1/nodes": listed(node_manifest("n1"), node_manifest("n2")),
        "/api/v1/pods": listed(pod("daemon", owned=True), pod("other", owned=False)),
        "/apis/apps/v1/daemonsets": listed(),
        "/apis/apps/v1/controllerrevisions": listed(),
        "/api/v1/events": Answer(403, {"kind": "Status", "message": "events is forbidden"}),
    }


@contextmanager
def followed(server: Server) -> Iterator[tuple[Held, Callable[[Any], None]]]:
    """Follow a server from a mirrored cluster; yield its lease and what runs until a condition holds."""
    cluster = mirrored(bare_cluster("real"))
    models.Mirror.objects.update(sealed=seal(Connection(server.url)))
    held = leases.acquire(cluster, OWNER, leases.MIRROR)
    assert held
    hands = Hand("writer"), Hand("reporter")
    looker = Hand("looker")

    def until(condition: Callable[[], bool]) -> None:
        async def run() -> None:
            task = asyncio.create_task(follow(held, *hands))
            try:
                async with asyncio.timeout(60):
                    while not await looker(condition):
                        if task.done():
                            task.result()
                            task = asyncio.create_task(follow(held, *hands))
                        await asyncio.sleep(0.05)
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

        asyncio.run(run())

    yield held, until
    for hand in (*hands, looker):
        hand.close()
        hand._thread.shutdown(wait=True)


def mirror() -> models.Mirror:
    """Return what the mirror tells of itself."""
    return models.Mirror.objects.get()


def names(cluster: int) -> set[str]:
    """Return what stands in the rows, as kind and name."""
    return {f"{kind} {name}" for kind, _, name in everything(cluster)}


def test_what_is_there() -> None:
    """All that may be read is mirrored: daemon pods as they are, others as sums; what may not be is named."""
    with serving(answers(), tls=False) as server, followed(server) as (held, until):
        until(
            lambda: (
                mirror().state == "live" and "NodeLoad n1" in names(held.cluster) and bool(mirror().version)
            )
        )
        assert names(held.cluster) == {
            "Namespace kube-system",
            "Node n1",
            "Node n2",
            "Pod daemon",
            "NodeLoad n1",
        }
        told = mirror()
        assert (told.version, told.cluster_uid, told.missing) == ("v1.36.0", "first", ["Event"])
        assert told.facts["errors"] == {"Event": "events is forbidden"}
        assert told.last_seen
        assert row_of(held.cluster).due is None


async def test_sums_stay_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """While news wait for room, none of a node's sums is told after one that is newer."""
    monkeypatch.setattr(mirroring, "BACKLOG", 1)
    hand = Hand("writer")
    tried = Mirroring(Ledger(Held(1, OWNER, 1)), AsyncClient(Connection("http://127.0.0.1:1")), hand)
    sums = [pod("first", owned=False), pod("second", owned=False)]
    tried._loads.put("a/elsewhere", {**sums[0], "spec": {**sums[0]["spec"], "nodeName": "n0"}})
    tried._loads.put("a/first", sums[0])
    tried._room.clear()
    telling = [asyncio.create_task(tried._tell_sums())]
    await asyncio.sleep(0)
    tried._loads.put("a/second", sums[1])
    telling.append(asyncio.create_task(tried._tell_sums()))
    while not all(task.done() for task in telling):
        tried._room.set()
        await asyncio.sleep(0)
    hand.close()
    told = [one.manifest["pods"] for one in tried._news
            if isinstance(one, Seen) and one.manifest and one.key[2] == "n1"]  # fmt: skip
    assert told[-1] == 2


def test_what_is_no_longer_kept_is_listed_anew() -> None:
    """A version that is too old is listed anew, and who is not there any more is gone."""
    with serving(answers(), tls=False) as server, followed(server) as (held, until):
        until(lambda: "Node n2" in names(held.cluster))
        gone = {"type": "ERROR", "object": {"kind": "Status", "code": 410, "message": "too old"}}
        server.watches["/api/v1/nodes"] = gone
        server.answers["/api/v1/nodes"] = listed(node_manifest("n1"), version=9)
        until(lambda: "Node n2" not in names(held.cluster))


def test_another_cluster_at_the_address() -> None:
    """A cluster that was made anew is noticed, and everything of it is read again."""
    with serving(answers(), tls=False) as server, followed(server) as (held, until):
        until(lambda: mirror().state == "live")
        again = node_manifest("n1")
        again["metadata"] = {**again["metadata"], "uid": "again"}
        server.answers["/api/v1/nodes"] = listed(again)
        server.answers["/api/v1/namespaces"] = listed(space("second"))
        server.answers[SYSTEM] = Answer(body=space("second"))
        server.watches["/api/v1/namespaces"] = {"type": "ERROR", "object": {"code": 500, "message": "broken"}}
        until(lambda: mirror().cluster_uid == "second" and "Node n2" not in names(held.cluster))
        assert models.Node.objects.get(cluster=held.cluster).uid == "again"


def test_who_lost_the_lease_stops() -> None:
    """Only one process mirrors a cluster: whoever lost its lease writes nothing more."""
    with serving(answers(), tls=False) as server, followed(server) as (held, until):
        run_out(held.cluster)
        models.Mirror.objects.update(fence=99, owner="another")
        with pytest.raises((Lost, ExceptionGroup), match=r"cluster \d+: fence|TaskGroup"):
            until(lambda: False)
        assert names(held.cluster) == set()


@pytest.mark.parametrize(
    ("code", "state"), [(401, "unauthorized"), (500, "unreachable"), (429, "overloaded")]
)
def test_what_keeps_it_from_reading(code: int, state: str) -> None:
    """What is wrong is told by its code, with the server's words."""
    refusing = dict.fromkeys(answers(), Answer(code, {"kind": "Status", "message": "not today"}))
    with serving(refusing, tls=False) as server, followed(server) as (_, until):
        until(lambda: mirror().state == state and "not today" in mirror().facts["errors"].values())


def test_an_object_of_odd_shape() -> None:
    """One that is not as its kind is everywhere is named and left out; all that came with it is written."""
    odd = [{"metadata": {"name": "bare"}}, {**node_manifest("torn"), "status": {"conditions": ["Ready"]}}]
    told = answers()
    told["/api/v1/nodes"] = listed(node_manifest("n1"), *odd, node_manifest("n2"))
    with serving(told, tls=False) as server, followed(server) as (held, until):
        until(lambda: mirror().state == "live" and "Node n2" in names(held.cluster))
        until(lambda: set(mirror().facts["odd"]) == {"Node bare", "Node torn"})
        assert "Node n1" in names(held.cluster)
        assert not {"Node bare", "Node torn"} & names(held.cluster)
