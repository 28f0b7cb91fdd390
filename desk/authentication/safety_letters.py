"""Letters to a colleague about their own login: so they notice what somebody else changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal
from uuid import uuid4

from desk import language as speech
from desk.directory import Directory
from desk.house import House, StaffLetter
from desk.language import N_, say

Change = Literal[
    "password",
    "sessions",
    "factor_on",
    "factor_off",
    "code_used_again",
    "factor_reset",
    "recovery_codes",
]

WHAT: Final[Mapping[Change, str]] = {
    "password": N_("Your password was changed."),
    "sessions": N_("An administrator has ended all your sessions."),
    "factor_on": N_("Your second factor was turned on."),
    "factor_off": N_("Your second factor was turned off."),
    "factor_reset": N_("An administrator has turned off your second factor."),
    "code_used_again": N_("A code of your second factor was typed a second time."),
    "recovery_codes": N_("New recovery codes were made for you."),
}
ENDING: Final[frozenset[Change]] = frozenset({"password", "factor_off", "factor_reset"})
"""With these, tokens for programs end."""


def tell(house: House, staff: str, change: Change) -> None:
    """By mail, where an address is known of them."""
    if letter := letter_about(house.directory, staff, change, house.now()):
        house.post(letter)


def letter_about(
    directory: Directory, staff: str, change: Change, now: datetime
) -> StaffLetter | None:
    directory.catch_up()
    record = directory.staff.get(staff)
    address = directory.mail_address(staff)
    if record is None or not address:
        return None
    language = record.language
    zones = sorted(directory.zone(role.legal_entity) for role in record.roles_at(now))
    ended = say(language, "Your tokens for programs ended with it. Make new ones where programs of"
                          " yours need them.")  # fmt: skip
    body = (
        say(language, WHAT[change]),
        *([ended] if change in ENDING else []),
        say(language, "When: %(at)s", at=speech.exact(language, zones[0] if zones else "UTC", now)),
        say(language, "If this was you, or you asked for it, there is nothing to do. If it was not,"
                      " tell an administrator at once: they can end your sessions and give you a"
                      " code for a new password."),
    )  # fmt: skip
    return StaffLetter(
        staff=staff,
        name=str(uuid4()),
        language=language,
        written_at=now,
        subject="Evercase: " + say(language, WHAT[change]),
        body="\n\n".join(body) + "\n",
        address=address,
    )
