"""Edits of a real cluster go to its API server, here our own door, and come back through its mirror."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.dashboard.visits import text_of
from tests.servers import Everynode, wait_until

AGENT: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "DaemonSet",
    "metadata": {"name": "agent"},
    "spec": {
        "selector": {"matchLabels": {"app": "agent"}},
        "template": {
            "metadata": {"labels": {"app": "agent"}},
            "spec": {"containers": [{"name": "main", "image": "agent:1"}]},
        },
    },
}
SET = "/apis/apps/v1/namespaces/default/daemonsets/agent"
MERGE = {"Content-Type": "application/merge-patch+json"}


@dataclass
class Real:
    """A cluster behind its API server, and the cluster that mirrors it."""

    everynode: Everynode
    name: str
    server: str

    def get(self, path: str) -> dict[str, Any]:
        """Return what the API server has."""
        return dict(httpx.get(f"{self.server}{path}").raise_for_status().json())

    def patch(self, path: str, change: object) -> None:
        """Let somebody else change something there."""
        httpx.patch(f"{self.server}{path}", json=change, headers=MERGE).raise_for_status()

    def post(self, path: str, **form: str) -> httpx.Response:
        """Send a form of the mirroring cluster's pages, and follow where it leads."""
        with self.everynode._door:
            http = self.everynode._http
            token = next(value for name, value in http.cookies.items() if name.endswith("-csrf"))
        url = f"{self.everynode.url}clusters/{self.name}/{path}"
        headers = {"Referer": url, "X-CSRFToken": token}
        return http.post(url, data=form, headers=headers)

    def page(self, path: str) -> str:
        """Return a page of the mirroring cluster."""
        return self.everynode._http.get(f"{self.everynode.url}clusters/{self.name}/{path}").text

    def is_there(self, path: str) -> bool:
        """Whether the mirroring cluster has what a page of it shows."""
        url = f"{self.everynode.url}clusters/{self.name}/{path}"
        return self.everynode._http.get(url).status_code == httpx.codes.OK

    def node(self, name: str) -> dict[str, Any]:
        """Return a node of the API server."""
        return self.get(f"/api/v1/nodes/{name}")


@pytest.fixture(name="real", scope="module")
def _real(everynode: Everynode, tmp_path_factory: pytest.TempPathFactory) -> Real:
    config = everynode.cluster("forwarded", nodes=3)
    file = tmp_path_factory.mktemp("forwarding") / "kubeconfig"
    file.write_text(config)
    server = str(yaml.safe_load(config)["clusters"][0]["cluster"]["server"])
    httpx.post(f"{server}/apis/apps/v1/namespaces/default/daemonsets", json=AGENT).raise_for_status()
    everynode.manage("cluster", "add", "forwarded-real", "--kubeconfig", str(file))
    real = Real(everynode, "forwarded-real", server)
    wait_until(lambda: real.is_there("sets/default/agent/"), what="the set in the mirror")
    return real


def test_a_label_is_set_there(real: Real) -> None:
    """A label set on the page stands upstream when the page answers, in the name of who did it."""
    answer = real.post("nodes/node-1/label/", label="disk=ssd")
    assert answer.status_code == httpx.codes.OK
    node = real.node("node-1")
    assert node["metadata"]["labels"]["disk"] == "ssd"
    assert "not seen here yet" not in answer.text
    managers = {one["manager"] for one in node["metadata"]["managedFields"]}
    assert "everynode:admin" in managers
    assert "disk=ssd" in re.sub(r"<[^>]+>|\s", "", answer.text)
    real.post("nodes/node-1/label/", key="disk")
    assert "disk" not in real.node("node-1")["metadata"]["labels"]


def test_nobody_elses_write_is_overwritten(real: Real) -> None:
    """What somebody else writes at the same time stays: only the fields of the edit are sent."""
    for turn in range(5):
        real.patch("/api/v1/nodes/node-2", {"metadata": {"labels": {f"theirs-{turn}": "x"}}})
        answer = real.post("nodes/node-2/label/", label=f"ours-{turn}=x")
        assert answer.status_code == httpx.codes.OK
    labels = real.node("node-2")["metadata"]["labels"]
    assert {f"{who}-{turn}" for who in ("ours", "theirs") for turn in range(5)} <= labels.keys()


def test_unknown_fields_stay(real: Real) -> None:
    """Annotations and labels beside the edit, and a status that changes, are no conflict."""
    real.patch("/api/v1/nodes/node-3", {"metadata": {"annotations": {"kept": "yes"}}})
    real.post("nodes/node-3/state/", action="cordon")
    node = real.node("node-3")
    assert node["spec"]["unschedulable"] is True
    assert node["metadata"]["annotations"]["kept"] == "yes"
    real.post("nodes/node-3/state/", action="uncordon")
    assert not real.node("node-3")["spec"].get("unschedulable")


def test_an_image_is_rolled_out_and_taken_back(real: Real) -> None:
    """A new image, and its undo, are decided there; the pods follow in the mirror."""
    answer = real.post("sets/default/agent/do/", action="image", container="main", image="agent:2")
    assert "not seen here yet" not in answer.text
    assert real.get(SET)["spec"]["template"]["spec"]["containers"][0]["image"] == "agent:2"
    page = real.everynode._http.get(f"{real.everynode.url}audit/?cluster={real.name}").text
    entry = re.search(rf"/clusters/{real.name}/undo/(\d+)/", page)
    assert entry, page
    answer = real.post(f"undo/{entry[1]}/")
    assert answer.status_code == httpx.codes.OK, text_of(answer)
    assert real.get(SET)["spec"]["template"]["spec"]["containers"][0]["image"] == "agent:1"


def test_a_pod_is_deleted_there(real: Real) -> None:
    """Deleting a pod deletes it upstream, where its controller makes another one."""
    pods = "/api/v1/namespaces/default/pods"
    name = real.get(pods)["items"][0]["metadata"]["name"]
    wait_until(lambda: "404" not in real.page(f"pods/default/{name}/")[:300], what="the pod in the mirror")
    real.post(f"pods/default/{name}/delete/")
    wait_until(
        lambda: name not in {one["metadata"]["name"] for one in real.get(pods)["items"]},
        what="the end of the pod",
    )


def test_what_only_a_simulation_can_do(real: Real) -> None:
    """Nobody switches a real machine off from here: it is refused, and nothing is sent."""
    before = real.node("node-1")["metadata"]["resourceVersion"]
    answer = real.post("nodes/node-1/state/", action="down")
    assert answer.status_code == httpx.codes.BAD_REQUEST
    assert "not offered here" in answer.text
    assert real.node("node-1")["metadata"]["resourceVersion"] == before


def test_what_the_server_refuses(real: Real, tmp_path: Path) -> None:
    """What the API server forbids is told in its words, and nothing is done."""
    page = real.everynode._post("account/tokens/", note="reads", days="1", reads_only="on", cluster="").text
    token = re.search(r"evn-[A-Za-z0-9_-]{40,}", page)
    assert token
    config = {
        "clusters": [
            {"name": "it", "cluster": {"server": re.sub(r"/evn-[^/]+", f"/{token[0]}", real.server)}}
        ],
        "users": [{"name": "me", "user": {}}],
        "contexts": [{"name": "it", "context": {"cluster": "it", "user": "me"}}],
        "current-context": "it",
    }
    file = tmp_path / "kubeconfig"
    file.write_text(yaml.safe_dump(config))
    real.everynode.manage("cluster", "add", "read-only", "--kubeconfig", str(file))
    reads = replace(real, name="read-only")
    wait_until(lambda: reads.is_there("sets/default/agent/"), what="the set in the mirror")
    answer = reads.post("nodes/node-1/label/", label="no=way")
    assert answer.status_code == httpx.codes.FORBIDDEN
    assert "does not allow it" in answer.text
    assert "no" not in real.node("node-1")["metadata"]["labels"]
