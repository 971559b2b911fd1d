"""``make bench``: measures everything, prints the table and writes bench/latest.json.

Each part runs in a process and on an instance of its own, so that none is slowed down by what another
left behind. ``python -m tests.bench scale`` measures one part; figures of the others stay as they were.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import django

from tests.bench import start
from tests.bench.figures import table
from tests.bench.telling import tell
from tests.servers import BASE, everynode_running

LATEST = BASE / "bench" / "latest.json"
INSTANCES = {
    "live": (),
    "scale": ("--no-demo",),
    "page": ("--no-demo",),
    "crowd": ("--no-demo",),
    "scrape": ("--no-demo",),
    "classroom": ("--no-demo",),
    "workloads": ("--no-demo",),
    "mirrored": ("--no-demo",),
    "beside": ("--no-demo",),
}
"""The parts that measure an instance on this machine, with how it is started."""

PARTS = ("start", *INSTANCES, "workers")


def main() -> None:
    """Measure one part, or all, and print the table."""
    tell("load of the machine before", [os.getloadavg()[0]])
    match sys.argv[1:]:
        case [part]:
            _keep(_measured(part))
        case parts:
            # Each in a process of its own: Django's settings are those of one instance.
            start.set_up()
            for part in parts or PARTS:
                subprocess.run([sys.executable, "-m", "tests.bench", part], cwd=BASE, check=True)
    print(f"\n{table(_latest())}")  # noqa: T201 - a bench speaks to its user


def _measured(part: str) -> dict[str, float]:
    if part == "start":
        return start.figures()
    if part == "workers":
        from tests.bench import workers  # noqa: PLC0415 - it has its own processes, and needs no settings here

        return workers.figures()
    with (
        tempfile.TemporaryDirectory(prefix="everynode-bench-") as folder,
        everynode_running(Path(folder), *INSTANCES[part]) as running,
    ):
        # From here on this process works on the instance's database and Redis, like its parts do.
        os.environ |= {"EVERYNODE_DATA": folder, "DJANGO_SETTINGS_MODULE": "dashboard.settings"}
        django.setup()
        measure = importlib.import_module(f"tests.bench.{part}")  # it needs the settings that were just made
        return dict(measure.figures(running))


def _latest() -> dict[str, float]:
    return dict(json.loads(LATEST.read_text())) if LATEST.exists() else {}


def _keep(measured: Mapping[str, float]) -> None:
    LATEST.parent.mkdir(exist_ok=True)
    LATEST.write_text(json.dumps({**_latest(), **measured}, indent=1) + "\n")


if __name__ == "__main__":
    main()
