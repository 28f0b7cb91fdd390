"""Every decider of the house, by the prefix of its streams."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from domain.complaint import complaint
from domain.customer import customer
from domain.decider import Decider
from domain.disclosure import disclosure
from domain.document import document
from domain.inbound import mail
from domain.interaction import interaction
from domain.organisation import organisation
from domain.staff import staff

RULEBOOKS: Final[Mapping[str, Decider[Any, Any, Any]]] = {
    "complaint": complaint,
    "customer": customer,
    "interaction": interaction,
    "mail": mail,
    "staff": staff,
    "disclosure": disclosure,
    "organisation": organisation,
    "calendar": document,
    "policy": document,
    "procedure": document,
    "template": document,
    "saved_reply": document,
}


def rulebook(stream: str) -> Decider[Any, Any, Any]:
    """Raises: KeyError for a stream of no known kind."""
    return RULEBOOKS[stream.partition("-")[0]]
