"""``make bench``: measures everything, prints the table and writes bench/latest.json."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from statistics import median

import django

from tests.bench import start
from tests.bench.figures import table
from tests.bench.telling import tell
from tests.servers import BASE, everynode_running

LATEST = BASE / "bench" / "latest.json"


def main() -> None:
    """Measure, print, write."""
    tell("load of the machine before", [os.getloadavg()[0]])
    start.set_up()
    first = [start.first_page_s() for _ in range(3)]
    tell("first_page_s", first)
    with (
        tempfile.TemporaryDirectory(prefix="everynode-bench-") as folder,
        everynode_running(Path(folder)) as running,
    ):
        # From here on this process works on the instance's database and Redis, like its parts do.
        os.environ |= {"EVERYNODE_DATA": folder, "DJANGO_SETTINGS_MODULE": "dashboard.settings"}
        django.setup()
        from tests.bench import engine, live  # noqa: PLC0415 - models need the settings that were just made

        measured = {"first_page_s": median(first), **live.figures(running)}
        tell("engine alone: full pass at 5,000 nodes, s", [engine.full_pass_s()])
        tell("store alone: insert of 10,000 pods, s", [engine.insert_s()])
    print(f"\n{table(measured)}")  # noqa: T201 - a bench speaks to its user
    LATEST.parent.mkdir(exist_ok=True)
    LATEST.write_text(json.dumps(measured, indent=1) + "\n")


if __name__ == "__main__":
    main()
