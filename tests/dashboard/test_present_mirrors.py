"""What pages say of a real cluster whose API server fails."""

from __future__ import annotations

from datetime import UTC, datetime

from controller.queries.mirrors import MirrorFacts
from controller.upstream.states import State
from dashboard.present.mirrors import mirror_troubles


def facts(state: State, **errors: str) -> MirrorFacts:
    """Return a cluster that was live at noon, of which only how it fares matters."""
    return MirrorFacts(
        server="https://real",
        cluster_uid="u",
        version="v1.36.2",
        state=state,
        errors=errors,
        odd=(),
        missing=(),
        last_seen=datetime(2026, 5, 1, 12, tzinfo=UTC),
        age=5.0,
        skew=0.0,
        requests=1,
        impersonate=False,
        insecure=False,
        is_followed=True,
    )


def test_why_it_is_not_live() -> None:
    """State, reason and moment are sentences, whether it is our word or the server's."""
    ((tone, said),) = mirror_troubles(facts(State.UNREACHABLE, Node="All connection attempts failed"))
    assert (tone, said) == (
        "bad",
        (
            "Its API server is not reached; it is tried again and again. Why: no connection came about. "
            "What you see is of 2026-05-01 12:00:00 UTC."
        ),
    )
    ((_tone, said),) = mirror_troubles(facts(State.UNAUTHORIZED, Node="Unauthorized.", Pod="Unauthorized."))
    assert "replace them. Why: Unauthorized. What you see" in said
    assert mirror_troubles(facts(State.CONNECTING))[0][1].startswith("Connecting to its API server. What you")
