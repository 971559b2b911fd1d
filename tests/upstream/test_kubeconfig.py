"""Kubeconfigs that others write: what is read of them, and what is never done."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest
import yaml

from controller.engine.errors import BadRequest, Refused, TooLarge
from controller.upstream.kubeconfig import BadKubeconfig, contexts, read
from tests.upstream.certificates import pair


def data(text: str | bytes) -> str:
    """Return a text as a kubeconfig holds it."""
    return b64encode(text if isinstance(text, bytes) else text.encode()).decode()


def authority() -> str:
    """Return an authority as a kubeconfig holds it."""
    return data(pair().authority.read_bytes())


def config(user: Any = None, **cluster: Any) -> str:
    """Return a kubeconfig of one context."""
    place = {
        "server": "https://10.0.0.1:6443",
        **{name.replace("_", "-"): one for name, one in cluster.items()},
    }
    return yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "prod",
            "clusters": [{"name": "far", "cluster": place}],
            "users": [{"name": "ed", "user": {"token": "abc"} if user is None else user}],
            "contexts": [
                {"name": "prod", "context": {"cluster": "far", "user": "ed"}},
                {"name": "lost", "context": {"cluster": "nowhere", "user": "ed"}},
            ],
        }
    )


def test_a_token() -> None:
    """Server, authority, name of the server, proxy and token are read."""
    text = config(
        certificate_authority_data=authority(),
        tls_server_name="real.example",
        proxy_url="http://10.0.0.9:3128",
    )
    found = read(text)
    assert (found.server, found.token, found.server_name) == ("https://10.0.0.1:6443", "abc", "real.example")
    assert (found.authority, found.proxy) == (pair().authority.read_text(), "http://10.0.0.9:3128")
    assert not found.insecure
    assert found.trust().check_hostname


def test_a_certificate() -> None:
    """A certificate and its key are read, and TLS can be spoken with them; nobody is told the key."""
    text = config({
        "client-certificate-data": data(pair().server.read_bytes()),
        "client-key-data": data(pair().server_key.read_bytes()),
    })  # fmt: skip
    found = read(text)
    assert found.trust().verify_mode.name == "CERT_REQUIRED"
    assert "KEY" not in repr(found)
    assert "CERTIFICATE" not in repr(found)


def test_a_proxy_that_knows_us() -> None:
    """By plain http nobody need be named: so is ``kubectl proxy`` reached."""
    assert read(config({}, server="http://127.0.0.1:8001")).bearer() == ""


def test_contexts() -> None:
    """All contexts are named with their servers; without a name kubectl's current one is read."""
    told = [(one.name, one.server, one.current) for one in contexts(config())]
    assert told == [("prod", "https://10.0.0.1:6443", True), ("lost", "", False)]
    assert read(config(), "prod") == read(config())


def test_insecure_is_only_what_says_so() -> None:
    """TLS is checked unless the file says true: a text that looks like it is none."""
    assert read(config(**{"insecure-skip-tls-verify": True})).insecure
    assert not read(config(**{"insecure-skip-tls-verify": "true"})).insecure


@pytest.mark.parametrize(
    ("text", "fault", "way"),
    [
        (config({"exec": {"command": "touch", "args": ["ran"]}}), "exec", "kubectl create token"),
        (config({"auth-provider": {"name": "gcp"}}), "auth-provider", "kubectl create token"),
        (config({"tokenFile": "/etc/shadow"}), "tokenFile", "as token"),
        (config({"client-certificate": "/a", "client-key": "/b"}), "file", "--flatten"),
        (config(certificate_authority="/etc/ssl/ca.pem"), "file", "--flatten"),
        (config({"token": "abc", "as": "root"}), "as", ""),
        (config({}), "nobody", "kubectl create token"),
        (config({"token": "a b"}), "token", ""),
        (config({"token": "a\nHost: elsewhere"}), "token", ""),
        (config({"token": 7}), "shape", ""),
        (config({"client-certificate-data": data("a")}), "pair", "--flatten"),
        (config({"client-certificate-data": data("a"), "client-key-data": data("b")}), "pair", ""),
        (config(certificate_authority_data="%%%"), "data", "--flatten"),
        (config(certificate_authority_data=data("no certificate")), "data", "--flatten"),
        (config(server="ftp://10.0.0.1"), "address", ""),
        (config(server="https://"), "address", ""),
        (config(server="https://10.0.0.1:99999"), "address", ""),
        (config(server="https://ed:secret@10.0.0.1"), "address", ""),
        (config(server="https://10.0.0.1/?a=b"), "address", ""),
        (config(server="unix:///var/run/docker.sock"), "address", ""),
        (config(server=["https://10.0.0.1"]), "shape", ""),
        (config(proxy_url="socks5://10.0.0.1"), "address", ""),
        ("just text", "kind", "--flatten"),
        ("kind: Pod\nclusters: []", "kind", "--flatten"),
        ("clusters: [7]\ncontexts: [7]", "shape", ""),
        ("clusters: []", "context", "--flatten"),
        ("a: 1\n---\nb: 2", "kind", "--flatten"),
    ],
)  # fmt: skip
def test_refused(text: str, fault: str, way: str) -> None:
    """What names programs, files or other people, or is broken, is refused with what to do instead."""
    with pytest.raises(BadKubeconfig) as refused:
        read(text)
    assert refused.value.fault == fault
    assert way in refused.value.sentence


def test_contexts_that_lead_nowhere() -> None:
    """A context that is not there is refused with those that are, and so is one that names no cluster."""
    with pytest.raises(BadKubeconfig, match="choose one of: prod, lost"):
        read(config(), "staging")
    with pytest.raises(BadKubeconfig, match=r"clusters\[nowhere\]"):
        read(config(), "lost")


LAUGHTER = "x0: &x0 [1]\n" + "".join(f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 9)}]\n" for n in range(1, 9))
"""A few lines that spell out to millions of values."""


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("a: &a [1]\nb: " + "[" * 300 + "]" * 300, BadRequest),
        (LAUGHTER, TooLarge),
        ("a" * (1 << 21), TooLarge),
        ("a: \0", Refused),
        ("!!python/object/apply:os.system ['touch ran']", Refused),
    ],
)  # fmt: skip
def test_hostile(text: str, kind: type[Refused]) -> None:
    """Texts that are too much, too deep or no YAML are refused before they cost anything."""
    with pytest.raises(kind):
        read(text)
