"""A customer: person or organisation, prospects too, and what we may know of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal, Self, assert_never

from pydantic import model_validator

from domain.decider import Decider, DomainError
from domain.event import Command, Event, Frozen
from domain.letter import Channel
from domain.personal import Personal
from domain.text import Language

Tier = Literal["standard", "middle", "key"]
Detail = Literal["name", "email", "phone", "address", "order"]
"""What is known of a customer. All but the address are purposes of the blind index too."""


# events


class CustomerRegistered(Event, type="CustomerRegistered"):
    """Known from now on. ``prospect``: never bought, so no duty of record keeping follows."""

    customer: str
    """The stream's own id, which is the subject of the person's data everywhere."""
    number: str
    sort: Literal["person", "organisation"]
    prospect: bool
    legal_entity: str
    branch: str | None
    language: Language
    preferred_channel: Channel
    tier: Tier
    name: Personal

    def found_by(self) -> Mapping[str, Personal | None]:
        return {"name": self.name}


class ContactDetailGiven(Event, type="ContactDetailGiven"):
    """A detail was given or changed; None takes it back. Orders add up, others replace."""

    detail: Detail
    value: Personal | None

    def found_by(self) -> Mapping[str, Personal | None]:
        # Nobody is looked for by a postal address.
        return {} if self.detail == "address" else {self.detail: self.value}


class PreferencesChanged(Event, type="PreferencesChanged"):
    language: Language
    preferred_channel: Channel


class TierChanged(Event, type="TierChanged"):
    tier: Tier
    was: Tier


class CustomerAssigned(Event, type="CustomerAssigned"):
    """From now on this colleague answers for the customer; None: nobody does."""

    owner: str | None
    was: str | None
    why: Personal | None = None


class NeedNoted(Event, type="NeedNoted"):
    """What we must take care of with this person ("large print", "letters only").

    ``avoid`` lists channels that are not to be used. The detail behind it is health data.
    """

    need: str
    words: Personal
    detail: Personal | None = None
    avoid: tuple[Channel, ...] = ()


class NeedEnded(Event, type="NeedEnded"):
    need: str


class CustomerErased(Event, type="CustomerErased"):
    """The key of the person was destroyed; facts and numbers stay. Two persons decided it."""

    request: str
    approved_by: str


CustomerEvent = (
    CustomerRegistered
    | ContactDetailGiven
    | PreferencesChanged
    | TierChanged
    | CustomerAssigned
    | NeedNoted
    | NeedEnded
    | CustomerErased
)


# commands


class RegisterCustomer(Command):
    customer: str
    number: str
    sort: Literal["person", "organisation"] = "person"
    prospect: bool = False
    legal_entity: str
    branch: str | None = None
    language: Language
    preferred_channel: Channel = "email"
    tier: Tier = "standard"
    name: Personal
    details: Mapping[Detail, Personal] = {}
    owner: str | None = None
    """Who was the first to speak with them, and answers for them from then on."""

    @model_validator(mode="after")
    def _name_stands_apart(self) -> Self:
        if "name" in self.details:
            raise ValueError("the name is given as name")
        return self


class GiveContactDetail(Command):
    detail: Detail
    value: Personal | None


class ChangePreferences(Command):
    language: Language
    preferred_channel: Channel


class ChangeTier(Command):
    tier: Tier


class AssignCustomer(Command):
    to: str | None
    why: Personal


class NoteNeed(Command):
    need: str
    words: Personal
    detail: Personal | None = None
    avoid: tuple[Channel, ...] = ()


class EndNeed(Command):
    need: str


class EraseCustomer(Command):
    """``open_cases``: how many of the person's cases are open, as resolved for the command."""

    resolved: ClassVar[frozenset[str]] = Command.resolved | {"open_cases"}

    request: str
    asked_by: str
    open_cases: int


CustomerCommand = (
    RegisterCustomer
    | GiveContactDetail
    | ChangePreferences
    | ChangeTier
    | AssignCustomer
    | NoteNeed
    | EndNeed
    | EraseCustomer
)


# state


class Customer(Frozen):
    """``name`` and ``details`` are boxes for those who show or write to the person."""

    stream: str | None = None
    number: str = ""
    sort: Literal["person", "organisation"] = "person"
    prospect: bool = False
    legal_entity: str = ""
    branch: str | None = None
    language: Language = "en"
    preferred_channel: Channel = "email"
    tier: Tier = "standard"
    owner: str | None = None
    name: Personal | None = None
    details: Mapping[Detail, Personal] = {}
    needs: Mapping[str, NeedNoted] = {}
    erased: bool = False

    @property
    def avoid(self) -> frozenset[Channel]:
        return frozenset(channel for need in self.needs.values() for channel in need.avoid)


INITIAL = Customer()


class CustomerUnknown(DomainError):
    """No such customer."""


class CustomerIsErased(DomainError):
    """The person's data was erased; nothing is added to it."""


class CasesStillOpen(DomainError):
    """Erasure waits until the person's cases are ended; ``open_cases`` says how many."""


class ErasureNeedsTwo(DomainError):
    """Whoever asked for the erasure cannot be the one who carries it out."""


def decide(command: CustomerCommand, state: Customer) -> list[CustomerEvent]:
    at = command.at
    if isinstance(command, RegisterCustomer):
        return [] if state.number else _register(command)
    if not state.number:
        raise CustomerUnknown()
    if state.erased:
        if isinstance(command, EraseCustomer):
            return []
        raise CustomerIsErased()
    match command:
        case GiveContactDetail():
            return [ContactDetailGiven(at=at, detail=command.detail, value=command.value)]
        case ChangePreferences():
            same = (state.language, state.preferred_channel) == (
                command.language,
                command.preferred_channel,
            )
            changed = PreferencesChanged(
                at=at, language=command.language, preferred_channel=command.preferred_channel
            )
            return [] if same else [changed]
        case ChangeTier():
            if command.tier == state.tier:
                return []
            return [TierChanged(at=at, tier=command.tier, was=state.tier)]
        case AssignCustomer():
            if command.to == state.owner:
                return []
            return [CustomerAssigned(at=at, owner=command.to, was=state.owner, why=command.why)]
        case NoteNeed():
            return [
                NeedNoted(
                    at=at,
                    need=command.need,
                    words=command.words,
                    detail=command.detail,
                    avoid=command.avoid,
                )
            ]
        case EndNeed():
            return [NeedEnded(at=at, need=command.need)] if command.need in state.needs else []
        case EraseCustomer():
            if command.open_cases:
                raise CasesStillOpen(open_cases=command.open_cases)
            if command.asked_by == command.actor.id:
                raise ErasureNeedsTwo()
            return [CustomerErased(at=at, request=command.request, approved_by=command.actor.id)]
        case _:
            assert_never(command)


def _register(command: RegisterCustomer) -> list[CustomerEvent]:
    registered = CustomerRegistered(
        at=command.at,
        customer=command.customer,
        number=command.number,
        sort=command.sort,
        prospect=command.prospect,
        legal_entity=command.legal_entity,
        branch=command.branch,
        language=command.language,
        preferred_channel=command.preferred_channel,
        tier=command.tier,
        name=command.name,
    )
    given = [
        ContactDetailGiven(at=command.at, detail=detail, value=value)
        for detail, value in command.details.items()
    ]
    first = [CustomerAssigned(at=command.at, owner=command.owner, was=None)]
    return [registered, *given, *(first if command.owner else [])]


def evolve(state: Customer, event: CustomerEvent) -> Customer:
    match event:
        case CustomerRegistered():
            return Customer(
                stream=event.customer,
                number=event.number,
                sort=event.sort,
                prospect=event.prospect,
                legal_entity=event.legal_entity,
                branch=event.branch,
                language=event.language,
                preferred_channel=event.preferred_channel,
                tier=event.tier,
                name=event.name,
            )
        case ContactDetailGiven(detail="name"):
            return state.model_copy(update={"name": event.value})
        case ContactDetailGiven():
            details = {k: v for k, v in state.details.items() if k != event.detail}
            if event.value is not None:
                details[event.detail] = event.value
            return state.model_copy(update={"details": details})
        case PreferencesChanged():
            return state.model_copy(
                update={"language": event.language, "preferred_channel": event.preferred_channel}
            )
        case TierChanged():
            return state.model_copy(update={"tier": event.tier})
        case CustomerAssigned():
            return state.model_copy(update={"owner": event.owner})
        case NeedNoted():
            return state.model_copy(update={"needs": {**state.needs, event.need: event}})
        case NeedEnded():
            needs = {k: v for k, v in state.needs.items() if k != event.need}
            return state.model_copy(update={"needs": needs})
        case CustomerErased():
            return state.model_copy(update={"erased": True})
        case _:
            assert_never(event)


def subject(state: Customer) -> str | None:
    return state.stream


customer: Decider[Customer, CustomerCommand, CustomerEvent] = Decider(
    name="customer", initial=INITIAL, decide=decide, evolve=evolve, subject=subject
)
