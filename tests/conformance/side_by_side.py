"""Play the recorded scenarios through kubectl against clusters of a running Everynode, several at once.

    python -m tests.conformance.side_by_side [--kubectl PATH] [--only ID ...]
        [--at-once N] [--settle SECONDS]

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

from tests import kubectls
from tests.conformance.in_turn import in_turn
from tests.servers import Everynode, everynode_running

HERE = Path(__file__).resolve().parent
RECORDED_WITH = "32"
"""The minor version of the kubectl whose texts were recorded; of any other the runner compares no texts."""

QUIET = 1.5
"""Seconds of quiet that the runner takes for settled unless told otherwise."""

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
    return [name for name in found if not only or name in only]


def judge() -> str:
    """Return the kubectl of the recordings' version if this machine has one, else the usual one.

    Changed builds of a version call themselves ``32+``, which is another version to the runner.
    """
    return kubectls.found().get(RECORDED_WITH) or kubectls.kubectl()


def play(everynode: Everynode, name: str, folder: Path, kubectl: str, settle: float) -> Played:
    """Play one scenario against a cluster of its own."""
    handed_out = everynode.cluster(name, nodes=0, delay=0.2, node_grace=6)
    kubeconfig = folder / f"{name}.kubeconfig"
    words = ["check", "--kubeconfig", str(kubeconfig), "--kubectl", kubectl]
    words += ["--settle", str(settle), "--only", name]
    with in_turn(handed_out) as text:
        kubeconfig.write_text(text)
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
    names: Sequence[str], folder: Path, *, kubectl: str, at_once: int = 4, settle: float = QUIET
) -> Iterator[Played]:
    """Play scenarios side by side in an instance of their own; yield each as it ends.

    ``settle`` is the seconds of quiet that count as settled.
    """
    with everynode_running(folder / "data", "--no-demo") as everynode, ThreadPoolExecutor(at_once) as pool:
        begun = [pool.submit(play, everynode, name, folder, kubectl, settle) for name in names]
        for done in as_completed(begun):
            yield done.result()


def main() -> int:
    """Play, print and count."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kubectl", default="", help="the program; the recordings' version if it is here")
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--at-once", type=int, default=4)
    parser.add_argument("--settle", type=float, default=QUIET, help="seconds of quiet that count as settled")
    asked = parser.parse_args()
    names, failed = scenarios(asked.only), 0
    kubectl = asked.kubectl or judge()
    with tempfile.TemporaryDirectory() as folder:
        how = {"at_once": asked.at_once, "settle": asked.settle}
        for played in play_all(names, Path(folder), kubectl=kubectl, **how):
            failed += not played.passed
            print(played.said, flush=True)  # noqa: T201 - it is a command
    if kubectls.minor_of(kubectl) != RECORDED_WITH:
        print(f"texts were not compared: that needs kubectl 1.{RECORDED_WITH}")  # noqa: T201 - as above
    print(f"{len(names) - failed} passed, {failed} failed")  # noqa: T201 - it is a command
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
