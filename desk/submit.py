"""From a form to a fact: what was typed becomes a command, and the ledger answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from pydantic import ValidationError
from starlette.requests import Request

from desk.acts.act import Act, Making
from desk.acts.every import ACTS, allowed
from desk.called import check_reply
from desk.case import Case, load
from desk.drafts import wrote
from desk.forms import FormRefused, Unsure, command_id, form_id, version_seen
from desk.problem import NotAllowed, NotFound, trouble_of, wrong_words
from desk.uploads import FIELD, NO_FILES, FilesRefused, Uploads, with_files
from desk.words.facts import Entry
from domain.complaint import complaint
from domain.complaint_wishes import ComplaintCommand
from domain.decider import DomainError
from domain.event import Context
from domain.personal import Personal
from domain.procedure import StepNotAvailable
from ledger import CommandIdMisused, KeyDestroyed, Receipt, RivalWrote

RIVALS: Final = 3


@dataclass
class Refused(Exception):
    """The act was not done. What was typed is kept and shown again with what is wrong.

    news: what others did to the case since the form was opened.
    worn_out: the form cannot be sent again; the words can, in a new one.
    asks: it is done when the person says yes, by the field ``anyway``.
    """

    status: int
    words: str
    fields: Mapping[str, str] = field(default_factory=dict)
    news: list[Entry] = field(default_factory=list)
    worn_out: bool = False
    asks: bool = False


def act_of(slug: str) -> Act:
    if slug not in ACTS:
        raise NotFound()
    return ACTS[slug]


def submit(
    request: Request,
    case: Case,
    act: Act,
    about: str,
    typed: Mapping[str, str],
    *,
    uploads: Uploads = NO_FILES,
) -> Receipt:
    """Do it. Raises: Refused, NotAllowed, and what the ledger says of itself (503)."""
    if not allowed(case, act, about):
        raise NotAllowed()
    id = _wish(case, typed)
    if (done := _done_before(case, id)) is not None:
        return done
    _check(case, uploads)
    seen = version_seen(typed)
    seen = case.version if seen is None else seen
    for _ in range(RIVALS):
        if act.guarded and (news := case.news(seen)):
            words = case.speaker()("Somebody has changed the case since you opened it.")
            raise Refused(412, words, news=news)
        try:
            command = _command(case, act, about, typed, id)
            if uploads.files:
                handed = uploads.handed(case.house.largest_file)
                subject = case.state.customer or ""
                command = with_files(
                    command, handed, case.house, subject=subject, stream=case.stream
                )
            context = Context(
                reason=Personal(typed[act.because]) if act.because else None,
                correlation=case.stream,
                expected_version=case.version if act.guarded else None,
            )
            receipt = case.house.ledger.handle(complaint, case.stream, command, context)
            if receipt.last is None and (uploads.files or wrote(case, act, about, typed)):
                say = case.speaker()
                raise Refused(409, say("This is done already. What you wrote was not used."))
            return receipt
        except RivalWrote:
            case = load(request, case.person, case.stream)
        except StepNotAvailable as error:
            missing = case.speaker().gates(error.facts["missing"])
            words = case.speaker()("This step needs first: %(missing)s.", missing=missing)
            raise Refused(409, words) from error
        except (DomainError, CommandIdMisused, KeyDestroyed) as error:
            trouble = trouble_of(error, case.person.language)
            fields = {f"answer.{name}": words for name, words in trouble.fields.items()}
            raise Refused(
                trouble.status, trouble.detail, {**trouble.fields, **fields},
                worn_out=isinstance(error, CommandIdMisused),
            ) from error  # fmt: skip
    raise Refused(412, case.speaker()("Somebody was quicker. Look again"))


def _check(case: Case, uploads: Uploads) -> None:
    try:
        uploads.check(case.house, case.speaker())
    except FilesRefused as refused:
        words = case.speaker()("Look at the marked fields.")
        raise Refused(refused.status, words, {FIELD: refused.words}) from None


def _wish(case: Case, typed: Mapping[str, str]) -> UUID:
    try:
        return command_id(form_id(typed), typed)
    except FormRefused:
        words = case.speaker()("This form is too old. Send it again.")
        raise Refused(422, words, worn_out=True) from None


def _done_before(case: Case, id: UUID) -> Receipt | None:
    """The first answer to a wish that is fact already, whatever others did since."""
    told = [record.position for record in case.records if record.command_id == id]
    return Receipt("repeated", told[0], told[-1], None) if told else None


def _command(
    case: Case, act: Act, about: str, typed: Mapping[str, str], id: UUID
) -> ComplaintCommand:
    say = case.speaker()
    making = Making(case, typed, id, case.house.now(), say, about)
    try:
        if act.kind == "out" and "anyway" not in typed:
            check_reply(case, typed.values())
        return act.make(making)
    except Unsure as unsure:
        raise Refused(409, unsure.words, asks=True) from None
    except FormRefused as refused:
        raise Refused(422, say("Look at the marked fields."), refused.fields) from None
    except ValidationError as error:
        fields = {
            str(wrong["loc"][0] if wrong["loc"] else ""): wrong_words(wrong, say.language)
            for wrong in error.errors(include_input=False, include_url=False)
        }
        raise Refused(422, say("Look at the marked fields."), fields) from None
