"""A map as columns: what a snapshot is made of, so that 100,000 cells are a short frame.

Nodes are numbered by their place among all names in order. What many of them share is written once,
with one small number a node that says which it has; a state is one letter. As rows the same map is five
times as long, and a browser would have to make a hundred thousand entries of objects from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from controller.engine.daemonset.cells import CellState
from controller.live.frames import (
    Cells,
    ClusterRow,
    Column,
    LoadColumns,
    Loads,
    NodeColumns,
    NodeRow,
    SetRow,
    Snapshot,
    WorkloadRow,
)

LETTERS = {state: chr(ord("a") + at) for at, state in enumerate(CellState)}
LACKS, OWN_NAME, FIRST = 0, 1, 2
"""What the numbers of a column say: the node has nothing, its own name, or the first of the values."""


def snapshot(
    *,
    n: int,
    cluster: ClusterRow,
    nodes: Mapping[str, NodeRow],
    sets: Iterable[SetRow],
    cells: Cells,
    workloads: Iterable[WorkloadRow],
    loads: Loads,
) -> Snapshot:
    """Return a whole map as a frame; cells and loads are those of nodes that are there."""
    names = sorted(nodes)
    places = {name: at for at, name in enumerate(names)}
    return Snapshot(
        n=n,
        cluster=cluster,
        nodes=_nodes([nodes[name] for name in names]),
        sets=tuple(sorted(sets, key=lambda row: (row.namespace, row.name, row.id))),
        states=tuple(CellState),
        cells={uid: _letters(row, names) for uid, row in cells.items()},
        workloads=tuple(sorted(workloads, key=lambda row: (row.kind, row.namespace, row.name, row.id))),
        loads={uid: _loads(row, places) for uid, row in loads.items()},
    )


def _letters(row: Mapping[str, CellState], names: Sequence[str]) -> str:
    none = CellState.NONE
    return "".join([LETTERS[row.get(name, none)] for name in names])


def _loads(row: Mapping[str, tuple[CellState, int]], places: Mapping[str, int]) -> LoadColumns:
    found = sorted((places[name], *load) for name, load in row.items())
    return LoadColumns(
        at=tuple(at for at, _state, _pods in found),
        states="".join(LETTERS[state] for _at, state, _pods in found),
        pods=tuple(pods for _at, _state, pods in found),
    )


def _nodes(rows: Sequence[NodeRow]) -> NodeColumns:
    names = tuple(row.name for row in rows)
    keys = sorted({key for row in rows for key in row.labels})
    return NodeColumns(
        names=names,
        labels={key: _column([row.labels.get(key) for row in rows], names) for key in keys},
        ready=_column([row.ready for row in rows], names),
        taints=_column([row.taints for row in rows], names),
        unschedulable=tuple(at for at, row in enumerate(rows) if row.unschedulable),
        down=tuple(at for at, row in enumerate(rows) if row.down),
    )


def _column(values: Sequence[Any], names: Sequence[str]) -> Column:
    known: dict[Any, int] = {}
    at = []
    for value, name in zip(values, names, strict=True):
        if value is None:
            at.append(LACKS)
        elif value == name:
            at.append(OWN_NAME)
        else:
            at.append(known.setdefault(value, len(known) + FIRST))
    return Column(values=tuple(known), at=tuple(at))


def rows_of(frame: Mapping[str, Any]) -> dict[str, Any]:
    """Return a decoded snapshot with a row for each node and an entry for each cell, as people read it."""
    nodes, states = frame["nodes"], frame["states"]
    names = nodes["names"]
    none = states.index(CellState.NONE)
    return {
        **{key: value for key, value in frame.items() if key != "states"},
        "nodes": [_row(nodes, at) for at in range(len(names))],
        "cells": {
            uid: {names[at]: states[code] for at, code in enumerate(_codes(letters)) if code != none}
            for uid, letters in frame["cells"].items()
        },
        "loads": {
            uid: {
                names[at]: [states[code], pods]
                for at, code, pods in zip(load["at"], _codes(load["states"]), load["pods"], strict=True)
            }
            for uid, load in frame["loads"].items()
        },
    }


def _codes(letters: str) -> list[int]:
    return [ord(letter) - ord("a") for letter in letters]


def _row(nodes: Mapping[str, Any], at: int) -> dict[str, Any]:
    name = nodes["names"][at]
    labels = {key: _value(column, at, name) for key, column in nodes["labels"].items()}
    return {
        "name": name,
        "labels": {key: value for key, value in labels.items() if value is not None},
        "ready": _value(nodes["ready"], at, name),
        "unschedulable": at in nodes["unschedulable"],
        "down": at in nodes["down"],
        "taints": _value(nodes["taints"], at, name),
    }


def _value(column: Mapping[str, Any], at: int, name: str) -> Any:  # noqa: ANN401 - a value of any column
    which = column["at"][at]
    if which < FIRST:
        return name if which == OWN_NAME else None
    return column["values"][which - FIRST]
