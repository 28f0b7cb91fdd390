"""A mail of the inbox becomes a complaint of its own: filled in, lodged and filed in one, once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from mailing import Post, events, posting, stream_of, written
from people import SETUP
from test_inbox_races import at_once
from test_pages import settle
from test_story import lodged
from visiting import House, Visitor

from domain.attachment import AttachmentKept, AttachmentLeftOut
from domain.complaint_facts import ColleagueNamed, ComplaintLodged
from domain.conversation import CustomerWrote
from domain.customer import customer as customer_rules
from domain.inbound import MailDismissed, MailFiled, MailReceived
from domain.staff import GiveRole, staff
from domain.staff_facts import Role

FILES = (
    ("bill.pdf", b"%PDF-1.7 bill", "application/pdf"),
    ("table.csv", b"a,b\n", "text/csv"),
    ("tool.exe", b"MZ", "application/octet-stream"),
)
CASE = {"product": "payments", "category": "fee", "team": "first"}


@pytest.fixture(scope="module")
def post(house: House) -> Iterator[Post]:
    with posting(house.ledger) as opened:
        yield opened


@pytest.fixture(scope="module")
def known(house: House) -> str:
    """The address of one customer who is known."""
    address = f"{uuid4().hex}@known.example"
    registered = house.visitor("ellie").send(
        "/customers/new", name="Ana Vask", legal_entity="larkmere-uk", language="en", email=address
    )
    assert registered.status_code == 303
    settle(house)
    return address


def came(house: House, post: Post, address: str, text: str = "It broke.") -> MailReceived:
    before = house.ledger.head()
    raw = written(text, sender=f"Ana Vask <{address}>", subject="My till", files=FILES)
    post.give(raw, sender=address)
    (received,) = post.received(before)
    settle(house)
    return received


def new(mail: str) -> str:
    return f"/complaints/new?mail={mail}"


def form_of(visitor: Visitor, mail: str, address: str = "") -> dict[str, str]:
    page = visitor.get(address or new(mail))
    return {**visitor.form(page.text, "/complaints/new"), **CASE}


def lodgings(house: House, after: int) -> list[ComplaintLodged]:
    found = [each.event for each in house.ledger.log(after, 1_000)]
    return [event for event in found if isinstance(event, ComplaintLodged)]


def test_its_form_is_filled_and_lodging_files_it(house: House, post: Post, known: str) -> None:
    mail = came(house, post, known)
    ellie = house.visitor("ellie")
    page = ellie.get(f"/inbox/{mail.mail}").text
    assert f'href="{new(mail.mail)}"' in page
    form = form_of(ellie, mail.mail)
    assert (form["channel"], form["what_happened"]) == ("email", "My till\n\nIt broke.")
    assert known not in ellie.get(new(mail.mail)).text
    before = house.ledger.head()
    answer = ellie.client.post("/complaints/new", data=form)
    assert answer.status_code == 303, answer.text
    (case,) = lodgings(house, before)
    stream = stream_of(house, case.number)
    assert answer.headers["location"].startswith(f"/complaints/{case.number}?at=")
    assert (case.channel, case.at) == ("email", mail.at), "received when the mail came"
    (filed,) = events(house, mail.mail, MailFiled)
    assert isinstance(filed, MailFiled)
    assert filed.case == stream
    assert names(house, stream) == ["bill.pdf", "table.csv"]
    (left,) = events(house, stream, AttachmentLeftOut)
    assert isinstance(left, AttachmentLeftOut)
    assert house.ledger.open(left.file.name) == "tool.exe"
    shown = ellie.get(answer.headers["location"]).text
    for file in events(house, stream, AttachmentKept):
        assert isinstance(file, AttachmentKept)
        path = f"/complaints/{case.number}/files/{file.file.id}"
        assert path in shown
        assert ellie.get(path).status_code == 200
    assert mail.text is not None
    assert house.ledger.open(mail.text) is None, "its own copy is erased"
    settle(house)
    assert mail.mail not in ellie.get("/inbox").text


def names(house: House, stream: str) -> list[str | None]:
    kept = events(house, stream, AttachmentKept)
    return [house.ledger.open(it.file.name) for it in kept if isinstance(it, AttachmentKept)]


def test_other_words_keep_those_of_the_mail_as_a_file(house: House, post: Post, known: str) -> None:
    mail = came(house, post, known)
    ellie = house.visitor("ellie")
    form = form_of(ellie, mail.mail) | {"what_happened": "The till is broken."}
    before = house.ledger.head()
    assert ellie.client.post("/complaints/new", data=form).status_code == 303
    (case,) = lodgings(house, before)
    stream = stream_of(house, case.number)
    assert names(house, stream)[0] == "message.txt"
    (first, *_) = events(house, stream, AttachmentKept)
    assert isinstance(first, AttachmentKept)
    path = f"/complaints/{case.number}/files/{first.file.id}"
    settle(house)
    assert ellie.get(path).text == "My till\n\nIt broke."


def test_two_people_and_a_double_click_make_one_case(house: House, post: Post, known: str) -> None:
    mail = came(house, post, known).mail
    ellie, priya = house.visitor("ellie"), house.visitor("priya")
    mine, hers = form_of(ellie, mail), form_of(priya, mail)
    before = house.ledger.head()
    answers = at_once(
        *((who, "/complaints/new", form) for who, form in ((ellie, mine), (ellie, mine),
                                                            (priya, hers)))
    )  # fmt: skip
    (case,) = lodgings(house, before)
    told = [answer.status_code for answer in answers]
    assert told in ([303, 303, 409], [409, 409, 303])
    late = priya if told[2] == 409 else ellie
    again = late.client.post("/complaints/new", data=hers if late is priya else mine)
    assert "Somebody has dealt with this mail already." in again.text
    assert "It broke." in again.text, "what was typed is kept"
    sent_again = (ellie if late is priya else priya).client.post(
        "/complaints/new", data=mine if late is priya else hers
    )
    assert sent_again.headers["location"].startswith(f"/complaints/{case.number}")
    assert len(lodgings(house, before)) == 1
    assert ellie.client.get(new(mail)).headers["location"] == f"/inbox/{mail}"


def test_a_stranger_is_registered_on_the_way(house: House, post: Post) -> None:
    address = f"{uuid4().hex}@stranger.example"
    mail = came(house, post, address).mail
    ellie = house.visitor("ellie")
    asked = ellie.get(new(mail)).text
    way = f"/customers/new?mail={mail}"
    assert way in asked
    page = ellie.get(way).text
    assert address not in page
    form = ellie.form(page, "/customers/new")
    assert (form["name"], form["legal_entity"], form["language"]) == (
        "Ana Vask", "larkmere-uk", "en",
    )  # fmt: skip
    wrong = ellie.client.post("/customers/new", data=form | {"name": ""})
    assert wrong.status_code == 422
    assert f'value="{mail}"' in wrong.text
    registered = ellie.client.post("/customers/new", data=form)
    assert registered.status_code == 303
    lodge = form_of(ellie, mail, registered.headers["location"])
    details = house.ledger.fold(customer_rules, lodge["customer"]).state.details
    assert house.ledger.open(details["email"]) == address
    assert ellie.client.post("/complaints/new", data=lodge).status_code == 303
    assert len(events(house, mail, MailFiled)) == 1


def test_bad_input_is_told_and_nothing_is_lodged(house: House, post: Post, known: str) -> None:
    mail = came(house, post, known).mail
    ellie = house.visitor("ellie")
    unknown = ellie.get(f"{new(mail)}&customer=K-2020-999999")
    assert unknown.status_code == 422
    assert "No customer has this number." in unknown.text
    assert "Whose complaint is it?" in ellie.get(f"{new(mail)}&choose=yes").text
    form = form_of(ellie, mail)
    refused = ellie.client.post("/complaints/new", data=form | {"team": ""})
    assert refused.status_code == 422
    assert "My till" in refused.text
    assert ellie.form(refused.text, "/complaints/new")["mail"] == mail
    assert ellie.get(new("mail-none")).status_code == 404
    assert ellie.client.post("/complaints/new", data=form | {"mail": "nothing"}).status_code == 404
    assert events(house, mail, MailFiled) == []


def test_it_is_for_who_may_act_in_its_company(house: House, post: Post, known: str) -> None:
    mail = came(house, post, known).mail
    for login, status in (("dayo", 404), ("song", 403), ("ines", 403)):
        assert house.visitor(login).get(new(mail)).status_code == status
    dayo, ellie = house.visitor("dayo"), house.visitor("ellie")
    proof = {"csrf": dayo.form(dayo.get("/me").text, "/language")["csrf"]}
    sent = dayo.client.post("/complaints/new", data=form_of(ellie, mail) | proof)
    assert sent.status_code == 404
    for path in (f"/api/v1/inbox/{mail}/lodge", f"/api/v1/inbox/{mail}/dismiss"):
        body = {"reason": "no"} if path.endswith("dismiss") else CASE
        headers = {"X-CSRF-Token": proof["csrf"]}
        assert dayo.client.post(path, json=body, headers=headers).status_code == 404
    assert events(house, mail, MailDismissed) == []


def test_it_stays_in_its_company_also_for_who_writes_in_another(
    house: House, post: Post, known: str
) -> None:
    mail = came(house, post, known).mail
    both = Role(name="agent", legal_entity="woodquill", team="first")
    give = GiveRole(command_id=uuid4(), at=datetime.now(UTC), actor=SETUP, role=both)
    house.ledger.handle(staff, house.staff["lin"], give)
    lin = house.visitor("lin")
    words = "这封邮件是发给另一家公司的"

    def elsewhere(**more: str) -> dict[str, str]:
        form = lin.form(lin.get(f"/customers/new?mail={mail}").text, "/customers/new")
        return form | {"legal_entity": "woodquill", **more}

    before = house.ledger.head()
    refused = lin.client.post("/customers/new", data=elsewhere(email="ana@other.example"))
    assert (refused.status_code, words in refused.text) == (409, True)
    assert house.ledger.head() == before, "nobody is registered"
    alone = lin.client.post("/customers/new", data=elsewhere(mail=""))
    customer = house.ledger.log(before, 1)[0].stream
    assert alone.status_code == 303
    settle(house)
    lodge = form_of(lin, mail, f"{new(mail)}&customer={customer}")
    refused = lin.client.post("/complaints/new", data=lodge)
    assert (refused.status_code, words in refused.text) == (409, True)
    own = lin.client.post("/complaints/new", data=lodge | {"mail": "", "command_id": str(uuid4())})
    number = own.headers["location"].partition("?")[0].rpartition("/")[2]
    settle(house)
    for body, path in (
        ({"case": number}, "file"),
        ({**CASE, "customer": customer}, "lodge"),
    ):
        refused = program(lin, f"/inbox/{mail}/{path}", body)
        assert (refused.status_code, words in refused.json()["detail"]) == (409, True)
    assert events(house, mail, MailFiled) == []
    assert events(house, stream_of(house, number), CustomerWrote) == []


# programs


def program(visitor: Visitor, path: str, body: dict[str, str], key: str = ""):
    csrf = visitor.form(visitor.get("/me").text, "/language")["csrf"]
    headers = {"X-CSRF-Token": csrf, **({"Idempotency-Key": key} if key else {})}
    return visitor.client.post(f"/api/v1{path}", json=body, headers=headers)


def test_a_program_lodges_it_once_for_one_key(house: House, post: Post, known: str) -> None:
    mail = came(house, post, known)
    ellie, key = house.visitor("ellie"), uuid4().hex
    wrong = program(ellie, f"/inbox/{mail.mail}/lodge", CASE | {"team": "none"}, key)
    assert wrong.status_code == 422
    before = house.ledger.head()
    first = program(ellie, f"/inbox/{mail.mail}/lodge", CASE, key)
    assert first.status_code == 201, first.text
    again = program(ellie, f"/inbox/{mail.mail}/lodge", CASE, key)
    assert (again.status_code, again.json()["outcome"]) == (201, "repeated")
    assert again.json()["number"] == first.json()["number"]
    (case,) = lodgings(house, before)
    assert case.at == mail.at
    assert house.ledger.open(case.what_happened) == "My till\n\nIt broke."
    other = program(ellie, f"/inbox/{mail.mail}/lodge", CASE, uuid4().hex)
    assert other.status_code in (409, 422)
    assert len(lodgings(house, before)) == 1


def test_whom_it_is_about_is_shut_out_with_the_lodging(
    house: House, post: Post, known: str
) -> None:
    mail, lin, key = came(house, post, known).mail, house.staff["lin"], uuid4().hex
    ellie, body = house.visitor("ellie"), CASE | {"named": lin}
    first = program(ellie, f"/inbox/{mail}/lodge", body, key)
    again = program(ellie, f"/inbox/{mail}/lodge", body, key)
    assert (first.json()["outcome"], again.json()["outcome"]) == ("stored", "repeated")
    lodging = house.ledger.history(first.json()["stream"])[0]
    told = {type(each.event) for each in house.ledger.told(lodging.command_id)}
    assert {ComplaintLodged, ColleagueNamed, MailFiled} <= told, "all of it, or nothing"
    assert house.visitor("lin").get(f"/complaints/{first.json()['number']}").status_code == 404


def test_a_program_says_whose_it_is_where_nobody_is_known(house: House, post: Post) -> None:
    mail = came(house, post, f"{uuid4().hex}@nobody.example").mail
    ellie = house.visitor("ellie")
    refused = program(ellie, f"/inbox/{mail}/lodge", CASE)
    assert refused.status_code == 422
    assert [it["field"] for it in refused.json()["errors"]] == ["customer"]


def test_a_program_files_and_dismisses_once_for_one_key(
    house: House, post: Post, known: str
) -> None:
    ellie = house.visitor("ellie")
    case, key = lodged(ellie), uuid4().hex
    filed, gone = came(house, post, known).mail, came(house, post, known).mail
    for _ in range(2):
        done = program(ellie, f"/inbox/{filed}/file", {"case": case}, key)
        assert (done.status_code, done.json()["open"]) == (200, False)
        done = program(ellie, f"/inbox/{gone}/dismiss", {"reason": "Not ours"}, f"{key}2")
        assert (done.status_code, done.json()["open"]) == (200, False)
    assert len(events(house, filed, MailFiled)) == len(events(house, gone, MailDismissed)) == 1
    misused = program(ellie, f"/inbox/{gone}/dismiss", {"reason": "Other words"}, f"{key}2")
    assert misused.status_code == 422
    late = program(ellie, f"/inbox/{gone}/file", {"case": case})
    assert late.status_code == 409
    empty = program(ellie, f"/inbox/{gone}/dismiss", {"reason": ""})
    assert empty.status_code == 422
