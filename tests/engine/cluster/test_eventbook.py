"""Events are counted rather than repeated, and many of one kind share a row."""

from __future__ import annotations

from datetime import timedelta

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


def test_from_the_tenth_different_message_on_they_share_a_row() -> None:
    """The shared row says that it is one, bears the latest message, and counts."""
    changes = told(EventBook(), *(f"message {number}" for number in range(14)))

    assert len(changes) == 10
    assert changes[-1].manifest["message"] == "(combined from similar events): message 13"
    assert changes[-1].manifest["count"] == 5


def test_one_source_tells_of_one_object_twenty_five_times_and_then_once_in_five_minutes() -> None:
    """What is more is not told, whatever its kind; others, and other objects, have limits of their own."""
    book = EventBook()
    (row,) = told(book, *(["x"] * 40))
    assert row.manifest["count"] == 25
    assert not told(book, "y")

    names = SeededNames(1)
    book.tell("Pod", ABOUT, Telling("somebody", "Warning", "BackOff", "y"), NOW, names)
    assert len(book.flush()) == 1
    later = Moment(BORN, 301)
    for _ in range(2):
        book.tell("Pod", ABOUT, Telling("kubelet", "Warning", "BackOff", "z"), later, names)
    (again,) = book.flush()
    assert again.manifest["count"] == 1


def test_what_a_book_was_filled_with_counts_as_told() -> None:
    """A book that is read from rows goes on with the limit where it stood, and a fork does so by itself."""
    (row,) = told(EventBook(), *(["x"] * 24))
    book = EventBook()
    book.take(row)
    book.take(row)
    twin = book.fork()

    assert told(book, "x", "x")[0].manifest["count"] == 25
    assert told(twin, "x", "x")[0].manifest["count"] == 25


def test_the_scheduler_has_no_limit() -> None:
    """It speaks the newer API of events: the same message counts, others are rows of their own."""
    book = EventBook()
    for number in range(40):
        telling = Telling("default-scheduler", "Warning", "FailedScheduling", f"message {number % 20}")
        book.tell("Pod", ABOUT, telling, NOW, SeededNames(number))

    assert [change.manifest["count"] for change in book.flush()] == [2] * 20


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


def test_events_stand_in_the_order_in_which_they_were_told() -> None:
    """Clients show those of one second by their names."""
    book = EventBook()
    first, second = told(book, "z", "a")
    later = Moment(BORN + timedelta(milliseconds=1), 0)
    book.tell("Pod", ABOUT, Telling("kubelet", "Normal", "Pulled", "x"), later, SeededNames(0))
    (third,) = book.flush()
    names = [change.key[2] for change in (first, second, third)]
    assert names == sorted(names)


def test_of_those_who_told_long_ago_the_limit_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the latest are remembered; who comes again begins anew."""
    monkeypatch.setattr(eventbook, "REMEMBERED", 2)
    book = EventBook()
    told(book, *(["x"] * 30))
    for uid in ("2", "3"):
        other = {**ABOUT, "metadata": {"name": "b", "namespace": "default", "uid": uid}}
        book.tell("Pod", other, Telling("kubelet", "Warning", "BackOff", "x"), NOW, SeededNames(1))
    book.flush()

    assert told(book, "x")[0].manifest["count"] == 1
