"""The map in a browser at 5,000 nodes and 20 sets: first paint, deltas, other views, memory.

Deltas are given to the page as the line would give them, ten a second, so that nothing but the page is
measured: what they cost is the processor time of its main thread.
"""

from __future__ import annotations

import shutil
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

from playwright.sync_api import Browser as Chromium
from playwright.sync_api import CDPSession, Page, sync_playwright

from tests.bench import visits
from tests.bench.browser import Browser, next_frame
from tests.bench.clusters import EVERYWHERE, WHERE_SSD, Fleet
from tests.bench.ledger import Ledger
from tests.bench.telling import tell
from tests.browser.conftest import log_in
from tests.browser.person import Person
from tests.browser.test_two_browsers import delays
from tests.servers import Everynode, missing

NODES, SETS, CELLS = 5_000, 20, 250
NAME = "large"
ROUNDS = 12
"""How often one labels what another looks at."""

PACE_MS, SHORT, LONG = 100, 100, 6_000
"""Milliseconds between two deltas; how many there are at that pace; how many ten minutes have."""

FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--enable-precise-memory-info")
RECEIVED_AT = 128
"""Where in Linux' tcp_info stands how many bytes were received."""

BEFORE = """
  window.firstPaint = 0; window.longest = 0; window.known = null;
  document.addEventListener("everynode:counted", () => { window.firstPaint ||= performance.now(); }, true);
  document.addEventListener("everynode:frame", ({ detail }) => {
    if (detail.t === "snapshot") window.known = detail;
  });
  new PerformanceObserver((list) => {
    for (const task of list.getEntries()) window.longest = Math.max(window.longest, task.duration);
  }).observe({ type: "longtask" });
"""
DELTAS = """async ([count, cells, pace]) => {
  const { known } = window;
  const { names } = known.nodes;
  const states = ["new", "updating", "missing", "old"];
  window.n ??= known.n;
  window.longest = 0;
  for (let i = 0; i < count; i += 1) {
    const row = {};
    for (let at = 0; at < cells; at += 1) {
      row[names[(i * cells + at) % names.length]] = states[(i + (at >> 6)) % states.length];
    }
    const delta = {
      t: "delta", from: window.n, n: window.n + 1, nodes: [], gone_nodes: [], sets: [], gone_sets: [],
      cells: { [known.sets[0].id]: row }, workloads: [], gone_workloads: [], loads: {}, pods: [],
    };
    window.n += 1;
    document.dispatchEvent(new CustomEvent("everynode:frame", { detail: delta }));
    await new Promise((done) => { pace ? setTimeout(done, pace) : requestAnimationFrame(done); });
  }
  return window.longest;
}"""
CHANGE = """async (act) => {
  const field = document.querySelector("[data-filter]");
  const group = document.querySelector("[data-group='0']");
  const acts = {
    all: () => document.querySelector("[data-view=all]").click(),
    health: () => document.querySelector("[data-view=health]").click(),
    one: () => document.querySelector("[data-view=one]").click(),
    filter: () => { field.value = "node-1"; field.dispatchEvent(new Event("input")); },
    every: () => { field.value = ""; field.dispatchEvent(new Event("input")); },
    state: () => { group.value = ":state"; group.dispatchEvent(new Event("change")); },
    none: () => { group.value = ""; group.dispatchEvent(new Event("change")); },
  };
  const drawn = new Promise((done) => {
    document.addEventListener("everynode:counted", () => setTimeout(done), { capture: true, once: true });
  });
  acts[act]();
  await drawn;
}"""

THERE_AND_BACK = (("all", "one"), ("health", "one"), ("filter", "every"), ("state", "none"))
"""Changes that are made in turn: a button that is pressed already does nothing."""


def figures(running: Everynode) -> dict[str, float]:
    """Measure the page of one large cluster."""
    ledger = Ledger(running.data / "everynode.sqlite3")
    fleet = Fleet.made(running, ledger, NAME, NODES)
    fleet.create("---".join(EVERYWHERE.replace("agent", f"agent-{one}") for one in range(SETS)))
    ledger.settled(fleet.pk)
    browser = Browser(running.url, running.password)
    return {
        **measured(running.url, running.password, NAME),
        **visits.figures(running, browser, fleet, NAME),
        "two_browsers_ms": _told(running, ledger),
    }


def measured(url: str, password: str, name: str) -> dict[str, float]:
    """Measure the map of a cluster that rests."""
    wire = _on_the_wire(Browser(url, password), name)
    tell("snapshot on the wire, kB", [wire])
    with _chromium() as browser:
        page = _entered(browser, url, password)
        page.add_init_script(BEFORE)
        paint = [_first_paint(page, f"{url}clusters/{name}/") for _ in range(3)]
        tell("first useful paint, s", paint)
        return {"snapshot_kb": wire, "first_paint_s": median(paint), **_costs(page)}


@contextmanager
def _chromium() -> Iterator[Chromium]:
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or missing("Chromium")
        yield playwright.chromium.launch(executable_path=path, args=list(FLAGS))


def _entered(browser: Chromium, url: str, password: str) -> Page:
    """Return the page of somebody who has logged in."""
    page = browser.new_page(viewport={"width": 1440, "height": 900}, bypass_csp=True)
    log_in(page, url, "admin", password)
    return page


def _told(running: Everynode, ledger: Ledger) -> float:
    """Return the milliseconds from a label that is set in one browser to the cell that is lit in another."""
    Fleet.made(running, ledger, "two", 3).create(WHERE_SSD)
    with _chromium() as browser:
        one, other = (Person(_entered(browser, running.url, running.password), running.url) for _ in range(2))
        spent = delays(one, other, "two", ROUNDS)
    tell("label set in one browser -> pod seen in another, ms", spent)
    return median(spent)


def _on_the_wire(browser: Browser, name: str) -> float:
    with browser.socket(name) as line:
        next_frame(line, "snapshot")
        info = line.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, RECEIVED_AT + 8)
    received: int = struct.unpack_from("Q", info, RECEIVED_AT)[0]
    return received / 1000


def _first_paint(page: Page, address: str) -> float:
    page.goto(address)
    page.wait_for_function("window.firstPaint > 0", timeout=120_000)
    return float(page.evaluate("window.firstPaint")) / 1000


def _costs(page: Page) -> dict[str, float]:
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.evaluate("document.querySelector('#refresh').remove()")
    page.evaluate(DELTAS, [20, CELLS, PACE_MS])
    before = _metric(session, "TaskDuration")
    longest = float(page.evaluate(DELTAS, [SHORT, CELLS, PACE_MS]))
    delta = (_metric(session, "TaskDuration") - before) * 1000 / SHORT
    tell(f"a delta of {CELLS} cells, ms of main thread", [delta])
    tell("longest task meanwhile, ms (0: none over 50)", [longest])
    held = _heap(session)
    page.evaluate(DELTAS, [LONG, CELLS, 0])
    grown = _heap(session) / held
    tell(f"heap after {LONG} deltas / before", [grown])
    changes: dict[str, list[float]] = {}
    for there, back in THERE_AND_BACK * 5:
        for act in (there, back):
            changes.setdefault(act, []).append(_change(page, session, act))
    for act, spent in changes.items():
        tell(f"change to {act}, ms of main thread", spent)
    worst = max(median(spent) for spent in changes.values())
    return {"delta_ms": delta, "delta_longest_ms": longest, "heap_growth": grown, "change_ms": worst}


def _change(page: Page, session: CDPSession, act: str) -> float:
    """Return the milliseconds of the main thread that a change takes until it is drawn."""
    before = _metric(session, "TaskDuration")
    page.evaluate(CHANGE, act)
    return (_metric(session, "TaskDuration") - before) * 1000


def _metric(session: CDPSession, name: str) -> float:
    metrics: list[dict[str, Any]] = session.send("Performance.getMetrics")["metrics"]
    return float(next(one["value"] for one in metrics if one["name"] == name))


def _heap(session: CDPSession) -> float:
    session.send("HeapProfiler.collectGarbage")
    return _metric(session, "JSHeapUsedSize")
