"""The small shell and its programs: what they print and their exit codes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest

from controller.engine.cluster.place import Outside, Place, place_of
from controller.engine.cluster.shell import (
    Effect,
    Interrupted,
    Kill,
    NotExecutable,
    Out,
    Pause,
    Read,
    Steps,
    execute,
)
from tests.builders import container, node_manifest
from tests.engine.cluster.printing import pod

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
HOME = Outside({"settings": {"level": "high\n"}})
BOX = container("luksa/ssd-monitor", volumeMounts=[{"name": "v", "mountPath": "/config"}])


def place(**spec: Any) -> Place:
    """Return the inside of a monitor that mounts a config map."""
    volumes = [{"name": "v", "configMap": {"name": "settings"}}]
    return place_of(pod(containers=[BOX], volumes=volumes, **spec), BOX, node_manifest("n"), HOME)


def finish(steps: Steps, lines: Iterable[str | None] = ()) -> tuple[list[Effect], int]:
    """Carry out steps, giving them lines; ``^C`` interrupts. Returns the effects and the exit code."""
    effects: list[Effect] = []
    waiting, answer = list(lines), None
    try:
        while True:
            effect = steps.throw(Interrupted()) if answer == "^C" else steps.send(answer)
            effects.append(effect)
            answer = (waiting.pop(0) if waiting else None) if isinstance(effect, Read | Pause) else None
    except StopIteration as end:
        return effects, end.value


def outcome(*argv: str, lines: Iterable[str | None] = (), tty: bool = False) -> tuple[str, str, int]:
    """Return output, errors and the exit code of a program."""
    effects, code = finish(execute(argv, place(), lambda: NOW, tty=tty), lines)
    texts = {
        error: "".join(each.text for each in effects if isinstance(each, Out) and each.error is error)
        for error in (False, True)
    }
    return texts[False], texts[True], code


def sh(script: str) -> tuple[str, str, int]:
    """Return output, errors and the exit code of a script."""
    return outcome("sh", "-c", script)


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["hostname"], "talker\n"),
        (["pwd"], "/\n"),
        (["whoami"], "root\n"),
        (["id"], "uid=0(root) gid=0(root)\n"),
        (["id", "-u"], "0\n"),
        (["id", "-un"], "root\n"),
        (["date"], "Fri Jan  2 03:04:05 UTC 2026\n"),
        (["date", "-u", "+%Y-%m-%d %s"], "2026-01-02 1767323045\n"),
        (["date", "+a\tb"], "a\tb\n"),
        (["uname"], "Linux\n"),
        (["uname", "-rn"], "talker 6.12.0\n"),
        (["uname", "-a"], "Linux talker 6.12.0 #1 SMP x86_64\n"),
        (["echo", "a", "b"], "a b\n"),
        (["echo", "-n", "a"], "a"),
        (["printenv", "HOME"], "/root\n"),
        (["/bin/true"], ""),
        (["/usr/bin/env", "echo", "x"], "x\n"),
        (["env", "env", "env", "echo", "x"], "x\n"),
        (["cat", "/config/level"], "high\n"),
        (["ls", "/config"], "level\n"),
        (["ls", "/config/level"], "/config/level\n"),
        (["ls", "-d", "/config"], "/config\n"),
        (["ls", "/config", "/home"], "/config:\nlevel\n/home:\n"),
        (["ls", "-l", "/config"], "-rw-r--r--    1 root     root             5 Jan  2 03:04 level\n"),
        (["ls", "-ld", "/etc"], "drwxr-xr-x    1 root     root             0 Jan  2 03:04 /etc\n"),
        (
            ["ps", "aux"],
            (
                "PID   USER     TIME  COMMAND\n"
                '    1 root      0:00 /bin/sh -c while true; do echo "SSD OK"; sleep 5; done\n'
                "   29 root      0:00 ps\n"
            ),
        ),
        (["sleep", "0.5s"], ""),
    ],
)
def test_programs_say_what_they_would(argv: list[str], said: str) -> None:
    """In the words of a small Linux."""
    assert outcome(*argv) == (said, "", 0)


@pytest.mark.parametrize(
    ("argv", "said", "code"),
    [
        (["false"], "", 1),
        (["printenv", "NONE"], "", 1),
        (["cat", "nope"], "cat: can't open 'nope': No such file or directory\n", 1),
        (["cat", "/etc"], "cat: read error: Is a directory\n", 1),
        (["ls", "nope"], "ls: nope: No such file or directory\n", 1),
        (["sh", "script"], "sh: can't open 'script': No such file or directory\n", 2),
        (["sh", "-c"], "sh: -c requires an argument\n", 2),
        (["sleep"], "sleep: invalid number ''\n", 1),
        (["sleep", "soon"], "sleep: invalid number 'soon'\n", 1),
        (["kill"], "kill: you need to specify whom to kill\n", 1),
        (["kill", "-NONE", "1"], "kill: bad signal name 'NONE'\n", 1),
        (["kill", "77"], "kill: can't kill pid 77: No such process\n", 1),
        (["kill", "x"], "kill: invalid number 'x'\n", 1),
        (["touch", "/home/a"], "touch: /home/a: Read-only file system (nothing is stored here)\n", 1),
        (["rm"], "rm: : Read-only file system (nothing is stored here)\n", 1),
        (["env", "nope"], "sh: nope: not found\n", 127),
    ],
)
def test_programs_fail_as_they_would(argv: list[str], said: str, code: int) -> None:
    """With their exit codes."""
    assert outcome(*argv) == ("", said, code)


def test_the_environment_is_the_pods() -> None:
    """A terminal adds its kind."""
    said, _, _ = outcome("env")

    assert "HOSTNAME=talker\n" in said
    assert outcome("printenv")[0] == said
    assert "TERM=xterm\n" in outcome("env", tty=True)[0]


@pytest.mark.parametrize(
    ("argv", "signal"),
    [
        (["kill", "1"], 15),
        (["kill", "-9", "1"], 9),
        (["kill", "-s", "1"], 15),
        (["kill", "-SIGINT", "1"], 2),
    ],
)
def test_the_first_process_is_killed_by_a_signal(argv: list[str], signal: int) -> None:
    """Which ends the container: that is for others to do."""
    assert finish(execute(argv, place(), lambda: NOW)) == ([Kill(signal)], 0)


def test_a_pause_is_left_to_whoever_runs_the_program() -> None:
    """Nothing sleeps here."""
    assert finish(execute(["sleep", "2"], place(), lambda: NOW)) == ([Pause(2)], 0)


def test_another_user_has_no_name() -> None:
    """Only root is known in a small container."""
    other = place(securityContext={"runAsUser": 7, "runAsGroup": 8})

    assert finish(execute(["whoami"], other, lambda: NOW)) == (
        [Out("whoami: unknown uid 7\n", error=True)],
        1,
    )
    assert finish(execute(["id"], other, lambda: NOW)) == ([Out("uid=7 gid=8\n")], 0)
    assert finish(execute(["id", "-un"], other, lambda: NOW)) == ([Out("7\n")], 0)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nope", 'exec: "nope": executable file not found in $PATH'),
        ("exit", 'exec: "exit": executable file not found in $PATH'),
        ("/opt/sh", 'exec: "/opt/sh": stat /opt/sh: no such file or directory'),
    ],
)
def test_a_program_that_is_not_there_cannot_be_started(name: str, said: str) -> None:
    """In the words of the container's runtime; what only a shell can do is no program."""
    with pytest.raises(NotExecutable) as refused:
        execute([name], place(), lambda: NOW)

    assert str(refused.value) == said


# -- scripts ---------------------------------------------------------------------------------------


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


def test_a_redirected_program_still_waits_and_reads() -> None:
    """Only what it prints goes elsewhere."""
    steps = execute(["sh", "-c", "cat >&2; sleep 1 2>&1"], place(), lambda: NOW)

    assert finish(steps, ["a\n"]) == ([Read(), Out("a\n", error=True), Read(), Pause(1)], 0)


# -- a person at a prompt --------------------------------------------------------------------------


def test_a_person_types_commands() -> None:
    """A terminal shows where one is; the last code is the shell's."""
    effects, code = finish(execute(["sh"], place(), lambda: NOW, tty=True), ["cd /etc\n", "cat nope\n", None])

    assert [each for each in effects if isinstance(each, Read)] == [
        Read("/ # "),
        Read("/etc # "),
        Read("/etc # "),
    ]
    assert code == 1


def test_a_pipe_sees_no_prompt() -> None:
    """Commands may come from a file."""
    effects, code = finish(execute(["bash", "-i"], place(), lambda: NOW), ["exit 7\n", "echo never\n"])

    assert (effects, code) == ([Read()], 7)


def test_an_interrupt_ends_a_command_and_not_the_shell() -> None:
    """Its code is 130; a redirected one is ended as well."""
    lines = ["sleep 100\n", "^C", "echo $?\n", "sleep 100 2>&1\n", "^C", "^C", None]
    effects, code = finish(execute(["sh"], place(), lambda: NOW), lines)

    assert Out("130\n") in effects
    assert code == 130


def test_cat_repeats_what_it_is_given() -> None:
    """Until there is no more."""
    assert outcome("cat", lines=["a\n", "b"]) == ("a\nb", "", 0)
    assert outcome("cat", "/config/level", "-", lines=["a\n"]) == ("high\na\n", "", 0)
