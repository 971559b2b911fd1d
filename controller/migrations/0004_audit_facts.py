"""Audit entries hold a code with its facts and hang on their cluster; old ones keep their sentence as a fact."""

from __future__ import annotations

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import OuterRef, Subquery

import controller.fields


def keep_sentences(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    entries = apps.get_model("controller", "AuditEntry").objects
    named = apps.get_model("controller", "Cluster").objects.filter(name=OuterRef("cluster_name"))
    entries.update(cluster=Subquery(named.values("pk")[:1]))
    for pk, sentence in entries.values_list("pk", "sentence").iterator():  # type: ignore[misc] # as it was then
        entries.filter(pk=pk).update(action="legacy", facts={"sentence": sentence})


class Migration(migrations.Migration):
    dependencies = [
        ("controller", "0003_clockspan"),
    ]

    operations = [
        migrations.AddField(
            model_name="auditentry",
            name="cluster",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                to="controller.cluster",
            ),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="facts",
            field=controller.fields.ManifestField(default=dict),
        ),
        migrations.RunPython(keep_sentences, migrations.RunPython.noop),
    ]
