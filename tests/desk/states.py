"""A complaint in each state that the desk knows, made through its own forms."""

from __future__ import annotations

from collections.abc import Mapping

from test_story import lodged
from visiting import House, Visitor

STEPS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "take": ("take", {}),
    "acknowledge": ("acknowledge", {"channel": "phone", "text": "我们已收到"}),
    "assess": ("assess", {"answer.harm": "money", "answer.others_affected": "no"}),
    "investigate": (
        "step/investigate",
        {"answer.finding": "同一天扣款两次", "answer.cause": "error_of_ours"},
    ),
    "propose": ("propose", {"decision": "upheld", "reasons": "我们多收了", "amount": "12.50"}),
    "propose_much": (
        "propose",
        {"decision": "upheld", "reasons": "我们多收了", "amount": "9000"},
    ),
    "offer": ("offer", {"channel": "phone", "text": "退回多收的钱"}),
    "accept": ("answer", {"answer": "yes", "channel": "phone"}),
    "reject": ("answer", {"answer": "no", "channel": "phone", "why": "太少"}),
    "tell": ("tell", {"channel": "phone", "text": "投诉成立"}),
    "pay": ("pay", {"proof": "T-1"}),
    "close": ("close", {"reason_code": "error_of_ours"}),
    "ask": ("ask", {"channel": "phone", "what": "账单", "text": "请提供账单"}),
    "withdraw": ("withdraw", {"channel": "phone", "why": "已解决"}),
    "not_a_complaint": ("not-a-complaint", {"instead": "praise", "reason": "客户只是表扬"}),
    "note": ("note", {"text": "请@林乔看"}),
    "review": ("review", {"to": "lin", "reason": "客户另有凭证"}),
    "reply": ("reply", {"channel": "email", "subject": "进展", "text": "我们在查"}),
    "message": ("message", {"channel": "phone", "text": "还没有消息吗"}),
}
"""Step -> its act and what is typed into it."""

_ASSESSED = ("take", "acknowledge", "assess")
_INVESTIGATED = (*_ASSESSED, "investigate")
_DECIDED = (*_INVESTIGATED, "propose", "offer", "accept")
_CLOSED = (*_DECIDED, "tell", "pay", "close")

STATES: Mapping[str, tuple[str, ...]] = {
    "new": (),
    "taken": ("take",),
    "to assess": ("take", "acknowledge"),
    "investigating": _ASSESSED,
    "investigated": _INVESTIGATED,
    "waiting for customer": (*_ASSESSED, "ask"),
    "waiting for approval": (*_INVESTIGATED, "propose_much"),
    "proposed": (*_INVESTIGATED, "propose"),
    "proposal out": (*_INVESTIGATED, "propose", "offer"),
    "proposal rejected": (*_INVESTIGATED, "propose", "offer", "reject"),
    "decided": _DECIDED,
    "redress open": (*_DECIDED, "tell"),
    "all done": (*_DECIDED, "tell", "pay"),
    "closed": _CLOSED,
    "after-close mail": (*_CLOSED, "message"),
    "review asked": (*_CLOSED, "review"),
    "withdrawn": ("take", "withdraw"),
    "not a complaint": ("take", "not_a_complaint"),
    "talked about": ("take", "acknowledge", "note", "message", "reply", "message"),
}
"""State -> the steps that lead to it."""

PRIMARY: Mapping[str, str | None] = {
    "new": "take",
    "taken": "acknowledge",
    "to assess": "assess",
    "investigating": "step/investigate",
    "investigated": "propose",
    "waiting for customer": None,
    "waiting for approval": None,
    "proposed": "offer",
    "proposal out": "answer",
    "proposal rejected": "propose",
    "decided": "tell",
    "redress open": "pay",
    "all done": "close",
    "closed": None,
    "after-close mail": "no-reply",
    "review asked": None,
    "withdrawn": None,
    "not a complaint": None,
    "talked about": "assess",
}
"""State -> the act of the one primary button; None: nothing to press, and words say why."""


def case_in(house: House, state: str, login: str = "ellie") -> str:
    """A new complaint brought into ``state``; its number."""
    visitor = house.visitor(login)
    number = lodged(visitor, "zh", what_happened="三月的费用被扣了两次")
    for step in STATES[state]:
        path, typed = STEPS[step]
        named = {name: house.staff.get(text, text) for name, text in typed.items()}
        done(visitor, number, path, named)
    return number


def done(visitor: Visitor, number: str, path: str, typed: Mapping[str, str]) -> None:
    home = f"/complaints/{number}"
    form = visitor.form(visitor.get(f"{home}/{path}").text, f"{home}/{path}")
    answer = visitor.client.post(f"{home}/{path}", data={**form, **typed})
    assert answer.status_code == 303, (path, answer.text)


class Cases:
    """One complaint per state, made when it is first asked for."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._numbers: dict[str, str] = {}

    def __getitem__(self, state: str) -> str:
        if state not in self._numbers:
            self._numbers[state] = case_in(self._house, state)
        return self._numbers[state]
