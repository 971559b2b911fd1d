"""The page of the rollout of a Deployment or a StatefulSet: how far, its bounds, and who is in the way."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import pytest

from controller.models import Role
from controller.services import clock, objects, workloads
from tests.clusters import cluster, row_of, settle
from tests.dashboard.visits import answer, text_of, visitor
from tests.stepping import by, rest, stepped_cluster

pytestmark = pytest.mark.django_db


def workload(tried: int, kind: str, **spec: Any) -> None:
    """Make a Deployment or a StatefulSet called web of four pods."""
    labels = {"app": "web"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "main", "image": "web:1"}]}}
    whole = {"replicas": 4, "selector": {"matchLabels": labels}, "template": template, **spec}
    manifest = {"metadata": {"name": "web", "namespace": "default"}, "spec": whole}
    objects.object_create(**by(tried), kind=kind, manifest=manifest)


def place(kind: str) -> dict[str, str]:
    """Return where it is."""
    return {"kind": kind, "namespace": "default", "name": "web"}


def seen(kind: str, role: Role = Role.ADMIN) -> str:
    """Return what the page says."""
    plural = {"Deployment": "deployments", "StatefulSet": "statefulsets"}[kind]
    return text_of(visitor(role).get(f"/clusters/tried/objects/{plural}/default/web/rollout/"))


def steps(tried: int, number: int) -> None:
    """Let time jump so often to what is due, and go on: a page says first of all that the clock stands."""
    for _ in range(number):
        clock.clock_step(**by(tried))
    clock.clock_resume(**by(tried))


def test_a_deployment_at_rest() -> None:
    """One set with all its pods; nothing runs against the deadline."""
    tried = cluster(nodes=3)
    workload(tried, "Deployment")
    settle(tried)
    said = seen("Deployment")
    assert "Rollout of web" in said
    assert "4 of 4 up to date, 4 available" in said
    assert "revision 1 done 4 asked for, 4 available" in said
    assert "All pods are of the present template and available." in said
    assert "Nobody: every pod that is there is available." in said
    assert "Nothing runs against it now. progressDeadlineSeconds is 600." in said
    assert "Roll back" not in said


def test_a_deployment_that_does_not_get_on() -> None:
    """Old and new sets between the bounds; who is in the way and why; how long until it counts as stuck."""
    tried = stepped_cluster(nodes=3)
    workload(tried, "Deployment", progressDeadlineSeconds=300)
    rest(tried)
    workloads.workload_image(**by(tried), **place("Deployment"), container="main", image="web:non-existent")
    steps(tried, 5)
    said = seen("Deployment")
    assert "is stuck" in said
    assert "revision 2 under way 2 asked for, 0 available" in said
    assert "revision 1 on the way out 3 asked for, 3 available" in said
    assert "5, at most 5 (maxSurge)" in said
    assert "3, at least 3 (maxUnavailable)" in said
    assert "it is in trouble (ImagePullBackOff)" in said or "(ErrImagePull)" in said
    assert "Without progress it counts as stuck in" in said
    assert "Roll back to revision 1" in said
    assert "Roll back" not in seen("Deployment", Role.VIEWER)
    steps(tried, 9)
    assert "The deadline is over: it counts as stuck (ProgressDeadlineExceeded)." in seen("Deployment")


def test_a_rollout_of_the_past() -> None:
    """Its page is also there for any moment, with what was so then, and with nothing to press."""
    tried = cluster(nodes=3)
    workload(tried, "Deployment")
    settle(tried)
    before = row_of(tried).number
    workloads.workload_image(**by(tried), **place("Deployment"), container="main", image="web:2")
    settle(tried)
    assert "revision 2 done" in seen("Deployment")
    said = text_of(visitor().get(f"/at/{before}/clusters/tried/objects/deployments/default/web/rollout/"))
    assert f"You look at change {before:,}" in said
    assert "revision 1 done 4 asked for, 4 available" in said
    assert "revision 2" not in said
    assert "Pause" not in said


def test_buttons_of_a_deployment() -> None:
    """Pause, resume and roll back are those of its own page."""
    tried = cluster(nodes=3)
    workload(tried, "Deployment")
    settle(tried)
    path = "/clusters/tried/objects/deployments/default/web/do/"
    answer(visitor(), path, action="pause")
    workloads.workload_image(**by(tried), **place("Deployment"), container="main", image="web:2")
    settle(tried)
    said = seen("Deployment")
    assert "The rollout is paused: a new template waits until it is resumed." in said
    assert "Resume" in said
    answer(visitor(), path, action="resume")
    settle(tried)
    assert "All pods are of the present template and available." in seen("Deployment")


def test_recreate_has_no_play() -> None:
    """The strategy is said, and no bounds."""
    tried = cluster(nodes=2)
    workload(tried, "Deployment", strategy={"type": "Recreate"}, progressDeadlineSeconds=2**31 - 1)
    settle(tried)
    said = seen("Deployment")
    assert "Recreate: all old pods go before the first new one comes" in said
    assert "There is no progress deadline" in said


def test_a_stateful_set_goes_number_by_number() -> None:
    """The highest goes first; while it is not available all wait for it, and the next is named."""
    tried = stepped_cluster(nodes=3)
    workload(tried, "StatefulSet", serviceName="web", updateStrategy=partitioned(1))
    rest(tried)
    workloads.workload_image(**by(tried), **place("StatefulSet"), container="main", image="web:non-existent")
    steps(tried, 5)
    said = seen("StatefulSet")
    assert "0 of 4 up to date, 3 available" in said or "1 of 4 up to date, 3 available" in said
    assert "Below the partition kept old 1 of 1 available" in said
    assert "Pods in the order of their numbers under way 2 of 3 available" in said
    assert "web-3 all wait for it" in said
    assert "It waits for web-3: it is in trouble" in said
    assert "After it web-2 is replaced." in said
    assert "A StatefulSet has no progress deadline" in said


def partitioned(number: int) -> dict[str, Any]:
    """Return a strategy that leaves the pods below a number alone."""
    return {"type": "RollingUpdate", "rollingUpdate": {"partition": number}}


@pytest.mark.parametrize(
    ("strategy", "told"),
    [
        (partitioned(2), "Pods below the partition keep the revision of before."),
        ({"type": "OnDelete"}, "OnDelete: old pods stay until somebody deletes them."),
    ],
    ids=["partition", "on delete"],
)
def test_a_stateful_set_that_is_meant_to_stand(strategy: dict[str, Any], told: str) -> None:
    """What keeps old pods is said, and is no trouble."""
    tried = cluster(nodes=3)
    workload(tried, "StatefulSet", serviceName="web", updateStrategy=strategy)
    settle(tried)
    workloads.workload_image(**by(tried), **place("StatefulSet"), container="main", image="web:2")
    settle(tried)
    assert told in seen("StatefulSet")


def test_other_kinds_have_no_such_page() -> None:
    """Nor has one that is not there."""
    cluster(nodes=1)
    for path in ("jobs/default/web", "deployments/default/none", "things/default/web"):
        found = visitor().get(f"/clusters/tried/objects/{path}/rollout/")
        assert found.status_code == HTTPStatus.NOT_FOUND


def test_its_own_page_leads_there() -> None:
    """By a link in its head."""
    tried = cluster(nodes=2)
    workload(tried, "Deployment")
    found = visitor().get("/clusters/tried/objects/deployments/default/web/")
    assert "/clusters/tried/objects/deployments/default/web/rollout/" in found.content.decode()
