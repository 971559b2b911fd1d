"""Where pods and machines are: no two machines have the same address, no pod that of a Service."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Network, ip_address, ip_network
from itertools import count
from typing import Any

import pytest

from controller.engine.admission.addresses import RANGE
from controller.engine.admission.admit import admit_create
from controller.engine.changes import Verb
from controller.engine.cluster.podranges import MOST_RANGES, number_of, range_of
from controller.engine.cluster.podstatus import free_address, host_ip_of, ip_of
from controller.engine.controllers.node_lifecycle import NodeLifecycle
from controller.engine.differences import differences
from controller.engine.objects import Manifest
from tests.engine.workloads import QUICK, Workloads


def twins(make: Callable[[str], str]) -> tuple[str, str]:
    """Return two uids that lead to one address."""
    seen: dict[str, str] = {}
    for number in count():
        uid = f"uid-{number}"
        first = seen.setdefault(make(uid), uid)
        if first != uid:
            return first, uid
    raise AssertionError


def pod(name: str, **spec: Any) -> Manifest:
    """Return a pod that is bound to a machine."""
    box = {"name": "main", "image": "web:1"}
    return {"metadata": {"name": name}, "spec": {"nodeName": "n1", "containers": [box], **spec}}


def create(play: Workloads, kind: str, manifest: Manifest, uid: str) -> Manifest:
    """Create an object with a uid; return its status."""
    made = admit_create(kind, manifest, play.now, uid, play.names.suffix())
    play.edit(kind, made, Verb.ADDED)
    play.wait(2)
    namespace = made["metadata"].get("namespace", "")
    return dict(play.the(kind, made["metadata"]["name"], namespace).manifest["status"])


def test_the_next_one_follows_from_the_uid() -> None:
    """It is the same each time, so that a world made anew comes to the same."""
    assert free_address(ip_of, "a", ()) == ip_of("a")
    assert free_address(ip_of, "a", {ip_of("a"), ip_of("a/1")}) == ip_of("a/2")


def test_a_pod_is_never_at_the_address_of_a_service() -> None:
    """The ranges do not overlap, neither those of nodes nor that for pods of nodes without one."""
    every = {ip_address(ip_of(str(number))) for number in range(2000)}
    assert not any(address in RANGE for address in every)
    ranges = [IPv4Network(range_of(number)) for number in range(MOST_RANGES)]
    assert len(set(ranges)) == MOST_RANGES
    assert not any(one.overlaps(RANGE) for one in ranges)
    assert all(address in ip_network("10.0.0.0/9") for address in every)
    assert all(one.subnet_of(IPv4Network("10.128.0.0/9")) for one in ranges)
    assert [number_of(range_of(number)) for number in range(MOST_RANGES)] == list(range(MOST_RANGES))


@pytest.mark.parametrize(
    "cidr", ["", "10.244.0.0/16", "10.128.x.0/24", "10.1.0.0/24", "10.244.999.0/24", "11.128.0.0/24", "::/24"]
)
def test_a_range_that_somebody_wrote_has_no_number(cidr: str) -> None:
    """Then it is in the way of none that is given."""
    assert number_of(cidr) == MOST_RANGES


def addresses(play: Workloads) -> dict[str, str]:
    """Return the address of each pod."""
    return {pod.name: pod.manifest["status"].get("podIP", "") for pod in play.pods()}


def test_pods_have_addresses_of_the_range_of_their_node() -> None:
    """The lowest that is free; one that ended, or is gone, holds none."""
    play = Workloads("n1", "n2", settings=QUICK)
    play.settle()
    spec = play.node("n2").manifest["spec"]
    assert (spec["podCIDR"], spec["podCIDRs"]) == ("10.244.1.0/24", ["10.244.1.0/24"])
    for name in ("a", "b", "c"):
        create(play, "Pod", pod(name, restartPolicy="Never"), name)
    create(play, "Pod", pod("other", nodeName="n2"), "other")
    assert addresses(play) == {
        "a": "10.244.0.2",
        "b": "10.244.0.3",
        "c": "10.244.0.4",
        "other": "10.244.1.2",
    }
    play.behave("a", "exit-0")
    play.wait(2)
    play.delete_pod(play.pods("n1")[1])
    play.wait(2)
    assert play.differences() == []
    for name in ("d", "e", "f"):
        assert create(play, "Pod", pod(name), name)["podIPs"] == [{"ip": addresses(play)[name]}]
    found = addresses(play)
    assert [found[name] for name in ("a", "d", "e", "f")] == [
        "10.244.0.2",
        "10.244.0.2",
        "10.244.0.3",
        "10.244.0.5",
    ]
    assert differences(play.world, play.reloaded(), play.now) == []


def test_a_small_range_is_used_up() -> None:
    """Whoever comes then has an address from elsewhere; a range that somebody wrote stays."""
    play = Workloads(settings=QUICK)
    spec = {"podCIDR": "10.9.9.0/29", "podCIDRs": ["10.9.9.0/29"]}
    create(play, "Node", {"metadata": {"name": "n1"}, "spec": spec}, "n1")
    create(play, "Node", {"metadata": {"name": "n2"}, "spec": {"podCIDR": "x"}}, "n2")
    for number in range(6):
        create(play, "Pod", pod(f"p{number}"), f"p{number}")
    found = list(addresses(play).values())
    assert found[:5] == [f"10.9.9.{number}" for number in range(2, 7)]
    assert found[5] == ip_of("p5")
    assert create(play, "Pod", pod("far", nodeName="n2"), "far")["podIP"] == ip_of("far")


def test_the_range_of_a_node_that_is_gone_is_given_again() -> None:
    """And when all are given, the next node has none."""
    play = Workloads("n1", "n2", "n3", settings=QUICK)
    play.settle()
    play.remove_node("n2")
    play.add_node("n4")
    play.settle()
    assert play.node("n4").manifest["spec"]["podCIDR"] == "10.244.1.0/24"
    play.world.controller(NodeLifecycle).ranges.update(range(MOST_RANGES))
    play.add_node("n5")
    play.settle()
    assert "podCIDR" not in play.node("n5").manifest["spec"]


def test_pods_of_the_hosts_network_do_share_one() -> None:
    """They are at the address of their machine."""
    play = Workloads("n1", settings=QUICK)
    for name in ("a", "b"):
        status = create(play, "Pod", pod(name, hostNetwork=True), name)
        assert status["podIP"] == status["hostIP"] == play.node("n1").address


def test_machines_do_not_share_an_address() -> None:
    """The second is given another, and its pods say so."""
    play = Workloads(settings=QUICK)
    first, second = twins(host_ip_of)
    for name, uid in (("n0", first), ("n1", second)):
        create(play, "Node", {"metadata": {"name": name}, "status": {"capacity": {"pods": "9"}}}, uid)

    assert (play.node("n0").address, play.node("n1").address) == (
        host_ip_of(first),
        host_ip_of(f"{second}/1"),
    )
    kinds = [each["type"] for each in play.node("n1").manifest["status"]["addresses"]]
    assert kinds == ["InternalIP", "Hostname"]
    assert create(play, "Pod", pod("one"), "one")["hostIP"] == play.node("n1").address
