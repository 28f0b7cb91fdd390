"""A nonce is never used twice, however many threads and processes draw them."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

from ledger.keys import nonce

DRAWN = 4_000


def test_threads_draw_no_nonce_twice() -> None:
    with ThreadPoolExecutor(8) as threads:
        drawn = [*threads.map(lambda _: nonce(), range(DRAWN))]
    assert len({*drawn}) == DRAWN
    assert {len(each) for each in drawn} == {12}


def test_a_forked_process_draws_its_own() -> None:
    nonce()  # some are at hand now, also in the memory that the child is given
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        os.write(writing, nonce())
        os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(reading, 12)
    os.close(reading)
    os.close(writing)
    assert theirs not in {nonce() for _ in range(DRAWN)}
