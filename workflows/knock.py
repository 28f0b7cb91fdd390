"""Whether anything listens at an address, asked before a client of Temporal is made.

Threads of a client that could not connect may abort a process that ends just then.
"""

from __future__ import annotations

import asyncio
from typing import Final

PATIENCE: Final = 10.0
"""Seconds for an address to answer at all."""


async def knock(address: str) -> None:
    """Raises RuntimeError where nothing listens."""
    host, _, port = address.rpartition(":")
    try:
        async with asyncio.timeout(PATIENCE):
            _, writer = await asyncio.open_connection(host.strip("[]"), int(port))
    except (OSError, ValueError):
        raise RuntimeError(f"nothing answers at {address}") from None
    writer.close()
