"""What a slow client loses, and what it never loses."""

from __future__ import annotations

import asyncio

from controller.live.mailbox import DEPTH, Mailbox


async def drain(box: Mailbox) -> list[str]:
    """Close the box and take all that waits in it."""
    box.close()
    taken = []
    while (text := await box.take()) is not None:
        taken.append(text)
    return taken


async def test_the_oldest_falls_out() -> None:
    """A client that does not read keeps the newest frames only."""
    box = Mailbox()
    for number in range(DEPTH + 4):
        box.offer(str(number))
    assert await drain(box) == [str(number) for number in range(4, DEPTH + 4)]


async def test_a_snapshot_replaces_what_waits() -> None:
    """Frames from before a snapshot say nothing that it does not say."""
    box = Mailbox()
    box.offer("old")
    box.offer_snapshot("snapshot")
    box.offer("new")
    assert await drain(box) == ["snapshot", "new"]


async def test_a_snapshot_does_not_fall_out() -> None:
    """A client that asked for a snapshot gets it, however slow it reads."""
    box = Mailbox()
    box.offer_snapshot("snapshot")
    for number in range(DEPTH * 2):
        box.offer(str(number))
    taken = await drain(box)
    assert (taken[0], len(taken), taken[-1]) == ("snapshot", DEPTH, str(DEPTH * 2 - 1))


async def test_once_taken_a_snapshot_is_no_longer_kept() -> None:
    """After the snapshot was handed out the oldest delta is the one to go."""
    box = Mailbox()
    box.offer_snapshot("snapshot")
    assert await box.take() == "snapshot"
    for number in range(DEPTH + 1):
        box.offer(str(number))
    assert (await drain(box))[0] == "1"


async def test_who_waits_is_woken() -> None:
    """A reader that waits gets the next frame, and the end."""
    box = Mailbox()
    reader = asyncio.create_task(box.take())
    await asyncio.sleep(0)
    box.offer("frame")
    assert await reader == "frame"
    reader = asyncio.create_task(box.take())
    await asyncio.sleep(0)
    box.close()
    assert await reader is None


async def test_who_lost_a_frame_gets_a_snapshot() -> None:
    """It is asked for as soon as the client reads again, until it comes; not for one that left."""
    asked = list[Mailbox]()
    box = Mailbox("", asked.append)
    for number in range(DEPTH + 1):
        box.offer(str(number))
    assert not asked
    await box.take()
    await box.take()
    assert asked == [box, box]
    box.offer_snapshot("snapshot")
    await box.take()
    assert len(asked) == 2
    for number in range(DEPTH + 1):
        box.offer(str(number))
    await drain(box)
    assert len(asked) == 2
