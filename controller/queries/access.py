"""Who may do what: the one function that every page, socket and path of the API asks.

A person holds a role on some clusters or on all of them; an admin may do everything everywhere. Who
holds none on a cluster is not told that it exists.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import cast

from django.contrib.auth import get_user, get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest

from controller import models
from controller.engine.authorization.policy import Subject, Wish
from controller.engine.errors import AccessEnded, Refused, Unauthorized
from controller.models import Role
from controller.queries.authorization import account_known, policy_of
from controller.queries.tokens import tokens_that_open

READING = frozenset({"get", "list", "watch"})
HANDS_ON = frozenset({"exec", "attach", "portforward"})
"""Subresources that are read by their method and yet reach into a pod."""
SECRETS = "secrets"
"""The one resource that viewers may not read."""


def role_may(role: Role | None, verb: str, resource: str = "", subresource: str = "") -> bool:
    """Return whether a role allows this: verb, resource and subresource are Kubernetes' (get, secrets, exec).

    Viewers read everything but Secrets and reach into no pod; operators and admins may do all.
    """
    if role is None or role != Role.VIEWER:
        return role is not None
    return verb in READING and resource != SECRETS and subresource not in HANDS_ON


@dataclass(frozen=True, slots=True)
class Rights:
    """What a person may do: a role on ``everything``, more on ``single`` clusters (by id)."""

    everything: Role | None = None
    single: Mapping[int, Role] = field(default_factory=dict)
    names: Mapping[str, int] = field(default_factory=dict)
    """Of the single clusters."""

    @property
    def is_admin(self) -> bool:
        """Whether this is somebody who may do everything."""
        return self.everything == Role.ADMIN

    @property
    def may_create(self) -> bool:
        """Whether this is somebody who may make clusters: whoever operates all of them."""
        return role_may(self.everything, "create")

    def role_on(self, cluster: int | str) -> Role | None:
        """Return the role on a cluster, by its id or its name; None: it is not to be seen."""
        number = self.names.get(cluster) if isinstance(cluster, str) else cluster
        single = self.single.get(number) if number is not None else None
        return max(filter(None, (self.everything, single)), key=list(Role).index, default=None)

    def limited(self, cluster: int | str, limit: str) -> Role | None:
        """Return the role on a cluster of a token of this person, which may be limited to another role."""
        role = self.role_on(cluster)
        return min(role, Role(limit), key=list(Role).index) if role and limit else role

    def may(self, verb: str, cluster: int | str, resource: str = "", subresource: str = "") -> bool:
        """Return whether the person may do this on a cluster, in the words of ``role_may``."""
        return role_may(self.role_on(cluster), verb, resource, subresource)


def rights_of(user: int, *, is_admin: bool) -> Rights:
    """Return what an active person may do, as of now."""
    if is_admin:
        return Rights(everything=Role.ADMIN)
    everything, single, names = None, dict[int, Role](), dict[str, int]()
    for grant in models.Grant.objects.filter(user=user).select_related("cluster"):
        if grant.cluster is None:
            everything = Role(grant.role)
        else:
            single[grant.cluster.pk], names[grant.cluster.name] = Role(grant.role), grant.cluster.pk
    return Rights(everything, single, names)


def role_of_person(*, name: str, cluster: int) -> Role | None:
    """Return the role of an active person on a cluster, or None."""
    person = get_user_model().objects.filter(username=name, is_active=True).first()
    return rights_of(person.pk, is_admin=person.is_superuser).role_on(cluster) if person else None


# -- what is still open ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Access:
    """What somebody was let in to do, and by what: the id of a token, or the key of a session.

    A ``subject`` was let in by Roles and bindings, which allowed its ``wish``: a ServiceAccount by its
    ``credential``, or whoever the user acts as.
    """

    user: int
    cluster: int
    verb: str
    resource: str = ""
    subresource: str = ""
    token: int = 0
    session: str = ""
    credential: str = ""
    subject: Subject | None = None
    wish: Wish | None = None


def ended(accesses: Iterable[Access]) -> dict[Access, Refused]:
    """Return which of these would be refused now, and how: Unauthorized or Forbidden."""
    asked = set(accesses)
    people = get_user_model().objects.in_bulk({access.user for access in asked})
    rights = {
        person.pk: rights_of(person.pk, is_admin=person.is_superuser)
        for person in people.values()
        if person.is_active
    }
    tokens = tokens_that_open({access.token for access in asked if access.token})
    sessions = {key: _user_of(key) for key in {access.session for access in asked if access.session}}
    refused: dict[Access, Refused] = {}
    for access in asked:
        if access.subject and access.wish and not _is_allowed(access, access.subject, access.wish):
            refused[access] = AccessEnded()
        if access.credential:
            continue
        known = access.token in tokens if access.token else sessions.get(access.session) == access.user
        held = rights.get(access.user)
        if held is None or not known:
            refused[access] = Unauthorized()
            continue
        role = held.limited(access.cluster, tokens.get(access.token, ""))
        if not role_may(role, access.verb, access.resource, access.subresource):
            refused[access] = AccessEnded()
    return refused


def _is_allowed(access: Access, subject: Subject, wish: Wish) -> bool:
    if access.credential and account_known(text=access.credential, cluster=access.cluster) is None:
        return False
    return policy_of(access.cluster).decide(subject, wish).allowed


def _user_of(session: str) -> int | None:
    """Return who a session is of, if it stands and the password is still the one it began with."""
    request = cast("HttpRequest", SimpleNamespace(session=SessionStore(session)))
    user = get_user(request)
    return user.pk if user.is_authenticated else None
