"""Who is reached by what, in a cluster of the database."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.container.vantage import Called
from controller.engine.errors import NotFound
from controller.engine.service.patterns import QUARANTINE, Pattern, pieces, selecting_label
from controller.queries.reach import reached, vantage_of
from controller.queries.source import ClusterView, cluster_view, cluster_view_at
from controller.services.reach import pieces_create, pod_label, service_target
from tests.clusters import PERSON, cluster, looked, settle, standing, with_daemonset

pytestmark = pytest.mark.django_db
OWNER = {"namespace": "default", "name": "nginx-ds"}


@pytest.fixture(name="tried")
def _tried() -> int:
    """A set on two nodes, with all that the ways need."""
    made = cluster(nodes=2)
    with_daemonset(made)
    found = looked(reached, made, **OWNER)
    pieces_create(cluster=made, actor=PERSON, pieces=list(pieces(found.owner, found.ways)))
    settle(made)
    return made


def told(tried: int, pattern: Pattern) -> list[Any]:
    """Return why nobody answers, for each node."""
    (way,) = [way for way in looked(reached, tried, **OWNER).ways if way.pattern is pattern]
    return [hop.reply.why for hop in way.hops if hop.reply]


def test_the_ways_of_a_set(tried: int) -> None:
    """They are those of what stands; of a set that is not there nobody tells."""
    assert [told(tried, pattern) for pattern in (Pattern.PUSH, Pattern.NAME, Pattern.SERVICE)] == [
        [None] * 2
    ] * 3
    with pytest.raises(NotFound):
        looked(reached, tried, namespace="default", name="nobody")


def test_a_port_and_a_label(tried: int) -> None:
    """A Service is led elsewhere; a pod that loses its label is let go."""
    service_target(cluster=tried, actor=PERSON, namespace="default", name="nginx-ds-local", target=9)
    settle(tried)
    assert told(tried, Pattern.SERVICE) == ["port-closed"] * 2

    name = pods_of_set(tried)[0]
    key = selecting_label(looked(reached, tried, **OWNER).owner)
    label = {"key": key, "value": QUARANTINE}
    pod_label(cluster=tried, actor=PERSON, namespace="default", name=name, **label)
    settle(tried)
    assert [pod.name for pod in looked(reached, tried, **OWNER).let_go] == [name]
    assert standing(tried, "Pod", "default", name)["metadata"]["labels"][key] == QUARANTINE


def pods_of_set(tried: int) -> list[str]:
    """Return the names of the daemon pods."""
    found = looked(reached, tried, **OWNER).ways[1].hops
    return [hop.pod.name for hop in found if hop.pod]


def test_a_pod_asks_the_network(tried: int) -> None:
    """It finds the name of a Service and who is behind it."""
    vantage = vantage_of(cluster=tried, namespace="default", pod="nginx-ds-sink")
    found = vantage.look_up("nginx-ds-pods")
    assert (found.name, len(found.addresses)) == ("nginx-ds-pods.default.svc.cluster.local", 2)
    called = vantage.call(found.addresses[0], 80, 0)
    assert isinstance(called, Called)
    assert "answers on node-" in called.text


def test_the_past_is_asked_like_the_present(tried: int) -> None:
    """The ways of an older number are those of what stood then: before a port was led elsewhere."""
    with cluster_view(tried) as view:
        then = view.number
    service_target(cluster=tried, actor=PERSON, namespace="default", name="nginx-ds-local", target=9)
    settle(tried)

    def why(view: ClusterView) -> list[Any]:
        (way,) = [way for way in reached(view, **OWNER).ways if way.pattern is Pattern.SERVICE]
        return [hop.reply.why for hop in way.hops if hop.reply]

    assert why(cluster_view_at(tried, then)) == [None] * 2
    with cluster_view(tried) as view:
        assert why(view) == ["port-closed"] * 2
