"""What the command of a container does when nobody types."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.container.scripts import Script, argv_of, script_of
from controller.engine.container.sources import ConfigSources
from controller.engine.objects import Manifest
from tests.builders import container, node_manifest
from tests.engine.container.printing import pod


def followed(*argv: str, **parts: Any) -> Script | None:
    """Return the script of a container with a command."""
    box: Manifest = container("busybox", command=list(argv), **parts)
    return script_of(pod(containers=[box]), box, node_manifest("n"), ConfigSources())


def sh(text: str) -> Script | None:
    """Return the script of a shell's command line."""
    return followed("sh", "-c", text)


@pytest.mark.parametrize(
    ("text", "script"),
    [
        pytest.param("echo hi", Script(((0, "hi"),), 0, 0), id="a line"),
        pytest.param("echo a; sleep 2.5; echo b; exit 3", Script(((0, "a"), (2.5, "b")), 2.5, 3), id="times"),
        pytest.param("echo -n a; sleep 1; echo b; echo -n c", Script(((1, "ab"), (1, "c")), 1, 0), id="a"),
        pytest.param("sleep 1; kill 1; echo never", Script((), 1, 143), id="a signal"),
        pytest.param("cat /nope", Script(((0, "cat: can't open '/nope': No such file or directory"),), 0, 1),
                     id="an error"),
        pytest.param("cat; echo end", Script(((0, "end"),), 0, 0), id="nobody types"),
        pytest.param("sleep 1; date +%s", Script(((1, "1"),), 1, 0), id="its clock goes on"),
        pytest.param("exec nginx", None, id="no such program"),
        pytest.param("while true; do date; done", None, id="a loop"),
        pytest.param("cp /a /b", None, id="it writes"),
        pytest.param("A='x y'; sh -c 'nginx'", None, id="within another"),
    ],
)  # fmt: skip
def test_a_command_is_followed_to_its_end(text: str, script: Script | None) -> None:
    """With its lines and their times; what this shell is too small for is not."""
    assert sh(text) == script


def test_arguments_alone_are_a_command() -> None:
    """As in an image whose entry is a shell; with another one they are not known, and none is none."""
    assert followed(args=["echo", "hi"]) == Script(((0, "hi"),), 0, 0)
    assert followed(args=["--path.procfs=/host/proc"]) is None
    assert followed() is None


def test_a_command_that_reads_waits_for_whoever_is_attached() -> None:
    """Without an open input it finds its end at once."""
    assert followed("sh", stdin=True) == Script((), 0, 0, attended=True)
    assert followed("sh") == Script((), 0, 0)


def test_an_endless_sleep_does_not_end() -> None:
    """Not within a lifetime."""
    script = followed("sleep", "infinity")

    assert script
    assert script.seconds > 10**8


def test_a_command_of_very_many_steps_is_not_followed() -> None:
    """It counts as one that does not end."""
    assert sh("cd /;" * 200 + "echo;" * 10_100) is None


@pytest.mark.parametrize(
    ("box", "argv"),
    [
        (container("nginx"), []),
        (container("busybox"), []),
        (container("docker.io/library/busybox:1.36", stdin=True), ["sh"]),
        (container("nginx", stdin=True), []),
        (container("busybox", stdin=True, args=["ls"]), ["ls"]),
    ],
)
def test_an_image_that_is_a_shell_starts_it(box: Manifest, argv: list[str]) -> None:
    """If there is somebody to type, and no command is given."""
    assert argv_of(box) == argv
