"""Roles become grants: everybody keeps, on all clusters, what they could do everywhere."""

from typing import Any

from django.db import migrations


def grant(apps: Any, _schema: object) -> None:
    people, grants = apps.get_model("dashboard", "User"), apps.get_model("controller", "Grant")
    people.objects.filter(role="admin").update(is_superuser=True, is_staff=True)
    others = people.objects.exclude(role="admin")
    others.update(is_superuser=False, is_staff=False)
    for person, role in others.values_list("pk", "role"):
        grants.objects.create(user_id=person, cluster=None, role=role)


def ungrant(apps: Any, _schema: object) -> None:
    people, grants = apps.get_model("dashboard", "User"), apps.get_model("controller", "Grant")
    people.objects.filter(is_superuser=True).update(role="admin")
    operators = grants.objects.filter(cluster=None, role="operator").values("user")
    people.objects.filter(is_superuser=False, pk__in=operators).update(role="operator")


class Migration(migrations.Migration):
    dependencies = [
        ("dashboard", "0001_initial"),
        ("controller", "0009_grants"),
    ]

    operations = [
        migrations.RunPython(grant, ungrant),
    ]
