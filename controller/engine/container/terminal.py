"""The line of a terminal: echoes what is typed and hands it over line by line, as a kernel does.

A client with a terminal sends every key as it is pressed, and shows nothing but what comes back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

INTERRUPT, END, ENTER, ERASE, KILL_LINE, ERASE_WORD = 0x03, 0x04, (0x0A, 0x0D), (0x08, 0x7F), 0x15, 0x17
LONGEST = 4096
"""The most bytes of a line; what is typed beyond is not taken."""

ENOUGH = 64 * 1024
"""The bytes without an end of line after which a pipe hands over what it has."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed: a line with its end, or None for the end of input."""

    line: str | None


class Stop:
    """Somebody typed Ctrl-C."""


@dataclass(slots=True)
class Terminal:
    """The line being typed. Escape sequences (arrows) are swallowed: there is no history."""

    _line: bytearray = field(default_factory=bytearray)
    _escape: bool = False

    def feed(self, keys: bytes) -> Iterator[bytes | Typed | Stop]:
        """Yield what is to be echoed, and lines and interrupts as they are complete."""
        for key in keys:
            if self._escape:
                self._escape = not (chr(key).isalpha() or key == ord("~"))
            elif key == INTERRUPT:
                self._line.clear()
                yield b"^C\r\n"
                yield Stop()
            elif key == END:
                if not self._line:
                    yield Typed(None)
            elif key in ENTER:
                yield b"\r\n"
                yield Typed(self._taken())
            else:
                yield from self._edit(key)

    def _edit(self, key: int) -> Iterator[bytes]:
        if key in ERASE:
            yield b"\b \b" * self._erase(1)
        elif key == KILL_LINE:
            yield b"\b \b" * self._erase(len(self._line))
        elif key == ERASE_WORD:
            kept = self._line.rstrip().rfind(b" ") + 1
            yield b"\b \b" * self._erase(len(self._line) - kept)
        elif key == 0x1B:  # noqa: PLR2004 - the escape key
            self._escape = True
        elif key >= 0x20 and len(self._line) < LONGEST:  # noqa: PLR2004 - what can be printed
            self._line.append(key)
            yield bytes((key,))

    def _erase(self, count: int) -> int:
        """Take bytes off the end; return how many characters they were."""
        gone = 0
        while self._line and count > 0:
            byte = self._line.pop()
            # A character of several bytes goes as a whole.
            follows = byte & 0xC0 == 0x80  # noqa: PLR2004 - UTF-8's mark of a byte that follows another
            count, gone = (count, gone) if follows else (count - 1, gone + 1)
        return gone

    def _taken(self) -> str:
        line = self._line.decode(errors="surrogateescape") + "\n"
        self._line.clear()
        return line


@dataclass(slots=True)
class Pipe:
    """Input from a file or another program: nothing is echoed, and the last line may have no end."""

    _rest: bytes = b""

    def feed(self, data: bytes) -> Iterator[bytes | Typed | Stop]:
        """Yield the lines that are complete."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            for begin in range(0, max(len(line), 1), ENOUGH):
                piece = line[begin : begin + ENOUGH].decode(errors="surrogateescape")
                yield Typed(piece if begin + ENOUGH < len(line) else f"{piece}\n")
        while len(self._rest) > ENOUGH:
            yield Typed(self._rest[:ENOUGH].decode(errors="surrogateescape"))
            self._rest = self._rest[ENOUGH:]

    def end(self) -> Iterator[Typed]:
        """Yield what is left, and the end."""
        if self._rest:
            yield Typed(self._rest.decode(errors="surrogateescape"))
            self._rest = b""
        yield Typed(None)
