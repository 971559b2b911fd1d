"""What is tried on a real cluster: each step compares what Everynode shows or does with its API server.

A step says in a sentence what it found; what is not so raises Failed.
"""

from __future__ import annotations

import html
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from controller.engine.daemonset.cells import CellState
from controller.engine.objects import Manifest
from controller.live.fold import Wire
from tests.real.checks import SETTLE, Failed, await_, check, image_of, uid_of, words
from tests.real.kubelet import is_ready
from tests.real.screen import Screen
from tests.real.staged import Staged
from tests.real.upstream import FIRST, SECOND, THIRD, Cluster

COUNTS = {
    "desired": "desiredNumberScheduled",
    "current": "currentNumberScheduled",
    "ready": "numberReady",
    "updated": "updatedNumberScheduled",
    "available": "numberAvailable",
    "unavailable": "numberUnavailable",
    "misscheduled": "numberMisscheduled",
}
"""The numbers of a set on the map, and in its status."""

AGENT, LABELLED = "agent", "labelled"

Step = Callable[[], str]


@dataclass
class Trial:
    """One run on a cluster. A change upstream must be on the screen in ``limit`` seconds."""

    cluster: Cluster
    screen: Screen
    limit: float = 1.0
    labels: bool = False
    """Whether nodes may be labelled."""

    nodes: list[str] = field(default_factory=list)

    def steps(self) -> Iterator[tuple[str, Step]]:
        """Yield what is tried and how, in order."""
        yield "the map equals the API server", self.same
        yield "a new DaemonSet on the screen", self.new_set
        yield "its pods", self.pods
        yield "a new image: the preview, and what happens", self.image
        yield "undo", self.undo
        yield "two who edit the same", self.conflict
        if self.labels:
            yield "why a node has no pod", self.explained
            yield "a label upstream on the screen", self.label_there
            yield "a label from the page: the preview, and what happens", self.label_here
            yield "cordon and uncordon", self.cordon
        yield "a staged rollout: canary, promotion, waves", self.staged
        yield "a rehearsal in a copy", self.rehearsal
        yield "the map equals the API server in the end", self.same

    # ------------------------------------------------------------------------------ reading
    def same(self) -> str:
        """Compare nodes and sets until both tell the same once: others change them meanwhile."""
        differ = ["nothing on the screen"]

        def equal() -> bool:
            shown = self.screen.until(lambda _map: True, SETTLE)
            differ[:] = ["nothing on the screen"] if shown is None else self._differences(shown)
            return not differ

        with suppress(Failed):
            await_(equal, "equal", SETTLE)
        check(not differ, "; ".join(differ[:5]))
        shown = self.screen.until(lambda _map: True, SETTLE) or {}
        return f"{len(shown['nodes'])} nodes, {len(shown['sets'])} DaemonSets"

    def _differences(self, shown: Wire) -> list[str]:
        nodes = {node["metadata"]["name"]: node_facts(node) for node in self.cluster.items("Node")}
        mapped = {
            node["name"]: (node["labels"], node["ready"], node["unschedulable"]) for node in shown["nodes"]
        }
        sets = {place_of(one): set_facts(one) for one in self.cluster.items("DaemonSet")}
        rows = {(row["namespace"], row["name"]): row["counts"] for row in shown["sets"]}
        return [*differences("node", nodes, mapped), *differences("DaemonSet", sets, rows)]

    # ------------------------------------------------------------------- changes made upstream
    def new_set(self) -> str:
        """Make a DaemonSet upstream, and wait until it is on the screen."""
        self.nodes = self.cluster.free_nodes()
        check(self.nodes, "no node is ready and takes any pod: try NODES=fake")
        named = [
            {"matchFields": [{"key": "metadata.name", "operator": "In", "values": [name]}]}
            for name in self.nodes
        ]
        terms = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": named}}
        manifest = self.cluster.daemonset(AGENT, {"affinity": {"nodeAffinity": terms}})
        return self._timed(
            lambda: self.cluster.make("DaemonSet", manifest, self.cluster.name),
            lambda shown: self._row(shown, AGENT) is not None,
        )

    def label_there(self) -> str:
        """Label a node upstream, and wait until the screen has it; take the label off again."""
        node = self.nodes[-1]

        def labelled(shown: Wire) -> bool:
            return any(one["name"] == node and self.cluster.name in one["labels"] for one in shown["nodes"])

        took = self._timed(lambda: self.cluster.label(node, "yes"), labelled)
        await_(lambda: list(self.cluster.pods(LABELLED)) == [node], f"a pod on {node}")
        self.cluster.label(node, None)
        await_(lambda: not self.cluster.pods(LABELLED), f"no pod on {node}")
        check(self.screen.until(lambda shown: not labelled(shown), SETTLE), "the label stays on the screen")
        return took

    def _timed(self, change: Callable[[], object], true_of: Callable[[Wire], bool]) -> str:
        began = time.monotonic()
        change()
        check(self.screen.until(true_of, SETTLE), f"not on the screen within {SETTLE:g} s")
        took = time.monotonic() - began
        check(took < self.limit, f"{took:.2f} s from the request to the screen, {self.limit:g} s are allowed")
        return f"{took * 1000:.0f} ms from the request to the screen"

    def _row(self, shown: Wire, name: str) -> Wire | None:
        place = (self.cluster.name, name)
        return next((row for row in shown["sets"] if (row["namespace"], row["name"]) == place), None)

    def _is_green(self, shown: Wire, name: str) -> bool:
        """Whether the map has a pod of the current revision on each node of the trial, and on no other."""
        row = self._row(shown, name)
        return row is not None and shown["cells"][row["id"]] == dict.fromkeys(self.nodes, CellState.NEW)

    def pods(self) -> str:
        """Wait until all pods run: upstream, and then on the screen."""
        await_(lambda: self._runs(FIRST), "pods that are ready")
        check(
            self.screen.until(lambda shown: self._is_green(shown, AGENT), SETTLE), "the map shows other cells"
        )
        return f"{len(self.nodes)} ready, and so on the map"

    def _runs(self, image: str) -> bool:
        pods = self.cluster.pods(AGENT)
        return set(pods) == set(self.nodes) and all(
            is_ready(pod) and image_of(pod) == image for pod in pods.values()
        )

    # -------------------------------------------------------------------- edits made on the page
    @property
    def _page(self) -> str:
        return f"sets/{self.cluster.name}/{AGENT}/"

    def image(self) -> str:
        """Preview a new image, set it as previewed, and compare which pods were replaced."""
        before = {node: uid_of(pod) for node, pod in self.cluster.pods(AGENT).items()}
        told = self.screen.preview(f"{self._page}do/", action="image", container="main", image=SECOND)
        check(
            set(told.cells) == set(before),
            f"the preview speaks of {sorted(told.cells)}, pods are on {sorted(before)}: {words(told.text)}",
        )
        check(self._image() == FIRST, "the preview changed the image")
        answer = self.screen.post(f"{self._page}do/", **told.form)
        check(self._image() == SECOND, f"the image was not set: {answer.status_code} {words(answer.text)}")
        await_(lambda: self._runs(SECOND), "pods of the new image")
        after = {node: uid_of(pod) for node, pod in self.cluster.pods(AGENT).items()}
        check(all(after[node] != before[node] for node in told.cells), "some pod was not replaced")
        check(
            self.screen.until(lambda shown: self._is_green(shown, AGENT), SETTLE), "the map shows other cells"
        )
        return f"{len(told.cells)} pods replaced, as previewed"

    def undo(self) -> str:
        """Take the image back by the list of what was done."""
        entry = re.search(r"/undo/(\d+)/", self.screen.audit())
        check(entry, "the list of what was done offers no undo")
        answer = self.screen.post(f"undo/{entry[1] if entry else ''}/")
        check(self._image() == FIRST, f"the image is not back: {answer.status_code} {words(answer.text)}")
        await_(lambda: self._runs(FIRST), "pods of the image before")
        return "the image before, and its pods"

    def conflict(self) -> str:
        """Change a set on the page and upstream at the same time: nobody's change may be lost."""
        form = self.screen.form(f"{self._page}edit/")
        theirs = {"spec": {"template": {"spec": {"containers": [{"name": "main", "image": SECOND}]}}}}
        self.cluster.patch("DaemonSet", AGENT, theirs, namespace=self.cluster.name)
        await_(
            lambda: SECOND in self.screen.form(f"{self._page}edit/")["text"],
            "their image on the page",
            SETTLE,
        )
        ours = {**form, "text": form["text"].replace(FIRST, THIRD)}
        check(ours["text"] != form["text"], "the editor does not show the image")
        text = html.unescape(self.screen.post(f"{self._page}edit/", **ours).text)
        check(self._image() == SECOND, "the change of somebody else is lost")
        check(SECOND in text and THIRD in text, f"both versions should be shown: {words(text)}")
        return "refused, both versions shown"

    def explained(self) -> str:
        """Make a set for nodes with a label that none has, and ask why a node has no pod."""
        manifest = self.cluster.daemonset(LABELLED, {"nodeSelector": {self.cluster.name: "yes"}})
        self.cluster.make("DaemonSet", manifest, self.cluster.name)
        path = f"?set={self.cluster.name}/{LABELLED}&node={self.nodes[0]}"
        said = f"lacks the label {self.cluster.name}=yes"
        await_(lambda: said in words(self.screen.page(path), whole=True), f"the page says: it {said}", SETTLE)
        return said

    def label_here(self) -> str:
        """Preview a label on a node, set it as previewed, and compare where a pod came."""
        node = self.nodes[0]
        told = self.screen.preview(f"nodes/{node}/label/", label=f"{self.cluster.name}=yes")
        check(
            set(told.cells) == {node},
            f"the preview speaks of {sorted(told.cells)}, not of {node}: {words(told.text)}",
        )
        answer = self.screen.post(f"nodes/{node}/label/", **told.form)
        labels = self.cluster.get("Node", node)["metadata"]["labels"]
        check(
            labels.get(self.cluster.name) == "yes",
            f"the label was not set: {answer.status_code} {words(answer.text)}",
        )
        await_(lambda: list(self.cluster.pods(LABELLED)) == [node], f"a pod on {node}")
        self.screen.post(f"nodes/{node}/label/", key=self.cluster.name)
        await_(lambda: not self.cluster.pods(LABELLED), f"no pod on {node}")
        return f"a pod on {node} came as previewed, and went with the label"

    def cordon(self) -> str:
        """Preview a cordon on the page, do it and undo it: the server has it, and the screen."""
        node = self.nodes[0]

        with self.cluster.lent(node):
            self._cordoned(node, "cordon", wanted=True)
            self._cordoned(node, "uncordon", wanted=False)
        return f"{node}, which kept its pods"

    def _cordoned(self, node: str, action: str, *, wanted: bool) -> None:
        told = self.screen.preview(f"nodes/{node}/state/", action=action)
        check(not told.cells, f"daemon pods should stay: the preview speaks of {sorted(told.cells)}")
        answer = self.screen.post(f"nodes/{node}/state/", **told.form)
        there = bool(self.cluster.get("Node", node)["spec"].get("unschedulable"))
        check(there is wanted, f"{action}: not done: {answer.status_code} {words(answer.text)}")

        def is_shown(shown: Wire) -> bool:
            return any(one["name"] == node and one["unschedulable"] is wanted for one in shown["nodes"])

        check(self.screen.until(is_shown, SETTLE), f"{action}: not on the screen")

    # ----------------------------------------------------------------------- step by step, and elsewhere
    def staged(self) -> str:
        """Roll an image out by a plan made on the page; promote its canary there."""
        return Staged(self.cluster, self.screen, AGENT, self.nodes, (self._image(), THIRD)).tried()

    def rehearsal(self) -> str:
        """Copy the cluster into a simulated one, and roll an image out there: nothing happens here."""
        before = self.cluster.get("DaemonSet", AGENT, self.cluster.name)
        name = f"{self.cluster.name}-copy"
        answer = self.screen.post("settings/copy/", **{"copy-name": name})
        copy = self.screen.beside(name)
        check(self._row(copy.frame(), AGENT), f"no copy: {answer.status_code} {words(answer.text)}")
        answer = copy.post(f"{self._page}do/", action="image", container="main", image=FIRST)
        await_(
            lambda: FIRST in copy.page(self._page) and self._is_green(copy.frame(), AGENT),
            f"the image on all nodes of the copy ({answer.status_code} {words(answer.text)})",
        )
        after = self.cluster.get("DaemonSet", AGENT, self.cluster.name)
        check(after["metadata"]["generation"] == before["metadata"]["generation"], "the set itself changed")
        copy.post("settings/delete/", **{"deletion-name": name})
        return f"{len(self.nodes)} pods replaced in the copy, and none here"

    def _image(self) -> str:
        return image_of(self.cluster.get("DaemonSet", AGENT, self.cluster.name)["spec"]["template"])


def node_facts(node: Manifest) -> tuple[object, ...]:
    """Return what the map shows of a node."""
    conditions = (node.get("status") or {}).get("conditions") or ()
    ready = next((one["status"] for one in conditions if one["type"] == "Ready"), "")
    return node["metadata"].get("labels") or {}, ready, bool(node["spec"].get("unschedulable"))


def set_facts(manifest: Manifest) -> dict[str, int]:
    """Return the numbers of a set's status, as the map names them."""
    status = manifest.get("status") or {}
    return {name: int(status.get(told) or 0) for name, told in COUNTS.items()}


def differences(kind: str, there: Mapping[Any, object], here: Mapping[Any, object]) -> list[str]:
    """Return what is said differently, as sentences."""
    return [
        f"{kind} {name}: the server has {there.get(name)}, the map {here.get(name)}"
        for name in {**there, **here}
        if there.get(name) != here.get(name)
    ]


def place_of(manifest: Manifest) -> tuple[str, str]:
    """Return namespace and name."""
    return manifest["metadata"]["namespace"], manifest["metadata"]["name"]
