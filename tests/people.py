"""People for tests, and what they may do."""

from __future__ import annotations

from django.contrib.auth import get_user_model

from controller.models import Grant, Role
from dashboard.models import User

PASSWORD = "a long word nobody guesses"


def someone(name: str, role: str = Role.OPERATOR, *clusters: int) -> User:
    """Return the person of that name, made with a role on these clusters, or on all: "" is none."""
    found = get_user_model().objects.filter(username=name).first()
    if found is not None:
        return found
    person = User.objects.create_user(name, password=PASSWORD, is_superuser=role == Role.ADMIN)
    if role and role != Role.ADMIN:
        for cluster in clusters or (None,):
            Grant.objects.create(user=person, cluster_id=cluster, role=role)
    return person
