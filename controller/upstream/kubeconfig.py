"""Kubeconfigs of other clusters: text that somebody pastes, read without doing anything that it says.

A kubeconfig may name programs to run and files to read. On a server those would be ours, so they are
refused, each with what to do instead.
"""

from __future__ import annotations

import base64
import binascii
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.serialization import load_pem_private_key

from controller.engine.errors import BadRequest
from controller.manifests.text import read_yaml
from controller.upstream.connection import Connection

Part = Mapping[str, Any]

FLATTEN = "make one that holds everything: kubectl config view --raw --flatten --minify"
LASTING = "make a token that lasts for it: kubectl create token NAME --duration=8760h"
INLINE = "put what is in that file there, as token: kubectl does not"

FILES = {
    "certificate-authority": "cluster",
    "client-certificate": "user",
    "client-key": "user",
    "tokenFile": "user",
}
"""What names a file of the machine that the kubeconfig was written for, and where it stands."""


class BadKubeconfig(BadRequest):
    """A kubeconfig that cannot be used: ``fault`` is a code, ``where`` the entry, ``way`` what helps."""

    def __init__(self, fault: str, where: str, said: str, way: str = "") -> None:
        super().__init__(f"the kubeconfig: {where}: {said}" + (f" - {way}" if way else ""))
        self.fault, self.where, self.way = fault, where, way


@dataclass(frozen=True, slots=True)
class Context:
    """A context of a kubeconfig. ``current`` is the one that kubectl would take."""

    name: str
    server: str
    current: bool


def contexts(text: str) -> tuple[Context, ...]:
    """Return the contexts of a kubeconfig, in their order. Raises BadRequest, TooLarge."""
    config = _config(text)
    current = config.get("current-context") or ""
    return tuple(
        Context(name, _server_of(config, context), name == current)
        for name, context in _named(config, "contexts", "context").items()
    )


def read(text: str, context: str = "") -> Connection:
    """Return the connection of a context, the current one if none is named, of a kubeconfig.

    Raises BadKubeconfig, BadRequest (no YAML), TooLarge.
    """
    config = _config(text)
    known = _named(config, "contexts", "context")
    wanted = context or str(config.get("current-context") or "")
    if not wanted and len(known) == 1:
        (wanted,) = known
    if wanted not in known:
        raise BadKubeconfig(
            "context", wanted or "current-context", "there is no such context", _choice(known)
        )
    cluster = _of(config, "clusters", "cluster", known[wanted].get("cluster"))
    user = _of(config, "users", "user", known[wanted].get("user"))
    _refuse_foreign(cluster, user)
    where = Connection(
        server=_server(cluster),
        authority=_pem(cluster, "certificate-authority-data"),
        insecure=cluster.get("insecure-skip-tls-verify") is True,
        server_name=_text(cluster, "tls-server-name"),
        proxy=_proxy(cluster),
    )
    who = _who(user)
    if where.server.startswith("https") and not (who["certificate"] or who["token"] or who["username"]):
        raise BadKubeconfig("nobody", "user", "it holds no certificate, token or password", LASTING)
    return replace(where, **who)


def _config(text: str) -> Part:
    roots = read_yaml(text)
    if len(roots) != 1 or not isinstance(roots[0].value, dict):
        raise BadKubeconfig("kind", "the text", "it is no kubeconfig", FLATTEN)
    config: Part = roots[0].value
    if not isinstance(config.get("clusters"), list) or config.get("kind", "Config") != "Config":
        raise BadKubeconfig("kind", "kind", "it is no kubeconfig: kind Config with clusters", FLATTEN)
    return config


def _named(config: Part, many: str, one: str) -> dict[str, Part]:
    """Return the entries of a list by their names; the first of a name counts, as for kubectl."""
    found: dict[str, Part] = {}
    for entry in config.get(many) or ():
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
            raise BadKubeconfig("shape", many, "an entry has no name")
        part = entry.get(one) or {}
        if not isinstance(part, dict):
            raise BadKubeconfig("shape", f"{many}[{entry['name']}]", f"{one} is no object")
        found.setdefault(entry["name"], part)
    return found


def _of(config: Part, many: str, one: str, name: object) -> Part:
    found = _named(config, many, one).get(str(name or ""))
    if found is None:
        raise BadKubeconfig("reference", f"{many}[{name or ''}]", "the context names it and it is not there")
    return found


def _choice(known: Mapping[str, Part]) -> str:
    return f"choose one of: {', '.join(known)}" if known else FLATTEN


def _refuse_foreign(cluster: Part, user: Part) -> None:
    """Refuse what would be run or read on our machine."""
    if user.get("exec"):
        raise BadKubeconfig("exec", "exec", "it names a program to run, which is not done here", LASTING)
    if user.get("auth-provider"):
        raise BadKubeconfig("auth-provider", "auth-provider", "it asks for a plugin of kubectl", LASTING)
    for name, part in FILES.items():
        if (cluster if part == "cluster" else user).get(name):
            fault, way = ("tokenFile", INLINE) if name == "tokenFile" else ("file", FLATTEN)
            raise BadKubeconfig(fault, name, "it names a file of another machine", way)
    if any(user.get(name) for name in ("as", "as-uid", "as-groups", "as-user-extra")):
        raise BadKubeconfig("as", "as", "it acts as somebody else", "use credentials of their own")


def _server_of(config: Part, context: Part) -> str:
    cluster = _named(config, "clusters", "cluster").get(str(context.get("cluster") or ""), {})
    return str(cluster.get("server") or "")


def _server(cluster: Part) -> str:
    return _address(cluster, "server", ("https", "http"))


def _proxy(cluster: Part) -> str:
    return _address(cluster, "proxy-url", ("http", "https")) if cluster.get("proxy-url") else ""


def _address(part: Part, name: str, schemes: tuple[str, ...]) -> str:
    address = _text(part, name).rstrip("/")
    wrong = BadKubeconfig("address", name, f"it is no address that begins with {schemes[0]}://")
    try:
        split = urlsplit(address)
        valid = split.scheme in schemes and bool(split.hostname) and (split.port or 1) > 0
    except ValueError:
        raise wrong from None
    if not valid or any(sign.isspace() or not sign.isprintable() for sign in address):
        raise wrong
    if name == "server" and (split.username or split.query or split.fragment):
        raise BadKubeconfig("address", name, "an address of a server has no user, query or fragment")
    return address


def _who(user: Part) -> dict[str, Any]:
    """Return who we are there; nobody, behind a proxy that knows us. Raises BadKubeconfig: half a pair."""
    who = {
        "certificate": _pem(user, "client-certificate-data"),
        "key": _pem(user, "client-key-data"),
        "token": _text(user, "token"),
        "username": _text(user, "username"),
        "password": _text(user, "password"),
    }
    if bool(who["certificate"]) != bool(who["key"]):
        raise BadKubeconfig("pair", "client-certificate-data", "certificate and key go together", FLATTEN)
    if who["certificate"]:
        _refuse_unusable(who["certificate"], who["key"])
    if not who["token"].isascii() or any(sign.isspace() for sign in who["token"]):
        raise BadKubeconfig("token", "token", "it holds characters that no token has")
    return who


def _refuse_unusable(certificate: str, key: str) -> None:
    try:
        load_pem_private_key(key.encode(), None)
        Connection("", certificate=certificate, key=key).trust()
    except (TypeError, ValueError, ssl.SSLError) as error:
        raise BadKubeconfig(
            "pair", "client-key-data", "key and certificate cannot be used together"
        ) from error


def _text(part: Part, name: str) -> str:
    value = part.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadKubeconfig("shape", name, "it is no text")
    return value


def _pem(part: Part, name: str) -> str:
    text = _text(part, name)
    try:
        found = base64.b64decode(text, validate=True).decode("ascii") if text else ""
        if found and name == "certificate-authority-data":
            ssl.create_default_context(cadata=found)
    except (binascii.Error, UnicodeDecodeError, ssl.SSLError, ValueError) as error:
        raise BadKubeconfig("data", name, "it is no certificate or key in base64", FLATTEN) from error
    return found
