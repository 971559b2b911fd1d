"""How the small shell reads a line."""

from __future__ import annotations

import pytest

from controller.engine.container.syntax import NotSimulated, SimpleCommand, parse

ENV = {"HOME": "/root", "EMPTY": ""}


def commands(text: str) -> list[SimpleCommand]:
    """Return the commands of a script without loops."""
    return [step for step in parse(text) if isinstance(step, SimpleCommand)]


def read(text: str, code: int = 0) -> list[tuple[str, ...]]:
    """Return the words of each command, after what stands before it."""
    return [(each.when, *each.expanded(ENV, code).argv) for each in commands(text)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", [], id="nothing"),
        pytest.param("  \n # only this\n", [], id="a remark"),
        pytest.param("echo a#b # c", [(";", "echo", "a#b")], id="a remark begins a word"),
        pytest.param("a;b\nc", [(";", "a"), (";", "b"), (";", "c")], id="one after the other"),
        pytest.param("a && b || c", [(";", "a"), ("&&", "b"), ("||", "c")], id="and, or"),
        pytest.param("a &&\n\n b\nc", [(";", "a"), ("&&", "b"), (";", "c")], id="over lines"),
        pytest.param("a \\\n b", [(";", "a", "b")], id="a line that goes on"),
        pytest.param("a 'b  $HOME'\"c;\" d\\ e", [(";", "a", "b  $HOMEc;", "d e")], id="quotes"),
        pytest.param('a "b \\"$HOME\\" \\$x ${HOME}"', [(";", "a", 'b "/root" $x /root')], id="in quotes"),
        pytest.param("a $HOME/x ${HOME} $ $?", [(";", "a", "/root/x", "/root", "$", "7")], id="variables"),
        pytest.param("a $EMPTY \"$EMPTY\" '' $NONE", [(";", "a", "", "")], id="empty words"),
        pytest.param("a X=1", [(";", "a", "X=1")], id="no variable behind a command"),
    ],
)
def test_a_line_is_words_of_commands(text: str, words: list[tuple[str, ...]]) -> None:
    """With quotes and variables as a shell has them."""
    assert read(text, 7) == words


def test_variables_are_set_before_a_command() -> None:
    """Or without one."""
    (with_command,) = commands('A=1 B="x $HOME" env')
    (alone,) = commands("A=")

    assert with_command.expanded(ENV, 0).sets == {"A": "1", "B": "x /root"}
    assert with_command.expanded(ENV, 0).argv == ("env",)
    assert alone.expanded(ENV, 0).sets == {"A": ""}


@pytest.mark.parametrize(
    ("text", "streams"),
    [
        ("a", (1, 2)),
        ("a >&2", (2, 2)),
        ("a 2>&1", (1, 1)),
        ("a >/dev/null", (0, 2)),
        ("a>/dev/null 2>&1", (0, 0)),
        ("a 2>&1 >/dev/null", (0, 1)),
        ("a 2> /dev/null", (1, 0)),
    ],
)
def test_output_goes_to_other_streams_or_nowhere(text: str, streams: tuple[int, int]) -> None:
    """In the order in which that is said."""
    (command,) = commands(text)

    assert command.expanded(ENV, 0).streams == streams
    assert command.expanded(ENV, 0).argv == ("a",)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a | b", '"|" is not known to this simulated shell'),
        ("a > b", '">" is not known to this simulated shell'),
        ("a &", '"&" is not known to this simulated shell'),
        ("a $(b $(c))", '"$(" is not known to this simulated shell'),
        ('a "$(b)"', '"$(" is not known to this simulated shell'),
        ("a `b`", '"`" is not known to this simulated shell'),
        ("if true; then date; fi", '"if" is not known to this simulated shell'),
        ("'a", "unterminated quoted string"),
        ("&& a", 'unexpected "&&"'),
        ("a && ; b", "unexpected end of file"),
        ("a ||", "unexpected end of file"),
    ],
)
def test_what_is_not_simulated_is_named(text: str, words: str) -> None:
    """Rather than done wrong."""
    with pytest.raises(NotSimulated) as refused:
        parse(text)

    assert str(refused.value) == words


def test_a_quoted_keyword_is_a_word() -> None:
    """As in a shell."""
    assert read("'if'") == [(";", "if")]
