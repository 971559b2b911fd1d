"""Lines of passes hold codes now. Those of before are dropped: only the last few passes are kept anyway."""

from __future__ import annotations

from typing import Any

from django.db import migrations


def drop_lines(apps: Any, schema_editor: Any) -> None:
    apps.get_model("controller", "Pass").objects.update(lines=[])


class Migration(migrations.Migration):
    dependencies = [("controller", "0005_audit_without_sentences")]
    operations = [migrations.RunPython(drop_lines, migrations.RunPython.noop)]
