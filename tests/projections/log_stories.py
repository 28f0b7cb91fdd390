"""Stories made up by a seeded die: whatever people may do in a house, in any order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from random import Random
from uuid import uuid4

from small_house import STAFF, World, staff

from domain.approval import AskApproval, Correction, Excuse, GrantApproval, Money, RefuseApproval
from domain.complaint_wishes import (
    AcknowledgeComplaint,
    AssessComplaint,
    CloseComplaint,
    NameColleague,
    RecordStep,
    RecusePerson,
    ReopenComplaint,
    WithdrawComplaint,
)
from domain.conversation import (
    AddNote,
    AskForInformation,
    DecideNoReplyNeeded,
    RecordCustomerMessage,
    RecordInformation,
    ReplyToCustomer,
)
from domain.customer import ChangeTier, EndNeed, GiveContactDetail, NoteNeed
from domain.decider import DomainError, Words
from domain.event import Command
from domain.interaction import LinkInteraction, RecordInteraction
from domain.letter import PullBackLetter, RecordDelivery
from domain.ownership import (
    AcceptHandOver,
    AssignComplaint,
    Assignee,
    OfferHandOver,
    ReturnHandOver,
)
from domain.personal import Personal
from domain.proposal import (
    AcceptProposal,
    OfferProposal,
    ProposeResolution,
    RecordPayment,
    RejectProposal,
    TellDecision,
)

WORDS = Words(
    template="free", language="en", subject=Personal("Your complaint"), body=Personal("We look.")
)
GOODWILL = Money(amount=Decimal("40.00"), currency="GBP")
LIMIT = Money(amount=Decimal("25.00"), currency="GBP")
ADDRESS = Personal("mei@example.org")

Move = tuple[type[Command], dict[str, object]]


class Teller:
    """Rolls what happens next; what the rules refuse does not happen."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.die = Random(seed)
        self.customers = [world.customer(), world.customer(legal_entity="cn")]
        self.interactions: list[str] = []

    def tell(self, moves: int, between: Callable[[], None]) -> None:
        for _ in range(moves):
            roll = self.die.random()
            if roll < 0.12 or not self.world.cases:
                self._lodge()
            elif roll < 0.18:
                self._with_a_customer()
            elif roll < 0.28:
                self.world.pass_time(
                    self.die.choice(self.world.cases), timedelta(hours=self.die.choice([5, 30, 90]))
                )
            else:
                self._in_a_case()
            if self.die.random() < 0.03:
                between()

    def _lodge(self) -> None:
        entity, branch, team = self.die.choice(
            [("uk", None, "cards"), ("uk", "north", "loans"), ("cn", None, "funds")]
        )
        self.world.lodge(
            legal_entity=entity, branch=branch, team=team, customer=self.die.choice(self.customers)
        )

    def _with_a_customer(self) -> None:
        customer = self.die.choice(self.customers)
        match self.die.randrange(5):
            case 0:
                self.world.do(
                    customer, GiveContactDetail, detail="name", value=Personal("Mei Hanlu-Li")
                )
            case 1:
                self.world.do(customer, ChangeTier, tier=self.die.choice(["middle", "key"]))
            case 2:
                self.world.do(
                    customer,
                    NoteNeed,
                    need="large_print",
                    words=Personal("Large print"),
                    avoid=("phone",),
                )
            case 3:
                self.world.do(customer, EndNeed, need="large_print")
            case _:
                self._contact(customer)

    def _contact(self, customer: str) -> None:
        stream = f"interaction-{uuid4()}"
        self.interactions.append(stream)
        self.world.do(
            stream,
            RecordInteraction,
            customer=customer,
            legal_entity="uk",
            channel="phone",
            direction="in",
            summary=Personal("Asked how it stands."),
        )
        if self.die.random() < 0.5:
            self.world.do(stream, LinkInteraction, case=self.die.choice(self.world.cases))

    def _in_a_case(self) -> None:
        stream = self.die.choice(self.world.cases)
        kind, fields = self.die.choice(self._moves(stream))
        who = self.die.choice(["ann", "ben", "liz"])
        try:
            self.world.do(stream, kind, who, **fields)
        except DomainError:
            return

    def _moves(self, stream: str) -> list[Move]:
        """What somebody might try; half of it fits the state, so that cases get on."""
        state = self.world.state(stream)
        assignee = self.die.choice(["ann", "ben", "pam", "wen"])
        to = Assignee(staff=staff(assignee), team=STAFF[assignee].team or "")
        approvals = [name for name, each in state.approvals.items() if each.waiting]
        broken = [clock.id for clock in state.clocks.values() if clock.breached_at]
        letters = [name for name, each in state.letters.items() if not (each.sent_at or each.ended)]
        talk: list[Move] = [
            (AddNote, {"text": Personal("Call Fang first.")}),
            (
                RecordCustomerMessage,
                {"message": str(uuid4()), "channel": "email", "text": Personal("And now?")},
            ),
            (DecideNoReplyNeeded, {}),
            (ReplyToCustomer, {"channel": "phone", "said": Personal("We are on it.")}),
            (ReplyToCustomer, {"channel": "email", "words": WORDS, "address": ADDRESS}),
            (
                AskForInformation,
                {"request": str(uuid4()), "channel": "phone", "what": Personal("A receipt")},
            ),
            *(
                (RecordInformation, {"request": name, "channel": "phone", "text": Personal("It")})
                for name in state.conversation.waiting
            ),
            *((PullBackLetter, {"letter": name}) for name in letters[:1]),
            *(
                (RecordDelivery, {"letter": name, "sent": sent, "permanent": not sent})
                for name in letters
                for sent in (True, False)
            ),
        ]
        progress: list[Move] = [
            (AcknowledgeComplaint, {"channel": "phone", "said": Personal("It is here.")}),
            (
                AssessComplaint,
                {
                    "severity": self.die.choice(["low", "high"]),
                    "category": "fees",
                    "fast_lane": self.die.random() < 0.2,
                },
            ),
            (RecordStep, {"step": "look_into"}),
            (
                ProposeResolution,
                {
                    "proposal": str(uuid4()),
                    "decision": "upheld",
                    "reasons": Personal("It was ours."),
                    "redress": self.die.choice([None, GOODWILL]),
                    "limit": self.die.choice([None, LIMIT]),
                },
            ),
            (OfferProposal, {"channel": "phone", "said": Personal("Forty pounds.")}),
            (AcceptProposal, {"channel": "phone"}),
            (RejectProposal, {"channel": "phone"}),
            (TellDecision, {"channel": "phone", "said": Personal("You are right.")}),
            (RecordPayment, {"money": GOODWILL, "proof": Personal("Transfer 4711")}),
            (CloseComplaint, {"reason_code": "fee_refunded"}),
            (ReopenComplaint, {"why": Personal("It came again.")}),
        ]
        matters: list[Move] = [
            (AssignComplaint, {"to": to}),
            (
                OfferHandOver,
                {
                    "to": self.die.choice([to, None]),
                    "team": to.team,
                    "known": Personal("All"),
                    "next": Personal("Call"),
                },
            ),
            (AcceptHandOver, {"by": to}),
            (ReturnHandOver, {}),
            *(
                (kind, {"approval": name, **more})
                for name in approvals
                for kind, more in (
                    (GrantApproval, {}),
                    (RefuseApproval, {"reason": Personal("Too much")}),
                )
            ),
            *(
                (
                    AskApproval,
                    {
                        "approval": str(uuid4()),
                        "matter": Excuse(clock=clock),
                        "reason": Personal("Mail was down"),
                    },
                )
                for clock in broken[:1]
            ),
            (
                AskApproval,
                {
                    "approval": str(uuid4()),
                    "matter": Correction(field="product", was=state.product, is_="loan"),
                    "reason": Personal("Mistyped"),
                },
            ),
        ]
        rare: list[Move] = [
            (RecusePerson, {"staff": staff("ben"), "reason": Personal("Named in it")}),
            (NameColleague, {"staff": staff("pam"), "reason": Personal("It is about her")}),
            (WithdrawComplaint, {"channel": "phone"}),
        ]
        return self.die.choice([talk, progress, progress, matters, matters[:1] + rare])
