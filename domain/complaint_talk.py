"""The rules of what is said in a case, and of what two persons decide in it."""

from __future__ import annotations

from typing import assert_never

from domain.approval import (
    ApprovalAsked,
    ApprovalCommand,
    ApprovalUnknown,
    AskApproval,
    Correction,
    Excuse,
    Extension,
    GrantApproval,
    Redress,
    RefuseApproval,
    decide_approval,
)
from domain.complaint_decision import NothingProposed
from domain.complaint_facts import ComplaintCorrected, ComplaintEvent, TermsSwitched
from domain.complaint_standing import WordsMissing, check_kept, check_open, letter, terms_of
from domain.complaint_state import Complaint
from domain.conversation import (
    AddNote,
    AskForInformation,
    ConversationCommand,
    CustomerWrote,
    DecideNoReplyNeeded,
    InformationReceived,
    InformationReminded,
    InformationRequested,
    NoReplyNeeded,
    NoteAdded,
    NothingSaid,
    NothingUnanswered,
    RecordCustomerMessage,
    RecordInformation,
    RemindCustomer,
    ReplySaid,
    ReplyToCustomer,
    RequestUnknown,
    SavedReplyUsed,
)
from domain.mention import check_called
from domain.policy import Terms
from domain.promise import made
from domain.timekeeping import (
    ClockUnknown,
    ExtensionTaken,
    check_correction,
    extension,
    successor,
)


def decide_conversation(command: ConversationCommand, state: Complaint) -> list[ComplaintEvent]:
    messages = state.conversation.messages
    if isinstance(command, RecordCustomerMessage) and command.message in messages:
        return []
    promised = getattr(command, "promise", None)
    promise = made(command, str(command.command_id), promised, terms_of(state).policy)
    if promise:
        check_kept(state)
    return [*_said(command, state), *_origin(command), *promise]


def _origin(command: ConversationCommand) -> list[ComplaintEvent]:
    """Which saved reply the words began as."""
    if not isinstance(command, ReplyToCustomer) or command.saved_reply is None:
        return []
    used = SavedReplyUsed(at=command.at, reply=command.saved_reply, changed=command.changed)
    return [used]


def _said(command: ConversationCommand, state: Complaint) -> list[ComplaintEvent]:
    at = command.at
    match command:
        case AddNote():
            check_called(command.mentions, command.readers)
            mentions = tuple(dict.fromkeys(command.mentions))
            return [NoteAdded(at=at, text=command.text, mentions=mentions)]
        case ReplyToCustomer(words=None, said=None):
            raise NothingSaid()
        case ReplyToCustomer(words=None, said=said) if said is not None:
            return [ReplySaid(at=at, channel=command.channel, said=said)]
        case ReplyToCustomer(words=words) if words is not None:
            return letter(
                command,
                "holding" if command.holding else "reply",
                words,
                channel=command.channel,
                address=command.address,
                leaves_at=command.leaves_at,
            )
        case ReplyToCustomer():
            raise NothingSaid()
        case RecordCustomerMessage():
            return _wrote(command, state)
        case DecideNoReplyNeeded():
            if state.conversation.unanswered_since is None:
                raise NothingUnanswered()
            return [NoReplyNeeded(at=at)]
        case AskForInformation():
            return _ask(command, state)
        case RemindCustomer():
            return _remind(command, state)
        case RecordInformation():
            return _received(command, state)
        case _:
            assert_never(command)


def _wrote(command: RecordCustomerMessage, state: Complaint) -> list[ComplaintEvent]:
    wrote = CustomerWrote(
        at=command.at,
        message=command.message,
        channel=command.channel,
        text=command.text,
        after_close=state.closed_at is not None,
    )
    waiting = state.conversation.waiting if command.answers else {}
    answered = [
        InformationReceived(at=command.at, request=name, channel=command.channel)
        for name in waiting
    ]
    return [wrote, *answered]


def _ask(command: AskForInformation, state: Complaint) -> list[ComplaintEvent]:
    check_open(state)
    if command.request in state.conversation.requests:
        return []
    terms = terms_of(state)
    calendar, policy = terms.calendar(), terms.policy
    asked = InformationRequested(
        at=command.at,
        request=command.request,
        channel=command.channel,
        what=command.what,
        answer_by=command.answer_by or calendar.add(command.at, policy.information_within),
        reminders=tuple(calendar.add(command.at, after) for after in policy.reminders),
    )
    if command.words is None:
        said = ReplySaid(at=command.at, channel=command.channel, said=command.what)
        return [said, asked]
    written = letter(
        command,
        "information_request",
        command.words,
        channel=command.channel,
        address=command.address,
        leaves_at=command.leaves_at,
    )
    return [*written, asked]


def _remind(command: RemindCustomer, state: Complaint) -> list[ComplaintEvent]:
    check_open(state)
    request = state.conversation.waiting.get(command.request)
    if request is None:
        raise RequestUnknown()
    written = letter(
        command,
        "reminder",
        command.words,
        channel=command.channel,
        address=command.address,
        leaves_at=command.leaves_at,
    )
    reminded = InformationReminded(
        at=command.at, request=command.request, reminder=request.reminded + 1
    )
    return [reminded, *written]


def _received(command: RecordInformation, state: Complaint) -> list[ComplaintEvent]:
    check_open(state)
    request = state.conversation.requests.get(command.request)
    if request is None:
        raise RequestUnknown()
    if request.answered_at is not None:
        return []
    if command.text is None and not command.without:
        raise WordsMissing()
    return [
        InformationReceived(
            at=command.at,
            request=command.request,
            channel=command.channel,
            text=command.text,
            without=command.without,
        )
    ]


def decide_matter(command: ApprovalCommand, state: Complaint) -> list[ComplaintEvent]:
    """Ask, grant or refuse; what is asked must be possible when it is asked and when granted."""
    match command:
        case AskApproval():
            if command.approval in state.approvals:
                return []
            if isinstance(command.matter, Redress):
                raise NothingProposed()
            _check_possible(command, state, approver=None)
            return [
                ApprovalAsked(
                    at=command.at,
                    approval=command.approval,
                    matter=command.matter,
                    asked_by=command.actor.id,
                    reason=command.reason,
                )
            ]
        case GrantApproval() | RefuseApproval():
            _check_stands(command, state)
            decision = decide_approval(command, state.approvals)
            if not decision or isinstance(command, RefuseApproval):
                return [*decision]
            return [*decision, *_granted(command, state)]
        case _:
            assert_never(command)


def _check_stands(command: GrantApproval | RefuseApproval, state: Complaint) -> None:
    """A redress is approved with the proposal it belongs to, and with no other."""
    asked = state.approvals.get(command.approval)
    other = state.proposal is None or state.proposal.id != command.approval
    if asked is not None and asked.waiting and isinstance(asked.matter, Redress) and other:
        raise ApprovalUnknown()


def _check_possible(
    command: AskApproval | GrantApproval, state: Complaint, approver: str | None
) -> None:
    if isinstance(command, AskApproval):
        matter, maker = command.matter, command.actor.id
    else:
        approval = state.approvals[command.approval]
        matter, maker = approval.matter, approval.asked_by
    match matter:
        case Extension():
            _check_not_granted(matter, state)
            extension(state, matter, maker, approver or f"not {maker}", command.at)
        case Excuse():
            if successor(state, matter.clock).breached_at is None:
                raise ClockUnknown(clock=matter.clock)
        case Correction():
            check_correction(matter, state, command.at)
        case _:
            return


def _check_not_granted(matter: Extension, state: Complaint) -> None:
    """Raises: ExtensionTaken while the notice of the same step is on its way to the customer."""
    for name, approval in state.approvals.items():
        notice = state.letters.get(name)
        if approval.matter == matter and notice is not None and not notice.ended:
            raise ExtensionTaken(clock=matter.clock)


def _granted(command: GrantApproval, state: Complaint) -> list[ComplaintEvent]:
    matter = state.approvals[command.approval].matter
    _check_possible(command, state, command.actor.id)
    match matter:
        case Extension():
            if command.notice is None:
                raise WordsMissing()
            return letter(
                command,
                "holding",
                command.notice,
                channel=command.channel,
                address=command.address,
                leaves_at=command.leaves_at,
                name=command.approval,
            )
        case Correction():
            corrected = ComplaintCorrected(
                at=command.at,
                field=matter.field,
                was=matter.was,
                is_=matter.is_,
                approval=command.approval,
            )
            return [corrected, *_switched(command, matter, state)]
        case _:
            return []


def _switched(command: GrantApproval, matter: Correction, state: Complaint) -> list[ComplaintEvent]:
    """The policy that holds for what is right now, where it is another."""
    terms, held = command.terms, terms_of(state)
    if terms is None or matter.field not in ("product", "channel"):
        return []
    if terms.policy.ref == held.policy.ref:
        return []
    kept = Terms(
        rules=held.rules,
        policy=terms.policy,
        calendars={**held.calendars, **terms.calendars},
        why=terms.why,
    )
    return [TermsSwitched(at=command.at, terms=kept, because=matter.field)]
