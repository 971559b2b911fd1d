"""Logging in, and the page where admins manage people."""

from __future__ import annotations

import json
import re
from html import unescape
from http import HTTPStatus

import pytest
from django.conf import settings
from django.test import Client

from controller.engine.errors import LastAdmin
from controller.models import AuditEntry, Grant, Role, Token
from controller.services import people
from controller.services.tokens import token_create
from dashboard.models import User
from tests.clusters import cluster
from tests.dashboard.visits import HTMX, text_of, visitor
from tests.people import PASSWORD, someone

pytestmark = pytest.mark.django_db

GOOD = PASSWORD


def person(role: Role = Role.VIEWER) -> User:
    """Return somebody to do things to."""
    return someone("grace", role)


def logs_in(password: str = GOOD) -> bool:
    """Try to log in as grace."""
    response = Client().post("/login/", {"username": "grace", "password": password})
    return response.status_code == HTTPStatus.FOUND


def last_entry() -> tuple[str, str, str, dict[str, object]]:
    """Return what stands on top of the audit list."""
    entry = AuditEntry.objects.latest("pk")
    return entry.actor, entry.action, entry.about, entry.facts


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
    assert User.objects.get(username="grace").rights.may("update", 1)
    assert logs_in()


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


def test_access() -> None:
    """Who is locked out cannot log in until let in again."""
    one, client = person(), visitor(Role.ADMIN)
    client.post(f"/users/{one.pk}/access/", {"active": ""})
    assert not logs_in()
    client.post(f"/users/{one.pk}/access/", {"active": "1"})
    assert logs_in()


def test_password() -> None:
    """A new password replaces the old one; a weak one is refused."""
    one, client = person(), visitor(Role.ADMIN)
    assert "too short" in text_of(client.post(f"/users/{one.pk}/password/", {"password": "x"}))
    client.post(f"/users/{one.pk}/password/", {"password": "another long word"})
    assert logs_in("another long word")


@pytest.mark.parametrize("what", ["admin", "access", "delete"])
def test_nobody_locks_themselves_out(what: str) -> None:
    """An admin cannot take their own rights away."""
    client = visitor(Role.ADMIN)
    me = User.objects.get(username="admin")
    response = client.post(f"/users/{me.pk}/{what}/", {"deletion-name": "admin"})
    assert response.status_code == HTTPStatus.FORBIDDEN
    assert "for another admin to change" in text_of(response)
    me.refresh_from_db()
    assert me.is_superuser
    assert me.is_active


def test_grants() -> None:
    """A role is granted on one cluster or on all, and taken away; each leaves an entry with both values."""
    tried, one, client = cluster(), someone("grace", ""), visitor(Role.ADMIN)
    path = f"/users/{one.pk}/grant/"
    page = text_of(client.post(path, {"cluster": "tried", "role": "viewer"}, follow=True))
    assert "Changed what grace may do." in page
    assert last_entry() == ("admin", "grant_single", "grace", {"before": "", "after": "viewer"})
    client.post(path, {"cluster": "tried", "role": "operator"})
    assert last_entry() == ("admin", "grant_single", "grace", {"before": "viewer", "after": "operator"})
    client.post(path, {"cluster": "", "role": "viewer"})
    assert User.objects.get(pk=one.pk).rights.may("update", tried)
    client.post(path, {"cluster": "tried", "role": ""})
    assert not User.objects.get(pk=one.pk).rights.may("update", tried)
    client.post(path, {"cluster": "", "role": ""})
    assert last_entry() == ("admin", "grant_everything", "grace", {"before": "viewer", "after": ""})
    assert not Grant.objects.exists()
    assert "Select a valid choice" in text_of(client.post(path, {"cluster": "", "role": "admin"}))


def test_admins_are_made() -> None:
    """An admin may do everything, and is made and unmade by other admins."""
    one, client = someone("grace", ""), visitor(Role.ADMIN)
    client.post(f"/users/{one.pk}/admin/", {"admin": "1"})
    assert User.objects.get(pk=one.pk).rights.is_admin
    assert last_entry()[:3] == ("admin", "person_admin", "grace")
    client.post(f"/users/{one.pk}/admin/", {"admin": ""})
    assert not User.objects.get(pk=one.pk).rights.is_admin


def test_who_is_locked_out_leaves() -> None:
    """Sessions end at once, and do not come back with the access."""
    one, client, theirs = someone("grace"), visitor(Role.ADMIN), Client()
    theirs.force_login(one)
    assert theirs.get("/clusters/").status_code == HTTPStatus.OK
    client.post(f"/users/{one.pk}/access/", {"active": ""})
    client.post(f"/users/{one.pk}/access/", {"active": "1"})
    assert theirs.get("/clusters/").status_code == HTTPStatus.FOUND


def test_deletion() -> None:
    """Somebody is deleted with grants, tokens and sessions once the name was typed; the list keeps it."""
    tried, one, client, theirs = cluster(), someone("grace"), visitor(Role.ADMIN), Client()
    theirs.force_login(one)
    token_create(cluster=tried, user=one.pk, actor="grace")
    path = f"/users/{one.pk}/delete/"
    assert "not their name" in text_of(client.post(path, {"deletion-name": "ada"}))
    assert "Deleted grace." in text_of(client.post(path, {"deletion-name": "grace"}, follow=True))
    left = (Token.objects.all(), Grant.objects.all(), User.objects.filter(username="grace"))
    assert not any(rows.exists() for rows in left)
    assert last_entry() == ("admin", "person_delete", "grace", {"tokens": 1})
    assert theirs.get("/clusters/").status_code == HTTPStatus.FOUND
    assert "grace" in text_of(client.get("/audit/?actor=grace"))


def test_ones_own_password() -> None:
    """Everybody changes the own password, knowing the old one; other sessions end."""
    one, here, elsewhere = someone("grace"), Client(), Client()
    for client in (here, elsewhere):
        client.force_login(one)
    form = {
        "old_password": "wrong",
        "new_password1": "another long word",
        "new_password2": "another long word",
    }
    assert "incorrectly" in text_of(here.post("/account/password/", form))
    here.post("/account/password/", {**form, "old_password": GOOD})
    assert here.get("/account/").status_code == HTTPStatus.OK
    assert elsewhere.get("/account/").status_code == HTTPStatus.FOUND
    assert logs_in("another long word")
    assert AuditEntry.objects.filter(actor="grace", action="person_own_password").count() == 1


def test_ones_own_tokens() -> None:
    """A token is shown once, for one cluster or for all, and ends by itself or when it is revoked."""
    cluster()
    client = visitor(Role.VIEWER)
    page = client.post("/account/tokens/", {"note": "a script", "days": "7", "reads_only": "on"})
    assert page["Cache-Control"] == "no-store"
    held = Token.objects.get()
    assert (held.cluster, held.role, held.note) == (None, "viewer", "a script")
    assert "evn-" in text_of(page)
    assert "evn-" not in text_of(client.get("/account/"))
    assert "a script" in text_of(client.get("/account/"))
    client.post(f"/account/tokens/{held.pk}/revoke/")
    assert "a script" not in text_of(client.get("/account/"))


def test_guessing_is_slowed_down() -> None:
    """After a few wrong passwords not even the right one opens, for a while; all of it is in the list."""
    one, limit = person(), settings.AXES_FAILURE_LIMIT
    for _guess in range(limit - 1):
        assert Client().post("/login/", {"username": "grace", "password": "x"}).status_code == HTTPStatus.OK
    locked = Client().post("/login/", {"username": "grace", "password": "x"})
    assert locked.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert "Too many wrong passwords" in text_of(locked)
    assert not logs_in()
    elsewhere = Client(REMOTE_ADDR="192.0.2.7").post("/login/", {"username": "grace", "password": GOOD})
    assert elsewhere.status_code == HTTPStatus.FOUND
    told = AuditEntry.objects.filter(about=one.username).values_list("action", flat=True)
    assert (list(told).count("login_locked"), list(told).count("login_failed") in {limit - 1, limit}) == (
        1,
        True,
    )


def test_what_is_no_name_is_not_kept() -> None:
    """A password that was typed into the wrong field is in no list."""
    Client().post("/login/", {"username": "a long word nobody guesses", "password": "x"})
    assert not AuditEntry.objects.exists()


def shown_grants(page: str) -> dict[str, str]:
    """Return the grants that the forms of a person's page carry."""
    carried = set(re.findall(r'name="seen" value="(\{[^"]*\})"', page))
    (text,) = carried
    read: dict[str, str] = json.loads(unescape(text))
    return read


def test_two_who_grant_see_each_other() -> None:
    """A role that another admin changed since is shown beside one's own, and replaced by a second try."""
    one, client = someone("grace", ""), visitor(Role.ADMIN)
    cluster()
    page, path = f"/users/{one.pk}/", f"/users/{one.pk}/grant/"
    seen = shown_grants(client.get(page).content.decode())
    assert seen == {}
    client.post(path, {"cluster": "tried", "role": "operator", "seen": json.dumps(seen)})

    stale = client.post(path, {"cluster": "tried", "role": "viewer", "seen": json.dumps(seen)})
    assert "now operator , yours viewer" in text_of(stale)
    assert Grant.objects.get().role == Role.OPERATOR
    gone = client.post(path, {"cluster": "tried", "role": "", "seen": json.dumps(seen)})
    assert "now operator , yours none" in text_of(gone)

    fresh = shown_grants(stale.content.decode())
    assert fresh == {"tried": "operator"}
    client.post(path, {"cluster": "tried", "role": "viewer", "seen": json.dumps(fresh)})
    assert Grant.objects.get().role == Role.VIEWER


def test_two_who_set_a_password() -> None:
    """The second is told, and nothing is overwritten unseen."""
    one, client = person(), visitor(Role.ADMIN)
    found = re.search(r'name="seen" value="([0-9a-f]{16})"', client.get(f"/users/{one.pk}/").content.decode())
    assert found
    path, seen = f"/users/{one.pk}/password/", found[1]
    client.post(path, {"password": "a first long word", "seen": seen})
    stale = client.post(path, {"password": "a second long word", "seen": seen})
    assert stale.status_code == HTTPStatus.CONFLICT
    assert "Somebody else changed grace since this page was made" in text_of(stale)
    assert logs_in("a first long word")


def test_the_last_admin_stays() -> None:
    """Two who look at each other's page cannot both be the one who goes."""
    other, client = someone("bob", Role.ADMIN), visitor(Role.ADMIN)
    bob = Client()
    bob.force_login(other)
    client.post(f"/users/{other.pk}/admin/", {"admin": ""})
    me = User.objects.get(username="admin")
    with pytest.raises(LastAdmin):
        people.person_admin(actor="bob", person=me.pk, is_admin=False)
    assert bob.post(f"/users/{me.pk}/admin/", {"admin": ""}).status_code == HTTPStatus.FORBIDDEN


def test_the_pages_of_people_follow() -> None:
    """Their live parts show what another admin did, forms included."""
    one, client = someone("grace", ""), visitor(Role.ADMIN)
    assert 'hx-trigger="every 3s"' in client.get("/users/").content.decode()
    people.grant_set(actor="ada", person=one.pk, cluster=None, role=Role.VIEWER)
    parts = [client.get(page, headers=HTMX).content.decode() for page in ("/users/", f"/users/{one.pk}/")]
    for part in parts:
        assert "<html" not in part
        assert "viewer" in part
    assert shown_grants(parts[1]) == {"": "viewer"}
