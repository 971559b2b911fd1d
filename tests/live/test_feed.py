"""The feed: how a process reads the log once for all who watch."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from controller.live import feed as feeds
from controller.live import hub as hubs
from controller.live import reader as readers
from controller.live.feed import Feed, Tail, feed
from controller.live.hub import hub
from controller.live.reader import Entry, LogThread, Reader
from controller.services import nodes
from controller.store import log
from controller.store.log_reader import Line
from tests.clusters import PERSON, cluster, row_of
from tests.live.listening import Listener, do, running_hub, until

pytestmark = pytest.mark.django_db(transaction=True)
SOON = 20.0


@pytest_asyncio.fixture
async def running() -> AsyncIterator[Feed]:
    """Run the process' feed for the length of a test."""
    async with running_hub():
        yield feed()
        feed().end()


def label(tried: int, value: str) -> int:
    """Change a label; return the cluster's number then."""
    nodes.node_label_patch(cluster=tried, actor=PERSON, nodes=["node-1"], set={"tried": value}, remove=[])
    return row_of(tried).number


async def started() -> tuple[int, int]:
    """Return a cluster and its number."""
    tried = await do(cluster, nodes=1)
    return tried, (await do(row_of, tried)).number


async def numbers(tail: Tail, count: int) -> list[int]:
    """Return the numbers of so many changes at least."""
    got: list[int] = []
    while len(got) < count:
        entries = await tail.next(SOON)
        assert entries
        got += [entry.number for entry in entries]
    return got


def rename(before: str, after: str) -> None:
    """Rename a table."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {before} RENAME TO {after}")


def test_an_entry_is_made_once() -> None:
    """A form of a change is made by who asks first; its object is parsed when somebody looks inside."""
    entry = Entry(Line(7, ("Pod", "default", "p"), "ADDED", '{"metadata": {"labels": {"a": "b"}}}', "{}"))
    assert entry.facts().labels == {"a": "b"}
    assert entry.facts() is entry.facts()
    assert entry.parsed() is entry.parsed()
    assert [entry.form("x", lambda: b"1"), entry.form("x", lambda: b"2"), entry.form("y", lambda: b"3")] == [
        b"1",
        b"1",
        b"3",
    ]


async def test_nothing_comes_in_time(running: Feed) -> None:
    """Who waits for a while in vain hears so."""
    tried, number = await started()
    assert await running.tail(tried, number).next(0.05) == []


async def test_whoever_is_ahead_waits(running: Feed) -> None:
    """A watcher that knows more than the reader has read is told only of what is new to it."""
    tried, number = await started()
    early = running.tail(tried, number - 1)
    assert await numbers(early, 1) == [number]
    late = running.tail(tried, number + 1)
    await do(label, tried, "1")
    await do(label, tried, "2")
    assert await numbers(early, 2) == [number + 1, number + 2]
    assert await numbers(late, 1) == [number + 2]


async def test_maps_and_watches_share_a_reader(running: Feed) -> None:
    """The log is read once for whoever follows a cluster in a process; the last one who leaves ends it."""
    tried, number = await started()
    listener, tail = Listener(running._hub, tried), running.tail(tried, number)
    await listener.hear()
    await do(label, tried, "both")
    assert await numbers(tail, 1) == [number + 1]
    await listener.reach(number + 1)
    (reader,) = running._hub._readers.values()
    assert len(reader.listeners) == 2
    running.leave(tail)
    assert len(reader.listeners) == 1


async def test_large_changes_are_kept_briefly(running: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept is bounded by its size too; who needs more of it reads the log."""
    monkeypatch.setattr(readers, "ROOM", 1)
    tried, number = await started()
    slow, quick = running.tail(tried, number), running.tail(tried, number)
    for turn in range(4):
        await do(label, tried, str(turn))
        await numbers(quick, 1)
    assert len(hub()._readers[tried]._entries) == 1
    assert await numbers(slow, 4) == [*range(number + 1, number + 5)]


async def test_a_database_that_is_away(
    running: Feed, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A failed reading is told in the log and tried again; nothing is lost."""
    monkeypatch.setattr(readers, "RETRY", 0.05)
    tried, number = await started()
    tail = running.tail(tried, number)
    assert await tail.next(0.05) == []
    await do(label, tried, "1")
    await do(rename, "controller_cluster", "hidden")
    try:
        hub()._readers[tried].notify()
        await until(lambda: "could not be read" in caplog.text)
    finally:
        await do(rename, "hidden", "controller_cluster")
    await do(label, tried, "2")
    assert await numbers(tail, 2) == [number + 1, number + 2]


async def test_a_reader_behind_the_horizon(running: Feed) -> None:
    """A reader that the log has left behind begins anew; its watchers are told that they are too late."""
    tried, number = await started()
    tail = running.tail(tried, number)
    assert await tail.next(0.05) == []
    reader = hub()._readers[tried]
    reader._number = number - 3
    await do(log.clear, tried, upto=number)
    await do(label, tried, "1")
    assert await numbers(tail, 1) == [number + 1]
    assert reader._number == number + 1


async def test_a_cluster_that_is_not_there(running: Feed) -> None:
    """The changes of a cluster that is gone end, whether they are read for all or for one."""
    tried, number = await started()
    assert await running.tail(tried + 1, 0).next(SOON) is None
    thread = LogThread()
    reader = Reader(tried + 2, thread, number)
    assert await reader.from_log(0) == []
    assert reader.over
    reader.close()
    thread.close()


async def test_a_thread_closes_its_own_connection() -> None:
    """What a thread keeps open from reading to reading is closed by itself, when it ends."""
    thread, held = LogThread(), list[object]()

    def read() -> None:
        connection.ensure_connection()
        held.append(connections[DEFAULT_DB_ALIAS])

    await thread.run(read)
    (kept,) = held
    assert isinstance(kept, BaseDatabaseWrapper)
    assert kept.connection is not None
    thread.close()
    await until(lambda: kept.connection is None)


async def test_nobody_watches(running: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cluster that nobody watches any more is soon not read either; whoever comes later is served."""
    monkeypatch.setattr(readers, "LINGER", 0.0)
    monkeypatch.setattr(hubs, "LOOK", 0.05)
    tried, number = await started()
    tail = running.tail(tried, number)
    running.leave(tail)
    running.leave(tail)
    await until(lambda: not running._hub._readers)
    await do(label, tried, "1")
    assert await numbers(running.tail(tried, number), 1) == [number + 1]


async def test_only_who_gives_is_dropped(running: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    """A watcher that waits for a change is never dropped, however long that takes."""
    monkeypatch.setattr(feeds, "TIMEOUT", 0.0)
    monkeypatch.setattr(hubs, "LOOK", 0.05)
    tried, number = await started()
    waiting = asyncio.create_task(running.tail(tried, number).next(SOON))
    assert await running.tail(tried, number).next(0.2) == []
    await do(label, tried, "1")
    entries = await waiting
    assert entries
    assert entries[0].number == number + 1


async def test_who_comes_when_all_ends(running: Feed) -> None:
    """A watcher that comes after the end is told of it at once."""
    tried, number = await started()
    running.end()
    assert await running.tail(tried, number).next(SOON) is None
