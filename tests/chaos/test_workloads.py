"""Workers die at any moment of any pass, while pods start in order, roll out and are counted."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest

from controller import models
from controller.engine.job.pods import INDEX, TRACKING
from controller.engine.objects import Key, Manifest
from controller.services import clock, objects, workloads
from controller.store import leases
from tests.chaos.mortal import Mortals, mortals
from tests.clusters import (
    PERSON,
    cluster,
    everything,
    folded_log,
    numbers,
    row_of,
    settle,
    standing,
)
from tests.servers import wait_until

pytestmark = [pytest.mark.chaos, pytest.mark.django_db(transaction=True)]

MOMENTS = 60
"""A pass has some forty moments at which its worker may die: two of three workers do."""

MANY = 3
"""How many workers die at least in each test, or it proves little; it is twenty or so."""

TIMEOUT = 120

VOLUMES = "---".join(
    f"""
apiVersion: v1
kind: PersistentVolume
metadata: {{name: v{number}}}
spec: {{capacity: {{storage: 1Gi}}, accessModes: [ReadWriteOnce], hostPath: {{path: /tmp/data}}}}
"""
    for number in range(5)
)
DB = """
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  replicas: 5
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: main, image: "db:1", volumeMounts: [{name: data, mountPath: /data}]}]}
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
"""
WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 6
  selector: {matchLabels: {app: web}}
  strategy: {rollingUpdate: {maxSurge: 2, maxUnavailable: 1}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: main, image: "web:1"}]}
"""
MOST, LEAST = 8, 5
"""How many pods of ``web`` are asked for at most, and how many are available at least."""

SUM = """
apiVersion: batch/v1
kind: Job
metadata: {name: sum}
spec:
  parallelism: 2
  completions: 9
  completionMode: Indexed
  template:
    spec: {restartPolicy: Never, containers: [{name: main, image: busybox, command: ["true"]}]}
"""
BROKEN = """
apiVersion: batch/v1
kind: Job
metadata: {name: broken}
spec:
  parallelism: 2
  completions: 2
  backoffLimit: 3
  template:
    spec: {restartPolicy: Never, containers: [{name: main, image: busybox, command: ["false"]}]}
"""


def disturbed(tried: int, is_over: Callable[[], bool]) -> int:
    """Let workers make passes, one after the other, most of whom die; return how many did."""
    chance, deaths = random.Random(1), 0  # noqa: S311 - an order, no secret

    def one_more(workers: Mortals) -> bool:
        nonlocal deaths
        deaths += workers.work(tried, chance.randint(1, MOMENTS))
        leases.release_dead()
        row = row_of(tried)
        return row.number == row.planned and row.due is None and is_over()

    with mortals() as workers:
        wait_until(lambda: one_more(workers), within=TIMEOUT, what="the end")
    return deaths


def history(tried: int) -> Iterator[tuple[models.Change, dict[Key, Manifest], Manifest]]:
    """Yield each change, what stood before it, and the object that it changed as it was before it."""
    state: dict[Key, Manifest] = {}
    for entry in models.Change.objects.filter(cluster=tried).order_by("number"):
        key = (entry.kind, entry.namespace, entry.name)
        yield entry, state, state.get(key, {})
        state.pop(key, None)
        if entry.verb != "DELETED":
            state[key] = entry.manifest


def status_of(tried: int, kind: str, name: str) -> Manifest:
    """Return the status of an object."""
    status: Manifest = standing(tried, kind, "default", name).get("status") or {}
    return status


def is_ready(manifest: Manifest) -> bool:
    """Say whether a pod is Ready."""
    conditions = (manifest.get("status") or {}).get("conditions") or ()
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def of_app(state: dict[Key, Manifest], app: str) -> list[Manifest]:
    """Return the pods of an app."""
    labelled = (one for key, one in state.items() if key[0] == "Pod")
    return [one for one in labelled if (one["metadata"].get("labels") or {}).get("app") == app]


def assert_sound(tried: int) -> None:
    """Assert that no number is missing, and that the rows are what the log amounts to."""
    assert everything(tried) == folded_log(tried)
    assert numbers(tried) == list(range(1, len(numbers(tried)) + 1))


def prepared(text: str) -> int:
    """Return a cluster at rest in which a text was just created."""
    tried = cluster(nodes=3)
    clock.clock_speed(cluster=tried, actor=PERSON, speed=100.0)
    settle(tried)
    objects.manifests_create(cluster=tried, actor=PERSON, text=text)
    return tried


def test_an_ordered_start() -> None:
    """Each pod and each claim of a StatefulSet is made once, and when those before it are Ready."""
    tried = prepared(f"{VOLUMES}---{DB}")
    deaths = disturbed(tried, lambda: status_of(tried, "StatefulSet", "db").get("readyReplicas") == 5)

    assert deaths > MANY
    made = []
    for entry, state, _ in history(tried):
        if entry.verb == "ADDED" and entry.kind in {"Pod", "PersistentVolumeClaim"}:
            made.append(entry.name)
            assert all(map(is_ready, of_app(state, "db")))
    assert made == [name for number in range(5) for name in (f"data-db-{number}", f"db-{number}")]
    claims = [one for key, one in everything(tried).items() if key[0] == "PersistentVolumeClaim"]
    assert len({claim["spec"]["volumeName"] for claim in claims}) == 5
    assert_sound(tried)


def test_a_rollout() -> None:
    """A Deployment's rollout makes each step once, within its bounds, and ends."""
    tried = prepared(WEB)
    settle(tried)
    first = numbers(tried)[-1]
    place = {"kind": "Deployment", "namespace": "default", "name": "web"}
    workloads.workload_image(cluster=tried, actor=PERSON, **place, container="main", image="web:2")
    deaths = disturbed(tried, lambda: status_of(tried, "Deployment", "web").get("availableReplicas") == 6)

    assert deaths > MANY
    born = set()
    for entry, state, _ in history(tried):
        if entry.number <= first:
            continue
        sizes = [one["spec"]["replicas"] for key, one in state.items() if key[0] == "ReplicaSet"]
        assert len(sizes) <= 2
        assert sum(sizes) <= MOST
        assert sum(map(is_ready, of_app(state, "web"))) >= LEAST
        if entry.kind == "Pod" and entry.verb == "ADDED":
            born.add(entry.name)
    pods = of_app(everything(tried), "web")
    assert {pod["metadata"]["name"] for pod in pods} == born
    assert [pod["spec"]["containers"][0]["image"] for pod in pods] == ["web:2"] * 6
    status = status_of(tried, "Deployment", "web")
    assert (status["replicas"], status["updatedReplicas"]) == (6, 6)
    assert_sound(tried)


def test_jobs_that_count() -> None:
    """Each pod of a Job is counted once, in the transaction that lets go of it; no index is made twice."""
    tried = prepared(f"{SUM}---{BROKEN}")

    def is_over() -> bool:
        ends = [status_of(tried, "Job", name).get("conditions") or () for name in ("sum", "broken")]
        return all(any(one["type"] in {"Complete", "Failed"} for one in end) for end in ends)

    deaths = disturbed(tried, is_over)

    assert deaths > MANY
    born = [entry.manifest["metadata"] for entry, _, before in history(tried) if is_pod(entry) and not before]
    indexes = [meta["annotations"][INDEX] for meta in born if meta["generateName"].startswith("sum-")]
    assert indexes == [str(number) for number in range(9)]
    assert status_of(tried, "Job", "sum")["succeeded"] == 9
    failed = status_of(tried, "Job", "broken")["failed"]
    assert failed == sum(meta["generateName"].startswith("broken-") for meta in born)
    assert_counted_as_let_go(tried)
    assert_sound(tried)


def is_pod(entry: models.Change) -> bool:
    """Say whether a change is of a pod."""
    return entry.kind == "Pod"


def assert_counted_as_let_go(tried: int) -> None:
    """Assert that each pass lets go of as many pods as its Jobs count more than before."""
    passes = [(one.first, one.last) for one in models.Pass.objects.filter(cluster=tried)]
    balance = dict.fromkeys(passes, 0)
    for entry, _, before in history(tried):
        within = [one for one in passes if one[0] <= entry.number <= one[1]]
        if is_pod(entry) and before:
            balance[within[0]] += is_tracked(before) - is_tracked(entry.manifest)
        elif entry.kind == "Job" and before:
            balance[within[0]] -= counted(entry.manifest) - counted(before)
    assert set(balance.values()) == {0}


def is_tracked(manifest: Manifest) -> bool:
    """Say whether a pod has still to be counted."""
    return TRACKING in (manifest["metadata"].get("finalizers") or ())


def counted(job: Manifest) -> int:
    """Return how many pods a Job has counted."""
    status = job.get("status") or {}
    return int(status.get("succeeded", 0)) + int(status.get("failed", 0))
