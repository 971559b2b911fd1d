"""Ways of asking that only some clients have: impersonation, old watches, YAML, details of health."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from tests.apiserver.asking import Asker, DoorClient, Watcher
from tests.clusters import cluster
from tests.live.listening import do, running_hub

NODES = "/api/v1/nodes"
REVIEW = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


@pytest.fixture(name="asker")
def _asker(db: None) -> Asker:  # noqa: ARG001 - the test is let near the database by it
    return Asker(cluster(nodes=1))


@pytest.mark.parametrize("header", ["Impersonate-User", "Impersonate-Group", "Impersonate-Extra-Scopes"])
@pytest.mark.parametrize(
    ("method", "path"), [("GET", NODES), ("POST", REVIEW), ("POST", NODES), ("GET", "/version")]
)
def test_viewers_act_as_nobody_else(asker: Asker, header: str, method: str, path: str) -> None:
    """What is asked in another's name is refused: it had been done, and answered, in one's own."""
    viewer = Asker(asker.cluster, role="viewer")
    answered = DoorClient(headers={header: "bob"}).generic(method, viewer.base + path, "{}")
    assert answered.status_code == 403
    assert "cannot impersonate" in json.loads(answered.content)["message"]


def test_objects_come_as_yaml_to_who_prefers_it(asker: Asker) -> None:
    """One, many, and refusals stay what they are."""
    for path in (f"{NODES}/node-1", NODES):
        answered = DoorClient().get(asker.base + path, headers={"Accept": "application/yaml"})
        assert (answered.status_code, answered["Content-Type"]) == (200, "application/yaml")
        assert yaml.safe_load(answered.content) == asker.ask(path)
    either = DoorClient().get(
        asker.base + NODES, headers={"Accept": "application/json, application/yaml;q=0.5"}
    )
    assert either["Content-Type"] == "application/json"


@pytest.mark.parametrize("path", ["healthz", "livez", "readyz"])
def test_health_can_be_verbose(asker: Asker, path: str) -> None:
    """A line for each check and one for all, as in Kubernetes."""
    answered = DoorClient().get(f"{asker.base}/{path}", {"verbose": ""})
    assert answered.content.decode() == f"[+]ping ok\n{path} check passed\n"


def test_a_proxy_on_this_machine_is_this_machine(asker: Asker) -> None:
    """Kubectl proxy names itself as one; a proxy for others names them."""
    for passed, code in (
        ("127.0.0.1", 200),
        ("127.0.0.1, ::1", 200),
        ("192.0.2.7, 127.0.0.1", 403),
        ("x", 403),
    ):
        headers = {"X-Forwarded-For": passed}
        assert DoorClient(headers=headers).get(asker.base + NODES).status_code == code, passed


def test_old_paths_of_watches_are_only_read(asker: Asker) -> None:
    """There is nothing to write, and no part of an object to watch."""
    assert DoorClient().post(f"{asker.base}/api/v1/watch/nodes").status_code == 405
    asker.ask("/api/v1/watch/nodes/node-1/status", code=404)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/api/v1/watch/nodes", "/api/v1/watch/nodes/node-1"])
async def test_old_paths_of_watches_are_watches(path: str) -> None:
    """Older clients name the verb in the path."""
    tried: Any = await do(cluster, nodes=1)
    async with running_hub():
        watcher = await Watcher.open(await do(Asker, tried), path, resourceVersion="0")
        event = await watcher.next()
        await watcher.close()
    assert (event["type"], event["object"]["metadata"]["name"]) == ("ADDED", "node-1")
