"""Writes docs/events.md from the catalogue of frames, so that the page cannot lag behind the code."""

from __future__ import annotations

import sys
from dataclasses import is_dataclass
from enum import EnumType
from inspect import getdoc
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

HERE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HERE))

from controller.engine.daemonset.cells import CellState  # noqa: E402  # found by the line above
from controller.live import frames  # noqa: E402  # found by the line above

OPENING = """\
# What travels over a cluster's socket

*Made by `python tools/events.py` from `controller/live/frames.py`; do not edit it here.*

`/ws/clusters/<name>/` carries JSON text frames. `t` says which. The browser says `{"t":"resync"}` and
hears a `snapshot`, or `{"t":"ping","at":<number>}` and hears a `pong`. After a quiet time three
deltas go out at once, then one in 100 ms: it holds all that changed since the one before. A client
that does not keep up loses its oldest frames, and gets a snapshot as soon as it reads again; one that
sees that `from` is not its own number asks for one. After `gone` the socket is closed with the code
4404, and coming back is of no use. Neither is it after the code 4403: the login, or the right to see
the cluster, has ended.

`controller/live/fold.py` and `static/js/fold.js` make a map of these frames in the same way;
`tests/fixtures/fold` holds the stories that both are tested with.
"""


def _word(hint: object) -> str:
    """Return a type in JSON's words."""
    origin, inner = get_origin(hint), [_word(each) for each in get_args(hint) if each not in {..., NoneType}]
    if origin is tuple:
        return f"list of {inner[0]}"
    if origin is dict:
        return f"object of {inner[1]}"
    if inner:
        return " or ".join(f'"{each}"' for each in get_args(hint))
    name: str = getattr(hint, "__name__", "")
    if is_dataclass(hint) or isinstance(hint, EnumType):
        return f"[{name}](#{name.lower()})"
    return {"str": "string", "int": "number", "float": "number", "bool": "boolean"}.get(name, name)


def _lines(part: type[Any], name: str) -> list[str]:
    hints, wires = get_type_hints(part, include_extras=True), frames.on_the_wire(part)
    lines = [f"## {name}", "", getdoc(part) or "", "", "| field | is | meaning |", "| --- | --- | --- |"]
    for field, wire in wires.items():
        hint, meaning = hints[field], ""
        if get_origin(hint) is Annotated:
            hint, meaning = get_args(hint)
        lines.append(f"| `{wire}` | {_word(hint)} | {meaning} |")
    return [*(lines if wires else lines[:3]), ""]


def document() -> str:
    """Return the text of docs/events.md."""
    lines = [OPENING, "# Frames", ""]
    for frame in frames.CATALOGUE:
        lines += _lines(frame, frame.t)
    lines += ["# What they are made of", ""]
    for row in frames.ROWS:
        lines += _lines(row, row.__name__)
    states = ", ".join(f"`{state}`" for state in CellState)
    lines += ["## CellState", "", getdoc(CellState) or "", "", f"One of {states}.", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    (HERE / "docs" / "events.md").write_text(document(), encoding="utf-8")
