"""Ways to carry out programs of a simulated container in a test."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from controller.engine.container.commands import execute
from controller.engine.container.effects import (
    Effect,
    Interrupted,
    Out,
    Pause,
    Read,
    Steps,
)
from controller.engine.container.environment import Environment, environment_of
from controller.engine.container.sources import ConfigSources
from tests.builders import container, node_manifest
from tests.engine.container.printing import pod

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
HOME = ConfigSources({"settings": {"level": "high\n"}})
BOX = container("luksa/ssd-monitor", volumeMounts=[{"name": "v", "mountPath": "/config"}])


def inside(**spec: Any) -> Environment:
    """Return the inside of a monitor that mounts a config map."""
    volumes = [{"name": "v", "configMap": {"name": "settings"}}]
    return environment_of(pod(containers=[BOX], volumes=volumes, **spec), BOX, node_manifest("n"), HOME)


def finish(steps: Steps, lines: Iterable[str | None] = ()) -> tuple[list[Effect], int]:
    """Carry out steps, giving them lines; ``^C`` interrupts. Returns the effects and the exit code."""
    effects: list[Effect] = []
    waiting, answer = list(lines), None
    try:
        while True:
            effect = steps.throw(Interrupted()) if answer == "^C" else steps.send(answer)
            effects.append(effect)
            answer = (waiting.pop(0) if waiting else None) if isinstance(effect, Read | Pause) else None
    except StopIteration as end:
        return effects, end.value


def outcome(*argv: str, lines: Iterable[str | None] = (), tty: bool = False) -> tuple[str, str, int]:
    """Return output, errors and the exit code of a program."""
    effects, code = finish(execute(argv, inside(), lambda: NOW, tty=tty), lines)
    texts = {
        error: "".join(each.text for each in effects if isinstance(each, Out) and each.error is error)
        for error in (False, True)
    }
    return texts[False], texts[True], code
