"""Holders: who is known to be dead, and of whom nothing is known."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest

from controller.store import holders


def renamed(at: int, word: str) -> str:
    """Return this thread's name with another word in it."""
    words = holders.holder().split(":")
    words[at] = word
    return ":".join(words)


def dead_process() -> int:
    """Return the number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_every_thread_is_a_holder_of_its_own() -> None:
    """Two threads have different names, and each always the same, which fits in the lease's row."""
    names = [holders.holder(), holders.holder()]
    other = threading.Thread(target=lambda: names.append(holders.holder()))
    other.start()
    other.join()
    assert names[0] == names[1] != names[2]
    assert len(names[0]) <= 128


def test_who_runs_is_not_dead() -> None:
    """This thread lives."""
    assert not holders.is_dead(holders.holder())


def test_a_process_that_ended() -> None:
    """Who ran on this machine and runs no more is dead."""
    assert holders.is_dead(renamed(2, str(dead_process())))


def test_the_number_of_another() -> None:
    """A number that was given out again does not make its former holder alive."""
    assert holders.is_dead(renamed(3, "1"))


@pytest.mark.parametrize("name", ["", "somebody", "host:of:an:older:version", "host:1:2:3"])
def test_a_name_that_says_nothing(name: str) -> None:
    """Who is not named as this module does is not judged."""
    assert not holders.is_dead(name)


def test_another_machine() -> None:
    """A process that is not here may run on another machine, or in another container of this one."""
    words = renamed(2, str(dead_process())).split(":")
    assert not holders.is_dead(":".join([words[0], "0" * 16, *words[2:]]))


def test_a_process_of_which_nothing_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: os.PathLike[str]
) -> None:
    """Who runs, but hides when it was started, is not taken for dead."""
    name = holders.holder()
    monkeypatch.setattr(holders, "PROC", tmp_path)
    assert not holders.is_dead(name)
