"""A staged rollout on a real cluster: planned and promoted on the page, judged by what the server tells."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise

from controller.engine.daemonset.staged.status import MANAGER_ANNOTATION, PLAN_STATUS_ANNOTATION, Phase
from controller.engine.objects import PLAN_ANNOTATION, Manifest
from tests.real.checks import SETTLE, await_, check, image_of, uid_of, words
from tests.real.kubelet import is_ready
from tests.real.screen import Screen
from tests.real.upstream import Cluster

HOSTNAME = "kubernetes.io/hostname"
PLAN = {
    "promotion": "AfterCanary",
    "soak": "0",
    "partition": "0",
    "max_failures": "1",
    "on_failure": "Pause",
    "deadline": "600",
}


@dataclass(frozen=True, slots=True)
class Staged:
    """A rollout of a set of the trial on its nodes, from one image to another: one node goes first.

    The second follows in a wave of its own, then the rest. Nodes are told apart by the label that each has.
    """

    cluster: Cluster
    screen: Screen
    name: str
    nodes: list[str]
    images: tuple[str, str]

    def tried(self) -> str:
        """Plan it, begin it, promote it, and look at what became of the set and its pods."""
        first, image = self.images
        await_(lambda: self._all_run(first), "pods of the image before")  # else the plan is for that rollout
        before = self._set()
        strategy, old = before["spec"]["updateStrategy"], self.cluster.pods(self.name)
        self._do(f"{self._page}rollout/do/", action="plan", **PLAN, **self._waves())
        await_(lambda: self._set()["spec"]["updateStrategy"]["type"] == "OnDelete", "strategy OnDelete")
        self._do(f"{self._page}do/", action="image", container="main", image=image)
        if len(self.nodes) > 1:
            await_(lambda: self._phase() == Phase.AWAITING, "the canary, and the wait to be promoted")
            changed = [node for node, pod in self._pods().items() if uid_of(pod) != uid_of(old[node])]
            check(changed == self.nodes[:1], f"only {self.nodes[0]} should be new, {changed} are")
            # Nobody can press the button before the page, which follows a moment later, has it.
            await_(lambda: self._offers("canary"), "the button to promote on the page", SETTLE)
            self._do(f"{self._page}rollout/do/", action="promote", wave="canary")
        await_(lambda: self._phase() == Phase.COMPLETED, "the end of the rollout")
        check(self._all_run(image), "some pod is not of the image, or not ready")
        self._judge(strategy)
        return f"{self.nodes[0]} first, then {len(self.nodes) - 1} in their order; its own strategy is back"

    def _all_run(self, image: str) -> bool:
        pods = self._pods()
        is_run = [image_of(pod) == image and is_ready(pod) for pod in pods.values()]
        return pods.keys() == set(self.nodes) and all(is_run)

    def _judge(self, strategy: Manifest) -> None:
        now = self._set()
        check(now["spec"]["updateStrategy"] == strategy, f"its strategy is {now['spec']['updateStrategy']}")
        left = now["metadata"]["annotations"].keys() & {PLAN_ANNOTATION, MANAGER_ANNOTATION}
        check(not left, f"annotations are left: {sorted(left)}")
        pods = [self._pods()[node] for node in self.nodes]
        for earlier, later in pairwise(pods):
            check(
                ready_since(earlier) <= born(later),
                f"{born(later)}: a wave began before the one before was ready",
            )

    @property
    def _page(self) -> str:
        return f"sets/{self.cluster.name}/{self.name}/"

    def _waves(self) -> dict[str, str]:
        found = []
        for node in self.nodes[:2]:
            label = self.cluster.get("Node", node)["metadata"]["labels"].get(HOSTNAME)
            check(label, f"{node} has no label {HOSTNAME}")
            found.append(f"{HOSTNAME}={label}")
        return {"canary": found[0], "waves": "; ".join(found[1:])}

    def _do(self, path: str, **form: str) -> None:
        answer = self.screen.post(path, **form)
        check(answer.is_success, f"{form['action']}: {answer.status_code} {words(answer.text)}")

    def _offers(self, wave: str) -> bool:
        return f'name="wave" value="{wave}"' in self.screen.page(f"{self._page}rollout/")

    def _set(self) -> Manifest:
        return self.cluster.get("DaemonSet", self.name, self.cluster.name)

    def _pods(self) -> dict[str, Manifest]:
        return self.cluster.pods(self.name)

    def _phase(self) -> str:
        text = (self._set()["metadata"].get("annotations") or {}).get(PLAN_STATUS_ANNOTATION)
        return str(json.loads(text or "{}").get("phase"))


def born(pod: Manifest) -> str:
    """Return when a pod was made."""
    return str(pod["metadata"]["creationTimestamp"])


def ready_since(pod: Manifest) -> str:
    """Return since when a pod is ready."""
    conditions = pod["status"]["conditions"]
    return str(next(one["lastTransitionTime"] for one in conditions if one["type"] == "Ready"))
