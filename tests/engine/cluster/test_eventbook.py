"""Events are counted rather than repeated, and many of one kind share a row."""

from __future__ import annotations

import pytest

from controller.engine.changes import Change, Verb
from controller.engine.cluster import eventbook
from controller.engine.cluster.eventbook import EventBook, Telling
from controller.engine.objects import Moment
from tests.engine.play import BORN, SeededNames

ABOUT = {"apiVersion": "v1", "metadata": {"name": "a", "namespace": "default", "uid": "1"}}
NOW = Moment(BORN, 0)


def told(book: EventBook, *messages: str) -> list[Change]:
    """Tell the messages in one pass and return its changes."""
    names = SeededNames(len(messages))
    for message in messages:
        book.tell("Pod", ABOUT, Telling("kubelet", "Warning", "BackOff", message), NOW, names)
    return book.flush()


def test_the_same_message_raises_a_count() -> None:
    """It makes no second row, within a pass and between passes."""
    book = EventBook()
    (first,) = told(book, "x", "x")
    assert (first.verb, first.manifest["count"]) == (Verb.ADDED, 2)

    (again,) = told(book, "x")
    assert (again.verb, again.manifest["count"], again.key) == (Verb.MODIFIED, 3, first.key)


def test_after_ten_different_messages_the_rest_share_a_row() -> None:
    """The shared row says that it is one, bears the latest message, and counts."""
    changes = told(EventBook(), *(f"message {number}" for number in range(14)))

    assert len(changes) == 11
    assert changes[-1].manifest["message"] == "(combined from similar events): message 13"
    assert changes[-1].manifest["count"] == 4


def test_an_event_that_was_removed_is_told_anew() -> None:
    """When the store forgets an event, the next one of its kind is a row of its own again."""
    book = EventBook()
    (first,) = told(book, "x")
    book.take(Change(Verb.DELETED, "Event", first.manifest, "somebody", "expired"))
    (second,) = told(book, "x")

    assert (second.verb, second.manifest["count"]) == (Verb.ADDED, 1)


def test_forgetting_one_message_keeps_the_others() -> None:
    """Only the message that was removed is new again."""
    book = EventBook()
    first, _ = told(book, "x", "y")
    book.take(Change(Verb.DELETED, "Event", first.manifest, "somebody", "expired"))

    assert [change.verb for change in told(book, "x", "y")] == [Verb.ADDED, Verb.MODIFIED]


def test_events_read_from_the_store_are_known() -> None:
    """A book that is filled from rows goes on counting."""
    (first,) = told(EventBook(), "x")
    book = EventBook()
    book.take(first)

    assert told(book, "x")[0].manifest["count"] == 2


def test_only_the_latest_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was not told for longest is forgotten when there is too much, and is a row of its own again."""
    monkeypatch.setattr(eventbook, "REMEMBERED", 2)
    book = EventBook()
    for reason in ("Pulled", "Created", "Pulled", "Started"):
        book.tell("Pod", ABOUT, Telling("kubelet", "Normal", reason, "x"), NOW, SeededNames(0))
        book.flush()
    for reason, count in (("Pulled", 3), ("Created", 1)):
        book.tell("Pod", ABOUT, Telling("kubelet", "Normal", reason, "x"), NOW, SeededNames(0))
        (change,) = book.flush()
        assert change.manifest["count"] == count
