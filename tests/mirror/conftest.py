"""An API server that others of these tests change, a proxy before it, and the mirrors that follow it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import yaml
from django.core.management import call_command
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from controller.engine.kinds import KINDS
from controller.engine.objects import Key, Manifest
from controller.mirror.kinds import ORDER, is_daemons, key_of
from controller.mirror.process import Mirrors
from controller.queries.mirrors import mirror_of
from controller.services.mirrors import mirror_add
from controller.store import mirrors
from controller.upstream.client import path_of
from controller.upstream.connection import Connection
from dashboard.present.mirrors import mirror_troubles
from tests.clusters import PERSON, everything
from tests.mirror.faults import Proxy, proxied
from tests.servers import Everynode, wait_until
from tests.upstream.certificates import pair

MERGE = {"Content-Type": "application/merge-patch+json"}
AGENT: Manifest = {
    "apiVersion": "apps/v1",
    "kind": "DaemonSet",
    "metadata": {"name": "agent", "namespace": "default"},
    "spec": {
        "selector": {"matchLabels": {"app": "agent"}},
        "template": {
            "metadata": {"labels": {"app": "agent"}},
            "spec": {"containers": [{"name": "main", "image": "agent:1"}]},
        },
    },
}


class Api:
    """An API server, spoken to directly."""

    def __init__(self, server: str) -> None:
        self.server = server
        self._http = httpx.Client(timeout=30)

    def get(self, path: str) -> Manifest:
        """Return what stands at a path."""
        return dict(self._http.get(f"{self.server}{path}").raise_for_status().json())

    def patch(self, path: str, change: object) -> Manifest:
        """Change an object; return it."""
        answer = self._http.patch(f"{self.server}{path}", json=change, headers=MERGE)
        return dict(answer.raise_for_status().json())

    def post(self, path: str, manifest: Manifest) -> Manifest:
        """Create an object; return it."""
        return dict(self._http.post(f"{self.server}{path}", json=manifest).raise_for_status().json())

    def delete(self, path: str) -> None:
        """Delete an object."""
        self._http.delete(f"{self.server}{path}").raise_for_status()

    def label(self, node: str, **labels: str | None) -> Manifest:
        """Set labels of a node; None takes one away. Return the node."""
        return self.patch(path_of(KINDS["Node"], "", node), {"metadata": {"labels": labels}})

    def items(self, kind: str) -> list[Manifest]:
        """Return all objects of a kind."""
        return list(self.get(path_of(KINDS[kind]))["items"])

    def versions(self) -> dict[Key, tuple[str, str]]:
        """Return uid and version of all that a mirror keeps, but for events, which come and go."""
        return {
            key_of(kind, item): (item["metadata"]["uid"], item["metadata"]["resourceVersion"])
            for kind in ORDER
            if kind.name != "Event"
            for item in self.items(kind.name)
            if kind.name not in {"Pod", "ControllerRevision"} or is_daemons(item)
        }

    def close(self) -> None:
        """Close all connections."""
        self._http.close()


@dataclass
class Mirrored:
    """A cluster of this test's database that mirrors an API server through a proxy."""

    id: int
    proxy: Proxy
    api: Api

    @property
    def state(self) -> str:
        """Return the code of how it fares."""
        facts = mirror_of(cluster=self.id)
        assert facts
        return str(facts.state)

    def says(self) -> str:
        """Return what pages tell of its troubles."""
        facts = mirror_of(cluster=self.id)
        assert facts
        return " ".join(sentence for _tone, sentence in mirror_troubles(facts))

    def node(self, name: str) -> Manifest:
        """Return a node as it is mirrored."""
        return everything(self.id)[("Node", "", name)]

    def versions(self) -> dict[Key, tuple[str, str]]:
        """Return uid and version upstream of all that stands in the rows, but for events and sums."""
        return {
            key: (uid, version)
            for key, uid, version in mirrors.versions(self.id)
            if key[0] not in {"Event", "NodeLoad"}
        }

    def is_as_there(self) -> bool:
        """Whether the rows hold what the API server has: nothing is lost, nothing is double."""
        return self.versions() == self.api.versions()

    def await_state(self, state: str, within: float = 30) -> None:
        """Wait until it fares so."""
        wait_until(lambda: self.state == state, within=within, what=f"the state {state}")

    def await_rows(self) -> None:
        """Wait until it is live, and the rows hold what the API server has."""
        wait_until(lambda: self.state == "live" and self.is_as_there(), what="rows as they are there")


@contextmanager
def mirrors_running() -> Iterator[None]:
    """Run the process that mirrors, in a thread, until the block ends."""
    loops: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]]] = []
    begun = threading.Event()

    async def run() -> None:
        task = asyncio.current_task()
        assert task
        loops.append((asyncio.get_running_loop(), task))
        begun.set()
        await Mirrors().run()

    def main() -> None:
        with suppress(asyncio.CancelledError):
            asyncio.run(run())

    thread = threading.Thread(target=main, name="test of mirrors")
    thread.start()
    begun.wait()
    try:
        yield
    finally:
        ((loop, task),) = loops
        loop.call_soon_threadsafe(task.cancel)
        thread.join()
        for one in threading.enumerate():
            if one.name.startswith("mirror"):
                one.join()


def served(everynode: Everynode, name: str) -> Api:
    """Make a cluster with three machines; return its API server."""
    config = yaml.safe_load(everynode.cluster(name, nodes=3))
    return Api(str(config["clusters"][0]["cluster"]["server"]))


@pytest.fixture(name="api", scope="session")
def _api(everynode: Everynode) -> Iterator[Api]:
    """An API server with three machines and a set."""
    api = served(everynode, "faulty")
    api.post("/apis/apps/v1/namespaces/default/daemonsets", AGENT)
    wait_until(
        lambda: (api.items("DaemonSet")[0].get("status") or {}).get("numberReady") == 3, what="three pods"
    )
    yield api
    api.close()


@pytest.fixture(name="other", scope="session")
def _other(everynode: Everynode) -> Iterator[Api]:
    """The API server of another cluster, with machines of the same names."""
    api = served(everynode, "faulty-too")
    yield api
    api.close()


def connection_to(proxy: Proxy) -> Connection:
    """Return how a server behind a proxy is reached."""
    return Connection(proxy.url, authority=pair().authority.read_text())


def added(api: Api, proxy: Proxy, name: str = "real") -> Mirrored:
    """Add a cluster that is mirrored through a proxy."""
    row = mirror_add(name=name, actor=PERSON, connection=connection_to(proxy))
    return Mirrored(row.pk, proxy, api)


@pytest.fixture(name="db", scope="module")
def _db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:  # noqa: ARG001 - made by it
    """The database for all tests of a module that ask for it: what they write stays until its end."""
    with django_db_blocker.unblock():
        yield
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture(name="lasting", scope="module")
def _lasting(api: Api, db: None) -> Iterator[Mirrored]:  # noqa: ARG001 - it is written into
    """A cluster that is mirrored through a proxy, for all tests of a module: nobody waits there for long."""
    haste = override_settings(EVERYNODE_UPSTREAM_BACKOFF=0.5, EVERYNODE_UPSTREAM_ECHO=1.0)
    with haste, proxied(api.server) as proxy, mirrors_running():
        yield added(api, proxy)


@pytest.fixture(name="real")
def _real(lasting: Mirrored) -> Iterator[Mirrored]:
    """The mirrored cluster, live. After each test all is calm, and the rows hold what the server has."""
    lasting.await_rows()
    yield lasting
    lasting.proxy.calm()
    lasting.await_rows()
    wait_until(lambda: lasting.says() == "", what="an end of all complaints")
