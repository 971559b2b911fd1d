"""What the command of a container found out on the network, kept with its pod.

What a command prints follows from the pod and the clock, and is worked out whenever somebody asks; but the
network was as it was when the command ran. So its kubelet keeps what came of it in an annotation. Of a
command that goes on asking, such as ``until nslookup web; do sleep 2; done``, it keeps what was told so
far, and looks again when something about the network changes.
"""

from __future__ import annotations

import json
import math
from typing import Any

from controller.engine.container.netcommands import NETWORK_PROGRAMS
from controller.engine.container.scripts import Printed, Rounds, Script, argv_of
from controller.engine.objects import SIM, Manifest

ANNOTATION = SIM + "network-commands"
ENDLESS = '"seconds":null'
RUNS, MOST_LINES, LONGEST_LINE = 2, 100, 500
"""How much is kept: the last runs of a container (``kubectl logs --previous`` shows two), and their lines."""


def asks_network(container: Manifest) -> bool:
    """Whether the command of a container names a program that asks the network."""
    return any(program in word for word in argv_of(container) for program in NETWORK_PROGRAMS)


def recorded(pod: Manifest, container: str, run: int) -> Script | None:
    """Return what came of the ``run``-th run of a container's command, None if nothing is kept of it."""
    kept = _read(pod).get(f"{container}/{run}")
    try:
        if not kept:
            return None
        lines = tuple(_line(*one) for one in kept["lines"])
        answers = kept.get("answers")
        if answers is not None and not all(isinstance(one, dict) for one in answers.values()):
            return None
        return Script(lines, _seconds(kept["seconds"]), int(kept["code"]), answers=answers)
    except (AttributeError, KeyError, TypeError, ValueError):  # people may write annotations
        return None


def _line(at: float, *rest: Any) -> Printed:  # noqa: ANN401 -- any JSON
    if len(rest) == 1:
        return float(at), str(rest[0])
    period, times, lines = rest
    return Rounds(
        float(at), float(period), _seconds(times), tuple((float(each), str(text)) for each, text in lines)
    )


def _seconds(written: float | None) -> float:
    return math.inf if written is None else float(written)


def goes_on_asking(pod: Manifest) -> bool:
    """Whether a command of a pod waits for the network to change."""
    written = (pod["metadata"].get("annotations") or {}).get(ANNOTATION)
    return ENDLESS in (written or "")


def with_record(pod: Manifest, container: str, run: int, script: Script) -> Manifest:
    """Return the pod with what came of a run."""
    lines = [_written(line) for line in script.lines[:MOST_LINES]]
    gone = f"{container}/{run - RUNS}"
    kept = {name: one for name, one in _read(pod).items() if name != gone}
    asked = {} if script.answers is None else {"answers": script.answers}
    seconds = _finite(script.seconds)
    kept[f"{container}/{run}"] = {"seconds": seconds, "code": script.code, "lines": lines, **asked}
    meta = pod["metadata"]
    annotations = {**(meta.get("annotations") or {}), ANNOTATION: json.dumps(kept, separators=(",", ":"))}
    return {**pod, "metadata": {**meta, "annotations": annotations}}


def _written(line: Printed) -> list[Any]:
    if not isinstance(line, Rounds):
        return [line[0], line[1][:LONGEST_LINE]]
    lines = [_written(each) for each in line.lines[:MOST_LINES]]
    return [line.at, line.period, _finite(line.times), lines]


def _finite(number: float) -> float | None:
    return None if number == math.inf else number


def _read(pod: Manifest) -> dict[str, Manifest]:
    written = (pod["metadata"].get("annotations") or {}).get(ANNOTATION)
    try:
        found = json.loads(written) if written else {}
    except (ValueError, RecursionError):
        found = {}
    return found if isinstance(found, dict) else {}
