"""Manifests and the lines of passes are packed, and snapshots hold them packed.

Each kind of a cluster gets one dictionary, made of texts from all over its log; what is written later
learns its own.
"""

import zlib
from collections import defaultdict
from typing import Any

import django.db.models.deletion
import orjson
from django.db import migrations, models

import controller.fields
from controller.packing import Packer
from controller.store import snapshots
from controller.store.rows import Packed

OBJECTS = ("node", "pod", "daemonset", "controllerrevision", "event", "resource")
KINDS = {
    "node": "Node",
    "pod": "Pod",
    "daemonset": "DaemonSet",
    "controllerrevision": "ControllerRevision",
    "event": "Event",
}
MANY = 2_000
SAMPLES, LIMIT = 32, 96 * 1024
NOBODY = Packer()
Packers = dict[tuple[int, str], Packer]


def _rows(cursor: Any, sql: str, values: list[Any]) -> list[Any]:
    cursor.execute(sql, values)
    return list(cursor.fetchall())


def pack(apps: Any, editor: Any) -> None:
    cursor = editor.connection.cursor()
    packers: Packers = defaultdict(lambda: NOBODY)
    for cluster, kind in _rows(cursor, "SELECT DISTINCT cluster_id, kind FROM controller_change", []):
        content = sampled(cursor, cluster, kind)
        if content:
            packers[cluster, kind] = packer = Packer(content)
            apps.get_model("controller", "Dictionary").objects.create(
                cluster_id=cluster, kind=kind, digest=packer.digest, body=NOBODY.pack(content)
            )
    pack_log(cursor, packers)
    for table in OBJECTS:
        pack_objects(cursor, table, packers)
    pack_passes(cursor)
    pack_snapshots(apps, packers)


def sampled(cursor: Any, cluster: int, kind: str) -> bytes:
    """Return texts from all over the log of a kind, the newest last."""
    where = "FROM controller_change WHERE cluster_id = %s AND kind = %s"
    ((count, first, last),) = _rows(
        cursor, f"SELECT COUNT(*), MIN(number), MAX(number) {where}", [cluster, kind]
    )
    if count < 2:
        return b""
    steps = range(SAMPLES)
    places = sorted({first + (last - first) * step // (SAMPLES - 1) for step in steps})
    texts: dict[int, str] = {}
    for place in places:
        found = _rows(
            cursor,
            f"SELECT number, manifest {where} AND number >= %s ORDER BY number LIMIT 1",
            [cluster, kind, place],
        )
        texts.update(found)
    return "".join(text for _number, text in sorted(texts.items())).encode()[-LIMIT:]


def pack_log(cursor: Any, packers: Packers) -> None:
    sql = "UPDATE controller_change SET packed = %s WHERE cluster_id = %s AND number = %s"
    for (cluster,) in _rows(cursor, "SELECT DISTINCT cluster_id FROM controller_change", []):
        number = -1
        chosen = "SELECT number, kind, manifest FROM controller_change WHERE cluster_id = %s AND number > %s"
        while some := _rows(cursor, f"{chosen} ORDER BY number LIMIT {MANY}", [cluster, number]):
            values = [(packers[cluster, kind].pack(text.encode()), cluster, at) for at, kind, text in some]
            cursor.executemany(sql, values)
            number = some[-1][0]


def pack_objects(cursor: Any, table: str, packers: Packers) -> None:
    kind = f"'{KINDS[table]}'" if table in KINDS else "kind"
    pk = 0
    chosen = f"SELECT id, cluster_id, {kind}, manifest FROM controller_{table} WHERE id > %s ORDER BY id LIMIT {MANY}"
    while some := _rows(cursor, chosen, [pk]):
        values = [(packers[cluster, kind].pack(text.encode()), at) for at, cluster, kind, text in some]
        cursor.executemany(f"UPDATE controller_{table} SET packed = %s WHERE id = %s", values)
        pk = some[-1][0]


def pack_passes(cursor: Any) -> None:
    pk = 0
    while some := _rows(
        cursor, f"SELECT id, lines FROM controller_pass WHERE id > %s ORDER BY id LIMIT {MANY}", [pk]
    ):
        cursor.executemany(
            "UPDATE controller_pass SET packed = %s WHERE id = %s",
            [(NOBODY.pack(text.encode()), at) for at, text in some],
        )
        pk = some[-1][0]


def pack_snapshots(apps: Any, packers: Packers) -> None:
    kept = apps.get_model("controller", "Snapshot").objects
    for cluster, number in list(kept.values_list("cluster_id", "number")):
        one = kept.get(cluster_id=cluster, number=number)
        state = {
            (kind, namespace, name): Packed(version, packers[cluster, kind].pack(text.encode()), timers)
            for kind, namespace, name, version, text, timers in orjson.loads(zlib.decompress(bytes(one.body)))
        }
        kept.filter(cluster_id=cluster, number=number).update(body=snapshots.packed(state))


class Migration(migrations.Migration):
    dependencies = [("controller", "0006_pass_lines_as_codes")]

    operations = [
        migrations.CreateModel(
            name="Dictionary",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=63)),
                ("digest", models.BinaryField(db_index=True, max_length=8)),
                ("body", models.BinaryField()),
                (
                    "cluster",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="controller.cluster",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "dictionaries",
                "indexes": [models.Index(fields=["cluster", "kind", "-id"], name="dictionary_newest")],
            },
        ),
        migrations.AddField("cluster", "dictionaries", models.BigIntegerField(default=0)),
        *(
            migrations.AddField(table, "packed", models.BinaryField(null=True))
            for table in (*OBJECTS, "change", "pass")
        ),
        migrations.RunPython(pack),
        *(
            migrations.RemoveField(table, "lines" if table == "pass" else "manifest")
            for table in (*OBJECTS, "change", "pass")
        ),
        *(
            migrations.RenameField(table, "packed", "lines" if table == "pass" else "manifest")
            for table in (*OBJECTS, "change", "pass")
        ),
        *(
            migrations.AlterField(
                table, "lines" if table == "pass" else "manifest", controller.fields.PackedField()
            )
            for table in (*OBJECTS, "change", "pass")
        ),
        migrations.AddIndex(
            "change",
            models.Index(fields=["cluster", "kind", "namespace", "name", "number"], name="change_object"),
        ),
    ]
