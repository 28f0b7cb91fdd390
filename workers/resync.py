"""The body of ``evercase resync``: wake every workflow that owes something."""

from __future__ import annotations

import asyncio
import json
import sys
import time

import psycopg
from rich.console import Console
from temporalio.service import RPCError

from workers.settings import Settings
from workflows.client import connect
from workflows.hosting import keep_schedule
from workflows.repair import Repair


def run(settings: Settings, *, as_json: bool = False) -> int:
    """0 when every case that owes was nudged, 1 where an engine does not answer."""
    began = time.monotonic()
    try:
        nudged = asyncio.run(resync(settings, Console(stderr=True)))
    except (RPCError, RuntimeError):
        sys.stderr.write("Temporal does not answer: nothing is lost, try again when it is back\n")
        return 1
    except LookupError as missing:
        sys.stderr.write(f"{missing.args[0]}\n")
        return 1
    seconds = round(time.monotonic() - began, 1)
    told = {"nudged": nudged, "seconds": seconds}
    sys.stdout.write(
        json.dumps(told) + "\n" if as_json else f"{nudged} cases nudged in {seconds} s\n"
    )
    return 0


async def resync(settings: Settings, console: Console) -> int:
    """How many were nudged. Raises RPCError, RuntimeError, LookupError."""
    client = await connect(settings.temporal(), settings.temporal_namespace, settings.codec_key())
    await keep_schedule(client)
    repair = Repair(client, lambda: psycopg.connect(settings.database(), autocommit=True))
    with console.status("looking for what is owed") as status:
        return await repair.resync(lambda nudged: status.update(f"{nudged} cases nudged"))
