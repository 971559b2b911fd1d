"""How long somebody waits for what is played out."""

from __future__ import annotations

import time

from controller.queries.patience import BUSY, Patience


def test_it_ends_with_the_work() -> None:
    """Whoever works on is told after so many seconds of work, of a first share before that."""
    seconds, began, worked = 0.05, time.monotonic(), time.thread_time()
    patience = Patience(seconds)
    assert patience.lasts()
    while patience.lasts(0.5):
        pass
    assert patience.lasts()
    while patience.lasts():
        pass
    assert time.thread_time() - worked >= seconds or time.monotonic() - began >= BUSY * seconds
    assert not Patience(0).lasts()
