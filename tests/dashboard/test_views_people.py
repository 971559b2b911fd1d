"""Logging in, and the page where admins manage people."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from django.test import Client

from dashboard.models import Role, User
from tests.dashboard.visits import text_of, visitor

pytestmark = pytest.mark.django_db

GOOD = "a long word nobody guesses"


def person(role: Role = Role.VIEWER) -> User:
    """Return somebody to do things to."""
    return User.objects.create_user("grace", password=GOOD, role=role)


def test_login_and_out() -> None:
    """Who logs in comes to the page that was asked for, and leaves by a button."""
    person()
    client = Client()
    response = client.post("/login/", {"username": "grace", "password": GOOD, "next": "/audit/"})
    assert response["Location"] == "/audit/"
    assert client.post("/logout/")["Location"] == "/login/"
    assert client.get("/audit/").status_code == HTTPStatus.FOUND


def test_a_wrong_password() -> None:
    """A wrong password is said so, without telling whether the name exists."""
    page = text_of(Client().post("/login/", {"username": "grace", "password": "wrong"}))
    assert "Please enter a correct username and password." in page


def test_new_person() -> None:
    """A new person may log in, in the role that was given."""
    form = {"username": "grace", "role": "operator", "password": GOOD}
    assert "Created grace." in text_of(visitor(Role.ADMIN).post("/users/", form, follow=True))
    assert User.objects.get(username="grace").may_operate
    assert Client().login(username="grace", password=GOOD)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        pytest.param({"username": "admin"}, "That name is taken.", id="a name that is taken"),
        pytest.param({"username": "a b"}, "Enter a valid username.", id="a malformed name"),
        pytest.param({"password": "12345"}, "This password is too short.", id="a weak password"),
        pytest.param({"role": "king"}, "Select a valid choice.", id="no such role"),
    ],
)
def test_new_person_refused(changed: dict[str, str], said: str) -> None:
    """Who cannot be created is said so in the form."""
    form = {"username": "grace", "role": "viewer", "password": GOOD, **changed}
    assert said in text_of(visitor(Role.ADMIN).post("/users/", form))
    assert not User.objects.filter(username="grace").exists()


def test_role() -> None:
    """A role is changed; there are only the three."""
    one, client = person(), visitor(Role.ADMIN)
    client.post(f"/users/{one.pk}/role/", {"role": "operator"})
    one.refresh_from_db()
    assert one.role == Role.OPERATOR
    assert client.post(f"/users/{one.pk}/role/", {"role": "king"}).status_code == HTTPStatus.BAD_REQUEST


def test_access() -> None:
    """Who is locked out cannot log in until let in again."""
    one, client = person(), visitor(Role.ADMIN)
    client.post(f"/users/{one.pk}/access/", {"active": ""})
    assert not Client().login(username="grace", password=GOOD)
    client.post(f"/users/{one.pk}/access/", {"active": "1"})
    assert Client().login(username="grace", password=GOOD)


def test_password() -> None:
    """A new password replaces the old one; a weak one is refused."""
    one, client = person(), visitor(Role.ADMIN)
    assert "too short" in text_of(client.post(f"/users/{one.pk}/password/", {"password": "x"}))
    client.post(f"/users/{one.pk}/password/", {"password": "another long word"})
    assert Client().login(username="grace", password="another long word")


@pytest.mark.parametrize("what", ["role", "access"])
def test_nobody_locks_themselves_out(what: str) -> None:
    """An admin cannot take their own rights away."""
    client = visitor(Role.ADMIN)
    me = User.objects.get(username="admin")
    response = client.post(f"/users/{me.pk}/{what}/", {"role": "viewer"})
    assert response.status_code == HTTPStatus.FORBIDDEN
    me.refresh_from_db()
    assert me.may_administer
    assert me.is_active
