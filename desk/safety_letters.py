"""Letters to a colleague about their own login: so they notice what somebody else changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal
from uuid import uuid4

from desk import language as speech
from desk.house import House, StaffLetter
from desk.language import N_, say

Change = Literal["password", "sessions"]

WHAT: Final[Mapping[Change, str]] = {
    "password": N_("Your password was changed."),
    "sessions": N_("An administrator has ended all your sessions."),
}


def tell(house: House, staff: str, change: Change) -> None:
    """By mail, where an address is known of them."""
    house.directory.catch_up()
    record = house.directory.staff.get(staff)
    box = record.email if record else None
    address = house.ledger.open(box) if box is not None else None
    if record is None or not address:
        return
    language, now = record.language, house.now()
    zones = sorted(house.directory.zone(role.legal_entity) for role in record.roles_at(now))
    body = (
        say(language, WHAT[change]),
        say(language, "When: %(at)s", at=speech.exact(language, zones[0] if zones else "UTC", now)),
        say(language, "If this was you, or you asked for it, there is nothing to do. If it was not,"
                      " tell an administrator at once: they can end your sessions and give you a"
                      " code for a new password."),
    )  # fmt: skip
    letter = StaffLetter(
        staff=staff,
        name=str(uuid4()),
        language=language,
        written_at=now,
        subject="Evercase: " + say(language, WHAT[change]),
        body="\n\n".join(body) + "\n",
        address=address,
    )
    house.post(letter)
