"""What manifests are packed with: each kind of a cluster has a dictionary that grows with what is written.

Pods of a set differ in a name, a node and a few times; with one of them as the dictionary, the next takes
a twentieth of its text. A text that does not pack well is remembered, and if a second comes that is much
like it, the first goes into a new dictionary. So a new template is learned by its second pod, and what
has no like (a secret, a picture) never is.

A dictionary is written in the transaction that first packs with it, so nothing can be read that needs one
that is not there. Which ones are the newest is remembered for the random number in the cluster's row that
every new one changes: what is read under its lock is never what another process has replaced, nor what a
transaction wrote that came to nothing.

One that is the newest of its kind no longer is never packed with again. Once no row, no entry of the log
and no snapshot needs it, it is collected.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Iterator
from functools import lru_cache
from threading import Lock

from django.db import connection
from django.db.models import BinaryField, Max, Model
from django.db.models.functions import Substr

from controller import fields, models, packing
from controller.packing import Packer
from controller.store import rows, snapshots

LIMIT = 96 * 1024
"""How many bytes a dictionary has at most: what was learned first goes first."""

ODD = 3
"""How many texts of a kind are remembered that did not pack well."""

DICTIONARY = models.Dictionary._meta.db_table  # noqa: SLF001 - Django's own door to a model's facts
NEWEST = f"""
    SELECT kind, digest FROM {DICTIONARY}
    WHERE id IN (SELECT MAX(id) FROM {DICTIONARY} WHERE cluster_id = %s GROUP BY kind)
"""  # noqa: S608 - names of ours


OWN = 96
"""How many bytes a packed text may take for what no other has: uids, names and times of an event are 60."""


def well(text: bytes, body: bytes) -> bool:
    """Return whether a text packed as well as those that have their like in the dictionary do."""
    return len(body) <= OWN + len(text) // 10


class Odd:
    """The texts that did not pack well lately, by cluster and kind. Safe for use by several threads.

    To lose them costs a few bytes, so the least used go when there are too many.
    """

    def __init__(self, room: int = 256) -> None:
        self._room = room
        self._texts: OrderedDict[tuple[int, str], list[bytes]] = OrderedDict()
        self._lock = Lock()

    def like(self, cluster: int, kind: str, text: bytes) -> bytes | None:
        """Take out the text that this one is much like; without one, remember this one."""
        with self._lock:
            texts = self._texts.setdefault((cluster, kind), [])
            self._texts.move_to_end((cluster, kind))
            found = next((one for one in reversed(texts) if well(text, Packer(one).pack(text))), None)
            if found is not None:
                texts.remove(found)
                return found
            if len(text) <= LIMIT:
                texts.append(text)
                del texts[:-ODD]
            while len(self._texts) > self._room:
                self._texts.popitem(last=False)
        return None


odd = Odd()


@lru_cache(maxsize=256)
def _newest(cluster: int, _state: int) -> dict[str, bytes]:
    """Return the digests of a cluster's newest dictionaries by kind, in that state of its dictionaries."""
    with connection.cursor() as cursor:
        cursor.execute(NEWEST, [cluster])
        return {kind: bytes(digest) for kind, digest in cursor.fetchall()}


class Dictionaries:
    """The dictionaries of one cluster, in one transaction that holds the lock of its ``row``."""

    def __init__(self, row: models.Cluster) -> None:
        self._row = row
        self._packers: dict[str, Packer] = {}

    def pack(self, kind: str, text: bytes) -> bytes:
        """Return the text of an object, packed."""
        packer = self._packers.get(kind) or self._packer(kind)
        body = packer.pack(text)
        if well(text, body):
            return body
        found = odd.like(self._row.pk, kind, text)
        return self._learn(kind, packer.content + found).pack(text) if found else body

    def _packer(self, kind: str) -> Packer:
        key = _newest(self._row.pk, self._row.dictionaries).get(kind, packing.PLAIN)
        packer = self._packers[kind] = packing.packer(key, fields.dictionary)
        return packer

    def _learn(self, kind: str, content: bytes) -> Packer:
        packer = self._packers[kind] = Packer(content[-LIMIT:])
        plain = packing.packer(packing.PLAIN, fields.dictionary)
        models.Dictionary.objects.create(
            cluster=self._row, kind=kind, digest=packer.digest, body=plain.pack(packer.content)
        )
        self._row.dictionaries = secrets.randbits(63)
        return packer


def collect(cluster: int) -> int:
    """Delete the dictionaries of a cluster that nothing kept is packed with; return how many they were.

    It takes no lock: only the newest of a kind is packed with, and those stay. So what is found unused
    cannot come into use again.
    """
    kept = models.Dictionary.objects.filter(cluster=cluster)
    newest = set(kept.values("kind").annotate(newest=Max("pk")).values_list("newest", flat=True))
    known = [(pk, bytes(digest)) for pk, digest in kept.values_list("pk", "digest")]
    unused = {digest for pk, digest in known if pk not in newest}
    for used in _used(cluster):
        if not unused:
            return 0
        unused -= used
    gone = [pk for pk, digest in known if digest in unused and pk not in newest]
    return kept.filter(pk__in=gone).delete()[0]


def _used(cluster: int) -> Iterator[set[bytes]]:
    """Yield the digests in use: of the rows, of the log, then of one snapshot after the other."""
    tables: list[type[Model]] = [one.model for one in (*rows.TABLES.values(), rows.OTHER)]
    head = Substr("manifest", 1, packing.DIGEST, output_field=BinaryField())
    tables.append(models.Change)
    for table in tables:
        heads = table._default_manager.filter(cluster=cluster).values_list(head).order_by()  # noqa: SLF001 - Django's documented name
        yield {bytes(digest) for (digest,) in heads.distinct()}
    bodies = models.Snapshot.objects.filter(cluster=cluster).order_by("number").values_list("body", flat=True)
    for body in bodies.iterator(chunk_size=1):
        yield snapshots.digests(bytes(body))
