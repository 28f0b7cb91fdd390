"""The sweep: whatever is long overdue is nudged again, on a schedule the server keeps."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from workflows.messages import Swept

SCHEDULE: Final = "evercase-sweep"
EVERY = timedelta(minutes=5)
OVERDUE_BY = timedelta(minutes=5)


@workflow.defn
class SweepOwed:
    """One sweep. What it misses, the next one finds."""

    @workflow.run
    async def run(self) -> Swept:
        swept: Swept = await workflow.execute_activity(
            "sweep",
            result_type=Swept,
            start_to_close_timeout=timedelta(minutes=4),
            retry_policy=RetryPolicy(maximum_attempts=1),
        )
        return swept
