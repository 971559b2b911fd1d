"""Edits that a DaemonSet shares with the other workloads have one code, and name the kind."""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F, Value
from django.db.models.functions import Concat

RENAMED = {
    "daemonset_behaviour": "workload_behaviour",
    "daemonset_edit": "object_edit",
    "daemonset_image": "workload_image",
    "daemonset_restart": "workload_restart",
    "daemonset_rollback": "workload_rollback",
}


def rename(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Give entries that were written before today's code."""
    entries = apps.get_model("controller", "AuditEntry").objects
    for old, new in RENAMED.items():
        entries.filter(action=old).update(action=new, about=Concat(Value("DaemonSet "), F("about")))


class Migration(migrations.Migration):
    """Audit entries follow the requests of ``controller/engine/edits/workloads.py``."""

    dependencies = [("controller", "0011_pod_resting")]
    operations = [migrations.RunPython(rename, migrations.RunPython.noop)]
