"""Adding a real cluster: what is tested, what is refused, and what is never sent back."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile

from controller import models
from controller.models import Role
from controller.modes import Mode
from controller.upstream.secrets import unseal
from controller.upstream.trial import REVIEWS
from tests.clusters import audited, cluster
from tests.dashboard.visits import text_of, visitor
from tests.upstream.certificates import pair
from tests.upstream.serving import Answer, Server, serving

pytestmark = pytest.mark.django_db

SECRET = "s3cr3t-t0k3n"


@contextmanager
def api(*, uid: str = "uid-1", lacking: tuple[str, ...] = ()) -> Iterator[Server]:
    """Serve as an API server that grants all but verbs on resources such as ``patch nodes``."""

    def reviewed(given: Any) -> object:
        wish = given["spec"]["resourceAttributes"]
        return {"status": {"allowed": f"{wish['verb']} {wish['resource']}" not in lacking}}

    answers = {
        "/version": Answer(body={"gitVersion": "v1.36.1"}),
        "/api/v1/namespaces": Answer(body={"items": [{"metadata": {"name": "kube-system", "uid": uid}}]}),
        REVIEWS: Answer(code=201, reply=reviewed),
    }
    with serving(answers) as server:
        yield server


def config(server: str, *, insecure: bool = False, **user: object) -> str:
    """Return a kubeconfig with two contexts for a server."""
    trust: dict[str, object] = {
        "certificate-authority-data": base64.b64encode(pair().authority.read_bytes()).decode()
    }
    if insecure:
        trust = {"insecure-skip-tls-verify": True}
    return yaml.safe_dump(
        {
            "kind": "Config",
            "clusters": [{"name": "c", "cluster": {"server": server, **trust}}],
            "users": [{"name": "u", "user": user or {"token": SECRET}}],
            "contexts": [
                {"name": name, "context": {"cluster": "c", "user": "u"}} for name in ("first", "second")
            ],
            "current-context": "first",
        }
    )


def send(text: str, **given: Any) -> Any:
    """Send the form of a new real cluster, as an admin."""
    return visitor(Role.ADMIN).post("/add/", {"name": "real", "kubeconfig": text, **given})


def test_only_admins() -> None:
    """Operators may make clusters, but not give Everynode credentials of real ones."""
    for role in (Role.VIEWER, Role.OPERATOR):
        assert visitor(role).get("/add/").status_code == HTTPStatus.FORBIDDEN
    assert "/add/" in visitor(Role.ADMIN).get("/clusters/").content.decode()


def test_a_test_of_the_connection() -> None:
    """A test names server, version and ends, lists contexts, keeps what was pasted, and adds nothing."""
    with api() as server:
        page = send(config(server.url), test="")
    said = text_of(page)
    assert "The connection works, and nothing is missing." in said
    assert "v1.36.1" in said
    assert "Its certificate ends not told" not in said
    assert server.url in said
    assert '<option value="second">' in page.content.decode()
    assert SECRET in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert not models.Cluster.objects.exists()


def test_add() -> None:
    """The cluster is kept with its credentials sealed, and shown; they are sent to nobody any more."""
    with api() as server:
        response = send(config(server.url), context="second")
    assert response["Location"] == "/clusters/real/"
    made = models.Mirror.objects.get(cluster__name="real", cluster__mode=Mode.MIRRORED)
    assert SECRET.encode() not in bytes(made.sealed)
    assert unseal(bytes(made.sealed)).token == SECRET
    assert audited() == [f"Added the real cluster real at {server.url}"]
    client = visitor(Role.ADMIN)
    for path in ("/clusters/real/settings/", "/clusters/real/settings/connection/", "/audit/"):
        assert SECRET not in client.get(path).content.decode()


def test_what_is_missing() -> None:
    """Rights that are missing are listed with the ClusterRole that grants them; the cluster may be added."""
    with api(lacking=("patch nodes", "watch events")) as server:
        page = text_of(send(config(server.url), test=""))
        assert "2 rights are missing" in page
        granted = (
            "rules: - apiGroups: - '' resources: - events verbs: - watch - apiGroups: - '' resources: - nodes"
        )
        assert granted in page
        assert send(config(server.url)).status_code == HTTPStatus.FOUND


def test_impersonation_needs_its_right() -> None:
    """People are not said to act as themselves where the account may not act as them."""
    with api(lacking=("impersonate users",)) as server:
        page = text_of(send(config(server.url), impersonate="on"))
    assert "this account may not act as others" in page
    assert not models.Mirror.objects.exists()


def test_an_upload() -> None:
    """A file is taken for the text, which the form then shows."""
    with api() as server:
        file = SimpleUploadedFile("config", config(server.url).encode())
        assert SECRET in send("", file=file, test="").content.decode()


def test_nobody_checks() -> None:
    """A kubeconfig that turns off the check of certificates is used only once that is confirmed."""
    with api() as server:
        text = config(server.url, insecure=True)
        page = send(text)
        assert "turns off the check" in text_of(page)
        assert 'name="unchecked"' in page.content.decode()
        assert not server.asked
        assert send(text, unchecked="on").status_code == HTTPStatus.FOUND
    assert models.Mirror.objects.get().insecure


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("", "Paste or upload a kubeconfig.", id="nothing"),
        pytest.param("a: [", "expected", id="no YAML"),
        pytest.param("kind: Pod", "This is no kubeconfig.", id="something else"),
        pytest.param(
            config("https://127.0.0.1:1", exec={"command": "id"}), "names a program to run", id="a program"
        ),
        pytest.param(
            config("https://127.0.0.1:1", tokenFile="/etc/passwd"),
            "tokenFile names a file of another machine. Put what is in that file there, as token",
            id="a file",
        ),
        pytest.param(
            config("https://169.254.169.254"), "That address is one that is not connected to.", id="metadata"
        ),
        pytest.param(config("https://127.0.0.1:1"), "The API server is not reached.", id="nobody there"),
    ],
)
def test_refused(text: str, said: str) -> None:
    """What cannot be used, or is hostile, is refused with what to do; nothing typed is lost."""
    page = send(text)
    assert said in text_of(page)
    assert 'value="real"' in page.content.decode()
    assert " ".join(text.split()) in text_of(page)
    assert not models.Cluster.objects.exists()


def test_all_the_same() -> None:
    """Who knows better adds a cluster that is not reached yet."""
    assert "Keep it all the same" in text_of(send(config("https://127.0.0.1:1")))
    assert send(config("https://127.0.0.1:1"), anyway="").status_code == HTTPStatus.FOUND


def test_a_name_that_is_taken() -> None:
    """What the service refuses is said in the form, with the kubeconfig still there."""
    cluster("real")
    with api() as server:
        page = send(config(server.url))
    assert "already exists" in text_of(page)
    assert SECRET in page.content.decode()


def test_replace() -> None:
    """Other credentials take the place of those that were kept, unless they are for another cluster."""
    client = visitor(Role.ADMIN)
    with api() as server:
        send(config(server.url))
        models.Mirror.objects.update(cluster_uid="uid-1")
        path, text = "/clusters/real/settings/connection/", config(server.url, token="n3w")
        assert client.post(path, {"kubeconfig": text})["Location"] == "/clusters/real/settings/"
    assert unseal(bytes(models.Mirror.objects.get().sealed)).token == "n3w"
    with api(uid="uid-2") as other:
        page = client.post(path, {"kubeconfig": config(other.url)})
    assert "This is another cluster" in text_of(page)
    assert unseal(bytes(models.Mirror.objects.get().sealed)).token == "n3w"


def test_a_simulated_cluster_has_no_connection() -> None:
    """There is nothing to replace where nothing is reached."""
    cluster()
    path = "/clusters/tried/settings/connection/"
    assert visitor(Role.ADMIN).get(path).status_code == HTTPStatus.NOT_FOUND
