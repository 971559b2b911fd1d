"""The door for WebSockets: programs in containers talk over them, and nothing else does."""

from __future__ import annotations

import asyncio
import logging
from io import BytesIO
from typing import Any

from asgiref.sync import ThreadSensitiveContext
from channels.db import database_sync_to_async
from django.core.exceptions import SuspiciousOperation
from django.core.handlers.asgi import ASGIRequest

from controller.apiserver import access, callers, paths, status
from controller.apiserver.attaches import Attachment
from controller.apiserver.door import call_of
from controller.apiserver.execs import Exec, attach_of, exec_of
from controller.apiserver.handlers import HANDLERS
from controller.apiserver.session import Session
from controller.engine.errors import BadRequest, MethodNotAllowed, PageNotFound, Refused

PROTOCOLS = ("v5.channel.k8s.io", "v4.channel.k8s.io")
"""What is spoken, the best first. With the fifth a client can end its input."""
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
            protocol = _protocol(scope)
            async with ThreadSensitiveContext():
                asked, reads = await database_sync_to_async(_asked)(scope)
        except Refused as refused:
            await _refuse(send, status.answer(status.status(refused)))
            return
        except SuspiciousOperation as error:
            await _refuse(send, status.answer(status.status(BadRequest(str(error)))))
            return
        except Exception:
            log.exception("A client's socket could not be opened.")
            said = status.failure("InternalError", "Internal error occurred: it is in the log")
            await _refuse(send, status.answer(said))
            return
        await send({"type": "websocket.accept", "subprotocol": protocol})
        session = Session if reads else Attachment
        await _converse(session(asked, _sender(send)), receive, send)


def _asked(scope: dict[str, Any]) -> tuple[Exec, bool]:
    """Return the program that is asked for, and whether it is carried out here, or only looked at.

    Raises what ``callers.enter`` and ``exec_of`` raise.
    """
    scheme = SCHEMES.get(scope.get("scheme", "ws"), "http")
    request = ASGIRequest({**scope, "type": "http", "method": "GET", "scheme": scheme}, BytesIO())
    asked = callers.enter(request)
    api = paths.api_of(asked.path)
    if api is None or not api[2]:
        raise PageNotFound
    call = call_of(asked, paths.target_of(*api))
    access.check(call)
    if call.subresource == "exec":
        return exec_of(call), True
    if call.subresource == "attach":
        return attach_of(call)
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


async def _converse(session: Session | Attachment, receive: Receive, send: Send) -> None:
    hearing = asyncio.create_task(_hear(session, receive))
    try:
        await session.run()
        await send({"type": "websocket.close", "code": 1000})
    except OSError:
        log.info("A client left in the middle of a message.")
    finally:
        hearing.cancel()
        await asyncio.gather(hearing, return_exceptions=True)


async def _hear(session: Session | Attachment, receive: Receive) -> None:
    while (message := await receive())["type"] != "websocket.disconnect":
        await session.take(message.get("bytes") or (message.get("text") or "").encode())
    await session.leave()
