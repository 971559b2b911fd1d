"""The hub: who hears what, how soon, and what happens when something is away."""

from __future__ import annotations

import asyncio
import time

import pytest
from django.db import OperationalError, connection
from redis import Redis

from controller import models
from controller.live import follower as followers
from controller.live import hub as hubs
from controller.live import reader as readers
from controller.live import supervise
from controller.live.delta_source import DeltaSource, Frames
from controller.live.mailbox import DEPTH
from controller.live.reader import LogThread, Reader
from controller.queries.source import cluster_view, cluster_view_lent
from controller.services import clock, clusters, nodes
from controller.store import log, views
from tests.clusters import PERSON, cluster, row_of
from tests.live.listening import Listener, do, running_hub, until
from tests.servers import RedisServer

pytestmark = pytest.mark.django_db(transaction=True)

SOON = 20.0
"""Seconds within which only a nudge can have told: by itself the hub would look after a minute."""


def label(tried: int, value: str, *, name: str = "node-1") -> int:
    """Change a label; return the cluster's number then."""
    nodes.node_label_patch(cluster=tried, actor=PERSON, nodes=[name], set={"tried": value}, remove=[])
    return row_of(tried).number


async def test_a_snapshot_and_then_deltas() -> None:
    """Whoever joins gets the map as it is, and then what becomes different, each row whole."""
    tried = await do(cluster, nodes=2)
    async with running_hub() as hub:
        listener = Listener(hub, tried)
        await listener.hear()
        number = await do(label, tried, "yes")
        state = await listener.reach(number)
    assert listener.kinds == ["snapshot", "delta"]
    assert [node["labels"].get("tried") for node in state["nodes"]] == ["yes", None]
    assert [node["name"] for node in listener.frames[1]["nodes"]] == ["node-1"]


async def test_a_nudge_is_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A change is told at once, not with the next look."""
    monkeypatch.setattr(hubs, "LOOK", 60.0)
    tried = await do(cluster, nodes=1)
    async with running_hub() as hub:
        listener = Listener(hub, tried)
        await listener.hear()
        number = await do(label, tried, "first")
        await listener.reach(number)
        began = time.monotonic()
        number = await do(label, tried, "second")
        await listener.reach(number)
    assert time.monotonic() - began < SOON


async def test_a_burst_is_few_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first changes of a burst are told at once and the rest together, once in a while."""
    monkeypatch.setattr(followers, "PACE", 1.0)
    tried = await do(cluster, nodes=1)
    async with running_hub() as hub:
        listener = Listener(hub, tried)
        await listener.hear()
        began = time.monotonic()
        numbers = [await do(label, tried, str(value)) for value in range(30)]
        state = await listener.reach(numbers[-1])
        most = 2 + followers.BURST + (time.monotonic() - began) / followers.PACE
    assert state["nodes"][0]["labels"]["tried"] == "29"
    assert listener.kinds.count("delta") <= most < 30


def test_the_paces_of_a_burst() -> None:
    """What follows a quiet time is told at once, what goes on once each PACE; quiet is earned anew."""
    paces = followers.Paces()
    assert [paces.after(now) for now in (100.0, 100.0, 100.0)] == pytest.approx([0.0, 0.0, 0.1])
    assert [paces.after(now) for now in (100.1, 100.2)] == pytest.approx([0.1, 0.1])
    assert paces.after(100.5) == 0.0


async def test_many_clients_hear_the_same() -> None:
    """A frame is made once and goes to all who look at the cluster, and to nobody else."""
    tried, other = await do(cluster, nodes=1), await do(cluster, "other", nodes=1)
    async with running_hub() as hub:
        listeners = [Listener(hub, tried) for _ in range(3)]
        stranger = Listener(hub, other)
        for listener in (*listeners, stranger):
            await listener.hear()
        number = await do(label, tried, "all")
        maps = [await listener.reach(number) for listener in listeners]
        assert (
            maps[0]
            == {**maps[1], "cluster": maps[0]["cluster"]}
            == {**maps[2], "cluster": maps[0]["cluster"]}
        )
        assert stranger.kinds == ["snapshot"]


async def test_a_slow_client_loses_frames_and_recovers(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that does not read loses its oldest frames, sees the gap, and gets a snapshot."""
    monkeypatch.setattr(followers, "PACE", 0.0)
    tried = await do(cluster, nodes=1)
    async with running_hub() as hub:
        slow, quick = Listener(hub, tried), Listener(hub, tried)
        await slow.hear()
        await quick.hear()
        for value in range(DEPTH + 5):
            await quick.reach(await do(label, tried, str(value)))
        state = await slow.reach(quick.frames[-1]["n"])
    assert (slow.gaps > 0, quick.gaps) == (True, 0)
    assert state["nodes"][0]["labels"]["tried"] == str(DEPTH + 4)


async def test_a_slow_client_that_lost_what_has_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that lost only how the clock goes sees no gap, and is told nevertheless."""
    monkeypatch.setattr(followers, "PACE", 0.0)
    tried = await do(cluster, nodes=1)
    async with running_hub() as hub:
        slow, quick = Listener(hub, tried, PERSON), Listener(hub, tried, PERSON)
        await slow.hear()
        await quick.hear()
        await do(clock.clock_pause, cluster=tried, actor=PERSON)
        while quick.kinds[-1] != "clock":
            await quick.hear()
        for value in range(DEPTH):
            await quick.reach(await do(label, tried, str(value)))
        while slow.state is None or not slow.state["cluster"]["paused"]:
            await slow.hear()
    assert slow.gaps == 0


async def test_without_redis_it_only_takes_longer(redis_server: RedisServer) -> None:
    """While Redis is away changes are found by looking, and soon again once it is back."""
    tried = await do(cluster, nodes=1)
    async with running_hub() as hub:
        listener = Listener(hub, tried)
        await listener.hear()
        await do(redis_server.stop)
        try:
            await listener.reach(await do(label, tried, "away"))
        finally:
            await do(redis_server.start)
        state = await listener.reach(await do(label, tried, "back"))
    assert state["nodes"][0]["labels"]["tried"] == "back"


async def test_what_was_missed_is_caught_up(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When Redis is back every follower looks, as nobody tells again what was told meanwhile."""
    monkeypatch.setattr(hubs, "LOOK", 60.0)
    tried = await do(cluster, nodes=1)
    async with running_hub() as hub:
        listener = Listener(hub, tried)
        await listener.hear()
        await listener.reach(await do(label, tried, "heard"))
        await do(redis_server.stop)
        try:
            number = await do(label, tried, "missed")
        finally:
            await do(redis_server.start)
        state = await listener.reach(number)
    assert state["nodes"][0]["labels"]["tried"] == "missed"


async def test_what_is_written_while_the_log_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is committed between a look at the row and one into the log is told, though nothing follows."""
    tried, read, written = await do(cluster, nodes=1), readers._row, list[int]()
    begun = (await do(row_of, tried)).number

    def slow(pk: int) -> models.Cluster:
        row = read(pk)
        if row.number > begun and not written:
            with cluster_view(pk):  # a page that is asked for just now
                written.append(label(pk, "second"))
        return row

    async with running_hub() as hub:
        listener = Listener(hub, tried)
        await listener.hear()
        monkeypatch.setattr(readers, "_row", slow)
        await do(label, tried, "first")
        await until(lambda: bool(written))
        state = await listener.reach(written[0])
    assert state["nodes"][0]["labels"]["tried"] == "second"


async def test_the_clock_is_told() -> None:
    """Pause, speed and a new name change no object and are told nevertheless."""
    tried = await do(cluster, nodes=1)
    async with running_hub() as hub:
        listener = Listener(hub, tried, PERSON)
        await listener.hear()
        await do(clock.clock_pause, cluster=tried, actor=PERSON)
        await listener.hear()
        await do(clock.clock_speed, cluster=tried, actor=PERSON, speed=5.0)
        await listener.hear()
        await do(clusters.cluster_rename, cluster=tried, actor=PERSON, name="renamed")
        await listener.hear()
    assert listener.kinds == ["snapshot", "clock", "clock", "clock"]
    assert listener.state
    told = listener.state["cluster"]
    assert (told["paused"], told["speed"], told["name"]) == (True, 5.0, "renamed")


async def test_others_are_told_who_did_it(redis: Redis) -> None:
    """Who pauses the clock is told to everybody else who looks at the cluster, and to nobody beyond."""
    tried, other = await do(cluster, nodes=1), await do(cluster, "other")
    async with running_hub() as hub:
        doer, watcher, stranger = Listener(hub, tried, PERSON), Listener(hub, tried), Listener(hub, other)
        for listener in (doer, watcher, stranger):
            await listener.hear()
        await until(lambda: any(b"notices" in name for name in redis.pubsub_channels()))
        await do(clock.clock_pause, cluster=tried, actor=PERSON)
        heard = [await watcher.hear(), await watcher.hear()]
        await doer.hear()
    assert {"t": "notice", "person": "ada", "code": "clock_pause", "facts": {}} in heard
    assert (doer.kinds, stranger.kinds) == (["snapshot", "clock"], ["snapshot"])


async def test_a_deleted_cluster_is_gone() -> None:
    """The last frame says so, and whoever comes later hears it at once."""
    tried = await do(cluster, nodes=1)
    async with running_hub() as hub:
        listener = Listener(hub, tried)
        await listener.hear()
        await do(clusters.cluster_delete, cluster=tried, actor=PERSON)
        late = Listener(hub, tried)
        heard = [await listener.hear(), await listener.hear(), await late.hear(), await late.hear()]
    assert heard == [{"t": "gone"}, None, {"t": "gone"}, None]


async def test_behind_the_horizon() -> None:
    """A reader that is older than the log begins anew, and its clients are told what is different."""
    tried = await do(cluster, nodes=1)
    async with running_hub() as hub:
        listener = Listener(hub, tried)
        await listener.hear()

        def cut() -> int:
            label(tried, "lost")
            number = label(tried, "kept")
            log.clear(tried, upto=number)
            return number

        number = await do(cut)
        state = await listener.reach(number)
    assert state["nodes"][0]["labels"]["tried"] == "kept"


async def test_a_database_that_fails_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An error while reading is logged; the clients are told as soon as reading works again."""
    monkeypatch.setattr(readers, "RETRY", 0.05)
    tried = await do(cluster, nodes=1)
    async with running_hub() as hub:
        listener = Listener(hub, tried)
        await listener.hear()
        await do(_rename_table, "controller_cluster", "controller_hidden")
        try:
            hub._notify_all()
            await until(lambda: "could not be read" in caplog.text)
        finally:
            await do(_rename_table, "controller_hidden", "controller_cluster")
        number = await do(label, tried, "again")
        await listener.reach(number)
    assert listener.kinds == ["snapshot", "delta"]


async def test_a_snapshot_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """If what was told is forgotten for one client's sake, what the next snapshot says is told to all."""
    monkeypatch.setattr(followers, "RETRY", 0.05)
    tried, snapshot, written = await do(cluster, nodes=1), DeltaSource.snapshot, list[int]()

    def broken(_source: DeltaSource) -> Frames:
        monkeypatch.setattr(DeltaSource, "snapshot", late)
        raise OperationalError("away")

    def late(source: DeltaSource) -> Frames:
        if not written:
            written.append(label(tried, "meanwhile"))
        return snapshot(source)

    async with running_hub() as hub:
        first = Listener(hub, tried)
        await first.hear()
        monkeypatch.setattr(DeltaSource, "snapshot", broken)
        second = Listener(hub, tried)
        await second.hear()
        state = await first.reach(written[0])
    assert state["nodes"][0]["labels"]["tried"] == "meanwhile"


def _rename_table(before: str, after: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {before} RENAME TO {after}")


async def test_nobody_looks_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cluster that nobody has looked at for a while is no longer followed."""
    monkeypatch.setattr(followers, "LINGER", 0.0)
    monkeypatch.setattr(readers, "LINGER", 0.0)
    monkeypatch.setattr(hubs, "LOOK", 0.01)
    tried = await do(cluster, nodes=1)
    async with running_hub() as hub:
        listener = Listener(hub, tried)
        await listener.hear()
        hub.leave(tried, listener.box)
        await until(lambda: tried not in hub._followers)
        await until(lambda: tried not in hub._readers)
    assert await listener.box.take() is None


async def test_who_joins_while_others_are_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """Letting go of an idle cluster takes as long as a thread reads it; who joins another meanwhile stays."""
    monkeypatch.setattr(followers, "LINGER", 0.0)
    monkeypatch.setattr(hubs, "LOOK", 0.01)
    slow, tried = await do(cluster, nodes=1), await do(cluster, "other", nodes=1)
    async with running_hub() as hub:
        first = Listener(hub, slow), Listener(hub, tried)
        for listener in first:
            await listener.hear()
        held = hub._followers[slow]
        await held._turn.acquire()
        for listener in first:
            hub.leave(listener.cluster, listener.box)
        await until(lambda: slow not in hub._followers)
        listener = Listener(hub, tried)
        held._turn.release()
        await listener.hear()
        state = await listener.reach(await do(label, tried, "heard"))
    assert state["nodes"][0]["labels"]["tried"] == "heard"


class Broken(Reader):
    """A reader whose first notifications fail, one in each task that makes them."""

    def __init__(self, thread: LogThread) -> None:
        super().__init__(0, thread, 0)
        self.failed = set[asyncio.Task[object] | None]()

    def notify(self) -> None:
        """Fail."""
        if (task := asyncio.current_task()) not in self.failed:
            self.failed.add(task)
            raise ValueError("each breaks once")


async def test_a_task_that_fails_is_started_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What fails behind everybody's back is logged, and the hub goes on."""
    monkeypatch.setattr(supervise, "AGAIN", 0.01)
    monkeypatch.setattr(hubs, "LOOK", 0.01)
    tried = await do(cluster, nodes=1)
    async with running_hub() as hub:
        broken = hub._readers[0] = Broken(hub._thread)
        await until(lambda: len(broken.failed) == 2)  # who hears of nudges, and who looks without one
        monkeypatch.setattr(hubs, "channel", lambda: "nobody publishes here")
        listener = Listener(hub, tried)
        await listener.hear()
        await listener.reach(await do(label, tried, "found"))
    assert "failed and is started again" in caplog.text


async def test_a_deleted_cluster_leaves_the_cache() -> None:
    """What was kept of a cluster that pages showed goes with it at once, though nobody looks any more."""
    tried = await do(cluster, nodes=1)
    async with running_hub() as hub:
        listener = Listener(hub, await do(cluster, "other", nodes=1))
        await listener.hear()
        await do(shown, tried)
        assert tried in views.cache._views
        assert tried in {pk for pk, _number in views.past._views}
        await do(clusters.cluster_delete, cluster=tried, actor=PERSON)
        await until(lambda: tried not in views.cache._views)
        await until(lambda: tried not in {pk for pk, _number in views.past._views})


def shown(tried: int) -> None:
    """Look at a cluster as pages do: as it is, and as it was."""
    with cluster_view(tried) as view:
        assert view.world.nodes
    with cluster_view_lent(tried, row_of(tried).number) as view:
        assert view.world.nodes


async def test_asking_twice_is_asking_once() -> None:
    """However often a client asks while it waits, it gets one snapshot."""
    tried = await do(cluster, nodes=1)
    async with running_hub() as hub:
        listener = Listener(hub, tried)
        for _ in range(5):
            hub.resync(tried, listener.box)
        await listener.reach(await do(label, tried, "then"))
    assert listener.kinds.count("snapshot") == 1


async def test_a_client_that_leaves_while_it_waits() -> None:
    """One that is gone before its snapshot is ready gets nothing, and is not kept."""
    tried = await do(cluster, nodes=1)
    async with running_hub() as hub:
        box = hub.join(tried)
        hub.leave(tried, box)
        listener = Listener(hub, tried)
        await listener.hear()
        assert hub._followers[tried]._boxes == {listener.box}
        assert await box.take() is None
