"""Customers, interactions, staff, the organisation and its documents: given, when, then."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from casework import AGENT, BOX, IMPORT, LEAD, LONDON, MONDAY, RULES, days, hours, policy
from pydantic import ValidationError

from domain.customer import (
    AssignCustomer,
    CasesStillOpen,
    ChangeTier,
    CustomerIsErased,
    EraseCustomer,
    ErasureNeedsTwo,
    GiveContactDetail,
    NoteNeed,
    RegisterCustomer,
    customer,
)
from domain.decider import Decider
from domain.document import (
    DocumentRefused,
    DraftDocument,
    DrafterCannotPublish,
    NothingDrafted,
    PublishDocument,
    VersionOutOfOrder,
    document,
)
from domain.event import Actor, Command
from domain.interaction import LinkInteraction, RecordInteraction, interaction
from domain.organisation import DescribeLegalEntity, LegalEntity, organisation
from domain.policy import Library, NoPolicy, PolicyUnsigned
from domain.procedure import Procedure, Rules, StepWords
from domain.saved_reply import (
    PlaceLeftOpen,
    SavedReply,
    SavedReplyGoesOtherwise,
    SavedReplyRetired,
    SavedReplyUnknown,
    check_channel,
    check_usable,
    check_written,
    filled,
    joined,
)
from domain.staff import (
    EndAbsence,
    GiveRole,
    LeaveStaff,
    OwnRightsUnchangeable,
    PlanAbsence,
    RegisterStaff,
    StaffUnknown,
    staff,
)
from domain.staff_facts import Role
from domain.target import Ref
from domain.template import Template, fill
from domain.text import Text

BOTH = Text(en="a", zh="一")


class Stream:
    def __init__(self, decider: Decider[Any, Any, Any]) -> None:
        self.decider = decider
        self.state = decider.initial

    def do(self, command: type[Command], *, who: Actor = AGENT, **fields: Any) -> list[str]:
        wish = command(command_id=UUID(int=1), at=MONDAY, actor=who, **fields)
        events = self.decider.decide(wish, self.state)
        for event in events:
            self.state = self.decider.evolve(self.state, event)
        return [event.type_name for event in events]


def registered() -> Stream:
    stream = Stream(customer)
    stream.do(
        RegisterCustomer,
        customer="customer-1",
        number="K-2026-000001",
        legal_entity="larkmere-uk",
        language="en",
        name=BOX,
        details={"email": BOX},
    )
    return stream


def test_a_customer_is_registered_once_with_every_detail_a_fact() -> None:
    stream = registered()
    assert set(stream.state.details) == {"email"}
    assert stream.decider.subject(stream.state) == "customer-1"
    again = {"customer": "customer-1", "number": "K-2026-000002", "legal_entity": "x"}
    assert stream.do(RegisterCustomer, language="en", name=BOX, **again) == []


def test_a_detail_is_taken_back_and_a_tier_changed_only_where_it_differs() -> None:
    stream = registered()
    stream.do(GiveContactDetail, detail="email", value=None)
    assert stream.state.details == {}
    assert stream.do(ChangeTier, tier="standard") == []
    assert stream.do(ChangeTier, tier="key") == ["TierChanged"]
    assert stream.do(AssignCustomer, to="staff-1", why=BOX) == ["CustomerAssigned"]
    assert stream.do(AssignCustomer, to="staff-1", why=BOX) == []
    assert stream.do(AssignCustomer, to=None, why=BOX) == ["CustomerAssigned"]


def test_a_need_says_which_channels_to_avoid() -> None:
    stream = registered()
    stream.do(NoteNeed, need="letters_only", words=BOX, avoid=("phone", "email"))
    assert stream.state.avoid == {"phone", "email"}


def test_erasure_needs_two_persons_and_no_open_case() -> None:
    stream = registered()
    erase = {"request": "r1", "asked_by": AGENT.id}
    with pytest.raises(CasesStillOpen):
        stream.do(EraseCustomer, who=LEAD, open_cases=1, **erase)
    with pytest.raises(ErasureNeedsTwo):
        stream.do(EraseCustomer, open_cases=0, **erase)
    assert stream.do(EraseCustomer, who=LEAD, open_cases=0, **erase) == ["CustomerErased"]
    with pytest.raises(CustomerIsErased):
        stream.do(ChangeTier, tier="key")


def test_an_interaction_stands_alone_until_it_is_linked() -> None:
    stream = Stream(interaction)
    stream.do(
        RecordInteraction,
        customer="customer-1",
        legal_entity="larkmere-uk",
        channel="phone",
        direction="in",
        summary=BOX,
    )
    assert stream.do(LinkInteraction, case="complaint-1") == ["InteractionLinked"]
    assert stream.do(LinkInteraction, case="complaint-1") == []


def hired() -> Stream:
    stream = Stream(staff)
    stream.do(RegisterStaff, staff="staff-new", login="new", name=BOTH, language="zh", email=BOX)
    return stream


def test_nobody_gives_themselves_a_role() -> None:
    stream = hired()
    role = Role(name="team_lead", legal_entity="larkmere-uk")
    with pytest.raises(OwnRightsUnchangeable):
        stream.do(GiveRole, who=Actor(kind="staff", id="staff-new"), role=role)
    assert stream.do(GiveRole, role=role) == ["RoleGiven"]
    assert stream.do(GiveRole, role=role) == []


def test_whoever_left_has_no_role_and_takes_no_command() -> None:
    stream = hired()
    stream.do(GiveRole, role=Role(name="agent", legal_entity="larkmere-uk"))
    stream.do(LeaveStaff)
    assert stream.state.roles == frozenset()
    with pytest.raises(StaffUnknown):
        stream.do(EndAbsence)


def test_an_absence_names_its_deputy_and_ends() -> None:
    stream = hired()
    stream.do(PlanAbsence, starts=MONDAY + days(1), deputy="staff-lead")
    assert stream.state.absence.deputy == "staff-lead"
    assert stream.do(EndAbsence) == ["AbsenceEnded"]


def test_a_legal_entity_is_described_whole_and_only_when_it_changed() -> None:
    stream = Stream(organisation)
    entity = LegalEntity(
        id="larkmere-uk", name=BOTH, zone="Europe/London", language="en", currency="GBP",
        calendar="london",
    )  # fmt: skip
    assert stream.do(DescribeLegalEntity, entity=entity) == ["LegalEntityDescribed"]
    assert stream.do(DescribeLegalEntity, entity=entity) == []


# documents


def test_one_drafts_and_another_publishes() -> None:
    stream = Stream(document)
    body = policy().model_dump(mode="json")
    with pytest.raises(NothingDrafted):
        stream.do(PublishDocument, kind="policy")
    stream.do(DraftDocument, kind="policy", body=body)
    with pytest.raises(DrafterCannotPublish):
        stream.do(PublishDocument, kind="policy")
    assert stream.do(PublishDocument, who=LEAD, kind="policy") == ["DocumentPublished"]
    with pytest.raises(VersionOutOfOrder):
        stream.do(DraftDocument, kind="policy", body=body)


def test_a_document_that_does_not_hold_together_is_refused_and_names_the_place() -> None:
    with pytest.raises(DocumentRefused) as refused:
        Stream(document).do(
            PublishDocument, who=IMPORT, kind="policy",
            body=policy().model_dump(mode="json") | {"silent_after_days": 0},
        )  # fmt: skip
    assert refused.value.facts["where"] == "silent_after_days"


def test_gates_lead_backwards_and_every_step_has_its_words() -> None:
    steps = RULES.model_dump()["steps"]
    steps[2]["gates"] = ["step:close"]
    with pytest.raises(ValidationError, match="no earlier step"):
        Rules.model_validate(RULES.model_dump() | {"steps": steps})
    with pytest.raises(ValidationError, match="words"):
        Procedure(
            id=RULES.id, version=1, title=BOTH, source=BOTH, rules=RULES, words={},
            stages=dict.fromkeys(RULES.stages, BOTH),
        )  # fmt: skip


def worded() -> Procedure:
    words = {
        step.id: StepWords(
            title=BOTH,
            guidance=BOTH,
            fields={field.id: BOTH for field in step.fields},
            choices={f"{f.id}.{choice}": BOTH for f in step.fields for choice in f.choices},
        )
        for step in RULES.steps
    }
    stages = dict.fromkeys(RULES.stages, BOTH)
    return Procedure(
        id=RULES.id, version=1, title=BOTH, source=BOTH, rules=RULES, stages=stages, words=words
    )


def library(*policies: Any) -> Library:
    return Library(
        policies=policies,
        procedures={"iso-10002": worded()},
        calendars={"london": LONDON},
    )


def chosen(shelf: Library, **facts: Any) -> Ref:
    case = {"legal_entity": "uk", "product": "account", "category": "fees", "channel": "email"}
    return shelf.terms(at=MONDAY, **(case | facts)).policy.ref


def test_the_most_specific_policy_in_force_is_chosen_and_says_why() -> None:
    house = policy()
    entity = policy(id="entity", legal_entity="uk")
    product = policy(id="product", legal_entity="uk", applies={"products": ["card"]})
    old = policy(id="old", legal_entity="uk", valid_to=date(2025, 12, 31))
    shelf = library(house, entity, product, old)
    assert chosen(shelf).id == "entity"
    assert chosen(shelf, product="card").id == "product"
    assert chosen(shelf, legal_entity="cn").id == "house"
    terms = shelf.terms(
        legal_entity="uk", product="card", category="fees", channel="email", at=MONDAY
    )
    assert terms.why == (
        "legal_entity=uk", "product=card", "category=any", "channel=any",
        "in_force_since=2020-01-01", "others=2",
    )  # fmt: skip


def test_a_policy_nobody_signed_refuses_to_run() -> None:
    with pytest.raises(PolicyUnsigned):
        chosen(library(policy(signed_by=None)))
    with pytest.raises(NoPolicy):
        chosen(library(policy(legal_entity="elsewhere")))


def test_equal_terms_read_back_are_one_object() -> None:
    from casework import terms

    from domain.complaint_facts import TermsAgreed

    stored = TermsAgreed(at=MONDAY, terms=terms()).model_dump_json()
    first = TermsAgreed.model_validate_json(stored)
    second = TermsAgreed.model_validate_json(stored)
    assert first.terms is second.terms
    assert first.terms == terms()
    assert first.terms.policy.information_within == hours(40)


def test_a_template_speaks_only_of_what_is_known_and_names_what_the_law_demands() -> None:
    letter = {"id": "t", "version": 1, "purpose": "acknowledgement", "subject": BOTH}
    Template(body=Text(en="By $limit", zh="至$limit"), must_name=frozenset({"limit"}), **letter)
    with pytest.raises(ValidationError, match="unknown places"):
        Template(body=Text(en="$secret", zh="x"), **letter)
    with pytest.raises(ValidationError, match="must be named"):
        Template(body=BOTH, must_name=frozenset({"limit"}), **letter)
    with pytest.raises(ValidationError, match="must begin a place"):
        Template(body=Text(en="100 $", zh="x"), **letter)


def test_a_place_without_a_value_leaves_no_trace() -> None:
    assert fill("Dear $customer,\n\n$reasons\n\nBye", {"customer": "A"}) == "Dear A,\n\nBye\n"
    given = "$number: we give $redress.\nYou get $redress."
    assert fill(given, {"number": "C-1"}) == "C-1: we give .\n"
    assert fill(given, {"number": "C-1", "redress": "£5"}) == "C-1: we give £5.\nYou get £5.\n"


# saved replies

LATE = {"id": "late", "version": 1, "title": {"en": "Late", "zh": "延误"}}
LATE_BODY = {"en": "Dear $customer, sorry.", "zh": "$customer：抱歉。"}


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"body": {"en": "Dear $customer", "zh": "尊敬的$secret"}}, ""),
        ({"body": {"en": "Dear $customer", "zh": "见$link"}}, ""),
        ({"body": {"en": "Dear $customer"}}, "body.zh"),
        ({"body": {"en": "Dear $customer", "zh": " "}}, ""),
        ({"title": {"en": "Late"}}, "title.zh"),
        ({"title": {"en": "x" * 121, "zh": "延误"}}, ""),
        ({"body": {"en": "100 $", "zh": "一百"}}, ""),
        ({"channels": ["pigeon"]}, "channels.0"),
        ({"id": "Late one"}, "id"),
    ],
)
def test_a_saved_reply_that_does_not_hold_together_is_neither_drafted_nor_published(
    change: dict[str, Any], where: str
) -> None:
    stream, body = Stream(document), {**LATE, "body": LATE_BODY, **change}
    with pytest.raises(DocumentRefused) as drafted:
        stream.do(DraftDocument, kind="saved_reply", body=body)
    assert drafted.value.facts["where"] == where
    with pytest.raises(DocumentRefused):
        stream.do(PublishDocument, who=IMPORT, kind="saved_reply", body=body)


def test_a_saved_reply_is_retired_by_a_further_version() -> None:
    stream = Stream(document)
    stream.do(DraftDocument, kind="saved_reply", body={**LATE, "body": LATE_BODY})
    assert stream.do(PublishDocument, who=LEAD, kind="saved_reply") == ["DocumentPublished"]
    retired = {**LATE, "version": 2, "body": LATE_BODY, "retired": True}
    stream.do(DraftDocument, kind="saved_reply", body=retired)
    stream.do(PublishDocument, who=LEAD, kind="saved_reply")
    with pytest.raises(SavedReplyRetired):
        check_usable(SavedReply.model_validate(retired), "larkmere-uk", "fees")


def test_a_saved_reply_is_for_its_company_its_categories_and_its_channels() -> None:
    reply = SavedReply(
        **{**LATE, "body": LATE_BODY}, legal_entity="larkmere-uk", categories=("fees",),
        channels=("email",),
    )  # fmt: skip
    check_usable(reply, "larkmere-uk", "fees")
    check_channel(reply, "email")
    for entity, category in (("woodquill", "fees"), ("larkmere-uk", "delay")):
        with pytest.raises(SavedReplyUnknown):
            check_usable(reply, entity, category)
    with pytest.raises(SavedReplyGoesOtherwise):
        check_channel(reply, "phone")
    with pytest.raises(SavedReplyUnknown):
        Library().saved_reply("late")


@pytest.mark.parametrize(
    ("wanted", "found"), [("LATE", True), ("sorry dear", True), ("延误", True), ("paid", False)]
)
def test_a_saved_reply_is_found_by_all_the_words_in_either_language(
    wanted: str, found: bool
) -> None:
    assert SavedReply(**{**LATE, "body": LATE_BODY}).says(wanted) is found


def test_a_place_without_a_value_stays_until_somebody_writes_it() -> None:
    text = filled("Dear $customer, $$5 by $promise, $owner", {"customer": "A", "owner": ""})
    assert text == "Dear A, $5 by $promise,\n"
    with pytest.raises(PlaceLeftOpen) as left:
        check_written(text)
    assert left.value.facts["places"] == ["$promise"]
    check_written("Dear A, $5 by Tuesday, $other")


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("", "Sorry.\n"),
        (" \n", "Sorry.\n"),
        ("Dear A,\n\nBye\n", "Sorry.\n"),
        ("I rang you.\n", "I rang you.\n\nSorry.\n"),
    ],
)
def test_words_come_below_what_was_typed_or_instead_of_the_letter_s_own(
    typed: str, text: str
) -> None:
    assert joined(typed, "Dear A,\n\nBye", "Sorry.\n") == text
