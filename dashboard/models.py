"""The people who use the site and what each may do. Clusters are the controller's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Iterable


class Role(models.TextChoices):
    """What a person may do; each role may do all that the one before it may."""

    VIEWER = "viewer", _("viewer")
    OPERATOR = "operator", _("operator")
    ADMIN = "admin", _("admin")


class UserManager(DjangoUserManager["User"]):
    """Makes people. A superuser is an admin."""

    def create_superuser(
        self,
        username: str,
        email: str | None = None,
        password: str | None = None,
        **facts: Any,  # noqa: ANN401
    ) -> User:
        """Create an admin who may do everything."""
        return super().create_superuser(username, email, password, **{"role": Role.ADMIN, **facts})


class User(AbstractUser):
    """A person. ``role`` decides what they may change; Django admin is for the role admin."""

    role = models.CharField(_("role"), max_length=16, choices=Role.choices, default=Role.VIEWER)

    objects: ClassVar[UserManager] = UserManager()

    def save(
        self,
        *,
        force_insert: bool | tuple[models.base.ModelBase, ...] = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
    ) -> None:
        """Save, and let the rights in Django admin follow the role."""
        self.is_staff = self.is_superuser = self.role == Role.ADMIN
        if update_fields is not None and "role" in update_fields:
            update_fields = {*update_fields, "is_staff", "is_superuser"}
        super().save(
            force_insert=force_insert, force_update=force_update, using=using, update_fields=update_fields
        )

    @property
    def may_operate(self) -> bool:
        """Return whether this person may change clusters."""
        return self.role in {Role.OPERATOR, Role.ADMIN}

    @property
    def may_administer(self) -> bool:
        """Return whether this person may change users and settings."""
        return self.role == Role.ADMIN
