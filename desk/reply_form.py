"""A saved reply as people write it: its questions, and the document that was typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from desk.forms import FormRefused, Question, filled
from desk.house import House
from desk.person import Person
from desk.words.facts import Speaker
from desk.words.terms import choices
from domain.saved_reply import LONGEST_BODY, LONGEST_TITLE, OF_CASE
from domain.template import places_in, well_formed

WORDS: Final = {
    "title_en": LONGEST_TITLE,
    "title_zh": LONGEST_TITLE,
    "body_en": LONGEST_BODY,
    "body_zh": LONGEST_BODY,
}
"""Fields that must hold words, and how many signs at most."""
TICKS: Final = ("channels", "categories")


def questions(
    house: House, person: Person, say: Speaker, body: Mapping[str, Any]
) -> list[Question]:
    """Holding what stands in ``body``."""
    title, text = body.get("title", {}), body.get("body", {})
    places = ", ".join(f"${place}" for place in sorted(OF_CASE))
    help = say("These places are filled for the case: %(places)s.", places=places)
    mine = person.entities("document", "write")
    everywhere = set(house.directory.organisation.entities) <= set(mine)
    said = {
        "title_en": (say("Title in English"), title.get("en", "")),
        "title_zh": (say("Title in Chinese"), title.get("zh", "")),
        "body_en": (say("Words in English"), text.get("en", "")),
        "body_zh": (say("Words in Chinese"), text.get("zh", "")),
    }
    return [
        *(
            Question(
                name, words, "long_text" if name.startswith("body") else "text", rows=8,
                most=WORDS[name], value=value, help=help if name == "body_en" else "",
            )
            for name, (words, value) in said.items()
        ),
        Question(
            "legal_entity", say("Company"), "choice", required=not everywhere,
            choices=[(it, say.entity(it)) for it in mine],
            value=body.get("legal_entity") or ("" if everywhere else next(iter(mine), "")),
            help=say("Left open: for every company.") if everywhere else "",
        ),
        Question(
            "channels", say("Only by"), "ticks", required=False,
            choices=choices(say.language, "channel"), value=",".join(body.get("channels", ())),
        ),
        Question(
            "categories", say("Only about"), "ticks", required=False,
            choices=_categories(house, person, say), value=",".join(body.get("categories", ())),
        ),
        Question(
            "retired", say("Used no more"), "yes_no", required=False,
            value="yes" if body.get("retired") else "",
        ),
    ]  # fmt: skip


def _categories(house: House, person: Person, say: Speaker) -> list[tuple[str, str]]:
    """Those of the person's companies, each once."""
    named = {}
    for entity in person.entities("document", "write"):
        known = house.directory.entity(entity)
        named.update({id: say.category(entity, id) for id in (known.categories if known else ())})
    return say.in_order(named.items())


def holding(
    asked: Sequence[Question], typed: Mapping[str, str], wrong: Mapping[str, str]
) -> list[Question]:
    """The same questions holding what was typed: no tick stands that was taken away."""
    ticked = {name: ",".join(_ticked(typed, name)) for name in TICKS}
    return filled(asked, {**typed, **ticked, "retired": typed.get("retired", "")}, wrong)


def _ticked(typed: Mapping[str, str], name: str) -> list[str]:
    return [field.removeprefix(f"{name}.") for field in typed if field.startswith(f"{name}.")]


def typed_body(typed: Mapping[str, str], id: str, version: int, say: Speaker) -> dict[str, Any]:
    """Raises: FormRefused, with what is wrong of each field in words."""
    words = {name: typed.get(name, "").strip() for name in WORDS}
    if wrong := {name: why for name, text in words.items() if (why := _why_not(name, text, say))}:
        raise FormRefused(wrong)
    return {
        "kind": "saved_reply",
        "id": id,
        "version": version,
        "title": {"en": words["title_en"], "zh": words["title_zh"]},
        "body": {"en": words["body_en"], "zh": words["body_zh"]},
        "legal_entity": typed.get("legal_entity") or None,
        **{name: _ticked(typed, name) for name in TICKS},
        "retired": typed.get("retired") == "yes",
    }


def _why_not(name: str, text: str, say: Speaker) -> str:
    if not text:
        return say("This is needed.")
    if len(text) > WORDS[name]:
        return say("At most %(most)s characters.", most=WORDS[name])
    if name.startswith("title"):
        return ""
    if not well_formed(text):
        return say("A $ must begin a place, or be written $$.")
    if unknown := sorted(places_in(text) - OF_CASE):
        places = say.listed(f"${place}" for place in unknown)
        return say("These places are not known: %(places)s.", places=places)
    return ""
