"""The recordings of a real control plane, played through a real kubectl, must come out the same.

The random stories are left to ``make conformance``, which plays everything and waits longer for quiet:
they are the longest, and here test_recordings.py plays them through the services.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conformance import side_by_side

SETTLE = 1.0
"""Seconds of quiet that are enough for pods that take 0.2 s to start and to stop."""


@pytest.mark.kubectl
def test_recordings_come_out_the_same_through_kubectl(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """Texts, exit codes, states, events and the extremes of rollouts equal those of Kubernetes.

    Some stories look at a cluster within seconds (``progressDeadlineSeconds: 5``), which waiting for quiet
    outlasts on a machine that is full: what comes out otherwise beside others is judged by a run alone.
    """
    kubectl = side_by_side.judge()
    names = [name for name in side_by_side.scenarios() if not name.startswith("random-")]

    played = list(side_by_side.play_all(names, tmp_path, kubectl=kubectl, settle=SETTLE))

    assert len(played) == len(names)
    late = [one.name for one in played if not one.passed]
    if late:
        record_property("played again alone", " ".join(late))
        alone = tmp_path / "alone"
        alone.mkdir()
        again = list(side_by_side.play_all(late, alone, kubectl=kubectl, at_once=1, settle=SETTLE))
        assert not [one.said for one in again if not one.passed]
