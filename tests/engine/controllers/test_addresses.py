"""Where pods and machines are: no two machines have the same address, no pod that of a Service."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address, ip_network
from itertools import count
from typing import Any

from controller.engine.admission.addresses import RANGE
from controller.engine.admission.admit import admit_create
from controller.engine.changes import Verb
from controller.engine.cluster.podstatus import free_address, host_ip_of, ip_of
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
    """The ranges do not overlap."""
    every = {ip_address(ip_of(str(number))) for number in range(2000)}
    assert not any(address in RANGE for address in every)
    assert all(address in ip_network("10.0.0.0/8") for address in every)


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
