"""Dictionaries: what is learned, what it saves, and that nothing needs one that is not there."""

from __future__ import annotations

import secrets

import orjson
import pytest
from django.db.models.functions import Length

from controller import models
from controller.engine.changes import Verb
from controller.engine.objects import Manifest
from controller.fields import unpacked
from controller.services.history import history_trim
from controller.store import log, rows
from controller.store.dictionaries import LIMIT, Dictionaries, collect
from controller.store.writes import writing
from tests.builders import node_manifest, pod_manifest
from tests.clusters import (
    bare_cluster,
    change,
    cluster,
    everything,
    folded_log,
    row_of,
    settle,
    with_daemonset,
)

pytestmark = pytest.mark.django_db
TEMPLATE = secrets.token_hex(200)
"""The image of another template: as long as all that it changes."""


def text(number: int, image: str = "agent:1") -> bytes:
    """Return a pod's text; those of one image are as alike as the pods of a set."""
    pod = pod_manifest(f"agent-{number}", node=f"node-{number}")
    pod["spec"]["containers"] = [{"name": "agent", "image": image, "env": [{"name": image, "value": "set"}]}]
    return orjson.dumps(pod)


def learned(tried: int) -> int:
    """Return how many dictionaries a cluster has."""
    return models.Dictionary.objects.filter(cluster=tried).count()


def test_the_second_of_its_like_is_small() -> None:
    """What a kind has in common is learned when its second text is packed, and again with a new template."""
    packing = Dictionaries(row_of(bare_cluster()))
    first, second, third = (packing.pack("Pod", text(number)) for number in range(3))
    assert max(len(second), len(third)) < len(first) / 2
    bodies = [packing.pack("Pod", text(number, TEMPLATE)) for number in range(3)]
    assert max(map(len, bodies[1:])) < len(bodies[0]) * 0.8
    assert [unpacked(body) for body in (first, second, third)] == [text(number) for number in range(3)]
    assert [unpacked(body) for body in bodies] == [text(number, TEMPLATE) for number in range(3)]


def test_what_has_no_like_is_never_learned() -> None:
    """Texts of chance make no dictionary: it would save nothing."""
    tried = bare_cluster()
    packing = Dictionaries(row_of(tried))
    for _ in range(9):
        packing.pack("Secret", orjson.dumps({"data": secrets.token_hex(500)}))
    assert learned(tried) == 0


def test_a_dictionary_stays_within_its_limit() -> None:
    """What was learned first goes when a dictionary is full."""
    tried = bare_cluster()
    packing = Dictionaries(row_of(tried))
    long = b""
    for _ in range(9):
        long = secrets.token_hex(LIMIT // 8).encode()
        for _twice in range(2):
            packing.pack("ConfigMap", long)
    sizes = [len(unpacked(bytes(one.body))) for one in models.Dictionary.objects.filter(cluster=tried)]
    assert max(sizes) == LIMIT
    assert unpacked(packing.pack("ConfigMap", long)) == long


def pods(tried: int, *numbers: int) -> None:
    """Write pods."""
    with writing(tried) as opened:
        opened.put(change(orjson.loads(text(number))) for number in numbers)


@pytest.mark.django_db(transaction=True)
def test_a_dictionary_of_a_transaction_that_failed() -> None:
    """What was learned in a transaction that came to nothing is not used by the next."""
    tried = bare_cluster()

    def write_and_fail() -> None:
        with writing(tried) as opened:
            opened.put(change(orjson.loads(text(number))) for number in range(4))
            assert learned(tried) == 1
            raise LookupError

    with pytest.raises(LookupError):
        write_and_fail()
    assert learned(tried) == 0
    pods(tried, 4, 5, 6)
    pods(tried, 7)
    assert learned(tried) == 1
    assert everything(tried) == folded_log(tried)


def test_another_process_learned() -> None:
    """Each transaction packs with the dictionary that is newest then, whoever wrote it."""
    tried = bare_cluster()
    mine, theirs = row_of(tried), row_of(tried)
    for number in range(3):
        Dictionaries(mine).pack("Pod", text(number))
    theirs.dictionaries = mine.dictionaries
    small = Dictionaries(theirs).pack("Pod", text(3))
    assert small[:8] == bytes(models.Dictionary.objects.get(cluster=tried).digest)


def test_a_missing_dictionary_is_told() -> None:
    """A text whose dictionary is gone cannot be read, and the error names it."""
    body = bytes.fromhex("00ff00ff00ff00ff") + b"whatever"
    with pytest.raises(LookupError, match="00ff00ff00ff00ff"):
        unpacked(body)


def test_deletions_and_other_kinds_are_packed() -> None:
    """Every entry of the log is packed, whatever its kind and its verb, and reads as it was written."""
    tried = bare_cluster()
    gone: Manifest = node_manifest("gone")
    with writing(tried) as opened:
        opened.put([change(gone), change(gone, Verb.DELETED), change(pod_manifest("x", node="gone"))])
    read = [orjson.loads(one.text()) for _key, one in rows.all_packed(tried)]
    assert [one["metadata"]["name"] for one in read] == ["x"]
    assert [entry.manifest["metadata"]["name"] for entry in models.Change.objects.all()] == [
        "gone",
        "gone",
        "x",
    ]


def test_an_entry_of_a_rollout_is_small() -> None:
    """Over pods that are created and start, an entry of the log holds at most 250 bytes of its object."""
    tried = cluster(nodes=40)
    with_daemonset(tried)
    settle(tried)
    entries = models.Change.objects.filter(cluster=tried, kind__in=("Pod", "Event", "Node"))
    sizes = list(entries.annotate(size=Length("manifest")).values_list("size", flat=True))
    assert len(sizes) > 200
    assert sum(sizes) / len(sizes) < 250


def test_what_nothing_is_packed_with_is_collected() -> None:
    """A dictionary stays while a row, an entry of the log or a snapshot needs it; the newest always does."""
    tried = bare_cluster()
    pods(tried, 1, 2)
    with writing(tried) as opened:
        opened.put(change(orjson.loads(text(number, TEMPLATE)), Verb.MODIFIED) for number in (1, 2))
    assert learned(tried) == 2
    models.Change.objects.filter(cluster=tried).delete()
    assert collect(tried) == 0, "the row of the first pod needs the first: it was packed before the second"

    with writing(tried) as opened:
        opened.put([change(orjson.loads(text(1, TEMPLATE)), Verb.MODIFIED)])
    assert collect(tried) == 1
    assert learned(tried) == 1
    assert everything(tried)
    models.Pod.objects.filter(cluster=tried).delete()
    models.Change.objects.filter(cluster=tried).delete()
    assert collect(tried) == 0, "the next pod will be packed with the newest"


@pytest.mark.parametrize("keeper", [models.Change, models.Snapshot], ids=["log", "snapshot"])
def test_what_history_is_packed_with_stays(keeper: type[models.Change | models.Snapshot]) -> None:
    """What the rows no longer need may be needed to tell how it was."""
    tried = bare_cluster()
    pods(tried, 1, 2)
    log.snapshot_at(tried, row_of(tried).number)
    with writing(tried) as opened:
        opened.put(change(orjson.loads(text(number, TEMPLATE)), Verb.MODIFIED) for number in (1, 2, 1))
    other = models.Snapshot if keeper is models.Change else models.Change
    other._default_manager.filter(cluster=tried).delete()
    assert collect(tried) == 0
    keeper._default_manager.filter(cluster=tried).delete()
    assert collect(tried) == 1


def test_a_trim_collects() -> None:
    """Once history is cut off, what only it was packed with goes too, and what is kept can be read."""
    tried = bare_cluster()
    pods(tried, *range(3))
    with writing(tried) as opened:
        opened.put(change(orjson.loads(text(number % 3, TEMPLATE)), Verb.MODIFIED) for number in range(150))
    models.Cluster.objects.filter(pk=tried).update(planned=row_of(tried).number)
    assert learned(tried) == 2
    history_trim(cluster=tried, actor="ada")
    assert learned(tried) == 1
    assert all(entry.manifest for entry in models.Change.objects.filter(cluster=tried))
    assert log.state_at(tried, log.first(tried))
