"""What migration 0004 has moved goes; apart from it, as PostgreSQL alters no table with rows just written."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("controller", "0004_audit_facts"),
    ]

    operations = [
        migrations.RemoveField(model_name="auditentry", name="sentence"),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["cluster"], name="audit_cluster"),
        ),
    ]
