"""Rows for templates: the words and tones that are chosen for what was found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import inf

import pytest

from controller.engine.daemonset.cells import CellState
from controller.engine.daemonset.status import Counts
from controller.engine.whatif.effects import Effect
from controller.engine.whatif.simulation import Ended
from controller.engine.whatif.warnings import Risk, Warning  # noqa: A004 -- see there
from controller.queries.daemonsets import SetRow
from controller.queries.rollouts import Cause, Motion, Progress, Waiting, Why
from controller.queries.whatif import Preview
from dashboard.present.rollouts import rollout_row
from dashboard.present.sets import count_rows
from dashboard.present.shell import aside, set_parts
from dashboard.present.whatif import preview_shown, warning_words
from dashboard.present.words import STATES, age, bar, hours, seconds_label
from dashboard.templatetags.site import coded, listed

NOW = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-5, "0s"), (0, "0s"), (119, "119s"), (120, "2m"), (7199, "119m"), (7200, "2h"), (172_800, "2d")],
)
def test_age(seconds: int, said: str) -> None:
    """Ages read as kubectl writes them; a clock that is a little ahead is no age."""
    assert age(NOW - timedelta(seconds=seconds), NOW) == said


def test_hours() -> None:
    """Cluster time reads as a clock that does not end at a day."""
    assert [hours(0), hours(61.9), hours(360_000)] == ["00:00:00", "00:01:01", "100:00:00"]


@pytest.mark.parametrize(("seconds", "said"), [(10.0, "10 s"), (0.52, "0.5 s"), (100.0, "100 s")])
def test_seconds(seconds: float, said: str) -> None:
    """Spans of cluster time have at most one decimal, and none that says nothing."""
    assert seconds_label(seconds) == said


def test_bar() -> None:
    """The parts of a bar stand side by side, and an empty one is left out."""
    parts = bar([("good", 1), ("warn", 0), ("bad", 3)], 4)
    assert [(part.tone, part.x, part.width) for part in parts] == [
        ("good", "0.00", "25.00"),
        ("bad", "25.00", "75.00"),
    ]
    assert bar([("good", 1)], 0) == []


def test_every_state_has_words() -> None:
    """No state of the engine is without words and a place in the legend."""
    assert set(STATES) == set(CellState)


def test_a_bar_counts_every_wanted_cell() -> None:
    """Misscheduled pods and unwanted nodes are no part of a set's progress."""
    parts = set_parts({CellState.NEW: 1, CellState.DOWN: 1, CellState.NONE: 8, CellState.MISSCHEDULED: 5})
    assert [(part.tone, part.width) for part in parts] == [("good", "50.00"), ("bad", "50.00")]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("The node lacks the label disk=ssd.", "The node lacks the label <code>disk=ssd</code>."),
        ("Taint a/b=c:NoSchedule is there.", "Taint <code>a/b=c:NoSchedule</code> is there."),
        ("a <b> & c", "a &lt;b&gt; &amp; c"),
    ],
)
def test_coded(text: str, shown: str) -> None:
    """A key=value within a sentence is shown as code, everything else as it is."""
    assert coded(text) == shown


def test_listed() -> None:
    """A line may end behind each comma of kubectl's lists; nothing else of a text is markup."""
    assert listed("10.0.0.1:80,10.0.0.2:80 <x>") == "10.0.0.1:80,<wbr>10.0.0.2:80 &lt;x&gt;"


@pytest.mark.parametrize(
    ("counts", "tones"),
    [
        pytest.param(Counts(3, 3, 3, 3, 3, 0), ["", "", "", "", "", "quiet"], id="all well"),
        pytest.param(Counts(3, 2, 2, 1, 1, 1), ["", "bad", "", "warn", "", "odd"], id="all askew"),
    ],
)
def test_tones_of_counts(counts: Counts, tones: list[str]) -> None:
    """A number is toned where it says that something is not as wanted."""
    by_label = {str(row.label): row.tone for row in count_rows("tried", ("default", "one"), counts)}
    labels = ["desired", "current", "ready", "available", "up to date", "misscheduled"]
    assert [by_label[label] for label in labels] == tones


def row(counts: Counts, states: dict[CellState, int] | None = None, **facts: object) -> SetRow:
    """Return a set of which only what is named matters."""
    plain: dict[str, object] = {
        "id": "u",
        "namespace": "default",
        "name": "one",
        "version": "1",
        "images": (),
        "strategy": "RollingUpdate",
        "paused": False,
        "staged": False,
        "deleting": False,
        "revision": 2,
        "generation": 1,
        "observed": 1,
        "created": "",
    }
    return SetRow(**{**plain, **facts}, counts=counts, states=states or {})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "said"),
    [
        pytest.param(row(Counts(4, 4, 4, 4, 4, 0)), "", id="nothing to tell"),
        pytest.param(row(Counts(4, 4, 4, 4, 1, 0)), "rolling, 25 %", id="rolling"),
        pytest.param(row(Counts(4, 4, 4, 4, 1, 0), strategy="OnDelete"), "OnDelete, 3 old", id="by hand"),
        pytest.param(row(Counts(4, 4, 4, 4, 1, 0), paused=True), "paused", id="paused"),
        pytest.param(row(Counts(4, 4, 4, 3, 4, 0)), "1 unavailable", id="not yet available"),
        pytest.param(row(Counts(4, 4, 4, 4, 4, 2)), "2 misscheduled", id="misscheduled"),
        pytest.param(row(Counts(), deleting=True), "being deleted", id="deleted"),
        pytest.param(
            row(Counts(4, 4, 4, 3, 1, 0), {CellState.FAILING: 1}), "1 in trouble", id="trouble first"
        ),
    ],
)
def test_aside(one: SetRow, said: str) -> None:
    """The rail tells of each set the one thing most worth knowing."""
    assert aside(one) == said


CROWDED, STARTING = "more than one pod of a revision stands there", "its new pod is starting"


def progress(used: int, told: int) -> Progress:
    """Return a rollout of which ``told`` of ``used`` holders are told."""
    waiting = tuple(
        Waiting(f"n{at}", "", Why(Cause.STARTING if at else Cause.CROWDED), holds_slot=True, stuck=at == 0)
        for at in range(told)
    )
    return Progress(
        revision=2,
        hash="h",
        paused=False,
        bound="maxUnavailable",
        limit="10%",
        min_ready_seconds=0,
        counts=Counts(500, 500, 400, 400, 100, 0),
        old=400,
        budget=50,
        used=used,
        waiting=waiting,
        motion=Motion.MOVING,
        waits_for=None,
    )


def slots(used: int, told: int) -> list[tuple[str, str]]:
    """Return the slots of such a rollout as they are drawn."""
    drawn = rollout_row("tried", ("default", "one"), progress(used, told), {})
    return [(slot.title, slot.words) for slot in drawn.slots]


def test_few_slots_name_their_nodes() -> None:
    """Few slots are drawn one by one, and the free ones together."""
    assert slots(2, 2) == [("n0", CROWDED), ("n1", STARTING), ("48 slots", "free")]


def test_many_slots_are_gathered_by_reason() -> None:
    """Many slots are drawn by what they wait for; those that are not told of are counted."""
    assert slots(50, 40) == [("39 nodes", STARTING), ("1 node", CROWDED), ("10 more", "on the map")]


@pytest.mark.parametrize(
    ("risk", "facts", "one", "many"),
    [
        (Risk.DOES_NOT_FIT, {"node": "n", "said": "0/9."}, "1 pod finds no room on n", "2 pods find no room"),
        (
            Risk.DOES_NOT_FIT,
            {"node": "", "said": "0/9."},
            "1 pod finds no room. 0/9.",
            "2 pods find no room. 0/9.",
        ),
        (Risk.FAILS, {"node": "n", "reason": "r"}, "1 pod does not become", "2 pods do not become"),
        (Risk.NOT_COMING_BACK, {}, "1 pod without a controller goes", "2 pods without a controller go"),
        (
            Risk.NOT_READY_YET,
            {},
            "1 pod is not available yet. It goes",
            "2 pods are not available yet. All go",
        ),
    ],
)
def test_warnings_count_in_grammar(risk: Risk, facts: dict[str, str], one: str, many: str) -> None:
    """One pod does what two pods do."""
    for count, said in ((1, one), (2, many)):
        assert said in warning_words(Warning(risk, ("DaemonSet", "default", "a"), {"count": count, **facts}))


@pytest.mark.parametrize(
    ("replaced", "said"), [(("n1",), "no time for the first 1 of 3 pods"), ((), "not known")]
)
def test_how_far_an_edit_came_that_takes_no_time(replaced: tuple[str, ...], said: str) -> None:
    """Where pods need no time, a preview that was cut short says of how many it knows."""
    waits = tuple(name for name in ("n1", "n2", "n3") if name not in replaced)
    effect = Effect(("DaemonSet", "default", "a"), "u", (), (), replaced, waits, len(waits), (), (), None)
    found = Preview(
        number=1,
        facts=(),
        changed=1,
        writes=(),
        effects=(effect,),
        warnings=(),
        seconds=0.0,
        elapsed=0.0,
        ended=Ended.STOPPED,
        busy=False,
        apart=inf,
        paused=False,
        plan=None,
    )
    assert [fact.value for fact in preview_shown("c", found).figures] == [said]
