"""What the pages of a large cluster ask of the server: the verdict of a cell, the table, the past.

Milliseconds by the clock, as somebody waits for them, and those of the web process' processor time beside
them: on a machine that does other things only the latter can be compared.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from statistics import median

from tests.bench import memory
from tests.bench.browser import Browser
from tests.bench.clusters import Fleet
from tests.bench.telling import tell
from tests.servers import Everynode

LOOKS, JUMPS = 40, 8
CHANGES = 100_000
"""So far back the past is looked at."""


@dataclass
class Spent:
    """The milliseconds of some answers, by the clock and of processor time."""

    waited: list[float] = field(default_factory=list)
    worked: list[float] = field(default_factory=list)


def figures(running: Everynode, browser: Browser, fleet: Fleet, name: str) -> dict[str, float]:
    """Measure one cluster that rests."""
    web = memory.pid_of(running.run["pid"], "uvicorn")
    chance = random.Random(1)  # noqa: S311 - the same places each time

    def ask(what: str, *rounds: list[str]) -> float:
        spent = Spent()
        for paths in rounds:
            worked, began = memory.processor_s(web), time.perf_counter()
            for path in paths:
                browser.part(path)
            spent.waited.append((time.perf_counter() - began) * 1000)
            spent.worked.append((memory.processor_s(web) - worked) * 1000)
        tell(f"{what}, ms", spent.waited)
        tell("... of processor time", [sum(spent.worked) / len(spent.worked)])
        return median(spent.waited)

    at = f"clusters/{name}/"
    cells = [
        f"{at}?set=default/agent-{chance.randrange(20)}&node={chance.choice(fleet.names)}"
        for _ in range(LOOKS)
    ]
    browser.part(at)
    last = fleet.ledger.one("SELECT number FROM controller_cluster WHERE id = ?", fleet.pk)
    moments = [last - chance.randrange(1, CHANGES) for _ in range(JUMPS)]
    jumps = [[f"at/{moment}/{at}", f"at/{moment}/{at}frame/"] for moment in moments]
    return {
        "explain_ms": ask("explain a cell", *([path] for path in cells)),
        "table_ms": ask(
            "the table of 20 columns brought up to date", *([f"{at}table/"] for _ in range(LOOKS))
        ),
        "jump_ms": ask(f"a jump to one of {CHANGES} changes", *jumps),
    }
