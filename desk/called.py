"""Colleagues called by ``@``: into a note, where they are told, or by mistake to the customer."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from desk.case import Case
from desk.colleagues import reads
from desk.forms import FormRefused, Unsure
from desk.words.facts import Speaker
from domain.mention import Call, Colleague, calls, meant
from domain.staff import Staff


def colleagues(case: Case) -> list[Colleague]:
    """Everybody who works here."""
    house = case.house
    return [
        _colleague(staff, record, reads=reads(house, staff, case.place))
        for staff, record in house.directory.staff.items()
        if not record.left
    ]


def _colleague(staff: str, record: Staff, *, reads: bool) -> Colleague:
    names = frozenset({record.name.en, record.name.zh}) - {""}
    return Colleague(staff=staff, login=record.login, names=names, reads=reads)


def readers(case: Case) -> frozenset[str]:
    return frozenset(each.staff for each in colleagues(case) if each.reads)


def check_reply(case: Case, texts: Iterable[str]) -> None:
    """Words for the customer call nobody of ours. Raises: Unsure."""
    text, say = "\n".join(texts), case.speaker()
    if "@" in text and any(call.whom for call in calls(text, colleagues(case))):
        raise Unsure(say("This goes to the customer. Send it all the same?"))


def mentioned(case: Case, text: str, *, anyway: bool, field: str = "text") -> tuple[str, ...]:
    """Whom a note calls. ``anyway``: what is no name stands as it is.

    Raises: Unsure where nobody or several are called so; FormRefused for who may not see it.
    """
    if "@" not in text:
        return ()
    known, say = colleagues(case), case.speaker()
    found: dict[str, None] = {}
    for call in calls(text, known):
        here = [each for each in call.whom if each.reads]
        if call.whom and not here:
            name = text[call.start + 1 : call.end]
            words = say("%(name)s cannot be called into this case.", name=name)
            raise FormRefused({field: words})
        if len(here) == 1:
            found[here[0].staff] = None
        elif not anyway:
            raise Unsure(_question(text, call, here, known, say))
    return tuple(found)


def _question(
    text: str, call: Call, here: list[Colleague], known: list[Colleague], say: Speaker
) -> str:
    word = text[call.start : call.end]
    if here:
        names = say.listed(sorted(f"@{each.login}" for each in here))
        return say("More than one is called %(word)s: %(names)s.", word=word, names=names)
    likely = meant(word[1:], [each for each in known if each.reads])
    asked = say("Nobody who may see this case is called %(word)s.", word=word)
    if not likely:
        return asked
    names = say.listed(
        say("%(words)s (%(more)s)", words=f"@{each.login}", more=say.name(each.staff))
        for each in likely
    )
    return asked + " " + say("Did you mean %(names)s?", names=names)


def marked(case: Case, text: str, mentions: Collection[str]) -> list[tuple[str, bool]]:
    """A note in pieces: its words, and whether they call somebody."""
    staff = case.house.directory.staff
    called = [_colleague(each, staff[each], reads=True) for each in mentions if each in staff]
    pieces, done = [], 0
    for call in calls(text, called):
        if call.whom:
            pieces += [(text[done : call.start], False), (text[call.start : call.end], True)]
            done = call.end
    return [*pieces, (text[done:], False)]
