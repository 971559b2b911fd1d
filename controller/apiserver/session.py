"""One program on one connection: carries its output out, and what is typed in.

Messages begin with a byte that names their stream, as in Kubernetes' v4 and v5 channel protocols.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import UTC, datetime
from enum import Enum, auto
from typing import Any

import orjson
from channels.db import database_sync_to_async
from django.db import OperationalError

from controller.apiserver.execs import Exec
from controller.apiserver.status import failure
from controller.engine.container.commands import execute
from controller.engine.container.effects import (
    Dial,
    Effect,
    Interrupted,
    Kill,
    NotExecutable,
    Out,
    Pause,
    Read,
    Repeat,
    Steps,
)
from controller.engine.container.logs import KILLED
from controller.engine.container.terminal import Pipe, Stop, Terminal, Typed
from controller.engine.container.vantage import Vantage
from controller.engine.errors import Refused
from controller.services.pods import pod_exit, pod_kill

STDIN, STDOUT, STDERR, ERROR, RESIZE, CLOSE = 0, 1, 2, 3, 4, 255
LOOK = 1.0
"""Seconds between two looks whether the container still lives."""
AHEAD = 1_000
"""How many lines may be typed ahead of the program; then the client has to wait."""
INTERRUPTED = 130
"""Exit code of a program that was interrupted by Ctrl-C."""
ROUND = 0.05
"""Seconds from one round of a loop to the next at least: one that does not wait is no work without end."""
PIECE = 32 * 1024
"""The most bytes of a message."""

log = logging.getLogger(__name__)


class Sign(Enum):
    """What can come instead of a line."""

    INTERRUPT = auto()
    GONE = auto()
    DEAD = auto()


class _Ended(Exception):
    """The program ends without having come to its end: the client is gone, or its container is."""

    def __init__(self, sign: Sign) -> None:
        self.sign = sign


def error(said: Mapping[str, Any]) -> bytes:
    """Return the message that says how a program ended."""
    return bytes((ERROR,)) + orjson.dumps(said)


class Session:
    """A program that runs. ``send`` sends a message; what comes is given to ``take``."""

    def __init__(self, asked: Exec, send: Callable[[bytes], Awaitable[None]]) -> None:
        self._asked, self._send = asked, send
        self._input: Terminal | Pipe = Terminal() if asked.tty else Pipe()
        self._came: asyncio.Queue[str | Sign | None] = asyncio.Queue(AHEAD)
        self._ahead: deque[str | None] = deque()
        self._killed = False

    async def run(self) -> None:
        """Run the program to its end, and say how it ended."""
        watching = asyncio.create_task(self._watch())
        try:
            said = await self._outcome()
            if said:
                await self._send(error(said))
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    async def _outcome(self) -> dict[str, Any] | None:
        try:
            steps = execute(self._asked.argv, self._asked.environment, _now, tty=self._asked.tty)
        except NotExecutable as error:
            return failure("InternalError", _oci(str(error)))
        try:
            code = await self._carry_out(steps)
            await self._left(code)
            return exit_status(0 if self._asked.attached else code)
        except _Ended as ended:
            if ended.sign is Sign.GONE:
                await self._left(0)
            return None if ended.sign is Sign.GONE else exit_status(KILLED)
        except Interrupted:
            await self._left(INTERRUPTED)
            return exit_status(0 if self._asked.attached else INTERRUPTED)

    async def _left(self, code: int) -> None:
        """End the container whose own program this was."""
        asked = self._asked
        if asked.attached:
            await database_sync_to_async(pod_exit, thread_sensitive=False)(**asked.place, code=code)

    # -- what comes ----------------------------------------------------------------------------

    async def take(self, message: bytes) -> None:
        """Take a message of the client."""
        if not message or not self._asked.stdin:
            return
        channel, data = message[0], message[1:]
        if channel == STDIN:
            await self._type(self._input.feed(data))
        elif channel == CLOSE and data == bytes((STDIN,)) and isinstance(self._input, Pipe):
            await self._type(self._input.end())

    async def leave(self) -> None:
        """Take note that the client is gone."""
        await self._came.put(Sign.GONE)

    async def _type(self, typed: Iterator[bytes | Typed | Stop]) -> None:
        for one in typed:
            if isinstance(one, bytes):
                await self._print(STDOUT, one)
            else:
                await self._came.put(one.line if isinstance(one, Typed) else Sign.INTERRUPT)

    async def _watch(self) -> None:
        while await self._lives():  # noqa: ASYNC110 - what ends it happens in the database
            await asyncio.sleep(LOOK)
        await self._came.put(Sign.DEAD)

    async def _lives(self) -> bool:
        try:
            return await database_sync_to_async(self._asked.lives, thread_sensitive=False)()
        except Refused:
            return False
        except OperationalError as error:
            log.warning("A program's container could not be looked at: %s", error)
            return True

    # -- what the program does -----------------------------------------------------------------

    async def _carry_out(self, steps: Steps) -> int:
        answer: str | Vantage | None = None
        interrupted = False
        while True:
            try:
                effect = steps.throw(Interrupted()) if interrupted else steps.send(answer)
            except StopIteration as end:
                return int(end.value)
            if self._killed:
                raise _Ended(Sign.DEAD)
            try:
                answer, interrupted = await self._do(effect), False
            except Interrupted:
                answer, interrupted = None, True

    async def _do(self, effect: Effect) -> str | Vantage | None:
        if isinstance(effect, Out):
            await self._print(
                STDERR if effect.error else STDOUT, effect.text.encode(errors="surrogateescape")
            )
        elif isinstance(effect, Pause):
            await self._pause(effect.seconds)
        elif isinstance(effect, Repeat):
            await self._pause(ROUND)
        elif isinstance(effect, Kill):
            await self._kill(effect.signal)
        elif isinstance(effect, Dial):
            return await self._dial()
        else:
            return await self._read(effect)
        return None

    async def _print(self, channel: int, data: bytes) -> None:
        if self._asked.tty:
            channel, data = STDOUT, data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        if not (self._asked.stdout if channel == STDOUT else self._asked.stderr):
            return
        for begin in range(0, len(data), PIECE):
            await self._send(bytes((channel,)) + data[begin : begin + PIECE])

    async def _pause(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while (left := until - loop.time()) > 0:
            try:
                async with asyncio.timeout(left):
                    line = _line(await self._came.get())
            except TimeoutError:
                return
            if len(self._ahead) < AHEAD:
                self._ahead.append(line)

    async def _read(self, read: Read) -> str | None:
        await self._print(STDOUT, read.prompt.encode())
        if self._ahead:
            line = self._ahead.popleft()
        elif not self._asked.stdin:
            return None
        else:
            line = _line(await self._came.get())
        if line is None:
            self._ahead.append(None)  # the end stays the end
        return line

    async def _dial(self) -> Vantage:
        try:
            return await database_sync_to_async(self._asked.vantage, thread_sensitive=False)()
        except Refused:
            raise _Ended(Sign.DEAD) from None

    async def _kill(self, signal: int) -> None:
        asked = self._asked
        try:
            await database_sync_to_async(pod_kill, thread_sensitive=False)(**asked.place, signal=signal)
        except Refused as refused:
            await self._print(STDERR, f"kill: {refused.sentence}\n".encode())
        else:
            self._killed = True


def _line(came: str | Sign | None) -> str | None:
    """Return a line, or None at the end. Raises Interrupted, _Ended."""
    if came is Sign.INTERRUPT:
        raise Interrupted
    if isinstance(came, Sign):
        raise _Ended(came)
    return came


def _now() -> datetime:
    return datetime.now(UTC)


def exit_status(code: int) -> dict[str, Any]:
    """Return the Status object that tells a client how a program ended."""
    if code == 0:
        return {"metadata": {}, "status": "Success"}
    return {
        "metadata": {},
        "status": "Failure",
        "message": f"command terminated with non-zero exit code: exit status {code}",
        "reason": "NonZeroExitCode",
        "details": {"causes": [{"reason": "ExitCode", "message": str(code)}]},
    }


def _oci(said: str) -> str:
    return (
        "Internal error occurred: error executing command in container: failed to exec in container: failed "
        f'to start exec "{secrets.token_hex(32)}": OCI runtime exec failed: exec failed: unable to start '
        f"container process: {said}: unknown"
    )
