"""What admins do to people: on both databases, as these tests run on both."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from controller.engine.errors import Conflict, LastAdmin, OwnRights, Refused
from controller.models import Grant, Role
from controller.services import people
from dashboard.models import User
from tests.clusters import audited, cluster
from tests.people import someone

pytestmark = pytest.mark.django_db(transaction=True)

Act = Callable[[str, int], None]

TAKEN_AWAY: dict[str, Act] = {
    "no admin": lambda actor, person: people.person_admin(actor=actor, person=person, is_admin=False),
    "locked out": lambda actor, person: people.person_active(actor=actor, person=person, is_active=False),
    "deleted": lambda actor, person: people.person_delete(actor=actor, person=person),
}


def admins() -> set[str]:
    """Return who may change people and log in."""
    found = User.objects.filter(is_superuser=True, is_active=True)
    return set(found.values_list("username", flat=True))


@pytest.mark.parametrize("act", TAKEN_AWAY.values(), ids=TAKEN_AWAY)
def test_two_admins_who_unmake_each_other_leave_one(act: Act) -> None:
    """Whoever comes second is told that they are the last: nobody could make an admin any more."""
    pair = {name: someone(name, Role.ADMIN).pk for name in ("ada", "bob")}
    start, refused = threading.Barrier(2), list[Refused]()

    def strike(actor: str, other: str) -> None:
        try:
            start.wait(10)
            act(actor, pair[other])
        except Refused as error:
            refused.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=strike, args=one) for one in (("ada", "bob"), ("bob", "ada"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert [type(error) for error in refused] == [LastAdmin]
    assert len(admins()) == 1


def test_an_admin_who_is_locked_out_is_none_to_count_on() -> None:
    """The last admin who may log in stays, whoever else is one by name; of three any may go."""
    ada, bob, eve = (someone(name, Role.ADMIN) for name in ("ada", "bob", "eve"))
    people.person_active(actor="ada", person=eve.pk, is_active=False)
    people.person_admin(actor="ada", person=bob.pk, is_admin=False)
    with pytest.raises(LastAdmin):
        people.person_delete(actor="eve", person=ada.pk)
    with pytest.raises(OwnRights):
        people.person_delete(actor="ada", person=ada.pk)
    people.person_delete(actor="ada", person=eve.pk)
    assert admins() == {"ada"}


def test_a_grant_is_changed_as_it_was_seen() -> None:
    """A role that another admin changed since is not overwritten; the same role again is no conflict."""
    tried, person = cluster(), someone("grace", "").pk
    people.grant_set(actor="ada", person=person, cluster=tried, role=Role.VIEWER, seen="")
    people.grant_set(actor="ada", person=person, cluster=tried, role=Role.OPERATOR, seen=Role.VIEWER)
    for role in ("", Role.VIEWER):
        with pytest.raises(Conflict):
            people.grant_set(
                actor="bob", person=person, cluster=tried, role=role, seen="" if role else Role.VIEWER
            )
    people.grant_set(actor="bob", person=person, cluster=tried, role=Role.OPERATOR, seen="")
    assert Grant.objects.get().role == Role.OPERATOR
    people.grant_set(actor="bob", person=person, cluster=tried, role="", seen=Role.OPERATOR)
    assert not Grant.objects.exists()


def test_a_password_is_replaced_as_it_was_seen() -> None:
    """Of two admins who set one, the second is told; what tells passwords apart tells nothing else."""
    person = someone("grace")
    seen = people.password_version(person.password)
    people.person_password(actor="ada", person=person.pk, password="a first long word", seen=seen)
    with pytest.raises(Conflict):
        people.person_password(actor="bob", person=person.pk, password="a second long word", seen=seen)
    person.refresh_from_db()
    assert person.check_password("a first long word")
    assert people.password_version(person.password) not in {seen, person.password}
    assert len(audited()) == 1
