"""The people who use the site, and what they keep there.

What each may do on which cluster is granted by the controller.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.functional import cached_property

from controller.queries.access import Rights, rights_of

if TYPE_CHECKING:
    from collections.abc import Iterable


class User(AbstractUser):
    """A person. A superuser is an admin, who may do everything; others do what they are granted."""

    def save(
        self,
        *,
        force_insert: bool | tuple[models.base.ModelBase, ...] = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
    ) -> None:
        """Save, and let admins, and nobody else, into Django admin."""
        self.is_staff = self.is_superuser
        if update_fields is not None and "is_superuser" in update_fields:
            update_fields = {*update_fields, "is_staff"}
        super().save(
            force_insert=force_insert, force_update=force_update, using=using, update_fields=update_fields
        )

    @cached_property
    def rights(self) -> Rights:
        """Return what this person may do, as it was when first asked for a request."""
        return rights_of(self.pk, is_admin=self.is_superuser)


class SavedView(models.Model):
    """What somebody looked at on the map of a cluster, under a name: the ``query`` of the map's address.

    Without an ``owner`` it belongs to all who may see the cluster.
    """

    cluster = models.ForeignKey("controller.Cluster", models.CASCADE, db_index=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=2000)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("cluster", "owner", "name"), name="saved_view_own"),
            models.UniqueConstraint(
                fields=("cluster", "name"), condition=models.Q(owner=None), name="saved_view_shared"
            ),
        )

    def __str__(self) -> str:
        return self.name


class DefaultView(models.Model):
    """The saved view that the map of a cluster opens with for somebody."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, db_index=False)
    cluster = models.ForeignKey("controller.Cluster", models.CASCADE)
    view = models.ForeignKey(SavedView, models.CASCADE)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("user", "cluster"), name="default_view"),)

    def __str__(self) -> str:
        return f"{self.user}: {self.view}"
