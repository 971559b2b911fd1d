"""Kubeconfigs: by the command, by the page, over plain http and over TLS."""

from __future__ import annotations

import io
import os
from base64 import b64encode
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.test import Client

from controller import models
from controller.models import Role
from dashboard import instance
from tests.apiserver.asking import DoorClient
from tests.clusters import cluster
from tests.dashboard.visits import text_of, visitor
from tests.people import someone

pytestmark = pytest.mark.django_db
PAGE = "/clusters/tried/kubectl/"
FILE = f"{PAGE}kubeconfig/"
FAR = "192.0.2.7"


def opened(text: str) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Return the server, the whole cluster entry and the credentials that a kubeconfig's context leads to."""
    content = yaml.safe_load(text)
    context = next(one["context"] for one in content["contexts"] if one["name"] == content["current-context"])
    place = next(one["cluster"] for one in content["clusters"] if one["name"] == context["cluster"])
    user = next(one["user"] for one in content["users"] if one["name"] == context["user"])
    return place["server"], place, user


def command(*words: str) -> str:
    """Return what the command prints."""
    out = io.StringIO()
    call_command("kubeconfig", *words, stdout=out)
    return out.getvalue()


# ------------------------------------------------------------------------------------ the page
def test_over_plain_http_the_token_is_in_the_path() -> None:
    """The downloaded file lets its holder in, as the user who downloaded it."""
    cluster()
    response = visitor(Role.VIEWER).post(FILE)
    assert response["Content-Disposition"] == 'attachment; filename="tried.kubeconfig"'
    assert response["Cache-Control"] == "no-store"
    server, place, user = opened(response.content.decode())
    assert server.startswith("http://testserver/k8s/tried/evn-")
    assert place == {"server": server, "insecure-skip-tls-verify": True}
    assert user == {}
    path = server.removeprefix("http://testserver")
    assert DoorClient().get(f"{path}/api").status_code == HTTPStatus.OK
    assert DoorClient().post(f"{path}/api/v1/nodes").status_code == HTTPStatus.FORBIDDEN


def test_over_tls_the_token_is_a_credential(settings: Any, tmp_path: Path) -> None:
    """The path holds no secret, and the file carries the authority that `up --tls` made."""
    cluster()
    settings.EVERYNODE_DATA, settings.TLS = tmp_path, True
    files = instance.certificates(tmp_path)
    files.folder.mkdir()
    files.authority.write_bytes(b"PEM")
    response = visitor().post(FILE, secure=True, REMOTE_ADDR=FAR)
    server, place, user = opened(response.content.decode())
    assert server == "https://testserver/k8s/tried"
    assert place["certificate-authority-data"] == b64encode(b"PEM").decode()
    headers = {"Authorization": f"Bearer {user['token']}"}
    answer = DoorClient().get("/k8s/tried/api", headers=headers, secure=True, REMOTE_ADDR=FAR)
    assert answer.status_code == HTTPStatus.OK


def test_from_afar_there_is_no_file_without_tls() -> None:
    """The page says what it would take, and offers no button that cannot work."""
    cluster()
    page = visitor().get(PAGE, REMOTE_ADDR=FAR)
    assert "needs https" in text_of(page)
    assert FILE not in page.content.decode()
    assert visitor().post(FILE, REMOTE_ADDR=FAR).status_code == HTTPStatus.FORBIDDEN
    assert not models.Token.objects.exists()


def test_the_page_lists_ones_own_tokens() -> None:
    """Tokens of others are theirs; a revoked one is gone from the list."""
    cluster()
    visitor(Role.ADMIN).post(FILE)
    client = visitor(Role.VIEWER)
    client.post(FILE)
    held = models.Token.objects.get(user__username="viewer")
    revoke = f"/account/tokens/{held.pk}/revoke/"
    page = client.get(PAGE).content.decode()
    assert page.count("/revoke/") == page.count(revoke) == 1
    assert client.post(revoke).status_code == HTTPStatus.FOUND
    assert "No token of yours" in text_of(client.get(PAGE))
    assert client.post(revoke).status_code == HTTPStatus.NOT_FOUND


def test_the_page_tells_what_to_paste() -> None:
    """Three lines that work after the download, and the command for the machine itself."""
    cluster()
    said = text_of(visitor().get(PAGE))
    assert "export KUBECONFIG=~/Downloads/tried.kubeconfig" in said
    assert "python manage.py kubeconfig tried > tried.kubeconfig" in said


@pytest.mark.parametrize(("path", "page"), [(FILE, PAGE), ("/account/tokens/1/revoke/", "/account/")])
def test_looking_makes_no_token(path: str, page: str) -> None:
    """A token is made or revoked by a form, never by following a link."""
    cluster()
    assert visitor().get(path, follow=True).request["PATH_INFO"] == page
    assert Client().post(path)["Location"].startswith("/login/")


# --------------------------------------------------------------------------------- the command
def test_the_command_finds_the_running_instance(settings: Any, tmp_path: Path) -> None:
    """Its address stands in the data folder."""
    cluster()
    someone("admin", Role.ADMIN)
    settings.EVERYNODE_DATA = tmp_path
    instance.write_run(tmp_path, {"url": "http://127.0.0.1:8123/", "pid": os.getpid()})
    server, _, _ = opened(command("tried"))
    assert server.startswith("http://127.0.0.1:8123/k8s/tried/evn-")


def test_the_command_takes_an_address_and_a_user() -> None:
    """For an instance that runs elsewhere, behind a proxy."""
    cluster()
    someone("ada", Role.VIEWER)
    server, place, user = opened(command("tried", "--user", "ada", "--url", "https://everynode.example"))
    assert server == "https://everynode.example/k8s/tried"
    assert place == {"server": server}
    assert user["token"].startswith("evn-")
    assert models.Token.objects.get().user.username == "ada"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("tried",), "does not run on this folder"),
        (("tried", "--url", "http://a", "--user", "nobody"), "There is no user 'nobody'"),
        (("gone", "--url", "http://a"), "There is no cluster 'gone'"),
    ],
)
def test_the_command_says_what_is_missing(
    settings: Any, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    """One sentence, and no token is made."""
    cluster()
    settings.EVERYNODE_DATA = tmp_path
    someone("admin", Role.ADMIN)
    with pytest.raises(CommandError, match=said):
        command(*words)
    assert not models.Token.objects.exists()
