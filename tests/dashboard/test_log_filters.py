"""What the web server says and nobody needs to read."""

from __future__ import annotations

import logging

import pytest


def test_refused_sockets_make_no_noise(caplog: pytest.LogCaptureFixture) -> None:
    """They were answered; whatever else the server says is shown."""
    server = logging.getLogger("uvicorn.error")

    for said in (
        "Unsupported upgrade request.",
        "ASGI callable returned without completing handshake.",
        "Exception in ASGI application",
    ):
        server.error(said)

    assert [record.message for record in caplog.records] == ["Exception in ASGI application"]
