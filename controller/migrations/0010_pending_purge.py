from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("controller", "0009_grants")]
    operations = [migrations.RenameModel("Remains", "PendingPurge")]
