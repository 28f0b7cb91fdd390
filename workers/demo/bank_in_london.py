"""The complaints of Larkmere Bank in the United Kingdom: C1, C3, C4, C5 and C12."""

from __future__ import annotations

from datetime import timedelta

from domain.complaint_wishes import WithdrawComplaint
from domain.conversation import AddNote
from domain.customer import EraseCustomer, customer
from domain.event import Context
from domain.personal import Personal
from domain.promise import MakePromise, Promised
from domain.proposal import AcceptProposal, OfferProposal, ProposeResolution
from ledger import DestroyKey
from workers.demo.case import Case
from workers.demo.telling import KeyStep, Telling, envelope, stream_of


def charged_twice(telling: Telling) -> Case:
    """C1, live and unassigned: its first reply is owed in minutes, and nobody takes it."""
    case = Case(telling, "C1", "K3")
    case.lodge(
        "ellie",
        None,
        "phone",
        product="tern-account",
        category="charged_twice",
        what=(
            "The monthly account fee was taken twice this "
            "morning, £38 each time. Ms Ostrow sees it on "
            "her screen and wants one of them back today."
        ),
        remedy="One of the two fees back, today.",
    )
    return case


def frozen_account(telling: Telling) -> Case:
    """C3: our promise rests while the customer looks for a document, the law's limit does not."""
    case = Case(telling, "C3", "K2")
    uk = case.moments
    case.lodge(
        "ellie",
        uk.d(54, "11:05"),
        "letter",
        product="tern-account",
        category="account_blocked",
        what=(
            "I wrote to you in good time about my late "
            "wife's account. It has been frozen ever since, "
            "and the funeral director is still not paid. Nobody can tell me what is missing."
        ),
        remedy="Release the money for the funeral, and tell me plainly what you need.",
    )
    case.assign("ellie", case.soon(0.5))
    case.acknowledge("ellie", case.soon(2), "letter")
    case.assess("ellie", case.soon(3), "medium", "money")
    case.find(
        "ellie",
        uk.d(45, "15:10"),
        "The estates desk froze the account on the day of the notice, as it must. The funeral "
        "invoice was sent to us and lies unread in the branch's post.",
        "delay",
    )
    case.reply(
        "ellie",
        uk.d(45, "15:40"),
        "letter",
        subject="Your wife's account",
        body=(
            "Dear Mr Pellow,\n\nI am sorry that you had to "
            "write twice. I found the funeral director's "
            "invoice in our branch's post and have passed "
            "it to the estates desk myself. I write again "
            "within two weeks, whatever they say.\n\nEllie Quillon"
        ),
    )
    case.reply(
        "ellie",
        uk.d(36, "11:20"),
        "letter",
        subject="Your wife's account: where it stands",
        body=(
            "Dear Mr Pellow,\n\nthe estates desk can pay "
            "a funeral invoice before probate. They are "
            "checking the amount with the funeral director. I stay on it.\n\nEllie Quillon"
        ),
    )
    case.reply(
        "ellie",
        uk.d(27, "10:45"),
        "letter",
        subject="Your wife's account: one step further",
        body=(
            "Dear Mr Pellow,\n\nthe funeral director has "
            "confirmed the amount. Our estates desk now "
            "looks at whether the will names you alone. I know this is slow; I am sorry.\n\n"
            "Ellie Quillon"
        ),
    )
    case.reply(
        "ellie",
        uk.d(18, "14:30"),
        "letter",
        subject="Your wife's account: nearly there",
        body=(
            "Dear Mr Pellow,\n\none paper seems to be "
            "missing and I am finding out which, so that you "
            "are asked only once.\n\nEllie Quillon"
        ),
    )
    case.ask(
        "ellie",
        uk.d(9, "10:30"),
        "letter",
        request="certified-will",
        subject="One paper we still need",
        what=(
            "Dear Mr Pellow,\n\nplease send us a certified copy of the will. Any solicitor or the "
            "probate registry can make one; we pay for it. With it the funeral invoice is paid the "
            "same day.\n\nEllie Quillon"
        ),
    )
    case.perform_due(telling.now)
    return case


def late_payment(telling: Telling) -> Case:
    """C4: a payment and a rude call, so two limits of the law run side by side."""
    case = Case(telling, "C4", "K3")
    uk = case.moments
    case.lodge(
        "ellie",
        uk.wd(13, "11:30"),
        "email",
        product="payments",
        category="late_payment",
        what=(
            "Our supplier was paid three days late although "
            "we gave the order before the cut-off. When "
            "I called about it, your colleague told me to read the small print and hung up."
        ),
        remedy="The supplier's late fee of £140, and an apology for the call.",
    )
    case.assign("ellie", case.soon(0.5), open_cases=1)
    case.acknowledge("ellie", case.soon(1), "email")
    case.assess("ellie", case.soon(2), "medium", "money")
    case.reply(
        "ellie",
        case.soon(2),
        "email",
        subject="Two things, two limits",
        body=(
            "Dear Ms Ostrow,\n\nyour complaint has two parts. About the late payment you have our "
            "answer within 15 business days of its receipt;"
            " about the call within eight weeks. I look "
            "into both at once.\n\nEllie Quillon"
        ),
    )
    case.find(
        "ellie",
        uk.wd(7, "15:00"),
        "The order came at 15:52, eight minutes before the cut-off, and was put into the queue of "
        "the next day by hand.",
        "error_of_ours",
    )
    case.reply(
        "ellie",
        uk.wd(5, "10:15"),
        "email",
        subject="The payment: what I found",
        body=(
            "Dear Ms Ostrow,\n\nyou are right: the order "
            "came in time and we queued it wrongly. I am "
            "still listening to the recording of the call.\n\nEllie Quillon"
        ),
    )
    case.do(
        AddNote,
        "ellie",
        uk.wd(1, "16:10"),
        text=Personal("Recording asked for from telephony; they promised it for tomorrow."),
    )
    case.perform_due(telling.now)
    case.do(
        MakePromise,
        "ellie",
        None,
        promise="recording",
        promised=Promised(
            what=Personal("Call Ms Ostrow and say what the recording shows"),
            due=uk.opening(2),
        ),
    )
    return case


def old_address(telling: Telling) -> Case:
    """C5: settled by word at the counter today; what is missing is the summary letter."""
    case = Case(telling, "C5", "K2")
    uk = case.moments
    case.lodge(
        "ellie",
        uk.wd(2, "10:20"),
        "visit",
        product="tern-account",
        category="card_delivery",
        what=(
            "The new card went to the address we left two years ago, although I changed it at this "
            "very counter. Strangers had my name in their letter box."
        ),
        remedy="The old card stopped, a new one handed over here.",
    )
    case.assign("ellie", case.at, open_cases=2)
    case.acknowledge_in_person(
        "ellie",
        case.at + timedelta(minutes=5),
        "visit",
        said="Told him at the counter that it is written down and that I see to it.",
    )
    case.assess("ellie", case.soon(0.5), "low", "inconvenience")
    case.find(
        "ellie",
        case.soon(3),
        "The change of address was saved for letters, not for cards: two places in our system.",
        "error_of_ours",
    )
    case.do(
        ProposeResolution,
        "ellie",
        uk.wd(1, "15:20"),
        proposal=f"{case.stream}/proposal-1",
        decision="upheld",
        reasons=Personal("We had the right address and used the wrong one."),
        goods=Personal("The old card stopped, a new one at the counter, an apology in writing."),
    )
    case.perform_due(telling.now)
    case.do(
        OfferProposal,
        "ellie",
        None,
        channel="visit",
        said=Personal("He is here. I handed him the new card and said what went wrong."),
    )
    case.do(AcceptProposal, "ellie", None, channel="visit")
    return case


def marketing_calls(telling: Telling) -> Case:
    """C12: withdrawn on the day it came; since then the person is erased and the facts stand."""
    case = Case(telling, "C12", "K8")
    uk = case.moments
    case.lodge(
        "ellie",
        uk.d(30, "14:05"),
        "chat",
        product="stillwater-fund",
        category="marketing_calls",
        what="Third sales call this week and I am not even your customer. Who gave you my number?",
        remedy="No more calls, and my number deleted.",
    )
    case.acknowledge_in_person(
        "ellie",
        case.at + timedelta(minutes=2),
        "chat",
        said="Sorry for that. I have taken your number off the list while we look.",
    )
    case.do(
        WithdrawComplaint,
        "ellie",
        case.at + timedelta(minutes=50),
        channel="chat",
        why=Personal("Only wanted the calls to stop."),
    )
    case.perform_due(telling.now)
    return case


def erase(telling: Telling, key: str) -> None:
    """K8 asked to be forgotten: noor asked for it, song was the second person."""
    stream = stream_of("customer", key)
    entity = telling.customers[key].legal_entity
    at = telling.moments(entity).d(5, "11:15")
    command = EraseCustomer(
        **envelope(stream, "erased", at, telling.actor("song", entity, carried=True)),
        request="E-1",
        asked_by=stream_of("staff", "noor"),
        open_cases=0,
    )
    telling.tell(customer, stream, command)
    gone = DestroyKey(
        **envelope(stream, "key destroyed", at, telling.actor("noor", entity, carried=True)),
        subject=stream,
    )
    telling.steps.append(KeyStep(gone, Context(source_recorded_at=at, correlation=stream)))
