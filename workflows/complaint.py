"""HandleComplaint: one run of time for every complaint that owes something."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.keep import Keeper
    from workflows.messages import Nudge, Watch


@workflow.defn
class HandleComplaint:
    """Drives one complaint: acknowledgement, clocks, reminders, letters, closing, archive."""

    @workflow.init
    def __init__(self, watch: Watch) -> None:
        self._keeper = Keeper("handle-complaint", watch)

    @workflow.run
    async def run(self, watch: Watch) -> None:
        following = await self._keeper.keep()
        if following is not None:
            workflow.continue_as_new(following)

    @workflow.signal
    def nudge(self, nudge: Nudge) -> None:
        self._keeper.hear(nudge)

    @workflow.signal
    def look_again(self, nudge: Nudge) -> None:
        self._keeper.look_again(nudge)
