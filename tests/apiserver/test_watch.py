"""Watches: every change in its order, from any number of the log, to whoever asks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from controller.apiserver import watch
from controller.apiserver.shapes import Shape
from controller.live import feed as feeds
from controller.live import hub as hubs
from controller.live import reader as readers
from controller.services import clusters, nodes
from controller.store import log
from tests.apiserver.asking import METADATA, TABLE, Asker, AsyncDoorClient, Watcher, names
from tests.clusters import PERSON, cluster, row_of, with_daemonset
from tests.live.listening import do, running_hub, until

pytestmark = pytest.mark.django_db(transaction=True)
NODES = "/api/v1/nodes"


@pytest_asyncio.fixture(autouse=True)
async def _hub() -> AsyncIterator[None]:
    """Let the process hear of changes, as a server does."""
    async with running_hub():
        yield
        feeds.feed().end()


def label(tried: int, name: str, **labels: str) -> int:
    """Set labels of a node; return the cluster's number then."""
    nodes.node_label_patch(cluster=tried, actor=PERSON, nodes=[name], set=labels, remove=[])
    return row_of(tried).number


def unlabel(tried: int, name: str, key: str) -> int:
    """Take a label from a node; return the cluster's number then."""
    nodes.node_label_patch(cluster=tried, actor=PERSON, nodes=[name], set={}, remove=[key])
    return row_of(tried).number


def told(events: list[Any]) -> list[tuple[str, str]]:
    """Return what events say of which objects."""
    return [(each["type"], each["object"]["metadata"]["name"]) for each in events]


def versions(events: list[Any]) -> list[int]:
    """Return the numbers of events."""
    return [int(each["object"]["metadata"]["resourceVersion"]) for each in events]


async def started(**facts: Any) -> tuple[int, Asker]:
    """Return a cluster and somebody who asks for it."""
    tried = await do(cluster, **facts)
    return tried, await do(Asker, tried)


async def test_a_watch_follows_a_list() -> None:
    """A watch from a list's number tells every later change once, and nothing of before."""
    tried, asker = await started(nodes=2)
    listed = await do(asker.ask, NODES)
    number = listed["metadata"]["resourceVersion"]
    first = await do(label, tried, "node-1", a="1")
    watcher = await Watcher.open(asker, NODES, resourceVersion=number)
    second = await do(label, tried, "node-2", a="2")
    events = await watcher.take(2)
    assert told(events) == [("MODIFIED", "node-1"), ("MODIFIED", "node-2")]
    assert versions(events) == [first, second]
    assert events[0]["object"]["metadata"]["labels"]["a"] == "1"


async def test_without_a_number_it_begins_with_what_is_there() -> None:
    """A watch without a resourceVersion adds what stands first, and then tells what changes."""
    tried, asker = await started(nodes=2)
    for turn, version in enumerate(({}, {"resourceVersion": "0"})):
        watcher = await Watcher.open(asker, NODES, **version)
        assert told(await watcher.take(2)) == [("ADDED", "node-1"), ("ADDED", "node-2")]
        await do(label, tried, "node-1", turn=str(turn))
        assert told(await watcher.take(1)) == [("MODIFIED", "node-1")]
        await watcher.close()


async def test_initial_events_end_with_a_bookmark() -> None:
    """A list by a watch says by a bookmark where it ends, and its number is that of the list."""
    tried, asker = await started(nodes=1)
    wish = {
        "sendInitialEvents": "true",
        "resourceVersionMatch": "NotOlderThan",
        "allowWatchBookmarks": "true",
    }
    watcher = await Watcher.open(asker, NODES, **wish)
    added, mark = await watcher.take(2)
    assert added["type"] == "ADDED"
    assert mark["type"] == "BOOKMARK"
    assert mark["object"]["kind"] == "Node"
    meta = mark["object"]["metadata"]
    assert meta["annotations"] == {"k8s.io/initial-events-end": "true"}
    assert meta["resourceVersion"] == str((await do(row_of, tried)).number)


async def test_without_initial_events_it_begins_now() -> None:
    """A watch that wants no initial events begins with the next change."""
    tried, asker = await started(nodes=1)
    wish = {"sendInitialEvents": "false", "resourceVersionMatch": "NotOlderThan"}
    watcher = await Watcher.open(asker, NODES, **wish)
    number = await do(label, tried, "node-1", a="1")
    assert versions(await watcher.take(1)) == [number]


@pytest.mark.parametrize("labelled", [True, False])
async def test_selections_by_label(*, labelled: bool) -> None:
    """An object that comes to match is added for its watcher, and deleted, as it was, when it stops to."""
    tried, asker = await started(nodes=2)
    if labelled:
        await do(label, tried, "node-1", disk="ssd")
    number = (await do(row_of, tried)).number
    watcher = await Watcher.open(asker, NODES, labelSelector="disk=ssd", resourceVersion=number)
    await do(label, tried, "node-2", disk="hdd")
    first = await do(label, tried, "node-1", disk="ssd", more="x")
    second = await do(label, tried, "node-1", disk="hdd", more="y")
    await do(label, tried, "node-1", more="z")
    third = await do(label, tried, "node-1", disk="ssd")
    events = await watcher.take(3)
    came = "MODIFIED" if labelled else "ADDED"
    assert told(events) == [(came, "node-1"), ("DELETED", "node-1"), ("ADDED", "node-1")]
    assert versions(events) == [first, second, third]
    assert events[1]["object"]["metadata"]["labels"]["disk"] == "ssd"
    assert events[1]["object"]["metadata"]["labels"]["more"] == "x"


async def test_a_selection_that_is_resumed_knows_its_members() -> None:
    """Who resumes with selectors is told of objects that left meanwhile, and not of others."""
    tried, asker = await started(nodes=2)
    number = await do(label, tried, "node-1", disk="ssd")
    await do(label, tried, "node-2", disk="hdd")
    await do(unlabel, tried, "node-1", "disk")
    await do(unlabel, tried, "node-2", "disk")
    watcher = await Watcher.open(asker, NODES, labelSelector="disk=ssd", resourceVersion=number)
    await do(label, tried, "node-2", disk="ssd")
    assert told(await watcher.take(2)) == [("DELETED", "node-1"), ("ADDED", "node-2")]


async def test_selections_by_field() -> None:
    """A watch of one object, by its field or by its path, tells of that object alone, also of its end."""
    tried, asker = await started(nodes=3)
    number = (await do(row_of, tried)).number
    by_field = await Watcher.open(asker, NODES, fieldSelector="metadata.name=node-2", resourceVersion=number)
    by_path = await Watcher.open(asker, f"{NODES}/node-2", resourceVersion=number)
    cordoned = await Watcher.open(
        asker, NODES, fieldSelector="spec.unschedulable=true", resourceVersion=number
    )
    await do(label, tried, "node-1", a="1")
    await do(nodes.node_cordon, cluster=tried, actor=PERSON, nodes=["node-2"], cordoned=True)
    await do(nodes.nodes_remove, cluster=tried, actor=PERSON, names=["node-2"])
    for watcher in (by_field, by_path):
        assert told(await watcher.take(2)) == [("MODIFIED", "node-2"), ("DELETED", "node-2")]
    assert told(await cordoned.take(2)) == [("ADDED", "node-2"), ("DELETED", "node-2")]


async def test_namespaces() -> None:
    """A watch of one namespace tells of no other."""
    tried, asker = await started(nodes=1)
    number = (await do(row_of, tried)).number
    there = await Watcher.open(asker, "/api/v1/namespaces/kube-system/pods", resourceVersion=number)
    here = await Watcher.open(asker, "/api/v1/namespaces/default/pods", resourceVersion=number)
    await do(with_daemonset, tried, "ssd-monitor")
    await do(label, tried, "node-1", disk="ssd")
    await do(with_daemonset, tried, "fluentd-elasticsearch")
    (system,) = await there.take(1)
    assert system["object"]["metadata"]["namespace"] == "kube-system"
    await do(with_daemonset, tried)
    (own,) = await here.take(1)
    assert own["object"]["metadata"]["namespace"] == "default"


async def test_tables() -> None:
    """A watch of a Table defines its columns with its first event only."""
    tried, asker = await started(nodes=2)
    for wish, events in (({}, 2), ({"resourceVersion": (await do(row_of, tried)).number}, 0)):
        watcher = await Watcher.open(asker, NODES, accept=TABLE, **wish)
        await do(label, tried, "node-1", a=str(events))
        await do(label, tried, "node-2", a=str(events))
        first, *others = await watcher.take(events + 2)
        assert [each["name"] for each in first["object"]["columnDefinitions"]][:2] == ["Name", "Status"]
        assert [each["object"]["columnDefinitions"] for each in others] == [None] * (events + 1)
        row = others[-1]["object"]["rows"][0]
        assert row["cells"][0] == row["object"]["metadata"]["name"] == "node-2"
        await watcher.close()


async def test_metadata() -> None:
    """A watch can be of metadata only."""
    _tried, asker = await started(nodes=1)
    watcher = await Watcher.open(asker, NODES, accept=METADATA.replace("List", ""))
    (event,) = await watcher.take(1)
    assert event["object"]["kind"] == "PartialObjectMetadata"
    assert set(event["object"]) == {"kind", "apiVersion", "metadata"}


async def test_events_in_two_dresses() -> None:
    """One Event is told to each watcher in the words of the group that it asked under."""
    tried, asker = await started(nodes=1)
    number = (await do(row_of, tried)).number
    core = await Watcher.open(asker, "/api/v1/events", resourceVersion=number)
    other = await Watcher.open(asker, "/apis/events.k8s.io/v1/events", resourceVersion=number,
                               fieldSelector="regarding.kind=DaemonSet")  # fmt: skip
    await do(with_daemonset, tried)
    (first,), (second,) = await core.take(1), await other.take(1)
    assert first["object"]["apiVersion"] == "v1"
    assert second["object"]["apiVersion"] == "events.k8s.io/v1"
    assert second["object"]["note"].startswith("Created pod: nginx-ds-")


async def test_it_ends_in_time() -> None:
    """A watch ends cleanly after the seconds that were asked for, with a bookmark if those are wanted."""
    tried, asker = await started(nodes=1)
    number = str((await do(row_of, tried)).number)
    watcher = await Watcher.open(
        asker, NODES, resourceVersion=number, timeoutSeconds="1", allowWatchBookmarks="true"
    )
    mark = await watcher.next()
    assert (mark["type"], mark["object"]["metadata"]["resourceVersion"]) == ("BOOKMARK", number)
    assert await watcher.next() is None


async def test_bookmarks_while_others_change(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who watches what seldom changes in a busy cluster is told how far it is all the same."""
    monkeypatch.setattr(watch, "BOOKMARK", 1.0)
    tried, asker = await started(nodes=1)
    number = (await do(row_of, tried)).number
    wish = {"resourceVersion": str(number), "timeoutSeconds": "60", "allowWatchBookmarks": "true"}
    watcher = await Watcher.open(asker, "/api/v1/pods", **wish)

    async def marked() -> None:
        while (mark := await watcher.next())["type"] == "BOOKMARK" and versions([mark]) == [number]:
            pass
        assert (mark["type"], versions([mark]) > [number]) == ("BOOKMARK", True)

    told_how_far = asyncio.create_task(marked())
    while not told_how_far.done():
        await do(label, tried, "node-1", at=str(time.monotonic()))
    await told_how_far


async def test_bookmarks_of_tables() -> None:
    """A watch of a Table is told how far it is by a row without cells."""
    tried, asker = await started(nodes=1)
    number = str((await do(row_of, tried)).number)
    wish = {"resourceVersion": number, "timeoutSeconds": "1", "allowWatchBookmarks": "true"}
    watcher = await Watcher.open(asker, NODES, accept=TABLE, **wish)
    mark = await watcher.next()
    assert mark["type"] == "BOOKMARK"
    assert mark["object"]["rows"][0]["object"]["metadata"]["resourceVersion"] == number


async def test_long_lists_come_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Initial events are sent piece by piece, none is lost between two."""
    monkeypatch.setattr(watch, "PIECE", 1_000)
    _tried, asker = await started(nodes=5)
    watcher = await Watcher.open(asker, NODES)
    assert len(set(told(await watcher.take(5)))) == 5


async def test_too_old() -> None:
    """A number that the log has forgotten is answered with an error event that says Gone."""
    tried, asker = await started(nodes=1)
    await do(label, tried, "node-1", a="1")
    await do(log.clear, tried, upto=(await do(row_of, tried)).number - 1)
    for more in ({}, {"labelSelector": "a=1"}):
        watcher = await Watcher.open(asker, NODES, resourceVersion="1", **more)
        event = await watcher.next()
        assert event["type"] == "ERROR"
        assert (event["object"]["code"], event["object"]["reason"]) == (410, "Expired")
        assert event["object"]["message"].startswith("too old resource version: 1 (")
        assert await watcher.next() is None


async def test_too_new() -> None:
    """A number that has not come yet belongs to another cluster: the client is to list anew."""
    tried, asker = await started(nodes=1)
    current = (await do(row_of, tried)).number
    for more in ({}, {"labelSelector": "a=1"}):
        watcher = await Watcher.open(asker, NODES, resourceVersion=current + 1, **more)
        event = await watcher.next()
        assert event["object"]["code"] == 504
        assert event["object"]["details"]["causes"][0]["reason"] == "ResourceVersionTooLarge"
        assert await watcher.next() is None


async def test_a_cluster_that_goes() -> None:
    """The watches of a cluster end when it is deleted."""
    tried, asker = await started(nodes=1)
    watcher = await Watcher.open(asker, NODES, resourceVersion=(await do(row_of, tried)).number)
    waiting = asyncio.create_task(watcher.next())
    running = feeds.feed()
    await until(lambda: bool(running._tails))
    await do(clusters.cluster_delete, cluster=tried, actor=PERSON)
    assert await waiting is None


async def test_the_server_stops() -> None:
    """The watches of a process end as soon as it is told to stop, and who comes then shall try again."""
    tried, asker = await started(nodes=1)
    watcher = await Watcher.open(asker, NODES, resourceVersion=(await do(row_of, tried)).number)
    waiting = asyncio.create_task(watcher.next())
    running = feeds.feed()
    await until(lambda: bool(running._tails))
    feeds.feed().end()
    assert await waiting is None
    again = await AsyncDoorClient().get(asker.base + NODES, {"watch": "1"})
    assert (again.status_code, again["Retry-After"], again["Connection"]) == (503, "1", "close")


async def test_a_watch_is_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A change is told at once, not with the next look."""
    monkeypatch.setattr(hubs, "LOOK", 60.0)
    tried, asker = await started(nodes=1)
    watcher = await Watcher.open(asker, NODES, resourceVersion=(await do(row_of, tried)).number)
    await do(label, tried, "node-1", a="0")
    await watcher.take(1)
    began = time.monotonic()
    await do(label, tried, "node-1", a="1")
    await watcher.take(1)
    assert time.monotonic() - began < 20  # the next look is a minute away


async def test_one_reader_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each change is encoded once for all watchers of one form, however many they are."""
    tried, asker = await started(nodes=1)
    made = []
    line = Shape.line
    number = (await do(row_of, tried)).number

    def counted(shape: Shape, *args: Any, **facts: Any) -> bytes:
        made.append(shape)
        return line(shape, *args, **facts)

    monkeypatch.setattr(Shape, "line", counted)
    watchers = [await Watcher.open(asker, NODES, resourceVersion=number) for _ in range(5)]
    waiting = [asyncio.create_task(each.next()) for each in watchers]
    await do(label, tried, "node-1", a="1")
    assert len({str(each) for each in await asyncio.gather(*waiting)}) == 1
    assert len(made) == 1


async def test_who_falls_behind_goes_on_from_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """A watcher that was away for longer than changes are kept in memory still misses none."""
    monkeypatch.setattr(readers, "KEPT", 4)
    monkeypatch.setattr(readers, "CHUNK", 3)
    tried, asker = await started(nodes=1)
    number = (await do(row_of, tried)).number
    slow = await Watcher.open(asker, NODES, resourceVersion=number)
    quick = await Watcher.open(asker, NODES, resourceVersion=number)
    seen = []
    for turn in range(10):
        await do(label, tried, "node-1", turn=str(turn))
        seen += await quick.take(1)
    assert versions(await slow.take(10)) == versions(seen) == [*range(number + 1, number + 11)]


async def test_who_does_not_read_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A watcher whose client takes nothing for too long is ended, and nobody else is."""
    monkeypatch.setattr(feeds, "TIMEOUT", 0.05)
    monkeypatch.setattr(hubs, "LOOK", 0.05)
    tried, asker = await started(nodes=1)
    number = (await do(row_of, tried)).number
    reading = await Watcher.open(asker, NODES, resourceVersion=number)

    async def stuck() -> None:
        watcher = await Watcher.open(asker, NODES, resourceVersion=number)
        await watcher.next()
        await asyncio.Event().wait()

    task = asyncio.create_task(stuck())
    follow = asyncio.create_task(reading.take(2))
    await do(label, tried, "node-1", a="1")
    with pytest.raises(asyncio.CancelledError):
        await task
    await do(label, tried, "node-1", a="2")
    assert len(await follow) == 2


@pytest.mark.parametrize(
    ("wish", "code", "said"),
    [
        ({"resourceVersion": "x"}, 400, 'resourceVersion: Invalid value: "x"'),
        ({"timeoutSeconds": "x"}, 400, 'strconv.ParseInt: parsing "x": invalid syntax'),
        ({"sendInitialEvents": "x"}, 400, 'strconv.ParseBool: parsing "x": invalid syntax'),
        ({"sendInitialEvents": "true"}, 422, "sendInitialEvents requires setting resourceVersionMatch"),
        ({"resourceVersionMatch": "NotOlderThan"}, 422, "forbidden for watch unless sendInitialEvents"),
        ({"resourceVersionMatch": "Exact", "sendInitialEvents": "1"}, 422, 'Unsupported value: "Exact"'),
        (
            {"resourceVersionMatch": "NotOlderThan", "sendInitialEvents": "1", "continue": "x"},
            422,
            "forbidden when continue is provided",
        ),
        ({"labelSelector": "a b"}, 400, "unable to parse requirement: found 'b'"),
        ({"fieldSelector": "a=b"}, 400, "field label not supported: a"),
    ],
)
def test_what_cannot_be_watched(wish: dict[str, Any], code: int, said: str) -> None:
    """A watch that cannot be understood is refused before it begins, in Kubernetes' words."""
    asker = Asker(cluster())
    assert said in asker.ask(NODES, watch="1", code=code, **wish)["message"]


def test_names_of_nothing() -> None:
    """A list of nothing is an empty list with a number."""
    tried = cluster()
    listed = Asker(tried).ask(NODES)
    assert names(listed) == []
    assert listed["metadata"]["resourceVersion"] == str(row_of(tried).number)
