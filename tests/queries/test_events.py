"""Events, newest first, about everything or about one object."""

from __future__ import annotations

import pytest

from controller.queries.events import EventFilter, events
from controller.services import pods
from tests.clusters import looked, standing
from tests.clusters import pods as pods_by_node
from tests.stepping import SET, by, rest, stepped_cluster

pytestmark = pytest.mark.django_db


def test_about_one_object() -> None:
    """Only what was told of the object is found, with its count."""
    tried = stepped_cluster()
    uid = standing(tried, "DaemonSet", **SET)["metadata"]["uid"]
    found = looked(events, tried, EventFilter(uid=uid))
    assert found.total == len(found.items) == 3
    assert {(line.kind, line.about, line.reason, line.count) for line in found.items} == {
        ("DaemonSet", "nginx-ds", "SuccessfulCreate", 1)
    }


def test_warnings() -> None:
    """The Normal ones can be left out."""
    tried = stepped_cluster()
    pod = pods_by_node(tried)["node-1"]
    pods.pod_behaviour(**by(tried), namespace=pod.namespace, name=pod.name, behaviour="exit-1")
    rest(tried)
    found = looked(events, tried, EventFilter(warnings=True)).items
    assert {line.type for line in found} == {"Warning"}
    assert "FailedDaemonPod" in {line.reason for line in found}


def test_pages_newest_first() -> None:
    """Pages follow each other from the newest to the oldest; a namespace may be asked for alone."""
    tried = stepped_cluster()
    whole = looked(events, tried).items
    halves = [looked(events, tried, page=page, size=2) for page in (1, 2)]
    assert [*halves[0].items, *halves[1].items] == list(whole[:4])
    assert [line.last for line in whole] == sorted((line.last for line in whole), reverse=True)
    assert looked(events, tried, EventFilter(namespace="kube-system")).items == ()
