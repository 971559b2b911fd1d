"""What the command of a container does when nobody types."""

from __future__ import annotations

import json
from dataclasses import replace
from math import inf
from typing import Any

import pytest

from controller.engine.container.scripts import Rounds, Script, argv_of, script_of
from controller.engine.container.sources import ConfigSources
from controller.engine.container.vantage import Asked, Called, Looked
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
        pytest.param("while true; do date; done", None, id="a loop that does not wait"),
        pytest.param("while true; do date; sleep 1; done", None, id="rounds that are not alike"),
        pytest.param("while true; do echo -n a; sleep 1; done", None, id="rounds without an end of line"),
        pytest.param("until false; do sleep 2; done; echo never",
                     Script((Rounds(4, 2, inf, ()),), inf, 0), id="for ever"),
        pytest.param("echo a; while true\ndo\necho b; sleep 5\ndone",
                     Script(((0, "a"), (0, "b"), (5, "b"), Rounds(10, 5, inf, ((0, "b"),))), inf, 0),
                     id="rounds that are alike"),
        pytest.param("while true; do sleep 1; break; done; echo a", Script(((1, "a"),), 1, 0), id="left"),
        pytest.param("A=x; until [ ]; do exit 3; done", None, id="a test"),
        pytest.param("until cat /a && true; do continue; echo no; done", None, id="begun anew for ever"),
        pytest.param("while false; do echo a; done && echo b", Script(((0, "b"),), 0, 0), id="never"),
        pytest.param("until true; do echo a; done; echo $?", Script(((0, "0"),), 0, 0), id="its code"),
        pytest.param("while true; do while true; do break; done; exit 4; done", Script((), 0, 4), id="two"),
        pytest.param("while true; do sh -c 'while true; do sleep 1; done'; done",
                     Script((Rounds(2, 1, inf, ()),), inf, 0), id="within another shell"),
        pytest.param("echo $(echo a; echo b) c$(echo d)$(true) $(false)", Script(((0, "a b cd"),), 0, 0),
                     id="what others print"),
        pytest.param("echo $(nginx)", None, id="what others print that are not there"),
        pytest.param("echo $(cat /no)", Script(((0, "cat: can't open '/no': No such file or directory"),
                                                (0, "")), 0, 0), id="complaints are no words"),
        pytest.param("while true; do echo a; done > /dev/null; done", None, id="one end too many"),
        pytest.param("while true; do echo a", None, id="no end"),
        pytest.param("while true; echo a", None, id="no beginning"),
        pytest.param("while true; do done", None, id="no body"),
        pytest.param("while true; do echo a; done b", None, id="a word too many"),
        pytest.param("while true; do " * 20 + "done;" * 20, None, id="too deep"),
        pytest.param("break; echo never", Script((), 0, 0), id="no loop to leave"),
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


class Names:
    """A network in which some names are known."""

    def __init__(self, *known: str) -> None:
        self.known = known

    def look_up(self, name: str) -> Looked:
        return Looked(name, ("10.96.0.7",)) if name in self.known else Looked(name, (), "nobody")

    def call(self, address: str, port: int, turn: int) -> Called:
        return Called(address, port, why="nobody", refused=turn > 0)


UNTOLD = {"look_up web": {"name": "web", "addresses": [], "why": "nobody"}}
QUIET = ">/dev/null 2>&1"


@pytest.mark.parametrize(
    ("text", "changes", "script"),
    [
        pytest.param(f"until nslookup web {QUIET}; do echo w; sleep 2; done", 11.0,
                     Script(((0, "w"), (2, "w"), Rounds(4, 2, 3, ((0, "w"),)), (10, "w")), 12, 0), id="l"),
        pytest.param(f"until nslookup web {QUIET}; do echo w; sleep 2; done", 5.0,
                     Script(((0, "w"), (2, "w"), (4, "w")), 6, 0), id="soon"),
        pytest.param(f"while true; do until nslookup web {QUIET}; do sleep 2; done; sleep 1; done", 20.0,
                     Script((Rounds(4, 2, 8, ()), Rounds(23, 1, inf, ())), inf, 0), id="and again"),
    ],
)  # fmt: skip
def test_a_loop_goes_on_when_the_network_has_changed(text: str, changes: float, script: Script) -> None:
    """It asked the network as it was until then, and asks it as it is from then on."""
    box: Manifest = container("busybox", command=["sh", "-c", text])
    asked = Asked(Names("web"), UNTOLD, changes)
    found = script_of(pod(containers=[box]), box, node_manifest("n"), ConfigSources(), network=lambda: asked)
    assert found
    assert replace(found, answers=None) == script


def test_what_was_told_is_kept() -> None:
    """By what was asked: so that the same can be told again."""
    text = "while true; do nslookup web; curl -m 1 http://10.0.0.1; sleep 1; done"
    box: Manifest = container("busybox", command=["sh", "-c", text])
    place = (pod(containers=[box]), box, node_manifest("n"), ConfigSources())
    found = script_of(*place, network=lambda: Asked(Names("10.0.0.1")))
    assert found
    assert found.answers
    assert json.loads(json.dumps(found.answers))["look_up web"] == UNTOLD["look_up web"]
    assert {key.split()[0] for key in found.answers} == {"look_up", "call"}
    later = script_of(*place, network=lambda: Asked(Names("10.0.0.1", "web"), found.answers or {}, 7.5))
    assert later
    assert later.lines[:4] == found.lines[:4]
