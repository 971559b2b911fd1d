"""Who answers a call, and why nobody does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from controller.engine.objects import Manifest, Pod
from controller.engine.service.network import Network
from controller.engine.service.reach import (
    OUTSIDE,
    Names,
    Reply,
    Source,
    Why,
    call,
    connect,
    connect_to,
    resolve,
)
from controller.engine.views import EndpointSlice, Service
from tests.engine.workloads import QUICK, Workloads

PODS = """
apiVersion: v1
kind: Pod
metadata: {name: alpha, labels: {app: web}}
spec: {nodeName: n1, hostname: a, subdomain: all, containers: [{name: main, image: "web:1", ports: [{name: http, containerPort: 8080}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: beta, labels: {app: web}}
spec: {nodeName: n2, containers: [{name: main, image: "web:1", ports: [{name: http, containerPort: 8080, hostPort: 9999}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: host, labels: {app: agent}}
spec: {nodeName: n2, hostNetwork: true, containers: [{name: main, image: "agent:1", ports: [{containerPort: 9100}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: client}
spec: {nodeName: n3, containers: [{name: main, image: busybox, command: [sleep, infinity]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort, selector: {app: web}, ports: [{name: http, port: 80, targetPort: http, nodePort: 30080}, {name: bad, port: 81, targetPort: 9}]}
---
apiVersion: v1
kind: Service
metadata: {name: all}
spec: {clusterIP: None, selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Service
metadata: {name: near}
spec: {internalTrafficPolicy: Local, selector: {app: web}, ports: [{port: 80, targetPort: http}]}
---
apiVersion: v1
kind: Service
metadata: {name: nobody}
spec: {selector: {app: none}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: by-hand}
spec: {ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: outside}
spec: {type: ExternalName, externalName: example.org}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: by-hand-1, labels: {kubernetes.io/service-name: by-hand}}
addressType: IPv4
endpoints: [{addresses: [192.0.2.7]}]
ports: [{port: 80}]
"""  # noqa: E501 -- manifests as people write them


class Reaching(Workloads):
    """A played cluster with words for who answers."""

    @property
    def network(self) -> Network:
        """Return what packets meet now."""
        world = self.world
        services, slices = world.all_of(Service), world.all_of(EndpointSlice)
        return Network(services.values(), slices.values(), world.nodes.values(), world.pods)

    def source(self, pod: str = "client") -> Source:
        """Return a pod as a source."""
        return Source.of(cast("Pod", self.the("Pod", pod)))

    def call(self, host: str, port: int = 80, by: str = "client", turn: int = 0) -> str:
        """Return who answers, or why nobody does."""
        return told(call(self.network, self.source(by), host, port, turn))

    def outside(self, node: str, port: int, turn: int = 0) -> str:
        """Return who answers somebody outside at a node, or why nobody does."""
        return told(connect(self.network, OUTSIDE, self.address(node), port, turn))

    def address(self, node: str) -> str:
        """Return the address of a node."""
        return str(self.node(node).manifest["status"]["addresses"][0]["address"])

    def ip(self, pod: str) -> str:
        """Return the address of a pod."""
        return str(self.the("Pod", pod).manifest["status"]["podIP"])

    def lookup(self, name: str, by: str = "client") -> Names:
        """Return what a name stands for."""
        return resolve(self.network, self.source(by), name)


def told(reply: Reply) -> str:
    """Return a reply in a word."""
    return reply.why or (reply.pod.name if reply.pod else "nobody")


@pytest.fixture
def play() -> Reaching:
    """Three machines, four pods, and Services of all sorts."""
    made = Reaching("n1", "n2", "n3", settings=QUICK)
    made.create(PODS)
    made.settle()
    return made


@pytest.mark.parametrize(
    "name",
    [
        "web",
        "web.default",
        "web.default.svc",
        "web.default.svc.cluster.local",
        "web.default.svc.cluster.local.",
    ],
)
def test_the_names_of_a_service(play: Reaching, name: str) -> None:
    """It is found by its name, with more of its domain or less."""
    address = play.the("Service", "web").manifest["spec"]["clusterIP"]
    assert play.lookup(name) == Names("web.default.svc.cluster.local", (address,))


def test_a_headless_service_gives_all_that_are_ready(play: Reaching) -> None:
    """And single pods by their hostname, or by their address."""
    assert set(play.lookup("all").addresses) == {play.ip("alpha"), play.ip("beta")}
    assert play.lookup("a.all").addresses == (play.ip("alpha"),)
    dashed = play.ip("beta").replace(".", "-")
    assert play.lookup(f"{dashed}.all").addresses == (play.ip("beta"),)
    assert play.lookup("b.all").why is Why.NO_NAME

    play.behave("alpha", "never-ready")
    play.settle()
    assert play.lookup("all").addresses == (play.ip("beta"),)
    play.behave("beta", "never-ready")
    play.settle()
    assert (play.lookup("all").why, play.call("all", 8080)) == (Why.NOBODY_LISTED, Why.NOBODY_LISTED)


def test_names_that_are_none(play: Reaching) -> None:
    """Nobody bears it, it leads out, or the pod does not ask the cluster."""
    assert play.lookup("nosuch") == Names("nosuch.default.svc.cluster.local", (), Why.NO_NAME)
    assert play.lookup("example.org").why is Why.NO_NAME
    assert play.lookup("outside") == Names("example.org", (), Why.OUTSIDE)
    assert play.lookup("web", by="host").why is Why.NO_CLUSTER_NAMES
    assert resolve(play.network, OUTSIDE, "web").why is Why.NO_CLUSTER_NAMES


def test_an_external_name_may_be_one_of_the_cluster(play: Reaching) -> None:
    """It is a whole name: what it stands for is looked up in turn, unless it leads round in a circle."""
    targets = {
        "alias": "web.default.svc.cluster.local.",
        "second": "alias.default.svc.cluster.local",
        "short": "web",
        "gone": "nosuch.default.svc.cluster.local",
        "circle": "circle.default.svc.cluster.local",
    }
    for name, target in targets.items():
        play.create(
            f"{{apiVersion: v1, kind: Service, metadata: {{name: {name}}},"
            f" spec: {{type: ExternalName, externalName: {target}}}}}"
        )
    assert play.lookup("alias") == play.lookup("second") == play.lookup("web")
    assert play.call("second") == play.call("web")
    assert play.lookup("short") == Names("web", (), Why.OUTSIDE)
    assert play.lookup("gone") == Names("nosuch.default.svc.cluster.local", (), Why.NO_NAME)
    assert play.lookup("circle").why is Why.NO_NAME


def test_names_that_need_no_server(play: Reaching) -> None:
    """A pod knows itself; an address is its own name."""
    assert play.lookup("client").addresses == (play.ip("client"),)
    assert play.lookup("localhost").addresses == ("127.0.0.1",)
    assert play.lookup("10.1.2.3").addresses == ("10.1.2.3",)
    assert play.lookup("n2", by="host").addresses == (play.address("n2"),)


def test_a_service_leads_to_each_in_turn(play: Reaching) -> None:
    """Only to those that are ready, at the port that each has."""
    assert {play.call("web", turn=turn) for turn in range(4)} == {"alpha", "beta"}
    play.behave("alpha", "never-ready")
    play.settle()
    assert {play.call("web", turn=turn) for turn in range(4)} == {"beta"}
    assert call(play.network, play.source(), "web", 80).port == 8080
    play.behave("beta", "never-ready")
    play.settle()
    assert play.call("web") is Why.NONE_READY


def test_a_service_that_leads_nowhere(play: Reaching) -> None:
    """A port that it does not have, nobody behind it, a target where nobody listens, or something outside."""
    found = [play.call("web", 8080), play.call("nobody"), play.call("web", 81), play.call("by-hand")]
    assert found == [Why.NO_SERVICE_PORT, Why.NO_ENDPOINTS, Why.PORT_CLOSED, Why.OUTSIDE]


def test_a_local_policy_keeps_to_the_node(play: Reaching) -> None:
    """A pod is sent to the pod beside it, or nowhere."""
    assert play.call("near", by="alpha") == "alpha"
    assert play.call("near", by="beta") == "beta"
    assert play.call("near") is Why.NONE_LOCAL


def test_those_that_stop_serve_until_they_are_gone(play: Reaching) -> None:
    """Where nobody is ready, who is terminating and still serves is asked."""
    play.mark("Pod", "alpha", labels={})
    play.settings = play.world.settings = type(QUICK)(start_delay=0, stop_delay=5, node_grace=6)
    play.delete_pod(cast("Pod", play.the("Pod", "beta")))
    play.tick()
    assert play.call("web") == "beta"


def test_a_pod_at_its_address(play: Reaching) -> None:
    """It answers where it listens, while it runs and its machine does."""
    assert play.call(play.ip("alpha"), 8080) == "alpha"
    assert play.call(play.ip("alpha"), 8081) is Why.PORT_CLOSED
    assert play.call("127.0.0.1", 8080, by="alpha") == "alpha"
    assert play.call("localhost", 9100, by="host") == "host"
    assert play.call("10.1.2.3") is Why.NO_ADDRESS
    play.behave("alpha", "crash-loop")
    play.settle()
    assert play.call(play.ip("alpha"), 8080) is Why.NOT_RUNNING


def test_a_machine_at_its_address(play: Reaching) -> None:
    """Node ports, host ports and pods of its network answer; from outside nothing else does."""
    assert {play.outside("n3", 30080, turn) for turn in range(4)} == {"alpha", "beta"}
    assert (play.outside("n2", 9999), play.outside("n2", 9100)) == ("beta", "host")
    assert play.outside("n1", 9100) is Why.NO_HOST_PORT
    assert told(connect(play.network, OUTSIDE, play.ip("alpha"), 8080)) is Why.CLUSTER_ONLY
    address = play.the("Service", "web").manifest["spec"]["clusterIP"]
    assert told(connect(play.network, OUTSIDE, address, 80)) is Why.CLUSTER_ONLY

    play.change("Service", "web", externalTrafficPolicy="Local")
    assert (play.outside("n1", 30080), play.outside("n3", 30080)) == ("alpha", Why.NONE_LOCAL)
    play.behave("host", "crash-loop")
    play.settle()
    assert play.outside("n2", 9100) is Why.NOT_RUNNING


def test_a_machine_that_is_down(play: Reaching) -> None:
    """Nobody on it answers, and nobody calls from it."""
    play.annotate_node("n2", down="true")
    assert play.call(play.ip("beta"), 8080) is Why.NODE_DOWN
    assert play.outside("n2", 9100) is Why.NODE_DOWN
    assert play.call("web", by="beta") is Why.SOURCE_DOWN


@pytest.mark.parametrize(
    ("container", "opened"),
    [
        pytest.param({"image": "nginx"}, "80", id="a known image"),
        pytest.param({"image": "own", "args": ["-v"]}, "", id="arguments of its own"),
        pytest.param({"image": "own"}, "80 81", id="who knows"),
        pytest.param({"image": "nginx", "command": ["sleep", "1000"]}, "", id="a command of its own"),
        pytest.param({"image": "nginx", "ports": [{"containerPort": 81}]}, "81", id="declared"),
    ],
)
def test_where_a_container_listens(container: dict[str, Any], opened: str) -> None:
    """At what it declares, at what its image is known for, or anywhere if nobody knows."""
    play = Reaching("n1", settings=QUICK)
    text = "{apiVersion: v1, kind: Pod, metadata: {name: one}, spec: {nodeName: n1, containers: [CONTAINER]}}"
    play.create(text.replace("CONTAINER", str({"name": "main", **container})))
    play.wait(2)
    found = [port for port in (80, 81) if play.call(play.ip("one"), port, by="one") == "one"]
    assert " ".join(map(str, found)) == opened


def test_only_pods_that_a_call_meets_are_read(play: Reaching) -> None:
    """Of the others not even the manifest is looked at: it may be packed, and there may be many."""
    read: list[str] = []

    class Counting:
        def __init__(self, pod: Pod) -> None:
            self.pod = pod

        def manifest(self) -> Manifest:
            read.append(self.pod.name)
            return self.pod.manifest

    counted = {key: replace(pod, held=Counting(pod)) for key, pod in play.world.pods.items()}
    services, slices = play.world.all_of(Service), play.world.all_of(EndpointSlice)
    network = Network(services.values(), slices.values(), play.world.nodes.values(), counted)
    assert told(connect(network, Source("n1"), services["Service", "default", "near"].address, 80)) == "alpha"
    assert set(read) == {"alpha"}


def test_a_pod_is_called_at_the_address_that_it_has(play: Reaching) -> None:
    """Its own or its machine's; from a machine that is cut off nobody is."""
    network = play.network
    host, alpha = (cast("Pod", play.the("Pod", name)) for name in ("host", "alpha"))
    assert told(connect_to(network, Source("n1"), host, 9100)) == "host"
    assert told(connect_to(network, OUTSIDE, alpha, 8080)) == "alpha"
    play.annotate_node("n1", down="true")
    assert connect_to(play.network, Source("n1"), host, 9100).why is Why.SOURCE_DOWN
    assert connect_to(play.network, Source("n1"), alpha, 8080).why is Why.SOURCE_DOWN


def test_an_address_is_found_once(play: Reaching) -> None:
    """Of two pods that tell the same one, by the last; a pod without one is at none. Names stay as asked."""
    alpha = play.the("Pod", "alpha").manifest
    bare = {**alpha, "metadata": {**alpha["metadata"], "name": "aaa"}, "status": {}}
    twin = {**alpha, "metadata": {**alpha["metadata"], "name": "zeta", "uid": "z"}}
    pods = {one.key: one for one in (Pod.read(each, {}) for each in (twin, alpha, bare))}
    services = play.world.all_of(Service).values()
    network = Network(services, play.world.all_of(EndpointSlice).values(), play.world.nodes.values(), pods)
    found = network.at(alpha["status"]["podIP"])
    assert isinstance(found, Pod)
    assert found.name == "zeta"
    assert network.at("") is None
    headless = network.services["default", "all"]
    assert network.names(headless) is network.names(headless)
