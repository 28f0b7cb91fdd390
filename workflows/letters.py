"""The words of a letter that nobody writes by hand: a published template, filled for one case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date

from domain.complaint_state import Complaint
from domain.conversation import InformationRequested
from domain.customer import Customer, customer
from domain.decider import DomainError, Due, Words
from domain.document import DocumentPublished, parse
from domain.link import PATH, Asked, token
from domain.organisation import STREAM, LegalEntity, organisation
from domain.personal import Personal
from domain.policy import Library
from domain.template import Template, fill
from domain.text import Language
from domain.timekeeping import running
from ledger import Ledger

TYPES: Final = frozenset({DocumentPublished.type_name})
PAGE: Final = 1_000
A_MINUTE: Final = timedelta(minutes=1)
"""What is due at 24:00 is due on the day that ends then."""
LOCALES: Final[dict[Language, str]] = {"en": "en_GB", "zh": "zh_Hans_CN"}


class PlaceEmpty(DomainError):
    """The law demands that this letter names something the case does not hold (facts: places)."""


class Templates:
    """Templates as published, caught up from the log when one is asked for: never behind it."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._lock = Lock()
        self._position = 0
        self._latest: dict[str, Template] = {}

    def find(self, purpose: str, legal_entity: str) -> Template:
        """Raises: DocumentMissing."""
        self._catch_up()
        library = Library(templates=tuple(self._latest.values()))
        return library.template(purpose, legal_entity)

    def _catch_up(self) -> None:
        head = self._ledger.head()
        with self._lock:
            while self._position < head:
                batch = self._ledger.log(self._position, PAGE, TYPES)
                for recorded in batch:
                    published = recorded.event
                    assert isinstance(published, DocumentPublished)
                    document = parse(published.kind, published.body)
                    if isinstance(document, Template):
                        self._latest[document.id] = document
                self._position = batch[-1].position if len(batch) == PAGE else head


@dataclass(frozen=True)
class Letters:
    """``address``: of the desk as customers reach it; ``secret`` signs the links in letters."""

    ledger: Ledger
    templates: Templates
    address: str
    secret: bytes

    def render(self, state: Complaint, due: Due) -> tuple[Words, Personal | None]:
        """The words in the customer's language, and the e-mail address, None where there is none.

        Without one, or where the customer must not be mailed, the letter is posted by hand.
        Raises: DocumentMissing, PlaceEmpty, CustomerGone.
        """
        person = self.ledger.fold(customer, state.customer or "").state
        template = self.templates.find(due.letter or "", state.legal_entity)
        places = self._places(state, due, person)
        empty = {place for place in template.must_name if not places.get(place)}
        if empty:
            raise PlaceEmpty(places=sorted(empty))
        language = person.language
        words = Words(
            template=f"{template.id}@{template.version}",
            language=language,
            subject=Personal(fill(template.subject.in_(language), places).strip()),
            body=Personal(fill(template.body.in_(language), places)),
        )
        return words, self._email(person)

    def _email(self, person: Customer) -> Personal | None:
        box = None if "email" in person.avoid else person.details.get("email")
        text = None if box is None else self.ledger.open(box)
        return None if text is None else Personal(text)

    def _places(self, state: Complaint, due: Due, person: Customer) -> dict[str, str]:
        name = None if person.name is None else self.ledger.open(person.name)
        if name is None:
            raise CustomerGone()
        language = person.language
        entities = self.ledger.fold(organisation, STREAM).state.entities
        entity = entities.get(state.legal_entity)
        zone = ZoneInfo(entity.zone if entity else "UTC")
        last_days = {
            "limit": _nearest(state, "statutory"),
            "promise": _nearest(state, "service"),
            **self._answer_by(state, due),
        }
        moments = {"received": state.received_at} | {
            place: at and at - A_MINUTE for place, at in last_days.items()
        }
        return {
            "customer": name,
            "number": state.number,
            "entity": entity.name.in_(language) if entity else state.legal_entity,
            "product": _product(entity, state.product, language),
            "asked": self._asked(state, due),
            "link": self._link(state, due),
            **{
                place: format_date(at.astimezone(zone), "long", locale=LOCALES[language])
                for place, at in moments.items()
                if at is not None
            },
        }

    def _answer_by(self, state: Complaint, due: Due) -> dict[str, datetime]:
        request = state.conversation.requests.get(due.facts.get("request", ""))
        return {"answer_by": request.answer_by} if request else {}

    def _asked(self, state: Complaint, due: Due) -> str:
        """What the customer was asked for, in the words of the request."""
        name = due.facts.get("request")
        if name is None:
            return ""
        for recorded in self.ledger.history(state.stream):
            event = recorded.event
            if isinstance(event, InformationRequested) and event.request == name:
                return self.ledger.open(event.what) or ""
        return ""

    def _link(self, state: Complaint, due: Due) -> str:
        survey = due.facts.get("survey")
        if survey is None:
            return ""
        return self.address.rstrip("/") + PATH + token(self.secret, Asked(state.stream, survey))


class CustomerGone(DomainError):
    """The customer is unknown, or the data was erased: there is nobody to write to."""


def _nearest(state: Complaint, kind: str) -> datetime | None:
    """The next due time of a kind; the acknowledgement's own clock promises nothing."""
    due = [clock.due for clock in running(state) if clock.kind == kind and clock.name != "ack"]
    return min(due, default=None)


def _product(entity: LegalEntity | None, product: str, language: Language) -> str:
    named = entity.products.get(product) if entity else None
    return named.in_(language) if named else product
