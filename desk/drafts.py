"""Drafts: what somebody has typed and not sent, one per person, case and box. Schema ``desk``.

A draft remembers the form it was typed into, so that sending it from two windows is one wish.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from desk.acts.act import Act
from desk.acts.every import ACTS, allowed
from desk.case import Case
from desk.forms import Question, filled, form_id
from desk.words.facts import Entry, Speaker
from domain.ownership import OwnerAssigned
from ledger import KeyDestroyed
from ledger.naming import uuid7

_FIND: Final = """
SELECT box, words, form, edition, version, saved_at FROM desk.draft
 WHERE staff = %s AND stream = %s
"""
_KEEP: Final = """
INSERT INTO desk.draft (staff, stream, box, subject, words, form, edition, version, saved_at)
VALUES (%(staff)s, %(stream)s, %(box)s, %(subject)s, %(words)s, %(form)s,
        nextval('desk.draft_edition'), %(version)s, %(now)s)
ON CONFLICT (staff, stream, box) DO UPDATE
   SET subject = excluded.subject, words = excluded.words, form = excluded.form,
       edition = excluded.edition, version = excluded.version, saved_at = excluded.saved_at
 WHERE draft.edition = %(seen)s
RETURNING edition
"""
_DROP: Final = "DELETE FROM desk.draft WHERE staff = %s AND stream = %s AND box = %s"


@dataclass(frozen=True)
class Draft:
    """``version``: of the case when its box was opened; ``edition`` rises with every saving."""

    box: str
    fields: Mapping[str, str]
    form: UUID
    edition: int
    version: int
    saved_at: datetime


class NewerDraft(Exception):
    """The draft was saved with other words since this window read it."""


def box_name(act: Act, about: str = "") -> str:
    return f"{act.slug}/{about}" if about else act.slug


def box_act(box: str) -> tuple[Act, str] | None:
    """The act that a box belongs to, and what it is about; None: there is no such box."""
    slug, _, about = box.partition("/")
    return (ACTS[slug], about) if slug in ACTS else None


def words_of(questions: Sequence[Question]) -> set[str]:
    """The fields in which people write; an act without one has no draft."""
    return {question.name for question in questions if question.kind == "long_text"}


def typed_into(questions: Sequence[Question], typed: Mapping[str, str]) -> dict[str, str]:
    """The fields of the form itself."""
    return {it.name: typed[it.name] for it in questions if it.name in typed}


# stored


def drafts_of(case: Case) -> dict[str, Draft]:
    """The person's own drafts in the case, by box."""
    with case.house.pool.connection() as db:
        rows = db.execute(_FIND, (case.person.staff, case.stream)).fetchall()
    found = (_opened(case, row) for row in rows)
    return {draft.box: draft for draft in found if draft is not None}


def _opened(case: Case, row: tuple[Any, ...]) -> Draft | None:
    """None: erased."""
    box, words, *rest = row
    text = case.house.ledger.open_at(_place(case, box), words)
    return None if text is None else Draft(box, json.loads(text), *rest)


def _place(case: Case, box: str) -> str:
    return f"{case.person.staff}/{case.stream}/{box}"


def keep(
    case: Case, box: str, fields: Mapping[str, str], *, form: UUID, version: int, seen: int
) -> Draft:
    """Save what was typed. ``seen``: the edition it was typed over, 0 where there was none.

    Raises: NewerDraft; KeyDestroyed where the customer's data was erased.
    """
    now, subject = case.house.now(), case.state.customer
    if subject is None:
        raise KeyDestroyed(case.stream)
    words = case.house.ledger.encrypt(subject, json.dumps(fields), _place(case, box))
    values = {
        "staff": case.person.staff, "stream": case.stream, "box": box, "subject": subject,
        "words": words, "form": form, "version": version, "now": now, "seen": seen,
    }  # fmt: skip
    with case.house.pool.connection() as db:
        row = db.execute(_KEEP, values).fetchone()
    if row is not None:
        return Draft(box, fields, form, row[0], version, now)
    standing = drafts_of(case).get(box)
    if standing is None:
        raise KeyDestroyed(subject)
    if standing.fields == fields:
        return standing
    raise NewerDraft()


def wrote(case: Case, act: Act, about: str, typed: Mapping[str, str]) -> bool:
    """Whether a form holds words that somebody wrote."""
    written = words_of(act.questions(case, case.speaker(), about))
    return any(typed.get(name, "").strip() for name in written)


def add(case: Case, act: Act, about: str, typed: Mapping[str, str], form: UUID) -> Draft | None:
    """Save what a form held, beside whatever else stands in its box; None: there is nothing."""
    if not wrote(case, act, about, typed):
        return None
    questions = act.questions(case, case.speaker(), about)
    written, typed_here = words_of(questions), typed_into(questions, typed)
    box = box_name(act, about)
    while True:
        standing = drafts_of(case).get(box)
        fields = typed_here
        if standing is not None and standing.edition != edition_seen(typed):
            fields = both(standing.fields, fields, written)
        seen = standing.edition if standing else 0
        try:
            return keep(case, box, fields, form=form, version=case.version, seen=seen)
        except NewerDraft:
            continue
        except KeyDestroyed:
            return None


def both(old: Mapping[str, str], new: Mapping[str, str], written: set[str]) -> dict[str, str]:
    """The words of both, the old ones first; of what is chosen, the new."""
    joined = {**old, **new}
    for name in written & old.keys() & new.keys():
        earlier, later = old[name].strip(), new[name].strip()
        if earlier in later:
            joined[name] = new[name]
        elif later in earlier:
            joined[name] = old[name]
        else:
            joined[name] = f"{earlier}\n\n{later}"
    return joined


def sent(case: Case, act: Act, about: str, typed: Mapping[str, str], *, again: bool) -> None:
    """What was sent is no draft any more; later words of another window stay.

    again: it was sent before; then only the draft of that very form can be what was sent.
    """
    box = box_name(act, about)
    draft = drafts_of(case).get(box)
    if draft is None or (again and draft.form != form_id(typed)):
        return
    written = words_of(act.questions(case, case.speaker(), about))
    told = all(draft.fields.get(name, "").strip() in typed.get(name, "") for name in written)
    if told or draft.edition == edition_seen(typed):
        drop(case, box, draft.edition)


def drop(case: Case, box: str, edition: int | None = None) -> None:
    """Throw it away; with ``edition``, only if it is still that one."""
    only = " AND edition = %s" if edition is not None else ""
    more = () if edition is None else (edition,)
    with case.house.pool.connection() as db:
        db.execute(_DROP + only, (case.person.staff, case.stream, box, *more))


def edition_seen(typed: Mapping[str, str]) -> int:
    said = typed.get("draft", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) <= 18 else 0


# shown


@dataclass(frozen=True)
class Box:
    """One form with what stands in it. ``news``: what others did since its draft was begun."""

    name: str
    questions: Sequence[Question]
    form: UUID
    edition: int = 0
    saved_at: datetime | None = None
    news: Sequence[str] = ()

    @property
    def kept(self) -> bool:
        """Whether what is typed here becomes a draft."""
        return bool(words_of(self.questions))

    @property
    def takes_files(self) -> bool:
        return any(question.kind == "files" for question in self.questions)


def box_of(case: Case, act: Act, about: str, say: Speaker, drafts: Mapping[str, Draft]) -> Box:
    name, questions = box_name(act, about), act.questions(case, say, about)
    draft = drafts.get(name)
    if draft is None or not words_of(questions):
        return Box(name, questions, uuid7())
    news = [_told(entry, say) for entry in case.news(draft.version)]
    return Box(
        name, filled(questions, draft.fields), draft.form, draft.edition, draft.saved_at, news
    )


def _told(entry: Entry, say: Speaker) -> str:
    ago = say("%(span)s ago", span=say.span(say.now - entry.at))
    if isinstance(entry.event, OwnerAssigned):
        name = say.name(entry.event.owner)
        return say("%(name)s took this case %(ago)s", name=name, ago=ago)
    return say("%(who)s, %(ago)s: %(words)s", who=entry.who, ago=ago, words=entry.words)


def elsewhere(
    case: Case, say: Speaker, drafts: Mapping[str, Draft], shown: set[str]
) -> list[tuple[str, str, datetime]]:
    """Drafts of boxes that do not stand on the case's page: title, path, when saved."""
    found = []
    for box, draft in drafts.items():
        known = box_act(box)
        if box in shown or known is None or not allowed(case, *known):
            continue
        act, about = known
        title = say.step(about) if act.slug == "step" else say(act.title)
        found.append((title, box, draft.saved_at))
    return found
