"""Keys become lines; what a terminal shows of them comes back."""

from __future__ import annotations

import pytest

from controller.engine.container.terminal import ENOUGH, LONGEST, Pipe, Stop, Terminal, Typed


def typed(keys: str, terminal: Terminal | None = None) -> tuple[bytes, list[str | None]]:
    """Return the echo and the lines that come of keys; ``^C`` for an interrupt."""
    echo, lines = b"", []
    for one in (terminal or Terminal()).feed(keys.encode()):
        if isinstance(one, bytes):
            echo += one
        else:
            lines.append("^C" if isinstance(one, Stop) else one.line)
    return echo, lines


@pytest.mark.parametrize(
    ("keys", "echo", "lines"),
    [
        pytest.param("ls\r", b"ls\r\n", ["ls\n"], id="a line"),
        pytest.param("lx\x7fs\n", b"lx\b \bs\r\n", ["ls\n"], id="a slip"),
        pytest.param("\x7f\r", b"\r\n", ["\n"], id="nothing to rub out"),
        pytest.param("né\x7f\r", "né\b \b\r\n".encode(), ["n\n"], id="a letter of two bytes"),
        pytest.param("ab\x15c\r", b"ab" + b"\b \b" * 2 + b"c\r\n", ["c\n"], id="the whole line"),
        pytest.param("a bc \x17d\r", b"a bc " + b"\b \b" * 3 + b"d\r\n", ["a d\n"], id="the last word"),
        pytest.param("ab\x03c\r", b"ab^C\r\nc\r\n", ["^C", "c\n"], id="Ctrl-C"),
        pytest.param("\x04", b"", [None], id="Ctrl-D"),
        pytest.param("a\x04\r", b"a\r\n", ["a\n"], id="Ctrl-D within a line"),
        pytest.param("\x1b[A\x1b[3~a\r", b"a\r\n", ["a\n"], id="arrows"),
        pytest.param("\x01\ta\r", b"a\r\n", ["a\n"], id="other keys"),
    ],
)
def test_keys_are_echoed_and_make_lines(keys: str, echo: bytes, lines: list[str | None]) -> None:
    """As a terminal's line does it."""
    assert typed(keys) == (echo, lines)


def test_a_line_grows_over_several_messages() -> None:
    """Each key may come on its own."""
    terminal = Terminal()

    assert typed("l", terminal) == (b"l", [])
    assert typed("s\r", terminal) == (b"s\r\n", ["ls\n"])


def test_a_line_has_an_end() -> None:
    """What is typed beyond it is not taken."""
    _, (line,) = typed("x" * (LONGEST + 5) + "\r")

    assert line == "x" * LONGEST + "\n"


def test_a_pipe_hands_over_lines_and_what_is_left() -> None:
    """Without any echo."""
    pipe = Pipe()

    assert list(pipe.feed(b"a\nb")) == [Typed("a\n")]
    assert list(pipe.feed(b"c\nd")) == [Typed("bc\n")]
    assert list(pipe.end()) == [Typed("d"), Typed(None)]
    assert list(pipe.end()) == [Typed(None)]


def test_a_pipe_does_not_wait_for_ever_for_the_end_of_a_line() -> None:
    """It holds no more than so much."""
    pipe = Pipe()

    assert list(pipe.feed(b"x" * (ENOUGH + 1))) == [Typed("x" * ENOUGH)]
    assert list(pipe.end()) == [Typed("x"), Typed(None)]


def test_a_pipe_hands_an_overlong_line_over_in_pieces() -> None:
    """A line has a ceiling, also one whose end came with it."""
    assert list(Pipe().feed(b"x" * (2 * ENOUGH + 1) + b"\n\n")) == [
        Typed("x" * ENOUGH),
        Typed("x" * ENOUGH),
        Typed("x\n"),
        Typed("\n"),
    ]
