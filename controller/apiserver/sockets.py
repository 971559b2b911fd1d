"""The door for WebSockets: programs in containers talk over them, and browsers watch.

A browser cannot set headers of a socket, so its token comes as a subprotocol, as in Kubernetes.
"""

from __future__ import annotations

import asyncio
import logging
from base64 import urlsafe_b64decode
from collections.abc import Awaitable
from contextlib import aclosing, suppress
from io import BytesIO
from typing import Any

from asgiref.sync import ThreadSensitiveContext
from channels.db import database_sync_to_async
from django.core.exceptions import SuspiciousOperation
from django.core.handlers.asgi import ASGIRequest
from django.db import InterfaceError, OperationalError
from django.http.response import HttpResponseBase

from controller.apiserver import access, callers, paths, status
from controller.apiserver.attaches import Attachment
from controller.apiserver.door import call_of
from controller.apiserver.execs import Exec, attach_of, exec_of
from controller.apiserver.handlers import HANDLERS
from controller.apiserver.session import Session, error
from controller.apiserver.watch import watch
from controller.engine.errors import BadRequest, Busy, MethodNotAllowed, PageNotFound, Refused
from controller.queries.access import Access
from controller.queries.streams import streams

PROTOCOLS = ("v5.channel.k8s.io", "v4.channel.k8s.io")
"""What is spoken, the best first. With the fifth a client can end its input."""
BEARER = "base64url.bearer.authorization.k8s.io."
SCHEMES = {"ws": "http", "wss": "https"}
Receive = Any
Send = Any

log = logging.getLogger(__name__)


class SocketDoor:
    """Serves the WebSockets of ``/k8s/<cluster>/...``."""

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Serve one connection."""
        await receive()  # its beginning
        try:
            scope = _with_token(scope)
            async with ThreadSensitiveContext():
                found, held = await database_sync_to_async(_asked)(scope)
            if not isinstance(found, tuple):
                await _watch(await found, held, scope, receive, send)
                return
            asked, reads = found
            protocol = _protocol(scope)
        except Refused as refused:
            await _refuse(send, status.answer(status.status(refused)))
            return
        except SuspiciousOperation as error:
            await _refuse(send, status.answer(status.status(BadRequest(str(error)))))
            return
        except (OperationalError, InterfaceError) as error:
            log.warning("The database did not answer: %s", error)
            await _refuse(send, status.answer(status.status(Busy())))
            return
        except Exception:
            log.exception("A client's socket could not be opened.")
            said = status.failure("InternalError", "Internal error occurred: it is in the log")
            await _refuse(send, status.answer(said))
            return
        await send({"type": "websocket.accept", "subprotocol": protocol})
        session = Session if reads else Attachment
        await _converse(session(asked, _sender(send)), held, receive, send)


def _with_token(scope: dict[str, Any]) -> dict[str, Any]:
    """Return a scope whose token, if it came as a subprotocol, is a header instead. Raises BadRequest."""
    offered = list(scope.get("subprotocols") or ())
    tokens = [one.removeprefix(BEARER) for one in offered if one.startswith(BEARER)]
    if not tokens:
        return scope
    try:
        token = urlsafe_b64decode(tokens[0] + "=" * (-len(tokens[0]) % 4))
    except ValueError as error:
        raise BadRequest(f"the subprotocol {BEARER}... holds no base64url") from error
    return {
        **scope,
        "headers": [*scope["headers"], (b"authorization", b"Bearer " + token)],
        "subprotocols": [one for one in offered if not one.startswith(BEARER)],
    }


def _asked(scope: dict[str, Any]) -> tuple[tuple[Exec, bool] | Awaitable[HttpResponseBase], Access]:
    """Return the answer to a watch; or the program that is asked for, and whether it is carried out here.

    With it comes what the caller was let in to do.

    Otherwise it is only looked at. Raises what ``callers.enter`` and ``exec_of`` raise.
    """
    scheme = SCHEMES.get(scope.get("scheme", "ws"), "http")
    request = ASGIRequest({**scope, "type": "http", "method": "GET", "scheme": scheme}, BytesIO())
    asked = callers.enter(request)
    api = paths.api_of(asked.path)
    if api is None or not api[2]:
        raise PageNotFound
    call = call_of(asked, paths.target_of(*api))
    access.check(call)
    if call.verb == "watch":
        return watch(call), call.access
    if call.subresource == "exec":
        return (exec_of(call), True), call.access
    if call.subresource == "attach":
        return attach_of(call), call.access
    refuse = HANDLERS.get((call.verb, call.subresource)) if call.subresource else None
    if refuse:
        refuse(call)
    raise MethodNotAllowed


def _protocol(scope: dict[str, Any]) -> str:
    """Return the protocol that is spoken. Raises BadRequest if there is none in common."""
    offered = scope.get("subprotocols") or ()
    for protocol in PROTOCOLS:
        if protocol in offered:
            return protocol
    raise BadRequest(f"none of the protocols {list(offered)} is spoken here: {', '.join(PROTOCOLS)}")


async def _refuse(send: Send, response: Any) -> None:  # noqa: ANN401 - any answer of Django
    headers = [(name.lower().encode(), value.encode()) for name, value in response.items()]
    await send({"type": "websocket.http.response.start", "status": response.status_code, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": response.content})


def _sender(send: Send) -> Any:  # noqa: ANN401 - ASGI's
    async def sender(data: bytes) -> None:
        await send({"type": "websocket.send", "bytes": data})

    return sender


async def _watch(
    response: Any,  # noqa: ANN401 - a stream or a refusal
    access: Access,
    scope: dict[str, Any],
    receive: Receive,
    send: Send,
) -> None:
    """Send the events of a watch, each as a text of its own, until either side ends."""
    if not response.streaming:
        await _refuse(send, response)
        return
    offered = scope.get("subprotocols") or (None,)
    await send({"type": "websocket.accept", "subprotocol": offered[0]})
    sending = asyncio.create_task(_send_lines(response, send))
    leaving = asyncio.create_task(_left(receive))
    refused: list[Refused] = []

    def end(why: Refused) -> None:
        refused.append(why)
        sending.cancel()

    try:
        with streams().held(access, end):
            await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
        if refused:
            await send({"type": "websocket.send", "text": response.ending(refused[0]).decode()})
            await send({"type": "websocket.close", "code": 1000})
    finally:
        for task in (sending, leaving):
            task.cancel()
        await asyncio.gather(sending, leaving, return_exceptions=True)
        response.close()


async def _send_lines(response: Any, send: Send) -> None:  # noqa: ANN401 - a stream
    with suppress(OSError):
        async with aclosing(aiter(response)) as pieces:
            async for piece in pieces:
                for line in piece.splitlines(keepends=True):
                    await send({"type": "websocket.send", "text": line.decode()})
        await send({"type": "websocket.close", "code": 1000})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "websocket.disconnect":
        pass


async def _converse(session: Session | Attachment, access: Access, receive: Receive, send: Send) -> None:
    hearing, running = asyncio.create_task(_on_change(session, receive)), asyncio.create_task(session.run())
    refused: list[Refused] = []

    def end(why: Refused) -> None:
        refused.append(why)
        running.cancel()

    try:
        with streams().held(access, end):
            await asyncio.wait((running,))
        if refused:
            await send({"type": "websocket.send", "bytes": error(status.status(refused[0]))})
        else:
            await running
        await send({"type": "websocket.close", "code": 1000})
    except OSError:
        log.info("A client left in the middle of a message.")
    finally:
        for task in (hearing, running):
            task.cancel()
        await asyncio.gather(hearing, running, return_exceptions=True)


async def _on_change(session: Session | Attachment, receive: Receive) -> None:
    while (message := await receive())["type"] != "websocket.disconnect":
        await session.take(message.get("bytes") or (message.get("text") or "").encode())
    await session.leave()
