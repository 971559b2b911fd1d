"""The recordings of a real control plane, played through the services, must come out the same.

What is about kubectl alone (its texts, patches, drains, selectors) is left to the runner.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from controller.services import clusters
from tests.conformance.player import Player, recorded_of, scenario_of

HERE = Path(__file__).resolve().parent
LEFT_TO_KUBECTL = {
    "apply-and-patch",
    "describe",
    "drain",
    "seed-000-old-api-version",
    "seed-002-statefulset",
    "seed-003-no-template-no-life",
    "selectors",
}
SERVED = {"w-node-conditions"}
"""The one story beside DaemonSets that needs no kubectl."""

STORIES = {path.stem for path in (HERE / "scenarios").glob("*.yaml")}
PLAYED = sorted({name for name in STORIES - LEFT_TO_KUBECTL if not name.startswith("w-")} | SERVED)
COMPARED = ("state", "events", "witness")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", PLAYED)
def test_a_recording_comes_out_the_same(name: str, tmp_path: Path) -> None:
    """States, events and the extremes of rollouts equal those of Kubernetes."""
    cluster = clusters.cluster_create(
        name="conformance", actor="player", nodes=0, start_delay=0.2, stop_delay=0.2, node_grace=6
    )
    recorded = recorded_of(HERE / "recorded" / f"{name}.json")
    player = Player(cluster, scenario_of(HERE / "scenarios" / f"{name}.yaml"), tmp_path)

    played = player.play(recorded)

    assert played == [entry for entry in recorded if any(word in entry for word in COMPARED)]
