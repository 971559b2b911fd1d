"""Frames travel as JSON under the names that docs/events.md tells."""

from __future__ import annotations

import json
from pathlib import Path

from controller.engine.daemonset.cells import CellState
from controller.live.frames import Clock, Delta, Gone, Notice, encode
from tools.events import document

DOCS = Path(__file__).parent.parent.parent / "docs" / "events.md"


def test_a_delta_names_where_it_begins() -> None:
    """``from`` cannot be a name in Python, and is one on the wire."""
    delta = Delta(
        since=4,
        n=6,
        nodes=(),
        gone_nodes=("west-1",),
        sets=(),
        gone_sets=(),
        cells={"uid": {"east-1": CellState.NONE}},
        workloads=(),
        gone_workloads=("web",),
        loads={"job": {"east-1": (CellState.UPDATING, 2)}},
        pods=("default/fluentd-bcdfg",),
    )
    assert json.loads(encode(delta)) == {
        "t": "delta",
        "from": 4,
        "n": 6,
        "nodes": [],
        "gone_nodes": ["west-1"],
        "sets": [],
        "gone_sets": [],
        "cells": {"uid": {"east-1": "none"}},
        "workloads": [],
        "gone_workloads": ["web"],
        "loads": {"job": {"east-1": ["updating", 2]}},
        "pods": ["default/fluentd-bcdfg"],
    }


def test_small_frames() -> None:
    """A clock frame carries the cluster's fields at its top; the end carries nothing."""
    clock = Clock(id=3, name="demo", paused=True, speed=2.0, time=1.5, wall="2026-01-02T03:04:05+00:00")
    assert json.loads(encode(clock)) == {
        "t": "clock",
        "id": 3,
        "name": "demo",
        "paused": True,
        "speed": 2.0,
        "time": 1.5,
        "wall": "2026-01-02T03:04:05+00:00",
    }
    assert json.loads(encode(Notice(person="ada", code="clock_speed", facts={"after": 2.0}))) == {
        "t": "notice",
        "person": "ada",
        "code": "clock_speed",
        "facts": {"after": 2.0},
    }
    assert encode(Gone()) == '{"t":"gone"}'


def test_the_catalogue_is_written_down() -> None:
    """docs/events.md is what tools/events.py makes of the catalogue."""
    assert DOCS.read_text(encoding="utf-8") == document()
