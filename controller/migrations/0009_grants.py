"""Roles on clusters, and tokens that end: those that there are last as long as new ones, from now on."""

from datetime import datetime, timedelta

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone


def ninety_days() -> datetime:
    return timezone.now() + timedelta(days=90)


class Migration(migrations.Migration):
    dependencies = [
        ("controller", "0008_small_file"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Grant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "role",
                    models.CharField(choices=[("viewer", "viewer"), ("operator", "operator")], max_length=16),
                ),
                (
                    "cluster",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, to="controller.cluster"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="grants",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("user", "cluster"), name="grant_single"),
                    models.UniqueConstraint(
                        condition=models.Q(("cluster", None)), fields=("user",), name="grant_everything"
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="token",
            name="role",
            field=models.CharField(blank=True, max_length=16, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="token",
            name="expires",
            field=models.DateTimeField(default=ninety_days),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="token",
            name="cluster",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, to="controller.cluster"
            ),
        ),
    ]
