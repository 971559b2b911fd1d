"""Who may see and do what: the same list for every address of the site."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from controller.models import Role
from tests.clusters import cluster, pods, with_daemonset
from tests.dashboard.visits import HTMX, answer, text_of, visitor

pytestmark = pytest.mark.django_db

SET = "/clusters/tried/sets/default/nginx-ds/"
READ = (
    "/clusters/",
    "/clusters/tried/",
    "/clusters/tried/?set=default/nginx-ds&node=node-1",
    "/clusters/tried/?view=all&node=node-1",
    "/clusters/tried/?node=gone",
    "/clusters/tried/table/",
    "/clusters/tried/nodes/node-1/",
    SET,
    "/clusters/tried/pods/default/{pod}/",
    "/clusters/tried/pods/default/gone/",
    "/clusters/tried/passes/",
    "/clusters/tried/events/",
    "/clusters/tried/search/?text=n",
    "/audit/",
)
EDIT = (
    "/clusters/tried/settings/",
    "/clusters/tried/create/",
    "/clusters/tried/create/?example=gpu-driver",
    f"{SET}edit/",
)
OWN = ("/clusters/tried/kubectl/", "/account/")
"""Pages on which everybody has something of their own to change."""
OWN_FORMS = 2
"""Of every page: logging out, and the language. What the map shows is kept by whoever looks at it."""
CHANGE = (
    "/clusters/tried/clock/",
    "/clusters/tried/cure/",
    "/clusters/tried/settings/rename/",
    "/clusters/tried/settings/copy/",
    "/clusters/tried/settings/reset/",
    "/clusters/tried/settings/delete/",
    "/clusters/tried/table/add/",
    "/clusters/tried/table/chosen/",
    "/clusters/tried/nodes/node-1/state/",
    "/clusters/tried/nodes/node-1/label/",
    "/clusters/tried/nodes/node-1/labels/",
    "/clusters/tried/nodes/node-1/taints/",
    f"{SET}do/",
    "/clusters/tried/pods/default/{pod}/delete/",
    "/clusters/tried/pods/default/{pod}/behaviour/",
)
GOVERN = tuple(f"/users/{{user}}/{what}/" for what in ("grant", "admin", "access", "password", "delete"))


@pytest.fixture(name="pod")
def _pod() -> str:
    tried = cluster(nodes=1)
    with_daemonset(tried)
    return pods(tried)["node-1"].name


@pytest.mark.parametrize("path", [*READ, *OWN, *EDIT, "/users/"])
def test_strangers_log_in_first(path: str) -> None:
    """Nobody sees anything before logging in, and is led back afterwards."""
    response = Client().get(path)
    assert response.status_code == HTTPStatus.FOUND
    assert response["Location"].startswith("/login/?next=")


def test_a_session_that_ended_leads_to_the_login() -> None:
    """A page whose session ended is led to the login as a whole, and from there back to where it was."""
    response = Client().get(
        "/clusters/", headers={**HTMX, "HX-Current-URL": "http://testserver/clusters/tried/"}
    )
    assert response["HX-Redirect"] == "/login/?next=/clusters/tried/"


@pytest.mark.parametrize("role", list(Role))
def test_everybody_reads(role: Role, pod: str) -> None:
    """Every role sees every page of a cluster, whole and as its live parts."""
    client = visitor(role)
    for path in (*READ, *OWN):
        for headers in ({}, HTMX):
            response = client.get(path.format(pod=pod), headers=headers)
            assert response.status_code == HTTPStatus.OK, path


@pytest.mark.parametrize("path", [*EDIT, *CHANGE])
def test_viewers_change_nothing(path: str, pod: str) -> None:
    """A viewer is refused by every address that changes a cluster, with a sentence."""
    client = visitor(Role.VIEWER)
    for response in (client.post(path.format(pod=pod)), client.post(path.format(pod=pod), headers=HTMX)):
        assert response.status_code == HTTPStatus.FORBIDDEN
        assert "Your role does not allow this" in text_of(response)


def test_viewers_see_no_controls(pod: str) -> None:
    """What a viewer may not do is not offered either."""
    client = visitor(Role.VIEWER)
    for path in READ:
        page = client.get(path.format(pod=pod)).content.decode()
        own = OWN_FORMS + page.count('id="view-save"')
        assert page.count('method="post"') == own, path
        assert "/settings/" not in page, path


@pytest.mark.parametrize("path", EDIT)
def test_operators_edit(path: str, pod: str) -> None:
    """An operator sees the pages that change a cluster, whole and as live parts."""
    assert pod
    for headers in ({}, HTMX):
        assert visitor().get(path, headers=headers).status_code == HTTPStatus.OK


@pytest.mark.parametrize("path", ["/users/", *GOVERN])
def test_only_admins_govern(path: str) -> None:
    """People are the admins' matter."""
    assert visitor(Role.OPERATOR).post(path.format(user=1)).status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize("path", [*CHANGE, *GOVERN])
def test_looking_changes_nothing(path: str, pod: str) -> None:
    """An address that changes something does so for forms only; a visit is led to the form's page."""
    client = visitor(Role.ADMIN)
    place = path.format(pod=pod, user=get_user_model().objects.latest("pk").pk)
    response = client.get(place, follow=True)
    assert response.status_code == HTTPStatus.OK
    assert len(response.redirect_chain) == 1
    assert place.startswith(response.request["PATH_INFO"])


def test_forms_are_guarded(pod: str) -> None:
    """A form from elsewhere or from before another login is refused in words; the typed text is kept."""
    path = f"/clusters/tried/pods/default/{pod}/delete/"
    client = visitor(enforce_csrf_checks=True)
    response = client.post(path, {"text": "typed"})
    assert response.status_code == HTTPStatus.FORBIDDEN
    assert "This page is older than your login" in text_of(response)
    assert "typed" in text_of(response)
    said = answer(client, path, source="form#behaviour").content.decode()
    assert 'hx-target="find .faults"' in said
    assert Client(enforce_csrf_checks=True).post(path)["Location"].startswith("/login/?next=/clusters/tried/")
    login = Client(enforce_csrf_checks=True).post("/login/", {"username": "a", "password": "b"})
    assert "keeps no cookies" in text_of(login)


def test_templates_name_what_they_are_given(pod: str, settings: pytest.FixtureRequest) -> None:
    """No page shows a variable that its view does not provide."""
    templates = settings.TEMPLATES  # type: ignore[attr-defined] # pytest-django's wrapper
    options = {**templates[0]["OPTIONS"], "string_if_invalid": _Missing("%s")}
    settings.TEMPLATES = [{**templates[0], "OPTIONS": options}]  # type: ignore[attr-defined] # as above
    for path in (*READ, *OWN, *EDIT, "/users/", "/login/"):
        for headers in ({}, HTMX):
            response = visitor(Role.ADMIN).get(path.format(pod=pod), headers=headers)
            assert response.status_code in {HTTPStatus.OK, HTTPStatus.FOUND}, path


class _Missing(str):
    """Stands where a template finds nothing, and says so."""

    __slots__ = ()

    def __mod__(self, variable: object) -> str:
        raise AssertionError(variable)
