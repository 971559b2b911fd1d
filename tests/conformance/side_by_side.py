"""Play the recorded scenarios through kubectl against clusters of a running Everynode, several at once.

    python -m tests.conformance.side_by_side [--kubectl PATH] [--only ID ...]
        [--at-once N] [--settle SECONDS]

Every scenario has a fresh cluster of its own in one instance that this starts and stops. The runner
itself (conformance.py) is the one the recordings were made with; here is only who runs what when, and
that kubectl is not asked for what it has just told (``Reader``).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

from controller.engine.objects import Manifest
from tests import kubectls
from tests.conformance import conformance
from tests.conformance.in_turn import in_turn
from tests.servers import Everynode, everynode_running

HERE = Path(__file__).resolve().parent
RECORDED_WITH = "32"
"""The minor version of the kubectl whose texts were recorded; of any other the runner compares no texts."""

QUIET = 1.5
"""Seconds of quiet that the runner takes for settled unless told otherwise."""

AT_ONCE = 4
"""Stories that are played at a time: they mostly wait for quiet."""

LINES = 40
"""Of a difference, how many are told."""

BROKEN = (
    conformance.Broken,
    subprocess.TimeoutExpired,
    httpx.HTTPError,
    AssertionError,
    KeyError,
    ValueError,
    RuntimeError,
)
"""What is raised when a story cannot be played to its end."""


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


class Reader(conformance.Kubectl):  # type: ignore[misc] # the runner has no types
    """The runner's kubectl, which reads everything again only if anything has changed.

    Waiting for quiet is reading all kinds several times a second, a process each time. The number of a
    list is that of the whole cluster: while it stands, kubectl would tell the same once more. It takes as
    long as kubectl did, though: on a busy machine the controllers are slower, and quiet must last longer.
    """

    def __init__(self, kubeconfig: str, folder: str, program: str) -> None:
        super().__init__(kubeconfig, folder, program)
        config = yaml.safe_load(Path(kubeconfig).read_text())
        self._http = httpx.Client()
        self._list = f"{config['clusters'][0]['cluster']['server']}/api/v1/namespaces?limit=1"
        self._number = ""
        self._found: dict[str, list[Manifest]] = {}
        self._took = 0.0
        self._watches: list[subprocess.Popen[str]] = []

    def everything(self) -> dict[str, list[Manifest]]:
        """Return all objects by kind, as kubectl told them after the last change."""
        number = self._http.get(self._list).raise_for_status().json()["metadata"]["resourceVersion"]
        if number == self._number:
            time.sleep(self._took)
        else:  # the number from before kubectl, so that what comes meanwhile is seen next time
            began = time.monotonic()
            self._found, self._number = super().everything(), number
            self._took = time.monotonic() - began
        return self._found

    def watch(self, args: list[str]) -> subprocess.Popen[str]:
        """Begin a watch, which the runner ends."""
        self._watches.append(super().watch(args))
        return self._watches[-1]

    def close(self) -> None:
        """Close all that was opened, a watch too that a broken story left running."""
        self._http.close()
        for watch in self._watches:
            watch.kill()
            watch.communicate()


def play(everynode: Everynode, name: str, folder: Path, kubectl: str, settle: float) -> Played:
    """Play one scenario against a cluster of its own, and compare as the runner does."""
    began = time.monotonic()
    handed_out = everynode.cluster(name, nodes=0, delay=0.2, node_grace=6)
    scenario: dict[str, Any] = yaml.safe_load((HERE / "scenarios" / f"{name}.yaml").read_text())
    expected: list[dict[str, Any]] = json.loads((HERE / "recorded" / f"{name}.json").read_text())
    place = folder / name
    place.mkdir()
    with in_turn(handed_out) as text:
        kubeconfig = place / "kubeconfig"
        kubeconfig.write_text(text)
        reader = Reader(str(kubeconfig), str(place), kubectl)
        try:
            result = conformance.replay(scenario, reader, settle)
        except BROKEN as error:
            result = [{"error": f"{type(error).__name__}: {error}"}]
        finally:
            reader.close()
    if kubectls.minor_of(kubectl) != RECORDED_WITH:
        expected, result = conformance.without_texts(expected), conformance.without_texts(result)
    difference = conformance.differences(expected, result)
    took = f"({time.monotonic() - began:.1f} s)"
    if not difference:
        return Played(name, passed=True, said=f"ok {name} {took}")
    said = "\n".join([f"FAILED {name} {took}: {scenario['title']}", *difference[:LINES]])
    return Played(name, passed=False, said=said)


def play_all(
    names: Sequence[str], folder: Path, *, kubectl: str, at_once: int = AT_ONCE, settle: float = QUIET
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
    parser.add_argument("--at-once", type=int, default=AT_ONCE)
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
