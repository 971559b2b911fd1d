"""The catalogue of everything a browser's socket carries, so that both ends agree on every field.

docs/events.md is generated from these classes; a test compares the two. A frame says what is true
now and never what to do, so a client may miss any of them: it sees the gap and asks for a snapshot.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Annotated, Any, ClassVar, Literal

import orjson

from controller.engine.daemonset.cells import CellState

Loads = dict[str, dict[str, tuple[CellState, int]]]
"""The worst state of a workload's pods on a node, and how many they are: by uid, then by node name."""

Cells = dict[str, dict[str, CellState]]
"""State by DaemonSet uid, then by node name."""

PODS_NAMED = 50
"""How many pods one delta names at most."""


@dataclass(frozen=True, slots=True)
class NodeRow:
    """A node as the map shows it."""

    name: Annotated[str, "its name, which is also its id"]
    labels: Annotated[dict[str, str], "all of its labels; the map groups by them"]
    ready: Annotated[str, "its Ready condition: True, False, Unknown, or empty if it never reported"]
    unschedulable: Annotated[bool, "whether it is cordoned"]
    down: Annotated[bool, "whether its machine is powered down"]
    taints: Annotated[tuple[str, ...], "as kubectl writes them: key=value:effect or key:effect"]


@dataclass(frozen=True, slots=True)
class CountsRow:
    """How many nodes: what the controller last wrote into the status of a DaemonSet."""

    desired: Annotated[int, "nodes that should run it"]
    current: Annotated[int, "of these, with a pod"]
    ready: Annotated[int, "of these, with a pod that is ready"]
    updated: Annotated[int, "of these, with a pod of the current revision"]
    available: Annotated[int, "of these, with a pod that has been ready for minReadySeconds"]
    unavailable: Annotated[int, "of these, without one"]
    misscheduled: Annotated[int, "nodes that have a pod and should not"]


@dataclass(frozen=True, slots=True)
class SetRow:
    """A DaemonSet as the map shows it."""

    id: Annotated[str, "its uid"]
    namespace: Annotated[str, "its namespace"]
    name: Annotated[str, "its name"]
    revision: Annotated[int, "the number of its current revision; 0 before the first pass"]
    strategy: Annotated[str, "RollingUpdate or OnDelete"]
    paused: Annotated[bool, "whether its rollout is paused"]
    deleting: Annotated[bool, "whether it is being deleted"]
    counts: Annotated[CountsRow, "its numbers of nodes"]


@dataclass(frozen=True, slots=True)
class WorkloadRow:
    """Another workload as the map shows it, one that no other owns; or all pods without a controller."""

    id: Annotated[str, "its uid; bare for the pods that no controller owns"]
    kind: Annotated[str, "its kind, such as Deployment; Pod for those that no controller owns"]
    namespace: Annotated[str, "its namespace"]
    name: Annotated[str, "its name"]
    unplaced: Annotated[int, "how many of its pods are on no node"]


@dataclass(frozen=True, slots=True)
class ClusterRow:
    """A cluster and its clock, as of the moment of sending."""

    id: Annotated[int, "its id"]
    name: Annotated[str, "its name, which is in the socket's address"]
    paused: Annotated[bool, "whether its clock stands still"]
    speed: Annotated[float, "seconds of cluster time that pass in one second"]
    time: Annotated[float, "cluster time in seconds at that moment"]
    wall: Annotated[str, "that moment: UTC, ISO 8601"]


@dataclass(frozen=True, slots=True)
class Column:
    """One fact of every node. A number for each node says what it is.

    0: it has none; 1: its own name; 2 and above: the values, from the first one.
    """

    values: Annotated[tuple[Any, ...], "what there is, each once"]
    at: Annotated[tuple[int, ...], "which one, a node after the other"]


@dataclass(frozen=True, slots=True)
class NodeColumns:
    """All nodes; a node is spoken of by its place among the names. What the columns hold: NodeRow."""

    names: Annotated[tuple[str, ...], "the names, in order"]
    labels: Annotated[dict[str, Column], "the values of each label"]
    ready: Annotated[Column, "the Ready conditions"]
    taints: Annotated[Column, "lists of taints"]
    unschedulable: Annotated[tuple[int, ...], "the nodes that are cordoned"]
    down: Annotated[tuple[int, ...], "the nodes whose machine is switched off"]


@dataclass(frozen=True, slots=True)
class LoadColumns:
    """Where pods of a workload are. The three lists go side by side."""

    at: Annotated[tuple[int, ...], "the nodes"]
    states: Annotated[str, "the worst state of the pods there, as a letter"]
    pods: Annotated[tuple[int, ...], "how many pods there are"]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole map as columns. The first frame of a connection, and the answer to ``resync``.

    A state is a letter: a is the first of ``states``, b the second.
    """

    t: ClassVar[Literal["snapshot"]] = "snapshot"
    n: Annotated[int, "the cluster's number of which this is the map"]
    cluster: Annotated[ClusterRow, "the cluster and its clock"]
    nodes: Annotated[NodeColumns, "all nodes, by name"]
    sets: Annotated[tuple[SetRow, ...], "all DaemonSets, by namespace and name"]
    states: Annotated[tuple[CellState, ...], "the states that letters stand for"]
    cells: Annotated[dict[str, str], "one entry a set: a letter for each node"]
    workloads: Annotated[tuple[WorkloadRow, ...], "the other workloads, by kind, namespace and name"]
    loads: Annotated[dict[str, LoadColumns], "one entry a workload"]


@dataclass(frozen=True, slots=True)
class Delta:
    """What is different since the frame before. Apply gone rows first, then rows, then cells.

    A client whose number is not ``from`` has missed a frame: it asks for a snapshot.
    """

    t: ClassVar[Literal["delta"]] = "delta"
    since: Annotated[int, "the number this delta begins at"] = field(metadata={"wire": "from"})
    n: Annotated[int, "the number this delta leads to"]
    nodes: Annotated[tuple[NodeRow, ...], "nodes that are new or different, whole"]
    gone_nodes: Annotated[tuple[str, ...], "names of nodes that are gone, with all their cells"]
    sets: Annotated[tuple[SetRow, ...], "DaemonSets that are new or different, whole"]
    gone_sets: Annotated[tuple[str, ...], "uids of DaemonSets that are gone, with all their cells"]
    cells: Annotated[Cells, "the cells that are different; the state none takes a cell away"]
    workloads: Annotated[tuple[WorkloadRow, ...], "other workloads that are new or different, whole"]
    gone_workloads: Annotated[tuple[str, ...], "uids of workloads that are gone, with all their loads"]
    loads: Annotated[Loads, "the loads that are different; one of 0 pods takes a load away"]
    pods: Annotated[tuple[str, ...], f"namespace/name of pods that changed, the first {PODS_NAMED}"]


@dataclass(frozen=True, slots=True)
class Clock(ClusterRow):
    """The clock was paused, resumed, stepped or sped up, or the cluster was renamed."""

    t: ClassVar[Literal["clock"]] = "clock"


@dataclass(frozen=True, slots=True)
class Notice:
    """What somebody else did to the whole cluster, for the person in front of the page to know.

    The page has the words; it changes nothing on the map.
    """

    t: ClassVar[Literal["notice"]] = "notice"
    person: Annotated[str, "who did it"]
    code: Annotated[str, "what was done, such as clock_pause: the action of the audit list"]
    facts: Annotated[dict[str, Any], "what the words may name, such as the name before and after"]


@dataclass(frozen=True, slots=True)
class Gone:
    """The cluster was deleted. The last frame of a connection, which is then closed."""

    t: ClassVar[Literal["gone"]] = "gone"


@dataclass(frozen=True, slots=True)
class Pong:
    """The answer to ``ping``: the line is alive, and its delay can be told."""

    t: ClassVar[Literal["pong"]] = "pong"
    at: Annotated[float, "what the ping said; the client's own clock"]


@dataclass(frozen=True, slots=True)
class Beat:
    """The server lives: sent when there was nothing else to send for two seconds.

    A client that hears nothing for twice that time is cut off, whatever its connection says.
    """

    t: ClassVar[Literal["beat"]] = "beat"


Frame = Snapshot | Delta | Clock | Notice | Gone | Pong | Beat
CATALOGUE: tuple[type[Frame], ...] = (Snapshot, Delta, Clock, Notice, Gone, Pong, Beat)
ROWS = (ClusterRow, NodeColumns, Column, NodeRow, SetRow, CountsRow, WorkloadRow, LoadColumns)
"""What frames are made of, in the order in which the catalogue tells of them."""


def on_the_wire(part: type[Any]) -> dict[str, str]:
    """Return the names of a frame's or row's fields, and under which name each travels."""
    return {each.name: each.metadata.get("wire", each.name) for each in fields(part)}


def encode(frame: Frame) -> str:
    """Return the frame as JSON text; ``t`` says which of the catalogue it is."""
    body = {wire: getattr(frame, name) for name, wire in on_the_wire(type(frame)).items()}
    return orjson.dumps({"t": frame.t, **body}).decode()
