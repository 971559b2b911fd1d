"""The programs in a container: what they print and their exit codes."""

from __future__ import annotations

import pytest

from controller.engine.container.commands import execute
from controller.engine.container.effects import (
    Kill,
    NotExecutable,
    Out,
    Pause,
)
from tests.engine.container.executing import NOW, finish, inside, outcome


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
    assert finish(execute(argv, inside(), lambda: NOW)) == ([Kill(signal)], 0)


def test_a_pause_is_left_to_whoever_runs_the_program() -> None:
    """Nothing sleeps here."""
    assert finish(execute(["sleep", "2"], inside(), lambda: NOW)) == ([Pause(2)], 0)


def test_another_user_has_no_name() -> None:
    """Only root is known in a small container."""
    other = inside(securityContext={"runAsUser": 7, "runAsGroup": 8})

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
        execute([name], inside(), lambda: NOW)

    assert str(refused.value) == said


def test_copying_is_refused_with_a_sentence() -> None:
    """What ``kubectl cp`` starts says that there is nothing to copy with."""
    said, told, code = outcome("tar", "cf", "-", "/etc/hostname")
    assert (said, code) == ("", 1)
    assert told.startswith("tar: files are not copied")
