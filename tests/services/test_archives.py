"""Clusters that travel as files: what comes out is what went in, and nothing comes out of a bad file."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from threading import Thread
from typing import Any

import orjson
import pytest
from django.db import connection

from controller import models
from controller.engine.errors import AlreadyExists, BadRequest, Busy, Gone, Invalid, Refused, TooLarge
from controller.manifests import archive
from controller.queries.archives import cluster_archive
from controller.queries.source import cluster_view_at
from controller.services import clock, clusters, history, nodes, objects
from controller.services.archives import cluster_import
from controller.store import log
from tests.clusters import PERSON, cluster, demo_text, settle, with_daemonset
from tests.servers import BASE

pytestmark = pytest.mark.django_db
Edit = Callable[[list[list[Any]]], object]


@pytest.fixture(name="tried")
def _tried() -> int:
    """Return a cluster in which something has happened."""
    made = cluster(nodes=3)
    with_daemonset(made)
    objects.manifests_create(cluster=made, actor=PERSON, text=demo_text("ssd-monitor"))
    nodes.node_labels(cluster=made, actor=PERSON, node="node-2", labels={"disk": "ssd"})
    settle(made)
    clock.clock_speed(cluster=made, actor=PERSON, speed=5.0)
    nodes.nodes_remove(cluster=made, actor=PERSON, names=["node-3"])
    settle(made)
    return made


def brought(data: bytes, name: str = "again") -> int:
    """Make a cluster of a file; return its id."""
    return cluster_import(file=io.BytesIO(data), actor="ida", name=name).pk


def states(tried: int, number: int) -> dict[Any, Any]:
    """Return all objects as they were at a number."""
    return {key: (one.manifest, one.timers) for key, one in log.state_at(tried, number).items()}


def without(tried: int) -> list[Any]:
    """Return what is kept beside the log, but for ids."""
    kept: list[Any] = []
    for model in (models.Pass, models.AuditEntry, models.ClockSpan):
        rows = model._default_manager.filter(cluster=tried).order_by("pk").values()
        kept += [
            {key: value for key, value in row.items() if key not in {"id", "cluster_id", "cluster_name"}}
            for row in rows
        ]
    return [row for row in kept if row.get("action") != "cluster_import"]


def test_there_and_back(tried: int) -> None:
    """Every moment, the log, passes, audit and clock are as they were; and the cluster goes on."""
    again = brought(b"".join(cluster_archive(cluster=tried)))
    row, new = models.Cluster.objects.get(pk=tried), models.Cluster.objects.get(pk=again)
    assert (new.number, new.speed, new.paused, new.stop_delay) == (row.number, 5.0, False, 0.0)
    for number in range(log.first(tried), row.number + 1):
        assert states(again, number) == states(tried, number)
    fields = ("number", "verb", "kind", "name", "actor", "reason", "at", "manifest")
    entries = models.Change.objects.order_by("number").values(*fields)
    logs = [list(entries.filter(cluster=one)) for one in (tried, again)]
    assert logs[0] == logs[1]
    assert without(again) == without(tried)

    settle(again)
    assert models.Cluster.objects.get(pk=again).number == row.number
    nodes.node_labels(cluster=again, actor=PERSON, node="node-1", labels={"disk": "ssd"})
    settle(again)
    assert {pod.name.rpartition("-")[0] for pod in models.Pod.objects.filter(cluster=again)} == {
        "nginx-ds",
        "ssd-monitor",
    }
    assert (
        models.Pod.objects.filter(cluster=again).count()
        == models.Pod.objects.filter(cluster=tried).count() + 1
    )


def test_a_history_that_was_trimmed(tried: int) -> None:
    """What is kept of the past travels, from its first moment on."""
    for number in range(history.LEAST):
        nodes.node_labels(cluster=tried, actor=PERSON, node="node-1", labels={"n": str(number)})
    history.history_trim(cluster=tried, actor=PERSON, keep=history.LEAST)
    first = log.first(tried)
    assert first > 0
    again = brought(b"".join(cluster_archive(cluster=tried)))
    assert log.first(again) == first
    assert states(again, first) == states(tried, first)
    assert (
        cluster_view_at(again, first).world.nodes.keys() == cluster_view_at(tried, first).world.nodes.keys()
    )


def test_reset(tried: int) -> None:
    """A reset takes the cluster back to what the file held."""
    again = brought(b"".join(cluster_archive(cluster=tried)))
    nodes.nodes_remove(cluster=again, actor=PERSON, names=["node-1", "node-2"])
    settle(again)
    clusters.cluster_reset(cluster=again, actor=PERSON)
    settle(again)
    standing = [
        models.Pod.objects.filter(cluster=one).values_list("name", flat=True) for one in (tried, again)
    ]
    assert sorted(standing[0]) == sorted(standing[1])


def test_names(tried: int) -> None:
    """Without a name it bears its own; one that is taken, or is none, is refused."""
    data = b"".join(cluster_archive(cluster=tried))
    with pytest.raises(AlreadyExists):
        brought(data, "")
    with pytest.raises(Invalid):
        brought(data, "Not A Name")
    clusters.cluster_rename(cluster=tried, name="before", actor=PERSON)
    assert models.Cluster.objects.get(pk=brought(data, "")).name == "tried"
    assert models.AuditEntry.objects.filter(action="cluster_import", actor="ida").count() == 1


# -- while a file is read ---------------------------------------------------------------------------


class Watched(io.BytesIO):
    """A file that is read in small pieces; in its second half ``during`` is called before each."""

    def __init__(self, data: bytes, during: Callable[[], object]) -> None:
        super().__init__(data)
        self._during, self._half = during, len(data) // 2

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next piece."""
        if self.tell() > self._half:
            self._during()
        return super().read(1_000 if size is None or size < 0 else min(size, 1_000))


@pytest.fixture(name="grown")
def _grown(tried: int) -> bytes:
    """Return the file of a cluster whose history is longer than what is read ahead of a file."""
    for number in range(300):
        nodes.node_labels(cluster=tried, actor=PERSON, node="node-1", labels={"n": str(number)})
    return b"".join(cluster_archive(cluster=tried))


@pytest.mark.django_db(transaction=True)
def test_others_write_meanwhile(tried: int, grown: bytes) -> None:
    """While a file is read, other clusters are edited as ever, and nobody sees a half of the new one."""
    seen: list[object] = []

    def edit() -> None:
        try:
            count = str(len(seen))
            nodes.node_labels(cluster=tried, actor=PERSON, node="node-2", labels={"n": count})
            seen.append(models.Cluster.objects.values_list("name", flat=True).get())
        except Refused as refused:
            seen.append(refused)
        finally:
            connection.close()

    def during() -> None:
        if len(seen) < 5:
            thread = Thread(target=edit)
            thread.start()
            thread.join()

    assert brought_from(Watched(grown, during))
    assert seen == ["tried"] * 5


def brought_from(file: Watched) -> int:
    """Make a cluster of a file; return its id."""
    return cluster_import(file=file, actor="ida", name="again").pk


def test_it_is_not_cleared_away_meanwhile(tried: int, grown: bytes) -> None:
    """What an import has written so far stays, whoever clears; one that was given up is refused."""

    def clear() -> None:
        (one,) = models.PendingPurge.objects.all()
        history.history_clear(cluster=one.pk)

    again = brought_from(Watched(grown, clear))
    number = models.Cluster.objects.get(pk=again).number
    assert states(again, number) == states(tried, number)
    assert not models.PendingPurge.objects.exists()
    clusters.cluster_rename(cluster=again, name="first", actor=PERSON)

    counts = {model: model._default_manager.count() for model in KEPT}
    with pytest.raises(Busy):
        brought_from(Watched(grown, lambda: models.PendingPurge.objects.update(after=0)))
    assert {model: model._default_manager.count() for model in KEPT} == counts
    assert not models.PendingPurge.objects.exists()


# -- files that are refused, whole -----------------------------------------------------------------


def edited(data: bytes, edit: Edit) -> bytes:
    """Return a file whose lines were edited by hand; its end counts them."""
    lines = [orjson.loads(line) for line in gzip.decompress(data).splitlines()[:-1]]
    edit(lines)
    lines.append(["end", len(lines)])
    return gzip.compress(b"".join(orjson.dumps(line) + b"\n" for line in lines), 1)


def first(lines: list[list[Any]], what: str, kind: str = "") -> list[Any]:
    """Return the first line of a sort, of a kind of objects."""
    return next(line for line in lines if line[0] == what and kind in {"", *map(str, line[:5])})


def set_spec(lines: list[list[Any]], kind: str, field: str, value: object) -> None:
    """Set a field of the spec of the first object of a kind."""
    first(lines, "change", kind)[4].setdefault("spec", {})[field] = value


BAD: dict[str, tuple[Edit, str]] = {
    "another format": (lambda lines: lines[0].__setitem__(1, 2), "of format 2"),
    "a huge number": (lambda lines: lines[0].__setitem__(3, 2**60), "line 1: number is no int"),
    "a negative number": (lambda lines: lines[0].__setitem__(4, -1), "line 1: first is no int"),
    "a moment out of all time": (lambda lines: lines[0].__setitem__(5, 1e300), "time is no float"),
    "a speed": (lambda lines: lines[0].__setitem__(6, 0), "speed"),
    "a path as its name": (lambda lines: lines[0].__setitem__(2, "../../etc"), "metadata.name"),
    "no head": (lambda lines: lines.pop(0), "line 1: a line 'change' does not belong here"),
    "two heads": (lambda lines: lines.insert(1, lines[0]), "line 2: a line 'everynode' does not"),
    "a line of another sort": (lambda lines: lines.insert(3, ["file", "/etc/passwd"]), "line 4: not one"),
    "a fact too few": (lambda lines: lines[3].pop(), "has 8 facts, not 7"),
    "a change is left out": (lambda lines: lines.pop(5), "change 6 where 5 should be"),
    "a change twice": (lambda lines: lines.insert(5, lines[5]), "change 5 where 6 should be"),
    "fewer than it says": (lambda lines: first(lines, "everynode").__setitem__(3, 10**6), "not 1000000"),
    "another object": (
        lambda lines: first(lines, "change", "MODIFIED")[4]["metadata"].__setitem__("uid", "x"),
        "which is another",
    ),
    "a kind": (lambda lines: first(lines, "change").__setitem__(3, "Nothing"), "the kind Nothing"),
    "a verb": (lambda lines: first(lines, "change").__setitem__(2, "DROP"), "verb: DROP is none of"),
    "no name": (lambda lines: first(lines, "change")[4]["metadata"].pop("name"), "metadata.name"),
    "a moment": (lambda lines: first(lines, "change").__setitem__(8, "yesterday"), "at: Invalid"),
    "a moment anywhere": (
        lambda lines: first(lines, "change").__setitem__(8, "2026-01-01T00:00:00"),
        "needs its time zone",
    ),
    "a wrong type": (lambda lines: set_spec(lines, "DaemonSet", "selector", "all"), "DaemonSet in version"),
    "a pod without containers": (
        lambda lines: first(lines, "change", "Pod")[4]["spec"].pop("containers"),
        "Pod",
    ),
    "timers": (lambda lines: first(lines, "change").__setitem__(5, {"x": "soon"}), "timers is no Timers"),
    "what a controller says": (lambda lines: first(lines, "pass").__setitem__(5, ["hello"]), "lines: not"),
    "a pass too late": (lambda lines: first(lines, "pass").__setitem__(2, 10**6), "a pass made changes"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_lines(tried: int, case: str) -> None:
    """A file with a bad line is refused whole, with the reason."""
    edit, said = BAD[case]
    _refused(
        edited(b"".join(cluster_archive(cluster=tried)), edit),
        said,
        "" if case == "a path as its name" else "again",
    )


def _refused(data: bytes, said: str, name: str = "again") -> None:
    counts = {model: model._default_manager.count() for model in KEPT}
    with pytest.raises(Refused) as refused:
        brought(data, name)
    assert said in refused.value.sentence
    assert {model: model._default_manager.count() for model in KEPT} == counts


KEPT: tuple[Any, ...] = (
    models.Cluster,
    models.Change,
    models.Pod,
    models.Snapshot,
    models.Pass,
    models.AuditEntry,
    models.Dictionary,
)


def test_files_that_are_none(tried: int) -> None:
    """What is cut, empty, packed in another way or goes on after its end is told from a file."""
    data = b"".join(cluster_archive(cluster=tried))
    text = gzip.decompress(data)
    _refused(b"", "the file is empty")
    _refused(b"PK\x03\x04 something else", "packed by gzip")
    _refused(data[: len(data) // 2], "the file ends early")
    _refused(gzip.compress(b"\n".join(text.splitlines()[:-1]) + b"\n"), "the file ends early")
    _refused(gzip.compress(text[:-9]), "the file ends early, or a line is too long")
    _refused(gzip.compress(text + text), "nothing may follow")
    _refused(gzip.compress(b'["everynode",' + b"[" * 200 + b"]" * 201 + b"\n"), "levels deep")


def test_bombs(tried: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small file that unpacks to a line without end, or to too much, is refused before it is held."""
    with pytest.raises(BadRequest, match="a line is too long"):
        brought(gzip.compress(b'["everynode", "' + b"a" * 50_000_000))
    data = b"".join(cluster_archive(cluster=tried))
    monkeypatch.setattr(archive, "MOST_BYTES", 2_000)
    with pytest.raises(TooLarge):
        brought(data)


def test_everything_that_is_stored() -> None:
    """All kinds that the examples make, and what controllers make of them, pass the reader's eyes."""
    tried = cluster(nodes=3)
    for path in sorted((BASE / "dashboard" / "examples").glob("*.yaml")):
        objects.manifests_create(cluster=tried, actor=PERSON, text=path.read_text())
    settle(tried)
    nodes.node_power(cluster=tried, actor=PERSON, nodes=["node-3"], up=False)
    settle(tried)
    number = models.Cluster.objects.get(pk=tried).number
    again = brought(b"".join(cluster_archive(cluster=tried)))
    assert states(again, number) == states(tried, number)
    kinds = set(models.Change.objects.filter(cluster=again).values_list("kind", flat=True))
    assert {"Deployment", "StatefulSet", "Job", "CronJob", "Service", "EndpointSlice", "Event"} <= kinds


def test_a_history_that_is_trimmed_while_it_is_exported() -> None:
    """A file without its middle is none: the export fails, and what came of it is refused as cut off."""
    tried = cluster(nodes=300)
    pieces = cluster_archive(cluster=tried)
    begun = next(pieces)
    models.Change.objects.filter(cluster=tried, number__gt=100, number__lt=200).delete()
    with pytest.raises(Gone):
        begun += b"".join(pieces)
    with pytest.raises(BadRequest):
        brought(begun)
