"""Files that are sent while they are made, so that none has to fit into memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse

PIECE = 64 * 1024
"""How many bytes are sent at once, at least: each piece is fetched in the thread of its request."""


def sent_piecewise(
    request: HttpRequest, pieces: Iterator[bytes], name: str, *, content_type: str
) -> StreamingHttpResponse:
    """Answer with a file of that name. One that fails on its way is cut off, and is none."""
    larger = _larger(pieces)
    content = _awaited(larger) if isinstance(request, ASGIRequest) else larger
    answer = StreamingHttpResponse(content, content_type=content_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _larger(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the same bytes in pieces that are worth sending."""
    held = bytearray()
    for piece in pieces:
        held += piece
        if len(held) >= PIECE:
            yield bytes(held)
            held.clear()
    if held:
        yield bytes(held)


async def _awaited(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Yield what another thread makes: an event loop that waited for it would serve nobody else."""
    following = sync_to_async(lambda: next(pieces, None))
    while (piece := await following()) is not None:
        yield piece
