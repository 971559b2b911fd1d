"""On PostgreSQL a table is not altered in the transaction that wrote what refers to it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("dashboard", "0002_roles_are_granted")]

    operations = [migrations.RemoveField(model_name="user", name="role")]
