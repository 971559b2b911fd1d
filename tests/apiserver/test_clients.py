"""Published clients in Python against a running Everynode: lists, watches, patches, and a restart between."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator
from itertools import islice
from typing import Any

import kr8s
import pytest
from kr8s.objects import DaemonSet, Node
from kubernetes import client, config, watch

from tests.apiserver.informer import CUT, LABELS, Informer, Kr8sInformer, OfficialInformer
from tests.servers import Everynode, everynode_running, wait_until

pytestmark = [
    # kr8s says which versions it was tried with, and leaves closing its connections to the collector.
    pytest.mark.filterwarnings("ignore:Kubernetes version .* is not supported:UserWarning"),
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

MACHINES = 12
RUNNING_NGINX = 11
"""One machine of the demo is tainted or cordoned so that nginx-ds has no pod there."""
FROM_HERE_ON = 5
"""Events that are seen before the web process is killed."""


@pytest.fixture(name="standing", scope="module")
def _standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everynode]:
    with everynode_running(tmp_path_factory.mktemp("clients")) as running:
        yield running


@pytest.fixture(name="kubeconfig", scope="module")
def _kubeconfig(standing: Everynode, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("kubeconfig") / "config"
    path.write_text(standing.manage("kubeconfig", "demo"))
    return str(path)


@pytest.fixture(name="api", scope="module")
def _api(kubeconfig: str) -> Iterator[client.ApiClient]:
    with config.new_client_from_config(kubeconfig) as made:
        wait_until(lambda: rolled_out(made), within=60, what="the demo")
        yield made


@pytest.fixture(autouse=True)
def _collected() -> Iterator[None]:
    yield
    gc.collect()  # here, where it is known what is left unclosed


def rolled_out(api: client.ApiClient) -> bool:
    """Return whether all of nginx-ds is new and available; not while the server is away."""
    try:
        found = client.AppsV1Api(api).read_namespaced_daemon_set("nginx-ds", "default")
    except CUT:
        return False
    told = found.status
    counts = {told.desired_number_scheduled, told.updated_number_scheduled, told.number_available}
    return told.observed_generation == found.metadata.generation and counts == {RUNNING_NGINX}


def image(name: str) -> dict[str, Any]:
    """Return a patch of nginx-ds to another image."""
    return {"spec": {"template": {"spec": {"containers": [{"name": "nginx", "image": name}]}}}}


# ------------------------------------------------------------------------------- the official client
def test_the_official_client_lists_page_by_page(api: client.ApiClient) -> None:
    """A list in pages is the list."""
    core = client.CoreV1Api(api)
    whole = [node.metadata.name for node in core.list_node().items]
    found, token = [], None
    while token is None or token:
        page = core.list_node(limit=5, _continue=token)
        found += [node.metadata.name for node in page.items]
        token = page.metadata._continue or ""
    assert found == whole
    assert len(whole) == MACHINES


def test_the_official_client_watches_from_a_list(api: client.ApiClient) -> None:
    """What is changed after the list is what the watch tells, and nothing else."""
    core = client.CoreV1Api(api)
    version = core.list_node().metadata.resource_version
    core.patch_node("node-03", {"metadata": {"labels": {"rack": "r1"}}})
    core.patch_node("node-04", {"metadata": {"labels": {"rack": "r1"}}})
    asked = {"resource_version": version, "label_selector": "rack=r1", "timeout_seconds": 20}

    told = list(islice(watch.Watch().stream(core.list_node, **asked), 2))

    assert [(one["type"], one["object"].metadata.name) for one in told] == [
        ("ADDED", "node-03"),
        ("ADDED", "node-04"),
    ]


def test_the_official_client_patches_and_is_told_what_is_wrong(api: client.ApiClient) -> None:
    """Its patches are strategic; a refusal comes as an exception with a Status."""
    apps = client.AppsV1Api(api)
    patched = apps.patch_namespaced_daemon_set("ssd-monitor", "default", {"metadata": {"labels": {"a": "b"}}})
    assert patched.metadata.labels == {"a": "b"}

    with pytest.raises(client.ApiException) as refused:
        apps.patch_namespaced_daemon_set(
            "ssd-monitor", "default", {"spec": {"selector": {"matchLabels": {"app": "x"}}}}
        )
    assert (refused.value.status, '"reason":"Invalid"' in str(refused.value.body)) == (422, True)


# ---------------------------------------------------------------------------------------------- kr8s
def test_kr8s_lists_labels_and_watches(kubeconfig: str, api: client.ApiClient) -> None:
    """Objects of kr8s read, label and delete as anywhere."""
    assert api.configuration.host
    there = kr8s.api(kubeconfig=kubeconfig)
    found = Node.get("node-05", api=there)
    found.label({"rack": "r2"})
    listed = there.get("nodes", label_selector="rack=r2", raw=True)

    assert [node["metadata"]["name"] for node in listed] == ["node-05"]
    assert DaemonSet.get("nginx-ds", namespace="default", api=there).status.numberReady == RUNNING_NGINX
    verb, node = next(iter(there.watch("nodes", label_selector="rack=r2")))
    assert (verb, node.name) == ("ADDED", "node-05")


# ---------------------------------------------------------------------------- across a new web process
@pytest.mark.chaos
@pytest.mark.parametrize("kind", [OfficialInformer, Kr8sInformer])
def test_an_informer_misses_nothing_across_a_restart(
    kind: type[OfficialInformer | Kr8sInformer], standing: Everynode, kubeconfig: str, api: client.ApiClient
) -> None:
    """The web process is killed amid a rolling update: the loop resumes by itself, at its own number."""
    informer = kind(kubeconfig)
    informer.start()
    wait_until(lambda: len(informer.pods) == RUNNING_NGINX, within=30, what="the list")
    apps = client.AppsV1Api(api)
    apps.patch_namespaced_daemon_set("nginx-ds", "default", image(f"nginx:{kind.__name__.lower()}"))
    wait_until(lambda: len(informer.seen) >= FROM_HERE_ON, within=30, what="the first events")

    web = standing.run["pids"]["web"]
    os.kill(web, signal.SIGKILL)
    wait_until(lambda: standing.run["pids"]["web"] != web, within=30, what="another web process")
    wait_until(lambda: rolled_out(api), within=120, what="the end of the rolling update")

    newest = client.CoreV1Api(api).list_namespaced_pod("default", label_selector=LABELS)
    last = max(int(pod.metadata.resource_version) for pod in newest.items)
    wait_until(lambda: int(informer.version) >= last, within=30, what="the last event")
    informer.ended.set()
    assert informer.failure is None
    assert (informer.lists, informer.breaks > 0) == (1, True)
    assert informer.seen == all_told(api, informer)
    assert informer.pods == {pod.metadata.name for pod in newest.items}


def all_told(api: client.ApiClient, informer: Informer) -> list[tuple[str, str, str]]:
    """Return what one watch without a break tells, from the informer's list to its last event."""
    told = []
    asked = {"label_selector": LABELS, "resource_version": informer.first, "timeout_seconds": 60}
    for event in watch.Watch().stream(client.CoreV1Api(api).list_namespaced_pod, "default", **asked):
        meta = event["raw_object"]["metadata"]
        told.append((event["type"], meta["name"], meta["resourceVersion"]))
        if meta["resourceVersion"] == informer.version:
            break
    return told
