"""The four ways to talk to daemon pods, and whom each reaches."""

from __future__ import annotations

from typing import cast

import pytest

from controller.engine.changes import Verb
from controller.engine.objects import DaemonSet, Pod
from controller.engine.service.network import Network
from controller.engine.service.patterns import Pattern, Way, let_go, pieces, selecting_label, ways
from controller.engine.views import EndpointSlice, Service
from tests.engine.workloads import QUICK, Workloads

AGENT = """
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent, tier: low}}
    spec: {containers: [{name: main, image: "agent:1", ports: [{containerPort: 9100, hostPort: 9999}]}]}
"""
PORTLESS = AGENT.replace(", ports: [{containerPort: 9100, hostPort: 9999}]", "")


class Ways(Workloads):
    """A played cluster with words for whom the ways reach."""

    @property
    def network(self) -> Network:
        """Return what packets meet now."""
        services, slices = self.world.all_of(Service), self.world.all_of(EndpointSlice)
        nodes, pods = self.world.nodes, self.world.pods
        return Network(services.values(), slices.values(), nodes.values(), pods)

    @property
    def agent(self) -> DaemonSet:
        """Return the set."""
        return cast("DaemonSet", self.the("DaemonSet", "agent"))

    def ways(self, sink: str = "") -> dict[Pattern, Way]:
        """Return the ways."""
        return {way.pattern: way for way in ways(self.network, self.agent, sink)}

    def told(self, pattern: Pattern, sink: str = "") -> list[str]:
        """Return what comes of the call of each node: why not, or the node of who answers."""
        hops = self.ways(sink)[pattern].hops
        return [(hop.reply.why or hop.reply.node) if hop.reply else "-" for hop in hops]

    def prepare(self) -> None:
        """Create what the ways lack."""
        for kind, manifest in list(pieces(self.agent, list(self.ways().values()))):
            self.make(kind, manifest)
        self.settle()

    def daemon(self, node: str) -> Pod:
        """Return the daemon pod of a node."""
        return next(pod for pod in self.pods(node) if pod.owner == self.agent.uid)


@pytest.fixture
def play() -> Ways:
    """Two machines with a daemon pod each, and all that the ways need."""
    made = Ways("n1", "n2", settings=QUICK)
    made.create(AGENT)
    made.settle()
    made.prepare()
    return made


def test_a_set_alone_can_be_called_at_its_port() -> None:
    """Nothing else is there to be called; the pieces that are lacking make up for it."""
    play = Ways("n1", settings=QUICK)
    play.create(AGENT)
    play.settle()
    assert [way.target for way in play.ways().values()] == ["", ":9999", "", ""]

    play.prepare()
    targets = [way.target for way in play.ways().values()]
    assert targets == ["agent-sink:8080", ":9999", "agent-pods:9100", "agent-local:9100"]
    assert list(pieces(play.agent, list(play.ways().values()))) == []


def test_all_are_reached(play: Ways) -> None:
    """At the host's port on a node, at their own by the name and the Service."""
    sink = play.told(Pattern.PUSH)
    assert len(set(sink)) == 1
    assert play.told(Pattern.NODE) == ["n1", "n2"]
    assert play.told(Pattern.NAME) == ["n1", "n2"]
    assert play.told(Pattern.SERVICE) == ["n1", "n2"]


def test_a_pod_that_breaks(play: Ways) -> None:
    """What goes by readiness does not lead to it; whoever knows its node finds it closed."""
    play.behave(play.daemon("n1").name, "crash-loop")
    play.settle()
    assert [play.told(pattern)[0] for pattern in (Pattern.PUSH, Pattern.NODE)] == ["not-running"] * 2
    assert play.told(Pattern.NAME) == ["not-listed", "n2"]
    assert play.told(Pattern.SERVICE) == ["none-local", "n2"]


def test_a_label_that_is_lost(play: Ways) -> None:
    """The pod is let go, and another takes its place in all ways."""
    before = play.daemon("n1")
    play.mark("Pod", before.name, labels={**before.labels, selecting_label(play.agent): "quarantine"})
    play.settle()
    assert [pod.name for pod in let_go(play.network, play.agent)] == [before.name]
    assert before.uid not in {hop.pod.uid for hop in play.ways()[Pattern.NODE].hops if hop.pod}


def test_a_port_that_is_wrong(play: Ways) -> None:
    """Only the way that goes by it fails."""
    play.change("Service", "agent-local", ports=[{"port": 9100, "protocol": "TCP", "targetPort": 9}])
    play.settle()
    assert play.told(Pattern.SERVICE) == ["port-closed", "port-closed"]
    assert play.told(Pattern.NODE) == ["n1", "n2"]


def test_a_machine_that_is_down(play: Ways) -> None:
    """Its pod neither calls nor is called."""
    play.annotate_node("n1", down="true")
    assert play.told(Pattern.PUSH)[0] == "source-down"
    assert play.told(Pattern.NODE)[0] == "node-down"
    assert play.told(Pattern.NAME)[0] == "node-down"
    assert play.told(Pattern.SERVICE)[0] == "source-down"


def test_a_node_without_a_pod(play: Ways) -> None:
    """Nobody is there to call or to be called; a Service may still be."""
    play.taint("n2", "spot", "NoExecute")
    play.wait(40)
    assert [play.told(pattern)[1] for pattern in (Pattern.PUSH, Pattern.NODE, Pattern.NAME)] == [
        "-",
        "-",
        "-",
    ]
    assert play.told(Pattern.SERVICE)[1] == "none-local"


@pytest.mark.parametrize("sink", ["nowhere", ":80", "x:y"])
def test_a_sink_that_is_none(play: Ways, sink: str) -> None:
    """It takes a name and a port."""
    assert play.ways(sink)[Pattern.PUSH] == Way(Pattern.PUSH, "")


def test_a_set_that_no_label_holds(play: Ways) -> None:
    """Whatever value its label has, the pod stays the set's: there is no label to lose."""
    spec = {"selector": {"matchExpressions": [{"key": "app", "operator": "Exists"}]}}
    manifest = play.agent.manifest
    other = DaemonSet.read({**manifest, "spec": {**manifest["spec"], **spec}}, {})
    assert (selecting_label(other), let_go(play.network, other)) == ("", [])


def test_a_sink_of_ones_own(play: Ways) -> None:
    """Anything that can be called will do."""
    assert play.told(Pattern.PUSH, "nosuch:80") == ["no-name", "no-name"]


def test_a_set_without_ports_and_services_of_others() -> None:
    """It cannot be called at a node; a Service without a port leads nowhere."""
    play = Ways("n1", settings=QUICK)
    play.create(PORTLESS)
    play.make("Service", {"metadata": {"name": "x"}, "spec": {"clusterIP": "None", "selector": {"app": "x"}}})
    play.make("Namespace", {"metadata": {"name": "far"}})
    other = {
        "metadata": {"name": "b", "namespace": "far"},
        "spec": {"selector": {"app": "b"}, "ports": [{"port": 1}]},
    }
    play.make("Service", other)
    play.settle()
    assert [way.target for way in play.ways().values()] == ["", "", "", ""]

    play.make(
        "Service",
        {"metadata": {"name": "all"}, "spec": {"selector": {"app": "agent"}, "ports": [{"port": 1}]}},
    )
    service = play.the("Service", "all")
    play.edit(
        "Service", {**service.manifest, "spec": {**service.manifest["spec"], "ports": []}}, Verb.MODIFIED
    )
    assert play.ways()[Pattern.SERVICE].target == ""
