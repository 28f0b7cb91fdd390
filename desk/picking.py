"""A saved reply into the box of a reply, without script: what was typed comes back with it."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from desk.acts.every import ACTS, allowed
from desk.acts.page import act_page, form_again
from desk.case import Case, find
from desk.drafts import add
from desk.forms import FormRefused, form_id
from desk.problem import NotAllowed, trouble_of
from desk.saved_replies import usable
from desk.submit import Refused
from desk.uploads import FIELD as FILES
from desk.visit import Files, KeptForm, SignedIn, see
from domain.decider import DomainError
from domain.saved_reply import FIELD, joined

router = APIRouter(include_in_schema=False)


@router.post("/complaints/{ref}/reply/use")
def use(
    request: Request, *, person: SignedIn, typed: KeptForm, uploads: Files, ref: str
) -> Response:
    """The draft holds it then. Files stay behind in the browser, so they are asked for again."""
    case, act = find(request, person, ref), ACTS["reply"]
    if not allowed(case, act):
        raise NotAllowed()
    say, refused = case.speaker(), None
    try:
        typed = _with_reply(case, typed)
        if uploads.files or uploads.lost:
            words = say("The files did not come along. Choose them again.")
            refused = Refused(422, say("Look at the marked fields."), {FILES: words})
    except Refused as error:
        refused = error
    if refused is not None:
        add(case, act, "", typed, form_again(typed, refused))
        return act_page(request, case, act, "", typed=typed, refused=refused)
    add(case, act, "", typed, form_id(typed))
    home = f"/complaints/{case.state.number}"
    if back := typed.get("next"):
        return see(f"{home}/reply?next={quote(back, safe='')}")
    return see(f"{home}#reply")


def _with_reply(case: Case, typed: Mapping[str, str]) -> Mapping[str, str]:
    """Raises: Refused, where nothing can be filled in."""
    say = case.speaker()
    try:
        form_id(typed)
    except FormRefused:
        raise Refused(422, say("This form is too old. Send it again."), worn_out=True) from None
    if not typed["csrf"]:
        raise Refused(403, say("You have logged in again since. Read it, then send it again."))
    if not (name := typed.get("pick")):
        marked = {FIELD: say("Choose a saved reply.")}
        raise Refused(422, say("Look at the marked fields."), marked)
    try:
        reply = usable(case, name, typed.get("channel", ""))
    except DomainError as error:
        trouble = trouble_of(error, case.person.language)
        raise Refused(trouble.status, trouble.detail, trouble.fields) from error
    text = joined(typed.get("text", ""), reply.replaces, reply.text)
    return {**typed, "text": text, FIELD: reply.reply}
