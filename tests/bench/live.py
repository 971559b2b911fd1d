"""The figures of a running instance. Imported once Django knows the instance's folder."""

from __future__ import annotations

from statistics import median

from tests.bench import clients, engine, labels, memory, rollouts, whatif
from tests.bench.browser import Browser
from tests.bench.clusters import EVERYWHERE, WHERE_SSD, Fleet
from tests.bench.ledger import Ledger
from tests.bench.telling import tell
from tests.servers import Everynode

EDITS = 40
FLEETS = ("fleet-1", "fleet-2", "fleet-3")


def figures(running: Everynode) -> dict[str, float]:
    """Measure everything but the start."""
    ledger = Ledger(running.data / "everynode.sqlite3")
    browser = Browser(running.url, running.password)
    runs = [rollouts.created(running, ledger, name) for name in FLEETS]
    create, fleet = [seconds for seconds, _ in runs], runs[-1][1]
    tell("create_1000_s", create)
    tenth = rollouts.rolled(fleet, at_once="10%", runs=3)
    tell("roll_10pct_s", tenth)
    single = rollouts.rolled(fleet, at_once=1, runs=1)
    tell("roll_1_s", single)
    held = _held(running, browser, FLEETS[-1])
    fleets = [_with_labels(running, ledger, nodes) for nodes in (50, 5000)]
    fleet.create(WHERE_SSD)
    commit = labels.commit_ms([*fleets, fleet], edits=EDITS)
    for nodes, spent in commit.items():
        tell(f"label_commit_ms at {nodes} nodes", spent)
    socket, pod = labels.socket_ms(fleet, browser, FLEETS[-1], edits=EDITS)
    tell("label_socket_ms", socket)
    tell("... until the pod is ready on the map", pod)
    tell("engine alone: full pass at 5,000 nodes, s", [engine.full_pass_s()])
    scheduled = engine.schedule_s()
    tell("schedule_1000_s", [scheduled])
    forks = engine.fork_ms()
    tell("fork_ms at 100,000 pods", forks)
    labelled, raced = whatif.what_if_label_s(), whatif.race_s()
    tell("what_if_label_s at 100,000 pods", labelled)
    tell("race_s of four strategies on 500 nodes", [raced])
    tell("store alone: insert of 10,000 pods, s", [engine.insert_s()])
    return {
        "create_1000_s": median(create),
        "roll_10pct_s": median(tenth),
        "roll_1_s": median(single),
        "label_commit_ms": median(commit[fleet.nodes]),
        "label_socket_ms": median(socket),
        "schedule_1000_s": scheduled,
        "fork_ms": median(forks),
        "what_if_label_s": median(labelled),
        "race_s": raced,
        "label_5000_over_50": median(commit[5000]) / median(commit[50]),
        "rss_mb": held,
        **clients.figures(running, ledger),
    }


def _held(running: Everynode, browser: Browser, name: str) -> float:
    """Return the memory while somebody looks at the map of the cluster."""
    browser.page(f"clusters/{name}/")
    with browser.socket(name) as socket:
        socket.recv()
        parts = memory.megabytes(running.run["pid"])
    for part, megabytes in parts.items():
        tell(f"PSS in MB of {part}", [megabytes])
    return sum(parts.values())


def _with_labels(running: Everynode, ledger: Ledger, nodes: int) -> Fleet:
    """Make a cluster with a set on every node, and one that waits for a label."""
    fleet = Fleet.made(running, ledger, f"labels-{nodes}", nodes)
    for text in (EVERYWHERE, WHERE_SSD):
        fleet.create(text)
        ledger.settled(fleet.pk)
    return fleet
