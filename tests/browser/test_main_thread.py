"""What the live map costs the browser at a thousand nodes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import CDPSession, WebSocket

from tests.browser.conftest import Figure
from tests.browser.manifests import daemonset, rolling
from tests.browser.person import Person

pytestmark = pytest.mark.browser
NODES, EDITS = 1000, 10
FRAME = 16
"""Milliseconds: what a delta may cost."""

SLOWEST = 4 * FRAME
"""Milliseconds that fail: a machine that runs tests is busy, and its caches are cold."""


def is_delta(frame: str | bytes) -> bool:
    """Return whether a frame is a delta."""
    return str(frame).startswith('{"t":"delta"')


class Costs:
    """Tells what deltas cost: the processor time of the page's main thread, all of it."""

    def __init__(self, person: Person, line: WebSocket) -> None:
        self.deltas, self.line = 0, line
        line.on("framereceived", self._count)
        self.session: CDPSession = person.page.context.new_cdp_session(person.page)
        # Its own time, not the clock's, so that other processes do not count.
        self.session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def _count(self, frame: str | bytes) -> None:
        self.deltas += is_delta(frame)

    def _busy(self) -> float:
        metrics = {
            one["name"]: one["value"] for one in self.session.send("Performance.getMetrics")["metrics"]
        }
        return float(metrics["TaskDuration"]) * 1000

    def of(self, act: Callable[[], None]) -> float:
        """Return the milliseconds a delta costs while something is done."""
        before, count = self._busy(), self.deltas
        act()
        return (self._busy() - before) / (self.deltas - count)


def test_a_thousand_nodes(person: Person, cluster: str, figure: Figure) -> None:
    """At 1,000 nodes a delta costs less than a frame: its folding, drawing, layout and paint."""
    person.make_cluster(cluster, nodes=NODES)
    person.create(cluster, daemonset("some", update=rolling("10%"), nodeSelector={"disk": "ssd"}))
    with person.page.expect_websocket() as line:
        person.map(cluster)
    costs = Costs(person, line.value)

    def labels(value: str) -> None:
        for number in range(EDITS):
            with line.value.expect_event("framereceived", is_delta):
                person.label(cluster, f"node-{number + 101:04}", f"disk={value}")

    with_panels = costs.of(lambda: labels("ssd"))
    person.page.evaluate("document.querySelector('#refresh').remove()")
    alone = costs.of(lambda: labels("hdd"))
    figure(
        f"a label's delta at {NODES:,} nodes, with the panels that follow it",
        with_panels,
        "ms of main thread",
    )
    figure(f"a label's delta at {NODES:,} nodes, the map alone", alone, "ms of main thread")
    assert alone < SLOWEST


def test_a_rollout_of_a_thousand_nodes(person: Person, cluster: str, figure: Figure) -> None:
    """A rolling update at 10 % moves through the map of 1,000 nodes, a hundred cells with each delta."""
    person.make_cluster(cluster, nodes=NODES)
    person.create(cluster, daemonset("all", update=rolling("10%")))
    with person.page.expect_websocket() as line:
        person.map(cluster)
    person.counts("new", NODES)
    costs = Costs(person, line.value)
    person.page.evaluate("document.querySelector('#refresh').remove()")

    def roll() -> None:
        person.act(cluster, "all", "image", container="main", image="agent:2")
        person.counts("old", 0)
        person.counts("new", NODES)

    alone = costs.of(roll)
    figure(f"a rollout's delta at {NODES:,} nodes, the map alone", alone, "ms of main thread")
    assert alone < SLOWEST
