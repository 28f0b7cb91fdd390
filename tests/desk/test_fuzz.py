"""Whatever a program sends, the API answers in its own words: never a 5xx, never a trace."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from people import SECRET
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from test_api import token
from test_story import lodged
from visiting import House

from desk.app import create_app

NOTHING: Any = None
DESCRIBED = create_app(
    ledger=NOTHING, pool=NOTHING, home=Path("."), secret=SECRET, secure=False
).openapi()
schema = schemathesis.openapi.from_dict(DESCRIBED)


@pytest.fixture(scope="module")
def bearer(house: House) -> dict[str, str]:
    return {"Authorization": f"Bearer {token(house, 'ellie')}"}


@pytest.fixture(scope="module")
def known(house: House) -> tuple[str, str]:
    """A complaint and its customer, for calls that should get further than a 404."""
    ellie = house.visitor("ellie")
    number = lodged(ellie)
    customer = ellie.client.get(f"/api/v1/complaints/{number}").json()["customer"]
    return number, cast(str, customer)


@schema.parametrize()
@settings(max_examples=5, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_no_input_breaks_it(
    case: Case, address: str, bearer: dict[str, str], known: tuple[str, str]
) -> None:
    complaint, customer = known
    if "ref" in case.path_parameters and "/" not in repr(case.body):
        case.path_parameters["ref"] = customer if "/customers/" in case.path else complaint
    answer = case.call(base_url=address, headers=bearer)
    case.validate_response(answer, checks=[not_a_server_error])
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == ["application/problem+json"]
        assert "Traceback" not in answer.text
