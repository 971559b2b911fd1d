"""Names that are drawn by chance: never the same, in whichever thread or process."""

from __future__ import annotations

import os
import re
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from controller.services.names import ALPHABET, AT_ONCE, RandomNames


def test_uids_are_uuids_of_chance_and_suffixes_are_of_kubernetes_letters() -> None:
    """A uid is a UUID of version 4; a suffix has five characters of the alphabet."""
    names = RandomNames()
    for _ in range(100):
        uid = UUID(names.uid())
        assert (uid.version, uid.variant) == (4, "specified in RFC 4122")
        assert re.fullmatch(f"[{ALPHABET}]{{5}}", names.suffix())


def test_no_uid_is_drawn_twice_by_threads() -> None:
    """Chance is asked of the system for many names at once; no two threads get the same."""
    names, many = RandomNames(), AT_ONCE * 5
    with ThreadPoolExecutor(4) as threads:
        drawn = list(threads.map(lambda _: names.uid(), range(many)))
    assert len(set(drawn)) == many


def test_a_process_that_was_forked_draws_others() -> None:
    """What was asked of the system before is forgotten in the child."""
    names = RandomNames()
    names.uid()
    reads, writes = os.pipe()
    child = os.fork()
    if not child:
        os.write(writes, names.uid().encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reads, 36).decode() != names.uid()
