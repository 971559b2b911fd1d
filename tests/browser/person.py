"""A person at a browser: goes to pages, looks at the map, presses buttons.

What leads up to a story (a cluster, a set) is posted as the page's own form would post it; what the
story is about is done with mouse and keys. Nothing waits for a time: what is expected is waited for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import APIResponse, ConsoleMessage, Locator, Page, Request, Response, expect

OK = 200
BROKEN = 500
HANDS_ON = 30_000
"""Milliseconds that an expectation may take on a busy machine. Usually it is a few."""

expect.set_options(timeout=HANDS_ON)

WATCH = """() => {
  window.watched = [];
  const now = () => performance.timeOrigin + performance.now();
  const state = (cell) => /\\bs-(\\w+)/.exec(cell.className)?.[1];
  const note = (cell, at) => window.watched.push([cell.dataset.n, state(cell), at]);
  const map = document.querySelector("#map");
  new MutationObserver((changes) => {
    const at = now();  // what is drawn at once has one moment
    for (const { target } of changes) if (target.dataset.n) note(target, at);
  }).observe(map, { subtree: true, attributes: true, attributeFilter: ["class"] });
}"""


def is_script(request: Request) -> bool:
    """Return whether a request is for a script of the page."""
    return request.resource_type == "script"


@dataclass
class Person:
    """Somebody who is logged in. ``troubles`` are what the page's scripts and the server complained of."""

    page: Page
    url: str
    troubles: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Listen to what goes wrong."""
        self.page.set_default_timeout(HANDS_ON)
        self.page.on("pageerror", lambda error: self.troubles.append(f"{error} ({self.page.url})"))
        self.page.on("console", self._said)
        self.page.on("response", self._answered)
        self.page.on("requestfailed", self._failed)

    def _said(self, message: ConsoleMessage) -> None:
        # A line for every refusal and every lost connection is no trouble of the page's.
        own = not re.match(
            r"Failed to load resource|WebSocket connection to|htmx: .*Failed to fetch", message.text
        )
        if message.type in {"error", "warning"} and own:
            self.troubles.append(f"{message.text} ({self.page.url})")

    def _answered(self, response: Response) -> None:
        if response.status == BROKEN or (response.status > BROKEN and is_script(response.request)):
            self.troubles.append(f"{response.status} {response.url}")

    def _failed(self, request: Request) -> None:
        # A page without one of its scripts says nothing of it. Who goes on to another page needs none.
        if is_script(request) and request.failure != "net::ERR_ABORTED":
            self.troubles.append(f"{request.failure} {request.url}")

    # ------------------------------------------------------------------------------- going places
    def go(self, path: str) -> None:
        """Go to a page, by its path without the first slash."""
        self.page.goto(f"{self.url}{path}")

    def go_live(self, path: str) -> None:
        """Go to a page of a cluster, and stay until its line is open."""
        self.go(path)
        self.is_live()

    def map(self, cluster: str, **choice: str) -> None:
        """Go to the map of a cluster; ``choice`` is what its address says: set, node, view, group.

        It stands where it is going to stand once the timeline has come up below it.
        """
        self.go_live(f"clusters/{cluster}/?{urlencode(choice)}")
        expect(self.page.locator(".timeline")).to_be_visible()

    def is_live(self) -> None:
        """Wait until the page says that it is live."""
        expect(self.page.locator("[data-line]")).to_have_attribute("data-state", "live")

    # ------------------------------------------------------------------------------- preparations
    def post(self, path: str, **form: str | float | bool) -> APIResponse:
        """Send a form as the page would; fail if it is refused."""
        answer = self.try_post(path, **form)
        assert answer.status == OK, f"{answer.status} {answer.text()[:2000]}"
        return answer

    def try_post(self, path: str, **form: str | float | bool) -> APIResponse:
        """Send a form as the page would, and return the answer, whatever it is."""
        cookies = self.page.context.cookies(self.url)
        token = next(one for one in cookies if one["name"].endswith("-csrf"))["value"]
        return self.page.request.post(
            f"{self.url}{path}", form={**form}, headers={"X-CSRFToken": token, "Referer": self.url}
        )

    def make_cluster(self, name: str, *, nodes: int = 3, delay: float = 0.0, labels: str = "") -> str:
        """Make a cluster with nodes called node-1, node-2 and so on; return its name."""
        delays = {"start_delay": delay, "stop_delay": delay, "node_grace": 1}
        answer = self.post("clusters/", name=name, nodes=nodes, labels=labels, **delays)
        assert answer.url == f"{self.url}clusters/{name}/", answer.text()  # else the name is taken
        return name

    def create(self, cluster: str, text: str) -> None:
        """Create what a YAML text describes."""
        answer = self.post(f"clusters/{cluster}/create/", text=text)
        assert not answer.url.endswith("/create/"), answer.text()

    def label(self, cluster: str, node: str, label: str) -> None:
        """Set a label, written key=value."""
        self.post(f"clusters/{cluster}/nodes/{node}/label/", label=label)

    def pods_take(self, cluster: str, seconds: float) -> None:
        """Let pods take so long to start and to stop: what is on its way can then be looked at in peace."""
        self.post(
            f"clusters/{cluster}/settings/",
            start_delay=seconds,
            stop_delay=seconds,
            node_grace=1,
            kubelet_events="auto",
        )

    def hurry(self, cluster: str) -> None:
        """Let the time of a cluster run a hundred times as fast."""
        self.post(f"clusters/{cluster}/clock/", speed=100)

    def act(self, cluster: str, name: str, action: str, **more: str) -> None:
        """Do what a button of a set's page does."""
        self.post(f"clusters/{cluster}/sets/default/{name}/do/", action=action, **more)

    # --------------------------------------------------------------------------------- the page
    def button(self, name: str) -> Locator:
        """Return the button of this very name."""
        return self.page.get_by_role("button", name=name, exact=True)

    def cell(self, node: str) -> Locator:
        """Return the cell of a node."""
        return self.page.locator(f'#map [data-n="{node}"]')

    def sees(self, node: str, state: str) -> None:
        """Wait until the cell of a node shows a state."""
        expect(self.cell(node)).to_have_class(re.compile(rf"\bs-{state}\b"))

    def sees_all(self, state: str, count: int) -> None:
        """Wait until so many cells show a state."""
        expect(self.page.locator(f"#map .s-{state}[data-n]")).to_have_count(count)

    def sees_ready(self, count: int) -> None:
        """Wait until so many nodes are shown as ready: a cluster that is paused before stays without."""
        expect(self.page.locator("#map [data-n]:not(.silent)")).to_have_count(count)

    def counts(self, state: str, count: int) -> None:
        """Wait until the legend counts so many nodes in a state: large maps have no element for each cell."""
        expect(self.page.locator(f'#legend [data-state="{state}"] output')).to_have_text(f"{count:,}")

    def sees_toast(self, text: str) -> None:
        """Wait until a toast says so."""
        expect(self.page.locator("#toasts .toast", has_text=text).last).to_be_visible()

    @property
    def yaml(self) -> Locator:
        """Return the field of a form for YAML: the editor before it keeps it up to date."""
        return self.page.locator("#id_text")

    @property
    def editor(self) -> Locator:
        """Return what is typed into, of the editor of YAML."""
        return self.page.locator("[data-yaml] .cm-content")

    def type_yaml(self, text: str) -> None:
        """Put a text in the place of all that stands in the editor of YAML."""
        self.editor.click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(text)
        expect(self.yaml).to_have_value(text)

    @property
    def panel(self) -> Locator:
        """Return the panel beside the map."""
        return self.page.locator("#panel")

    # --------------------------------------------------------------------------------- watching
    def watch(self) -> None:
        """From now on note every change of a cell."""
        self.page.evaluate(WATCH)

    def watched(self) -> list[tuple[str, str, float]]:
        """Return what changed since ``watch``: node, state, moment (ms of wall time)."""
        seen: list[Any] = self.page.evaluate("window.watched")
        return [(node, state, at) for node, state, at in seen]

    def course(self, node: str) -> list[str]:
        """Return the states that a cell went through since ``watch``, repetitions left out."""
        states = [state for name, state, _at in self.watched() if name == node]
        return [state for i, state in enumerate(states) if i == 0 or state != states[i - 1]]
