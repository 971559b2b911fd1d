"""The small shell: scripts, and a person at a prompt."""

from __future__ import annotations

import pytest

from controller.engine.container.commands import execute
from controller.engine.container.effects import (
    Out,
    Pause,
    Read,
)
from controller.engine.container.syntax import LONGEST
from tests.engine.container.executing import NOW, finish, inside, outcome


def sh(script: str) -> tuple[str, str, int]:
    """Return output, errors and the exit code of a script."""
    return outcome("sh", "-c", script)


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        pytest.param("echo a; echo b", ("a\nb\n", "", 0), id="one after the other"),
        pytest.param("true && echo a || echo b", ("a\n", "", 0), id="and"),
        pytest.param("false && echo a || echo b", ("b\n", "", 0), id="or"),
        pytest.param("false; echo $?", ("1\n", "", 0), id="the code of the last"),
        pytest.param("exit 3; echo a", ("", "", 3), id="exit"),
        pytest.param("false; exit", ("", "", 1), id="exit with the last code"),
        pytest.param("exit x", ("", "sh: exit: Illegal number: x\n", 2), id="exit with no number"),
        pytest.param("sh -c 'exit 3'; echo $?", ("3\n", "", 0), id="a shell in a shell"),
        pytest.param("false; sh -c ''", ("", "", 0), id="a new shell knows of no code"),
        pytest.param("exit ²", ("", "sh: exit: Illegal number: ²\n", 2), id="exit with an odd number"),
        pytest.param("nope", ("", "sh: nope: not found\n", 127), id="no such program"),
        pytest.param(": ignored", ("", "", 0), id="nothing"),
        pytest.param("cd /config && pwd && cat level", ("/config\nhigh\n", "", 0), id="cd"),
        pytest.param("cd /etc; cd ..; cd; pwd", ("/root\n", "", 0), id="cd up and home"),
        pytest.param("cd //; pwd", ("/\n", "", 0), id="the root has one name"),
        pytest.param(
            "cd nope", ("", "sh: cd: can't cd to nope: No such file or directory\n", 2), id="cd astray"
        ),
        pytest.param("A=1; echo $A", ("1\n", "", 0), id="a variable"),
        pytest.param("A=1 printenv A; printenv A", ("1\n", "", 1), id="for one command"),
        pytest.param("export A=1 B; sh -c 'echo $A'", ("1\n", "", 0), id="export"),
        pytest.param("echo a >&2; echo b", ("b\n", "a\n", 0), id="to the errors"),
        pytest.param("nope 2>&1; nope 2>/dev/null", ("sh: nope: not found\n", "", 127), id="elsewhere"),
        pytest.param("'", ("", "sh: syntax error: unterminated quoted string\n", 2), id="no command"),
    ],
)
def test_scripts_do_what_a_shell_does(script: str, outcome: tuple[str, str, int]) -> None:
    """As far as it goes."""
    assert sh(script) == outcome


@pytest.mark.parametrize(
    ("script", "errors"),
    [
        pytest.param(
            "A=x;" + "A=$A$A;" * 40 + "echo done", "sh: argument list too long\n" * 24, id="doubling"
        ),
        pytest.param(
            "A=x;" + 'A="$A$A";' * 40 + "echo done", "sh: argument list too long\n" * 24, id="quoted"
        ),
        pytest.param(
            "A=x;" + "A=$A$A;" * 16 + "".join(f"export B{n}=$A;" for n in range(7)) + "echo done",
            "sh: export: out of memory: the variables are too long\n",
            id="exported",
        ),
        pytest.param(
            "A=x;" + "A=$A$A;" * 16 + "".join(f"B{n}=$A;" for n in range(10)) + "echo done",
            "sh: out of memory: the variables are too long\n" * 4,
            id="many",
        ),
        pytest.param(
            'export A=\'sh -c "$A"\'; sh -c "$A"; echo done',
            "sh: sh: cannot fork: Resource temporarily unavailable\n",
            id="shells that start each other",
        ),
    ],
)
def test_variables_words_and_shells_have_a_ceiling(script: str, errors: str) -> None:
    """What doubles is refused before it is long; what follows is carried out."""
    assert sh(script) == ("done\n", errors, 0)


def test_an_overlong_script_is_no_command() -> None:
    """It is not even read."""
    assert sh("#" * (LONGEST + 1)) == (
        "",
        f"sh: syntax error: a script of more than {LONGEST} characters\n",
        2,
    )


def test_a_redirected_program_still_waits_and_reads() -> None:
    """Only what it prints goes elsewhere."""
    steps = execute(["sh", "-c", "cat >&2; sleep 1 2>&1"], inside(), lambda: NOW)

    assert finish(steps, ["a\n"]) == ([Read(), Out("a\n", error=True), Read(), Pause(1)], 0)


# -- a person at a prompt --------------------------------------------------------------------------


def test_a_person_types_commands() -> None:
    """A terminal shows where one is; the last code is the shell's."""
    effects, code = finish(
        execute(["sh"], inside(), lambda: NOW, tty=True), ["cd /etc\n", "cat nope\n", None]
    )

    assert [each for each in effects if isinstance(each, Read)] == [
        Read("/ # "),
        Read("/etc # "),
        Read("/etc # "),
    ]
    assert code == 1


def test_a_pipe_sees_no_prompt() -> None:
    """Commands may come from a file."""
    effects, code = finish(execute(["bash", "-i"], inside(), lambda: NOW), ["exit 7\n", "echo never\n"])

    assert (effects, code) == ([Read()], 7)


def test_an_interrupt_ends_a_command_and_not_the_shell() -> None:
    """Its code is 130; a redirected one is ended as well."""
    lines = ["sleep 100\n", "^C", "echo $?\n", "sleep 100 2>&1\n", "^C", "^C", None]
    effects, code = finish(execute(["sh"], inside(), lambda: NOW), lines)

    assert Out("130\n") in effects
    assert code == 130


def test_cat_repeats_what_it_is_given() -> None:
    """Until there is no more."""
    assert outcome("cat", lines=["a\n", "b"]) == ("a\nb", "", 0)
    assert outcome("cat", "/config/level", "-", lines=["a\n"]) == ("high\na\n", "", 0)
