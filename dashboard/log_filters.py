"""Keeps from the terminal what the web server calls errors and is none."""

from __future__ import annotations

import logging

EXPECTED = frozenset(
    {
        # A client asked for SPDY, which it is told in its answer that nobody speaks here.
        "Unsupported upgrade request.",
        # A socket was refused with a whole answer; the server counts only those that were opened.
        "ASGI callable returned without completing handshake.",
    }
)


class ServerNoise(logging.Filter):
    """Drops the records that tell of nothing unexpected."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a record is worth showing."""
        return record.getMessage() not in EXPECTED
