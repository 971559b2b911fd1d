"""Play the recorded scenarios through kubectl against clusters of a running Everynode, several at once.

    python -m tests.conformance.side_by_side [--kubectl PATH] [--only ID ...] [--at-once N]

Every scenario has a fresh cluster of its own in one instance that this starts and stops. The runner
itself (conformance.py) is the one the recordings were made with; here is only who runs what when.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from tests.servers import Everynode, everynode_running

HERE = Path(__file__).resolve().parent
LATER = {"seed-002-statefulset"}
"""Scenarios about kinds that are not played yet."""

LONGEST = 400.0
"""Seconds after which a scenario counts as failed."""


@dataclass(frozen=True, slots=True)
class Played:
    """How a scenario went, and what the runner said of it."""

    name: str
    passed: bool
    said: str


def scenarios(only: Sequence[str] = ()) -> list[str]:
    """Return the names of the scenarios to play."""
    found = sorted(path.stem for path in (HERE / "scenarios").glob("*.yaml"))
    return [name for name in found if name not in LATER and (not only or name in only)]


def play(everynode: Everynode, name: str, folder: Path, kubectl: str) -> Played:
    """Play one scenario against a cluster of its own."""
    delays = ("--start-delay", "0.2", "--stop-delay", "0.2", "--node-grace", "6")
    everynode.manage("cluster", "create", name, "--nodes", "0", *delays)
    kubeconfig = folder / f"{name}.kubeconfig"
    kubeconfig.write_text(everynode.manage("kubeconfig", name))
    words = ("check", "--kubeconfig", str(kubeconfig), "--kubectl", kubectl, "--only", name)
    try:
        done = subprocess.run(
            [sys.executable, str(HERE / "conformance.py"), *words],
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Played(name, passed=False, said=f"FAILED {name}: not done within {LONGEST:g} s")
    said = "\n".join(line for line in done.stdout.splitlines() if " passed, " not in line)
    return Played(name, done.returncode == 0, said or done.stderr)


def play_all(
    everynode: Everynode, names: Sequence[str], folder: Path, *, kubectl: str = "kubectl", at_once: int = 4
) -> Iterator[Played]:
    """Play scenarios side by side; yield each as it ends."""
    with ThreadPoolExecutor(at_once) as pool:
        for done in as_completed([pool.submit(play, everynode, name, folder, kubectl) for name in names]):
            yield done.result()


def main() -> int:
    """Play, print and count."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kubectl", default="kubectl")
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--at-once", type=int, default=4)
    asked = parser.parse_args()
    names, failed = scenarios(asked.only), 0
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with everynode_running(home / "data", "--no-demo") as everynode:
            for played in play_all(everynode, names, home, kubectl=asked.kubectl, at_once=asked.at_once):
                failed += not played.passed
                print(played.said, flush=True)  # noqa: T201 - it is a command
    print(f"{len(names) - failed} passed, {failed} failed")  # noqa: T201 - it is a command
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
