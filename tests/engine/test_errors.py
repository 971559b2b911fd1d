"""Refusals: each says in a sentence what is refused, and has a code that clients know."""

from __future__ import annotations

import pytest

from controller.engine.errors import (
    AccessEnded,
    Busy,
    LastAdmin,
    NoReadyNode,
    NotOffered,
    NotPaused,
    NotPreviewed,
    OtherObject,
    OwnRights,
    OwnServer,
    PageNotFound,
    Refused,
    StorageFull,
)


@pytest.mark.parametrize(
    ("refusal", "code", "words"),
    [
        (AccessEnded(), "Forbidden", "your access to this cluster has ended"),
        (OwnRights(), "Forbidden", "for another admin to change"),
        (LastAdmin(), "Forbidden", "the last admin who may log in"),
        (OtherObject("one DaemonSet", 2), "BadRequest", "the text must hold one DaemonSet and nothing else"),
        (Busy(), "ServiceUnavailable", "nothing was changed, please try again"),
        (StorageFull(), "ServiceUnavailable", "the disk of the database is full"),
        (NotPaused("demo"), "Conflict", "demo"),
        (NoReadyNode(), "Conflict", "no node is ready"),
        (NotOffered("clock"), "MethodNotAllowed", "mirrored from a real one, which does not offer 'clock'"),
        (OwnServer("kind-1"), "MethodNotAllowed", "kind-1 is a real cluster: its API is not served here"),
        (NotPreviewed(), "BadRequest", "cannot be previewed"),
        (PageNotFound(), "NotFound", "could not find the requested resource"),
    ],
)
def test_a_refusal_says_what_it_refuses(refusal: Refused, code: str, words: str) -> None:
    """The sentence is for people, the code for programs."""
    assert (refusal.code, words in refusal.sentence) == (code, True)
