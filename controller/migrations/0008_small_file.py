"""Lets SQLite give back to the disk what it no longer needs, now and from now on.

The file is written anew for that, which no transaction may do.
"""

from typing import Any

from django.db import migrations


def write_anew(_apps: Any, editor: Any) -> None:
    """Write SQLite's file anew, such that free pages can be cut off."""
    if editor.connection.vendor == "sqlite":
        cursor = editor.connection.cursor()
        cursor.execute("PRAGMA auto_vacuum = INCREMENTAL")
        cursor.execute("VACUUM")


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("controller", "0007_packed_manifests")]

    operations = [migrations.RunPython(write_anew)]
