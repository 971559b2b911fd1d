"""What Prometheus is told: by whom it may be asked, and that it is what kubectl would show."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from controller import models
from controller.engine.changes import Verb
from controller.models import Role
from controller.queries.metrics import clusters_scraped, parts
from controller.services import nodes, objects
from controller.store import rows
from controller.store.rows import Stored
from controller.store.writes import writing
from dashboard.present.metrics import HELP, exposition
from dashboard.supervise import free_port
from tests.builders import daemonset_manifest, pod_manifest
from tests.clusters import PERSON, bare_cluster, change, cluster, mirrored, settle
from tests.dashboard.visits import visitor
from tests.servers import BASE, Everynode, missing, wait_until

PROMETHEUS = BASE / "deploy" / "prometheus"
TOKEN = "scrape-me"
AGENT = """
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent, annotations: {everynode.dev/note: 'a "quoted" one'}}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata:
      labels: {app: agent}
      annotations: {sim.everynode.dev/behaviour: BEHAVIOUR}
    spec: {containers: [{name: main, image: "agent:1"}], nodeSelector: {disk: ssd}}
"""
WELL = AGENT.replace("      annotations: {sim.everynode.dev/behaviour: BEHAVIOUR}\n", "")

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def samples(text: str) -> Samples:
    """Return what Prometheus' own reader makes of a text: values by names and labels, none twice."""
    found: Samples = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            key = (sample.name, frozenset(sample.labels.items()))
            assert key not in found, key
            found[key] = sample.value
    return found


def told() -> Samples:
    """Return what is told of the clusters of the test's database."""
    return samples(exposition(clusters_scraped(), parts()))


def value(found: Samples, name: str, **labels: str) -> float | None:
    """Return the only value of a metric that bears these labels, and perhaps others."""
    fits = [
        held for (named, own), held in found.items() if named == name and labels.items() <= dict(own).items()
    ]
    assert len(fits) < 2, fits
    return fits[0] if fits else None


@pytest.mark.django_db
def test_sets_as_their_status_tells_them() -> None:
    """The numbers of a set are those of its status, after every change of it."""
    tried = cluster(nodes=3, disk="ssd")
    objects.manifests_create(cluster=tried, actor=PERSON, text=WELL)
    settle(tried)
    here = {"cluster": "tried", "namespace": "default", "daemonset": "agent"}
    found = told()
    for name, number in (
        ("desired_number_scheduled", 3),
        ("current_number_scheduled", 3),
        ("number_ready", 3),
        ("number_available", 3),
        ("number_unavailable", 0),
        ("number_misscheduled", 0),
        ("updated_number_scheduled", 3),
        ("observed_generation", 1),
    ):
        assert value(found, f"kube_daemonset_status_{name}", **here) == number, name
    nodes.node_label_patch(cluster=tried, actor=PERSON, nodes=["node-2"], set={}, remove=["disk"])
    settle(tried)
    found = told()
    assert value(found, "kube_daemonset_status_desired_number_scheduled", **here) == 2
    assert {dict(own)["node"] for name, own in found if name == "kube_pod_info"} == {"node-1", "node-3"}


@pytest.mark.django_db
def test_pods_that_wait_and_are_gone() -> None:
    """A pod is told with its phase, readiness, restarts and why it waits, and no more once it is gone."""
    tried = cluster(nodes=1, disk="ssd")
    objects.manifests_create(cluster=tried, actor=PERSON, text=AGENT.replace("BEHAVIOUR", "image-pull-error"))
    settle(tried)
    row = models.Pod.objects.get(cluster=tried)
    own = {"cluster": "tried", "namespace": "default", "pod": row.name, "uid": row.uid}
    found = told()
    state = row.manifest["status"]
    assert value(found, "kube_pod_info", **own, node="node-1", pod_ip=state.get("podIP", "")) == 1
    assert value(found, "kube_pod_owner", **own, owner_kind="DaemonSet", owner_name="agent") == 1
    assert value(found, "kube_pod_status_ready", **own, condition="false") == 1
    assert value(found, "kube_pod_status_ready", **own, condition="true") == 0
    assert value(found, "kube_pod_status_phase", **own, phase=row.phase) == 1
    assert sum(held for (name, _), held in found.items() if name == "kube_pod_status_phase") == 1
    box = state["containerStatuses"][0]
    assert value(found, "kube_pod_container_status_restarts_total", **own) == box["restartCount"]
    reason = box["state"]["waiting"]["reason"]
    assert value(found, "kube_pod_container_status_waiting_reason", **own, reason=reason) == 1
    objects.object_delete(cluster=tried, actor=PERSON, kind="DaemonSet", namespace="default", name="agent")
    settle(tried)
    assert not [name for name, _ in told() if name.startswith(("kube_pod", "kube_daemonset"))]


@pytest.mark.django_db
def test_a_set_that_comes_while_others_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pods of a set that is made while its cluster is read are told the next time, though they rest."""
    tried, read, late = bare_cluster(), rows.all_of, iter([True])
    with writing(tried) as opened:
        opened.put([change(daemonset_manifest("agent")), change(pod_manifest("agent-x", node="first"))])

    def overtaken(pk: int, kind: str) -> list[Stored]:
        found = read(pk, kind)
        if next(late, False):
            with writing(tried) as opened:
                opened.put([change(daemonset_manifest("late"))])
                opened.put([change(pod_manifest("late-x", of="late", node="first"))])
                opened.put([change(pod_manifest("agent-x", node="first", ready=False), Verb.MODIFIED)])
        return found

    monkeypatch.setattr(rows, "all_of", overtaken)
    seen = [{pod.name for pod in clusters_scraped()[0].pods} for _scrape in range(2)]
    assert seen == [{"agent-x"}, {"agent-x", "late-x"}]


@pytest.mark.django_db
def test_nodes_with_taints_conditions_and_amounts() -> None:
    """A node is told with what it has in base units, its taints, and every answer of each condition."""
    tried = cluster(nodes=1)
    nodes.node_cordon(cluster=tried, actor=PERSON, nodes=["node-1"], cordoned=True)
    settle(tried)
    found, here = told(), {"cluster": "tried", "node": "node-1"}
    assert value(found, "kube_node_spec_unschedulable", **here) == 1
    assert value(found, "kube_node_spec_taint", **here, key="node.kubernetes.io/unschedulable") == 1
    assert value(found, "kube_node_status_condition", **here, condition="Ready", status="true") == 1
    assert value(found, "kube_node_status_condition", **here, condition="Ready", status="false") == 0
    has = models.Node.objects.get(cluster=tried).manifest["status"]["allocatable"]
    assert value(found, "kube_node_status_allocatable", **here, resource="cpu", unit="core") == float(
        has["cpu"]
    )
    assert value(found, "kube_node_status_allocatable", **here, resource="memory", unit="byte")


@pytest.mark.django_db
def test_a_mirrored_cluster_tells_its_age() -> None:
    """Of a mirrored cluster it is told whether it is followed, and how old what is known of it is."""
    tried = mirrored(cluster(nodes=1))
    models.Mirror.objects.filter(cluster=tried).update(state="unreachable", last_seen=1.0, requests=7)
    found = told()
    assert value(found, "everynode_mirror_up", cluster="tried") == 0
    assert value(found, "everynode_mirror_requests_total", cluster="tried") == 7
    assert (value(found, "everynode_mirror_age_seconds", cluster="tried") or 0) > 1e9
    assert value(found, "everynode_cluster_info", cluster="tried", mode="mirrored") == 1


@pytest.mark.django_db
def test_who_may_ask(settings: Any) -> None:
    """The scrape token opens metrics, an admin's session too; nothing else does."""
    settings.EVERYNODE_METRICS_TOKEN = TOKEN
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    answer = Client().get("/metrics", headers=bearer | {"Accept-Encoding": "gzip"})
    assert (answer.status_code, answer["Content-Encoding"]) == (200, "gzip")
    assert visitor(Role.ADMIN).get("/metrics").status_code == 200
    for refused in (Client().get("/metrics"), visitor(Role.OPERATOR).get("/metrics")):
        assert refused.status_code == 401
        assert "metrics-token" in refused.content.decode()
    assert Client().get("/metrics", headers={"Authorization": "Bearer no"}).status_code == 401
    settings.EVERYNODE_METRICS_TOKEN = ""
    assert Client().get("/metrics", headers={"Authorization": "Bearer "}).status_code == 401


@pytest.mark.django_db
def test_quotes_in_labels() -> None:
    """Whatever a label's value holds is read back as it is."""
    tried = cluster(name="tried", nodes=1)
    row = models.Node.objects.get(cluster=tried)
    row.manifest["status"]["nodeInfo"] = {"osImage": 'a "b"\\ c\nd'}
    models.Node.objects.filter(pk=row.pk).update(manifest=row.manifest)
    assert value(told(), "kube_node_info", cluster="tried", os_image='a "b"\\ c\nd') == 1


def test_the_rules_and_the_dashboard_ask_for_what_is_told() -> None:
    """No alert and no panel asks for a metric that nobody tells."""
    counted = {"everynode_pass_seconds_bucket", "everynode_passes_total", "everynode_api_requests_total"}
    known = HELP.keys() | counted | {"everynode_sockets"}
    board = (BASE / "deploy" / "grafana" / "everynode.json").read_text()
    asked = set(re.findall(r"\b(?:kube|everynode)_[a-z_]+", (PROMETHEUS / "alerts.yaml").read_text()))
    for panel in json.loads(board)["panels"]:
        for target in panel["targets"]:
            asked |= set(re.findall(r"\b(?:kube|everynode)_[a-z_]+", target["expr"]))
    assert asked <= known


def test_the_alerts_fire_when_they_should() -> None:
    """Prometheus' own tool plays the tests of the rules."""
    tool = shutil.which("promtool") or missing("promtool (apt install prometheus)")
    done = subprocess.run(
        [tool, "test", "rules", str(PROMETHEUS / "alerts_test.yaml")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def prometheus_running(folder: Path, running: Everynode) -> Iterator[str]:
    """Run a Prometheus with the rules of deploy/ that scrapes an instance every second; yield its address."""
    program = shutil.which("prometheus") or missing("prometheus")
    config = (PROMETHEUS / "prometheus.yaml").read_text()
    for theirs, ours in (
        ("15s", "1s"),
        ("alerts.yaml", str(PROMETHEUS / "alerts.yaml")),
        ("credentials_file: metrics-token", f"credentials_file: {running.data / 'metrics-token'}"),
        ("127.0.0.1:8000", f"127.0.0.1:{running.port}"),
    ):
        assert theirs in config
        config = config.replace(theirs, ours)
    (folder / "prometheus.yaml").write_text(config)
    port = free_port()
    words = [
        f"--config.file={folder / 'prometheus.yaml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with (folder / "prometheus.log").open("w") as log:
        process = subprocess.Popen([program, *words], stdout=log, stderr=log)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=60)


def test_a_staged_fault_reaches_a_real_prometheus(everynode: Everynode, tmp_path: Path) -> None:
    """A set that crashes on every node makes alerts of deploy/ pending in a Prometheus that scrapes.

    They would fire after their fifteen minutes: see the test of the rules.
    """
    config = yaml.safe_load(everynode.cluster("alarmed", nodes=2))
    server = config["clusters"][0]["cluster"]["server"]
    made = yaml.safe_load(AGENT.replace("BEHAVIOUR", "crash-loop").replace(", nodeSelector: {disk: ssd}", ""))
    httpx.post(f"{server}/apis/apps/v1/namespaces/default/daemonsets", json=made).raise_for_status()
    with prometheus_running(tmp_path, everynode) as prometheus:

        def pending() -> set[str]:
            try:
                answer = httpx.get(
                    f"{prometheus}/api/v1/query", params={"query": 'ALERTS{cluster="alarmed"}'}
                )
                return {one["metric"]["alertname"] for one in answer.json()["data"]["result"]}
            except (httpx.TransportError, json.JSONDecodeError):
                return set()  # it is not up yet

        wait_until(lambda: pending() >= {"KubePodCrashLooping"}, what="the alert")
        asked = {"query": 'sum by (verb) (everynode_api_requests_total{resource="daemonsets",code="201"})'}
        counted = httpx.get(f"{prometheus}/api/v1/query", params=asked).json()["data"]["result"]
    assert counted[0]["metric"] == {"verb": "create"}


def test_what_all_processes_count(everynode: Everynode) -> None:
    """Passes of workers are told by the web process that is asked."""
    token = (everynode.data / "metrics-token").read_text()
    everynode.cluster("counted", nodes=1)

    def counted() -> Samples:
        answer = httpx.get(f"{everynode.url}metrics", headers={"Authorization": f"Bearer {token}"})
        return samples(answer.raise_for_status().text)

    wait_until(
        lambda: (value(counted(), "everynode_passes_total", outcome="committed") or 0) > 0, what="a pass"
    )
    found = counted()
    assert (value(found, "everynode_pass_seconds_sum") or 0) > 0
    assert value(found, "everynode_worker_up") == 1
