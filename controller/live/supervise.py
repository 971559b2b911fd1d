"""Keeps a background task of an event loop running: one that fails is logged and started again.

A task that nobody awaits dies in silence, and everybody who relies on it waits for ever.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from django.db import InterfaceError, OperationalError

AGAIN = 1.0
"""Seconds until work that failed, or came to an end that it should not have, is started again."""

log = logging.getLogger(__name__)


def supervised(name: str, work: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
    """Return the task that does ``work`` until it is cancelled. ``name`` tells it in the log."""
    return asyncio.create_task(_keep_running(name, work), name=name)


def report(log: logging.Logger, what: str, error: Exception) -> None:
    """Log a failure after which work goes on: a database that is away in a line, all else as a defect."""
    if isinstance(error, OperationalError | InterfaceError):
        log.warning("%s, the database does not answer: %s", what, error)
    else:
        log.error("%s.", what, exc_info=error)


async def _keep_running(name: str, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await work()
            log.error("%s came to its end and is started again.", name)
        except Exception as error:  # noqa: BLE001 - whatever it is, the work goes on
            report(log, f"{name} failed and is started again", error)
        await asyncio.sleep(AGAIN)
