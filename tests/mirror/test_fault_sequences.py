"""Whatever goes wrong in whatever order while things change: once all is calm, rows are as they are there."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress

import httpx
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from controller import models
from controller.engine.changes import Verb
from controller.engine.kinds import KINDS
from controller.engine.objects import Key
from controller.upstream.client import path_of
from tests.mirror import faults
from tests.mirror.conftest import AGENT, Mirrored
from tests.mirror.faults import Course

NODES = path_of(KINDS["Node"])
SETS = path_of(KINDS["DaemonSet"], "default")
NAMES = ("passing-1", "passing-2")
RESOURCES = ("nodes", "pods", "daemonsets", "events", "")

COURSES: tuple[Course, ...] = (
    faults.cut,
    faults.lost,
    faults.empty,
    faults.half(0),
    faults.half(2),
    faults.too_old(),
    faults.refused(410),
    faults.refused(429),
    faults.refused(500),
    faults.refused(403),
    faults.told({"type": "ADDED", "object": {}}),
)

Step = Callable[[Mirrored], None]


def _goes_wrong(course: Course, verb: str, resource: str, times: int) -> Step:
    def step(real: Mirrored) -> None:
        real.proxy.add(course, verb, resource, times)
        real.proxy.cut()

    return step


def _node_comes_or_goes(name: str) -> Step:
    def step(real: Mirrored) -> None:
        if name in {one["metadata"]["name"] for one in real.api.items("Node")}:
            real.api.delete(f"{NODES}/{name}")
        else:
            real.api.post(NODES, {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}})

    return step


def _labelled(value: str) -> Step:
    def step(real: Mirrored) -> None:
        real.api.label("node-1", sequence=value)

    return step


def _pod_is_deleted(real: Mirrored) -> None:
    pod = real.api.items("Pod")[0]["metadata"]
    with suppress(httpx.HTTPStatusError):  # its node may just have gone
        real.api.delete(path_of(KINDS["Pod"], pod["namespace"], pod["name"]))


def _set_comes_or_goes(real: Mirrored) -> None:
    if "passing" in {one["metadata"]["name"] for one in real.api.items("DaemonSet")}:
        real.api.delete(f"{SETS}/passing")
    else:
        real.api.post(SETS, {**AGENT, "metadata": {"name": "passing", "namespace": "default"}})


def _vanishes(real: Mirrored) -> None:
    real.proxy.vanish()


def _is_back(real: Mirrored) -> None:
    real.proxy.vanish()
    real.proxy.listen()


STEPS: st.SearchStrategy[Step] = st.one_of(
    st.builds(
        _goes_wrong,
        st.sampled_from(COURSES),
        st.sampled_from(("watch", "list", "")),
        st.sampled_from(RESOURCES),
        st.integers(1, 3),
    ),
    st.builds(_node_comes_or_goes, st.sampled_from(NAMES)),
    st.builds(_labelled, st.sampled_from("abc")),
    st.sampled_from([_pod_is_deleted, _set_comes_or_goes, _vanishes, _is_back]),
)


@settings(
    max_examples=8,
    deadline=None,
    phases=[
        Phase.explicit,
        Phase.generate,
    ],  # what happens depends on the moment too: nothing is to be shrunk
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEPS, min_size=4, max_size=12))
def test_any_order(real: Mirrored, steps: list[Step]) -> None:
    """After any sequence of faults and changes rows are as they are there, and the log comes to them."""
    for step in steps:
        step(real)
    real.proxy.calm()
    real.await_rows()
    standing: dict[Key, str] = {}
    for change in models.Change.objects.filter(cluster=real.id).order_by("number"):
        key = (change.kind, change.namespace, change.name)
        assert (key in standing) == (change.verb != Verb.ADDED), (
            "added twice, or changed while it was not there"
        )
        standing[key] = json.dumps(change.manifest["metadata"].get("labels"))
        if change.verb == Verb.DELETED:
            del standing[key]
    assert {key for key in standing if key[0] not in {"Event", "NodeLoad"}} == real.versions().keys()
