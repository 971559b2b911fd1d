"""What the command of a container found out on the network, kept with its pod.

What a command prints follows from the pod and the clock, and is worked out whenever somebody asks; but the
network was as it was when the command ran. So its kubelet keeps what came of it in an annotation.
"""

from __future__ import annotations

import json

from controller.engine.container.netcommands import NETWORK_PROGRAMS
from controller.engine.container.scripts import Script, argv_of
from controller.engine.objects import SIM, Manifest

ANNOTATION = SIM + "network-commands"
RUNS, MOST_LINES, LONGEST_LINE = 2, 100, 500
"""How much is kept: the last runs of a container (``kubectl logs --previous`` shows two), and their lines."""


def asks_network(container: Manifest) -> bool:
    """Whether the command of a container names a program that asks the network."""
    return any(program in word for word in argv_of(container) for program in NETWORK_PROGRAMS)


def recorded(pod: Manifest, container: str, run: int) -> Script | None:
    """Return what came of the ``run``-th run of a container's command, None if nothing is kept of it."""
    kept = _read(pod).get(f"{container}/{run}")
    try:
        lines = tuple((float(at), str(text)) for at, text in kept["lines"]) if kept else ()
        return Script(lines, float(kept["seconds"]), int(kept["code"])) if kept else None
    except (KeyError, TypeError, ValueError):  # people may write annotations
        return None


def with_record(pod: Manifest, container: str, run: int, script: Script) -> Manifest:
    """Return the pod with what came of a run."""
    lines = [[at, text[:LONGEST_LINE]] for at, text in script.lines[:MOST_LINES]]
    gone = f"{container}/{run - RUNS}"
    kept = {name: one for name, one in _read(pod).items() if name != gone}
    kept[f"{container}/{run}"] = {"seconds": script.seconds, "code": script.code, "lines": lines}
    meta = pod["metadata"]
    annotations = {**(meta.get("annotations") or {}), ANNOTATION: json.dumps(kept, separators=(",", ":"))}
    return {**pod, "metadata": {**meta, "annotations": annotations}}


def _read(pod: Manifest) -> dict[str, Manifest]:
    written = (pod["metadata"].get("annotations") or {}).get(ANNOTATION)
    try:
        found = json.loads(written) if written else {}
    except (ValueError, RecursionError):
        found = {}
    return found if isinstance(found, dict) else {}
