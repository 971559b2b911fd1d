"""One real cluster under its lease: its mirroring, and the reports that keep that and tell how it fares."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import Any

from django.db import DatabaseError

from controller.mirror.ledger import Ledger
from controller.mirror.mirroring import InThread, Mirroring, Recreated
from controller.services.mirrors import mirror_recreated
from controller.store import mirrors
from controller.store.leases import Held
from controller.upstream.addresses import BadAddress
from controller.upstream.client import AsyncClient
from controller.upstream.errors import Upstream
from controller.upstream.secrets import NoKey, unseal
from controller.upstream.states import state_after

logger = logging.getLogger(__name__)

REPORT_EVERY = 0.5
"""Seconds between two reports of a mirror, which renew its lease."""


async def follow(held: Held, writer: InThread, reporter: InThread) -> None:
    """Follow a cluster until its connection is replaced, or it is another one.

    What it writes is written by ``writer``; ``reporter`` must not have to wait for that. Raises Lost,
    NotFound: it is not ours to follow.
    """
    sealed, uid = await writer(mirrors.reached, held.cluster)
    try:
        client = AsyncClient(unseal(sealed))
    except (NoKey, Upstream, BadAddress, ValueError) as error:
        await _tell_of(error, held, sealed, reporter)
        return
    mirroring = Mirroring(Ledger(held), client, writer, cluster_uid=uid)
    following = asyncio.create_task(mirroring.run())
    reporting = asyncio.create_task(_report(held, sealed, mirroring, client, reporter))
    try:
        done, _ = await asyncio.wait({following, reporting}, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    except* Recreated:
        await writer(partial(mirror_recreated, cluster=held.cluster, uid=mirroring.cluster_uid))
    finally:
        for task in (following, reporting):
            task.cancel()
        await asyncio.gather(following, reporting, return_exceptions=True)
        await client.close()


async def _tell_of(error: Exception, held: Held, sealed: bytes, reporter: InThread) -> None:
    """Keep the lease and tell what is wrong with the connection, until it is replaced. Raises Lost."""
    facts = {"state": state_after(error).value, "facts": {"errors": {"": str(error)[:500]}}}
    while True:
        if await reporter(partial(mirrors.report, held, **facts)) != sealed:
            return
        await asyncio.sleep(REPORT_EVERY)


async def _report(
    held: Held, sealed: bytes, mirroring: Mirroring, client: AsyncClient, reporter: InThread
) -> None:
    """Keep the lease and tell how it fares, until the connection is replaced. Raises Lost."""
    while True:
        try:
            if await reporter(partial(mirrors.report, held, **_facts(mirroring, client))) != sealed:
                return
        except DatabaseError as error:  # the lease tells in time whether that matters
            logger.warning("Cluster %s: how it fares is not written: %s", held.cluster, error)
            await reporter(mirrors.let_go)
        await asyncio.sleep(REPORT_EVERY)


def _facts(mirroring: Mirroring, client: AsyncClient) -> dict[str, Any]:
    """Return the columns that tell how it fares; what is not known yet stays as it was."""
    faring = mirroring.faring
    known = {
        "last_seen": client.heard.last,
        "cluster_uid": mirroring.cluster_uid,
        "version": mirroring.version,
    }
    return {
        "state": faring.state.value,
        "facts": {"errors": dict(faring.errors), "odd": dict(faring.odd)},
        "missing": faring.missing,
        "requests": client.heard.requests,
        "skew": round(client.heard.skew, 2),
        **{name: value for name, value in known.items() if value},
    }
