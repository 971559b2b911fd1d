"""A cluster is taken back to how it was made, a portion at a time: nobody waits for the database meanwhile.

As long as it takes, ``resetting`` in the cluster's row says who wanted it: edits are refused, no pass is
made, and its pages say so. It is done under the cluster's lease. If whoever does it dies, the clock finds
the cluster, and the next who has the lease begins anew, so no half of it is left for good.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from controller.engine.errors import Busy, NotFound
from controller.services import recipes
from controller.services.edits import Edit, announce, in_turn
from controller.store import holders, leases, rows
from controller.store.leases import Held
from controller.store.writes import PortionedWriting, Writing, writing

LONGEST = 3_600.0
"""Seconds after which who resets counts as stuck: the largest clusters take minutes on a busy machine."""
LOOK = 0.05
"""Seconds between two looks whether another is done with it, or lets go of the lease."""


def reset_finish(*, cluster: int) -> None:
    """Carry out a reset that was begun; return when it is done, whoever does it."""
    while (row := rows.cluster_row(cluster)) and row.resetting:
        held = leases.acquire(cluster, holders.holder())
        if held:
            carry_out(held)
        else:
            time.sleep(LOOK)


def carry_out(held: Held) -> None:
    """Do what a reset comes to, from its beginning, and give the lease back.

    Whoever loses the lease meanwhile, or gets no turn, lets it be.
    """
    with leases.kept(held, LONGEST):
        row = rows.cluster_row(held.cluster)
        if row is None or not row.resetting:
            return
        actor, began = row.resetting, row.number
        try:
            edit = Edit(PortionedWriting(row, lambda: _portion(held)), actor)
            recipes.clear(edit, rows.all_packed(row.pk))
            recipes.play(edit, row.recipe)
            _done(held, actor, began)
        except (Busy, NotFound, leases.Lost):
            return


@contextmanager
def _portion(held: Held) -> Iterator[Writing]:
    with in_turn(), writing(held.cluster, resets=True) as opened:
        leases.extend(held)
        before = opened.number
        yield opened
        announce(opened.row, before, wake=False)


def _done(held: Held, actor: str, began: int) -> None:
    """Take note that all is written, since the change ``began``."""
    with _portion(held) as opened:
        opened.row.resetting = ""
        edit = Edit(opened, actor)
        edit.began = began
        edit.note("cluster_reset", opened.row.name)
        edit.close()
