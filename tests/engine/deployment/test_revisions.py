"""The numbers of a Deployment's sets."""

from __future__ import annotations

from controller.engine.deployment.revisions import HISTORY, REVISION, annotations_of_new, forgotten
from tests.engine.deployment.parts import deployment, one


def test_a_number_that_cannot_be_read_is_none() -> None:
    """The set is numbered anew, and nothing of it is kept."""
    told = annotations_of_new(deployment(1), {REVISION: "one"}, [one("old", 0, revision="7")])
    assert told == {REVISION: "8"}


def test_former_numbers_are_kept_as_long_as_there_is_room() -> None:
    """The oldest are forgotten first."""
    history = ",".join(str(number) for number in range(1000, 1400))
    told = annotations_of_new(
        deployment(1), {REVISION: "1400", HISTORY: history}, [one("old", 0, revision=1401)]
    )
    assert told[HISTORY] == ",".join(str(number) for number in range(1001, 1401))


def test_without_a_limit_no_set_is_forgotten() -> None:
    """What has no number goes first where there is one."""
    old = [one("b", 0, revision=2), one("none", 0), one("a", 0, revision=1)]
    assert forgotten(deployment(1), old) == []
    assert [each.name for each in forgotten(deployment(1, revisionHistoryLimit=1), old)] == ["none", "a"]
