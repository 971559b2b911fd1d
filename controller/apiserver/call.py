"""What a client asks for, read from its path and headers once, and the answers that handlers give."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase

from controller import models
from controller.apiserver import negotiation
from controller.engine.authorization.policy import Subject, Wish
from controller.engine.errors import Refused
from controller.engine.kinds import Kind
from controller.engine.objects import Manifest
from controller.models import Role
from controller.queries.access import Access

LONGEST_ACTOR = 150
"""Characters of a name in the log and in the audit list."""
TRUE = frozenset({"1", "t", "T", "true", "True", "TRUE"})
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
LONGEST_WARNINGS = 4096
"""The most characters of all warnings of an answer together, as in Kubernetes..."""
LONGEST_WARNING = 256
"""... and of each, if together they are longer."""
FALSE = frozenset({"0", "f", "F", "false", "False", "FALSE"})
"""How clients may write yes and no in a query: what Go's parser of booleans takes."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who holds the token: a user's name, their role on the cluster, and the ids of token and user.

    A ``subject`` may do what Roles and bindings say: a ServiceAccount, by its ``credential``, or whoever
    the user acts as, who is then called ``by`` their name.
    """

    name: str
    role: Role
    token: int = 0
    user: int = 0
    subject: Subject | None = None
    credential: str = ""
    by: str = ""

    @property
    def actor(self) -> str:
        """Return who is said to have done what is done."""
        return (f"{self.by} as {self.name}" if self.by else self.name)[:LONGEST_ACTOR]


@dataclass(frozen=True)
class Asked:
    """A request to a cluster by someone it knows. ``path`` is what follows the cluster, in segments."""

    request: HttpRequest
    cluster: models.Cluster
    caller: Caller
    path: tuple[str, ...]

    @property
    def query(self) -> QueryDict:
        """Return the query; a name may come several times."""
        return self.request.GET

    def flag(self, name: str) -> bool:
        """Return whether the query says yes to ``name``."""
        return self.query.get(name, "") in TRUE

    @property
    def agent(self) -> str:
        """Return the program that asks, such as ``kubectl``: the first word of its User-Agent."""
        return self.request.headers.get("User-Agent", "").split("/")[0].split(" ")[0]

    @property
    def accept(self) -> str:
        """Return the header that says which forms of an answer the client takes."""
        return self.request.headers.get("Accept", "")

    @property
    def media_type(self) -> str:
        """Return the content type of the body, without its parameters."""
        return (self.request.content_type or "").lower()

    @cached_property
    def raw(self) -> bytes:
        """Return the body as it came. Raises TooLarge."""
        return negotiation.body_of(self.request)

    def body(self) -> Manifest:
        """Return the object in the body: JSON, YAML or protobuf. Raises BadRequest, UnsupportedMediaType."""
        return negotiation.read(self.raw, self.media_type)


@dataclass(frozen=True)
class Call(Asked):
    """A request about objects of a kind.

    ``verb`` is Kubernetes': get, list, watch, create, update, patch, delete, deletecollection. An
    empty ``namespace`` means all of them, or a kind without; ``name`` is empty for a collection.
    ``group`` is the one that was asked under, which for events may not be that of the kind.
    """

    kind: Kind
    verb: str
    group: str
    version: str
    namespace: str
    name: str
    subresource: str

    @property
    def access(self) -> Access:
        """Return what the caller was let in to do, for what asks again while it goes on."""
        return Access(
            user=self.caller.user,
            cluster=self.cluster.pk,
            verb=self.verb,
            resource=self.kind.plural,
            subresource=self.subresource,
            token=self.caller.token,
            credential=self.caller.credential,
            subject=self.caller.subject,
            wish=self.wish if self.caller.subject else None,
        )

    @property
    def wish(self) -> Wish:
        """Return what is asked, as rules of Roles name it. A namespace is in itself."""
        inside = self.name if self.kind.plural == "namespaces" else ""
        return Wish(
            verb=self.verb,
            group=self.group,
            resource=self.kind.plural,
            subresource=self.subresource,
            namespace=self.namespace or inside,
            name=self.name,
        )


class Stream(StreamingHttpResponse):
    """An answer that goes on. ``ending`` says what is sent last if its right ends before it does."""

    def ending(self, _refused: Refused) -> bytes:
        """Return nothing: a text simply ends."""
        return b""


Handler = Callable[[Call], HttpResponseBase] | Callable[[Call], Awaitable[HttpResponseBase]]
"""What answers a call. One that is not async may use the database; one that is async must not wait."""
Page = Callable[[Asked], HttpResponseBase]
"""What answers a path that names no objects."""


def json_response(
    asked: Asked,
    content: object,
    *,
    status: int = HTTPStatus.OK,
    warnings: Sequence[str] = (),
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Return ``content`` as JSON, or as YAML for who prefers it; compressed if it is long and that is taken.

    ``content`` may be bytes of JSON made before. Each of ``warnings`` becomes a header that clients show.
    """
    body = content if isinstance(content, bytes) else orjson.dumps(content)
    preferred = asked.request.get_preferred_type((negotiation.JSON, negotiation.YAML)) or negotiation.JSON
    if preferred == negotiation.YAML:
        body = negotiation.yaml_of(body)
    response = HttpResponse(content_type=preferred, status=status, headers=headers)
    response.content = negotiation.packed(asked.request, body, response)
    if warnings:
        response["Warning"] = warning_header(warnings)
    return response


def warning_header(warnings: Sequence[str]) -> str:
    """Return warnings as a header that no proxy refuses: long ones are cut, and the last left out."""
    said = [f'299 - "{_quoted(warning)}"' for warning in warnings]
    if sum(map(len, said)) <= LONGEST_WARNINGS:
        return ", ".join(said)
    room, kept = LONGEST_WARNINGS, list[str]()
    for warning in warnings:
        text = f'299 - "{_quoted(warning[:LONGEST_WARNING])}"'
        room -= len(text) + 2
        if room < 0:
            break
        kept.append(text)
    return ", ".join(kept)


def _quoted(text: str) -> str:
    """Return a text as it may stand in a header: no server sends control characters."""
    plain = text.encode("ascii", "backslashreplace").decode()
    return CONTROL.sub(" ", plain.replace("\\", "\\\\").replace('"', '\\"'))


def list_of(kind: Kind, items: Sequence[Any], **meta: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """Return a list object of a kind."""
    return {"kind": f"{kind.name}List", "apiVersion": kind.api_version, "metadata": meta, "items": items}
