"""What a client makes of the frames it hears: the reference that static/js/fold.js plays too.

It works on the frames as they travel (decoded JSON), because that is all a client ever has. Both
sides are held to the same stories in tests/fixtures/fold.
"""

from __future__ import annotations

from typing import Any

from controller.live.columns import rows_of

Wire = dict[str, Any]
"""A decoded frame. The state of a client is a snapshot whose columns became rows."""


class Gap(Exception):
    """The frame does not follow on what the client knows: it has to ask for a snapshot."""


def fold(state: Wire | None, frame: Wire) -> Wire | None:
    """Return the map of a client that knew ``state`` (None: nothing yet) and heard ``frame``.

    Raises Gap if a delta begins at another number than the client's.
    """
    match frame["t"]:
        case "snapshot":
            return rows_of(frame)
        case "delta":
            return _moved(state, frame)
        case "clock" if state:
            return {**state, "cluster": {key: frame[key] for key in state["cluster"]}}
    return state


def _moved(state: Wire | None, delta: Wire) -> Wire:
    if state is None or delta["from"] != state["n"]:
        raise Gap
    nodes = {node["name"]: node for node in state["nodes"] if node["name"] not in delta["gone_nodes"]}
    nodes |= {node["name"]: node for node in delta["nodes"]}
    sets = {row["id"]: row for row in state["sets"] if row["id"] not in delta["gone_sets"]}
    sets |= {row["id"]: row for row in delta["sets"]}
    workloads = {row["id"]: row for row in state["workloads"] if row["id"] not in delta["gone_workloads"]}
    workloads |= {row["id"]: row for row in delta["workloads"]}
    return {
        **state,
        "n": delta["n"],
        "nodes": sorted(nodes.values(), key=lambda node: node["name"]),
        "sets": sorted(sets.values(), key=lambda row: (row["namespace"], row["name"], row["id"])),
        "cells": {uid: _cells(state, delta, uid) for uid in sets},
        "workloads": sorted(
            workloads.values(), key=lambda row: (row["kind"], row["namespace"], row["name"], row["id"])
        ),
        "loads": {uid: _loads(state, delta, uid) for uid in workloads},
    }


def _cells(state: Wire, delta: Wire, uid: str) -> dict[str, str]:
    before = {} if uid in delta["gone_sets"] else state["cells"].get(uid, {})
    kept = {node: cell for node, cell in before.items() if node not in delta["gone_nodes"]}
    merged = kept | delta["cells"].get(uid, {})
    return {node: cell for node, cell in merged.items() if cell != "none"}


def _place(row: Wire) -> tuple[str, ...]:
    return (row["kind"], row["namespace"], row["name"], row["id"])


def _loads(state: Wire, delta: Wire, uid: str) -> dict[str, list[Any]]:
    before = {} if uid in delta["gone_workloads"] else state["loads"].get(uid, {})
    kept = {node: load for node, load in before.items() if node not in delta["gone_nodes"]}
    merged = kept | delta["loads"].get(uid, {})
    return {node: load for node, load in merged.items() if load[1]}
