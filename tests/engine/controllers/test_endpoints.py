"""Who is behind a Service: Endpoints and EndpointSlices follow readiness, labels and machines."""

from __future__ import annotations

from typing import Any, cast

import pytest

from controller.engine.changes import Verb
from controller.engine.objects import Manifest, Pod
from controller.engine.service.endpoints import MANAGER_LABEL, SLICE_MANAGER
from controller.engine.service.mirroring import LEADER_ANNOTATION, SKIP_LABEL
from controller.engine.views import EndpointSlice
from tests.engine.play import SeededNames
from tests.engine.workloads import QUICK, Workloads

PODS = """
apiVersion: v1
kind: Pod
metadata: {name: alpha, labels: {app: web}}
spec: {nodeName: n1, containers: [{name: main, image: "web:1", ports: [{name: http, containerPort: 8080}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: beta, labels: {app: web}}
spec: {nodeName: n2, containers: [{name: main, image: "web:1", ports: [{name: http, containerPort: 8081}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: gamma, labels: {app: web}}
spec:
  {nodeName: n3, hostname: third, subdomain: web,
   containers: [{name: main, image: "web:1", ports: [{name: http, containerPort: 8080}]}]}
"""
WEB = """
apiVersion: v1
kind: Service
metadata: {name: web, labels: {team: a}}
spec:
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: http}, {name: other, port: 81, targetPort: 9000}]
"""
EARLY = """
apiVersion: v1
kind: Service
metadata: {name: early}
spec: {clusterIP: None, publishNotReadyAddresses: true, selector: {app: web}, ports: [{port: 80}]}
"""
BY_HAND = """
apiVersion: v1
kind: Service
metadata: {name: by-hand}
spec: {ports: [{port: 80}]}
"""


class Behind(Workloads):
    """A played cluster with words for what stands behind Services."""

    def slices(self, service: str = "web") -> list[Manifest]:
        """Return the slices of a Service by name."""
        every = self.world.all_of(EndpointSlice).values()
        return sorted((one.manifest for one in every if one.service == service), key=_name)

    def points(self, service: str = "web") -> dict[str, str]:
        """Return the conditions that hold for each pod behind a Service."""
        every = (point for one in self.slices(service) for point in one["endpoints"])
        return {
            point["targetRef"]["name"]: " ".join(name for name, holds in point["conditions"].items() if holds)
            for point in every
        }

    def classic(self, service: str = "web") -> list[tuple[list[str], list[str], list[str]]]:
        """Return the subsets of Endpoints: ready pods, others, ports."""
        subsets = self.the("Endpoints", service).manifest.get("subsets") or []
        return [
            (
                sorted(each["targetRef"]["name"] for each in subset.get("addresses") or ()),
                sorted(each["targetRef"]["name"] for each in subset.get("notReadyAddresses") or ()),
                [f"{port.get('name', '-')} {port['port']}" for port in subset.get("ports") or ()],
            )
            for subset in subsets
        ]


def _name(manifest: Manifest) -> str:
    return str(manifest["metadata"]["name"])


@pytest.fixture
def play() -> Behind:
    """Three machines, a pod on each, and a Service."""
    made = Behind("n1", "n2", "n3", settings=QUICK)
    made.create(WEB)
    made.settle()
    made.create(PODS)
    made.settle()
    return made


def test_a_service_without_pods_has_one_empty_slice() -> None:
    """The slice and the Endpoints tell that nobody is there."""
    play = Behind("n1", settings=QUICK)
    play.create(WEB)
    play.settle()

    (only,) = play.slices()
    assert (only["endpoints"], only["ports"]) == ([], [])
    assert "subsets" not in play.the("Endpoints", "web").manifest


def test_pods_whose_ports_differ_are_in_different_slices(play: Behind) -> None:
    """A named port is looked up in each pod; Endpoints list each port with the pods behind it."""
    ports = [sorted((port["name"], port["port"]) for port in one["ports"]) for one in play.slices()]

    assert sorted(ports) == [[("http", 8080), ("other", 9000)], [("http", 8081), ("other", 9000)]]
    assert play.classic() == [
        (["alpha", "gamma"], [], ["http 8080"]),
        (["beta"], [], ["http 8081"]),
        (["alpha", "beta", "gamma"], [], ["other 9000"]),
    ]


def test_a_slice_bears_the_marks_of_its_service(play: Behind) -> None:
    """It is owned by the Service, named after it, and labelled with its labels."""
    meta = play.slices()[0]["metadata"]
    assert meta["name"].startswith("web-")
    assert meta["labels"] == {
        "team": "a",
        "kubernetes.io/service-name": "web",
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
    }
    assert [ref["uid"] for ref in meta["ownerReferences"]] == [play.the("Service", "web").uid]


def test_a_hostname_counts_under_the_subdomain_of_the_service(play: Behind) -> None:
    """Only a pod whose subdomain is the Service's name has its hostname told."""
    play.create(EARLY)
    play.settle()

    def told(service: str) -> list[str]:
        return [point["hostname"] for one in play.slices(service) for point in one["endpoints"]
                if "hostname" in point]  # fmt: skip

    assert (told("web"), told("early")) == (["third"], [])


def test_readiness_moves_an_address(play: Behind) -> None:
    """A pod that is not ready stays listed, and is ready where a Service publishes it anyway."""
    play.create(EARLY)
    play.behave("beta", "never-ready")
    play.settle()

    assert play.points()["beta"] == ""
    assert play.points("early")["beta"] == "ready"
    assert play.classic()[1:] == [
        ([], ["beta"], ["http 8081"]),
        (["alpha", "gamma"], ["beta"], ["other 9000"]),
    ]
    assert play.classic("early") == [(["alpha", "beta", "gamma"], [], ["- 80"])]


def test_a_label_takes_a_pod_out_and_in(play: Behind) -> None:
    """Who no longer bears the label is not behind the Service; a finished pod neither."""
    play.mark("Pod", "alpha", labels={"app": "quarantine"})
    play.behave("gamma", "exit-0")
    play.settle()
    assert list(play.points()) == ["beta"]

    play.mark("Pod", "alpha", labels={"app": "web"})
    play.settle()
    assert sorted(play.points()) == ["alpha", "beta"]


def test_a_silent_machine_and_a_deleted_pod(play: Behind) -> None:
    """Its pods are not ready; one that is deleted there is terminating, which Endpoints leave out."""
    play.create(EARLY)
    play.annotate_node("n2", down="true")
    play.wait(20)
    assert play.points()["beta"] == ""

    play.delete_pod(cast("Pod", play.the("Pod", "beta")))
    play.settle()
    assert play.points()["beta"] == "terminating"
    assert play.points("early")["beta"] == "ready terminating"
    assert all("beta" not in subset[0] + subset[1] for subset in play.classic())
    assert play.classic("early")[0][0] == ["alpha", "beta", "gamma"]


def test_the_slice_of_a_pod_says_node_and_zone(play: Behind) -> None:
    """A zone that is set on a node is told."""
    play.label("n1", **{"topology.kubernetes.io/zone": "west"})
    play.settle()

    found = {point["nodeName"]: point.get("zone") for one in play.slices() for point in one["endpoints"]}
    assert found == {"n1": "west", "n2": None, "n3": None}


def test_a_service_that_goes_takes_its_lists_along(play: Behind) -> None:
    """Endpoints are deleted with their Service, slices as its dependants."""
    play.remove("Service", "web")
    play.settle()

    assert play.slices() == []
    assert play.world.find("Endpoints", "default", "web") is None


def test_nobody_lists_who_is_behind_a_service_without_selector() -> None:
    """What people write for it stays; what is written for one that selects is overwritten."""
    play = Behind("n1", settings=QUICK)
    play.create(BY_HAND)
    play.create(WEB)
    subsets: list[dict[str, Any]] = [{"addresses": [{"ip": "192.0.2.7"}], "ports": [{"port": 80}]}]
    for name in ("by-hand", "web", "nobody"):
        meta = {"name": name, "namespace": "default", "uid": name, "annotations": {"by": "hand"}}
        made = {"apiVersion": "v1", "kind": "Endpoints", "metadata": meta, "subsets": subsets}
        play.edit("Endpoints", made)
    play.settle()

    assert play.the("Endpoints", "by-hand").manifest["subsets"] == subsets
    assert play.the("Endpoints", "nobody").manifest["subsets"] == subsets
    assert "subsets" not in play.the("Endpoints", "web").manifest
    assert play.the("Endpoints", "web").manifest["metadata"]["annotations"] == {"by": "hand"}


HANDMADE = """
apiVersion: v1
kind: Endpoints
metadata: {name: by-hand, labels: {team: a}, annotations: {by: hand}}
subsets:
- addresses: [{ip: 192.0.2.7, hostname: seven, nodeName: n1}, {ip: "2001:db8::7"}]
  notReadyAddresses: [{ip: 192.0.2.8}]
  ports: [{name: web, port: 8080}, {name: tls, port: 8443, appProtocol: https}]
"""


def by_hand() -> Behind:
    """Return a cluster with a Service without a selector, and Endpoints that were written for it."""
    play = Behind("n1", settings=QUICK)
    play.create(HANDMADE)
    play.settle()
    assert play.slices("by-hand") == []  # there is no Service yet
    play.create(BY_HAND)
    play.settle()
    return play


def test_endpoints_that_were_written_by_hand_are_mirrored() -> None:
    """A slice for each sort of address has what they have, is theirs, and says who manages it."""
    play = by_hand()
    six, four = sorted(play.slices("by-hand"), key=lambda one: str(one["addressType"]), reverse=True)
    assert four["endpoints"] == [
        {"addresses": ["192.0.2.7"], "conditions": {"ready": True}, "hostname": "seven", "nodeName": "n1"},
        {"addresses": ["192.0.2.8"], "conditions": {"ready": False}},
    ]
    assert six["endpoints"] == [{"addresses": ["2001:db8::7"], "conditions": {"ready": True}}]
    assert four["ports"] == [
        {"name": "web", "port": 8080, "protocol": "TCP"},
        {"name": "tls", "port": 8443, "protocol": "TCP", "appProtocol": "https"},
    ]
    meta = four["metadata"]
    assert meta["labels"] == {
        "team": "a",
        "kubernetes.io/service-name": "by-hand",
        "endpointslice.kubernetes.io/managed-by": "endpointslicemirroring-controller.k8s.io",
    }
    assert (meta["annotations"], meta["generateName"]) == ({"by": "hand"}, "by-hand-")
    owner = meta["ownerReferences"][0]
    assert (owner["kind"], owner["uid"]) == ("Endpoints", play.the("Endpoints", "by-hand").uid)
    assert play.differences() == []


def test_the_mirror_follows() -> None:
    """Other addresses are in the same slice, other ports in another; what somebody deletes comes back."""
    play = by_hand()
    names = [one["metadata"]["name"] for one in play.slices("by-hand")]
    standing = play.the("Endpoints", "by-hand").manifest
    subset = {**standing["subsets"][0], "notReadyAddresses": []}
    play.edit("Endpoints", {**standing, "subsets": [subset]})
    play.settle()
    assert [one["metadata"]["name"] for one in play.slices("by-hand")] == names
    assert sorted(len(one["endpoints"]) for one in play.slices("by-hand")) == [1, 1]
    play.edit("Endpoints", {**standing, "subsets": [{"addresses": [{"ip": "192.0.2.7"}]}]})
    play.settle()
    (only,) = play.slices("by-hand")
    assert (only["ports"], only["metadata"]["name"] in names) == ([], False)
    play.edit("EndpointSlice", only, Verb.DELETED)
    play.settle()
    assert len(play.slices("by-hand")) == 1
    again = {**play.slices("by-hand")[0]}
    labels = {**again["metadata"]["labels"], "kubernetes.io/service-name": "other"}
    play.edit("EndpointSlice", {**again, "metadata": {**again["metadata"], "labels": labels}})
    play.settle()
    assert (len(play.slices("by-hand")), play.slices("other")) == (1, [])


@pytest.mark.parametrize("how", ["skip", "leader", "selector", "endpoints", "service"])
def test_what_is_not_to_be_mirrored_is_not(how: str) -> None:
    """Nor what is gone, nor what the selector of its Service finds."""
    play = by_hand()
    standing = play.the("Endpoints", "by-hand").manifest
    if how in {"skip", "leader"}:
        field, key = ("labels", SKIP_LABEL) if how == "skip" else ("annotations", LEADER_ANNOTATION)
        play.edit("Endpoints", {**standing, "metadata": {**standing["metadata"], field: {key: "true"}}})
    elif how == "selector":
        play.change("Service", "by-hand", selector={"app": "web"})
    else:
        play.remove(how.capitalize(), "by-hand")
    play.settle()
    managers = [one["metadata"]["labels"][MANAGER_LABEL] for one in play.slices("by-hand")]
    assert managers == ([SLICE_MANAGER] if how == "selector" else [])


def test_a_mirror_is_not_endless() -> None:
    """A thousand addresses of a subset are mirrored, and it is told how many are not."""
    play = by_hand()
    standing = play.the("Endpoints", "by-hand").manifest
    many = [{"ip": f"192.0.{number // 250}.{number % 250 + 1}"} for number in range(1003)]
    play.edit("Endpoints", {**standing, "subsets": [{"addresses": many}]})
    play.settle()
    assert [len(one["endpoints"]) for one in play.slices("by-hand")] == [1000]
    (said,) = play.events("TooManyAddressesToMirror")
    assert said == (
        "A max of 1000 addresses can be mirrored to EndpointSlices per Endpoints subset. "
        "3 addresses were skipped"
    )


def test_what_somebody_deletes_comes_back(play: Behind) -> None:
    """A deleted slice, and deleted Endpoints, are written anew."""
    for one in play.slices():
        play.remove("EndpointSlice", _name(one))
    play.remove("Endpoints", "web")
    play.settle()

    assert sorted(play.points()) == ["alpha", "beta", "gamma"]
    assert play.classic()


class Repeating(SeededNames):
    """Names of which each is drawn twice."""

    def __init__(self) -> None:
        super().__init__()
        self.drawn = [each for number in range(50) for each in [f"{number:05}"] * 2]

    def suffix(self) -> str:
        return self.drawn.pop()


def test_a_name_that_is_taken_is_drawn_anew(play: Behind) -> None:
    """No two slices bear one name."""
    play.names = Repeating()
    for one in play.slices():
        play.remove("EndpointSlice", _name(one))
    play.settle()

    assert len(play.slices()) == 2


def test_a_pod_concerns_the_services_that_select_it(play: Behind) -> None:
    """What happens to one that no Service selects, and to what is behind none, changes nothing."""
    play.create(EARLY.replace("app: web", "app: none"))
    play.create(PODS.split("---", maxsplit=1)[0].replace("{name: alpha", "{namespace: far, name: alpha"))
    play.settle()
    play.behave("beta", "never-ready")
    play.settle()
    assert (len(play.points()), play.points("early")) == (3, {})

    play.change("Service", "early", selector=None)
    assert play.slices("early")
    play.remove("Endpoints", "early")
    play.remove("Service", "early")
    play.settle()
    assert play.slices("early") == []


def test_a_slice_holds_a_hundred_and_endpoints_a_thousand() -> None:
    """An endpoint stays in its slice; what is beyond the limit of Endpoints is cut, and said so."""
    play = Behind("n1", settings=QUICK)
    play.create(WEB)
    pod = PODS.split("---", maxsplit=1)[0]
    for number in range(1005):
        play.create(pod.replace("alpha", f"p{number:04}"))
    play.settle()
    before = {_name(one): [each["addresses"] for each in one["endpoints"]] for one in play.slices()}
    assert sorted(map(len, before.values())) == [5, *[100] * 10]
    assert sum(len(subset[0]) for subset in play.classic()) == 1000
    said = play.the("Endpoints", "web").manifest["metadata"]["annotations"]
    assert said == {"endpoints.kubernetes.io/over-capacity": "truncated"}

    play.mark("Pod", "p0007", labels={})
    play.settle()
    after = {_name(one): [each["addresses"] for each in one["endpoints"]] for one in play.slices()}
    assert len([name for name in before if before[name] != after[name]]) == 1


def test_a_headless_service_without_ports_lists_addresses(play: Behind) -> None:
    """Names need no port; with an address of its own and a name that nobody has, nobody is listed."""
    play.create(EARLY.replace(", ports: [{port: 80}]", ""))
    play.change("Service", "web", ports=[{"port": 80, "protocol": "TCP", "targetPort": "missing"}])
    play.settle()

    assert sorted(play.points("early")) == ["alpha", "beta", "gamma"]
    assert play.classic("early") == [(["alpha", "beta", "gamma"], [], [])]
    (only,) = play.slices()
    assert (only["ports"], len(only["endpoints"])) == ([], 3)
    assert play.classic() == []


def test_a_pod_of_the_hosts_network_is_at_the_address_of_its_node(play: Behind) -> None:
    """It has no address of its own, so the Service leads to the machine."""
    play.create(
        PODS.split("---", maxsplit=1)[0]
        .replace("alpha", "host")
        .replace("nodeName", "hostNetwork: true, nodeName")
    )
    play.settle()

    node = play.node("n1").manifest["status"]["addresses"][0]["address"]
    found = [
        each for one in play.slices() for each in one["endpoints"] if each["targetRef"]["name"] == "host"
    ]
    assert [each["addresses"] for each in found] == [[node]]
    assert play.the("Pod", "host").manifest["status"]["hostIP"] == node
