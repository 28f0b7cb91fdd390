"""Pages and forms: what was typed is kept, races are told, twice is once, roles see their part."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from uuid import uuid4

import pytest
from people import SECRET
from psycopg import Connection
from psycopg.rows import TupleRow
from test_api_documents import post
from test_story import lodged, title
from visiting import House, Visitor

from domain import link
from domain.complaint import complaint
from domain.decider import Perform
from domain.event import Actor, Context
from domain.letter import RecordDelivery


def stream_of(house: House, number: str) -> str:
    answer = house.visitor("ellie").client.get(f"/api/v1/complaints/{number}")
    return str(answer.json()["stream"])


@pytest.fixture(scope="module")
def ellie(house: House) -> Visitor:
    return house.visitor("ellie")


def take(visitor: Visitor, number: str) -> None:
    home = f"/complaints/{number}"
    assert visitor.send(home, f"{home}/take").status_code == 303


def test_pressing_twice_does_it_once(ellie: Visitor) -> None:
    number = lodged(ellie)
    form = ellie.form(ellie.get(f"/complaints/{number}/note").text, f"/complaints/{number}/note")
    typed = {**form, "text": "A word for colleagues"}
    for _ in range(3):
        assert ellie.client.post(f"/complaints/{number}/note", data=typed).status_code == 303
    history = ellie.get(f"/complaints/{number}/history").text
    assert history.count("A word for colleagues") == 1
    again = {**typed, "text": "Another word"}
    assert ellie.client.post(f"/complaints/{number}/note", data=again).status_code == 303
    assert "Another word" in ellie.get(f"/complaints/{number}/history").text


def test_lodging_twice_lodges_once(ellie: Visitor) -> None:
    number = lodged(ellie)
    customer = re.search(r"/customers/(K-\d{4}-\d+)", ellie.get(f"/complaints/{number}").text)
    assert customer
    page = ellie.get(f"/complaints/new?customer={customer[1]}")
    typed = {
        **ellie.form(page.text, "/complaints/new"),
        "channel": "letter",
        "product": "account",
        "category": "fee",
        "team": "first",
        "what_happened": "Once only",
    }
    first = ellie.client.post("/complaints/new", data=typed).headers["location"]
    second = ellie.client.post("/complaints/new", data=typed).headers["location"]
    assert first.split("?")[0] == second.split("?")[0]


def test_who_lodges_it_takes_it_with_the_same_press(ellie: Visitor) -> None:
    number = lodged(ellie, take="yes")
    home = ellie.get(f"/complaints/{number}").text
    assert "Ellie Quillon answers for it" in home
    again = lodged(ellie)
    assert "nobody answers for it" in ellie.get(f"/complaints/{again}").text


def test_what_is_too_long_is_refused_not_cut(ellie: Visitor) -> None:
    customer = {"name": "N" * 301, "legal_entity": "larkmere-uk", "language": "en"}
    named = ellie.send("/customers/new", **customer)
    assert named.status_code == 422
    assert "At most 300 characters." in named.text
    number = lodged(ellie)
    known = re.search(r"/customers/(K-\d{4}-\d+)", ellie.get(f"/complaints/{number}").text)
    assert known
    case = {"channel": "letter", "product": "account", "category": "fee", "team": "first"}
    form = ellie.form(ellie.get(f"/complaints/new?customer={known[1]}").text, "/complaints/new")
    told = {**form, **case, "what_happened": "x" * 20_001}
    answer = ellie.client.post("/complaints/new", data=told)
    assert answer.status_code == 422
    assert "At most 20000 characters." in answer.text


@pytest.mark.parametrize("version", ["²", "9" * 5_000])
def test_a_version_that_is_no_number_of_ours_is_no_version(ellie: Visitor, version: str) -> None:
    number = lodged(ellie)
    assert ellie.act(number, "note", text="A word", version=version).status_code == 303


def test_what_was_typed_is_kept_when_it_does_not_fit(ellie: Visitor) -> None:
    number = lodged(ellie)
    answer = ellie.act(number, "message", channel="", text="A <b>long</b> message")
    assert answer.status_code == 422
    assert "A &lt;b&gt;long&lt;/b&gt; message" in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "What you typed is kept." in answer.text


def test_a_step_out_of_order_says_why(ellie: Visitor) -> None:
    number = lodged(ellie)
    answer = ellie.act(number, "close", reason_code="delay")
    assert answer.status_code == 409
    assert "needs first" in answer.text


def test_a_lost_race_shows_what_others_did_and_keeps_the_words(
    house: House, ellie: Visitor
) -> None:
    number = lodged(ellie)
    path = f"/complaints/{number}/reply"
    form = ellie.form(ellie.get(path).text, path)
    priya = house.visitor("priya")
    assert priya.act(number, "message", channel="phone", text="I called again").status_code == 303
    typed = {**form, "channel": "phone", "text": "My careful words"}
    answer = ellie.client.post(path, data=typed)
    assert answer.status_code == 412
    assert "My careful words" in answer.text
    assert "I called again" in answer.text
    again = ellie.form(answer.text, path)
    sent = ellie.client.post(path, data={**again, "channel": "phone", "text": "My careful words"})
    assert sent.status_code == 303


def test_an_automation_in_between_is_no_race(house: House, ellie: Visitor) -> None:
    number = lodged(ellie)
    path = f"/complaints/{number}/reply"
    form = ellie.form(ellie.get(path).text, path)
    stream = stream_of(house, number)
    state = house.ledger.fold(complaint, stream).state
    assert complaint.agenda
    due = next(due for due in complaint.agenda(state) if due.rule == "warn")
    automation = Actor(kind="automation", id="handle-complaint")
    command = Perform(command_id=uuid4(), at=due.at, actor=automation, key=due.key)
    assert house.ledger.handle(complaint, stream, command, Context()).last
    typed = {**form, "channel": "phone", "text": "Still in time"}
    assert ellie.client.post(path, data=typed).status_code == 303


def test_somebody_else_took_it_first(house: House, ellie: Visitor) -> None:
    number = lodged(ellie)
    home = f"/complaints/{number}"
    mine = ellie.form(ellie.get(home).text, f"{home}/take")
    take(house.visitor("priya"), number)
    answer = ellie.client.post(f"{home}/take", data=mine)
    assert answer.status_code == 409
    assert "Somebody else took it first." in answer.text


def test_a_hand_over_holds_until_it_is_accepted(house: House, ellie: Visitor) -> None:
    number = lodged(ellie)
    take(ellie, number)
    offered = ellie.act(
        number, "hand-over", to=house.staff["priya"], known="All of it", next="Call"
    )
    assert offered.status_code == 303
    assert "Ellie Quillon answers for it" in ellie.get(f"/complaints/{number}").text
    priya = house.visitor("priya")
    assert title(priya, number) == "You are asked to take this over"
    home = f"/complaints/{number}"
    assert priya.send(home, f"{home}/accept").status_code == 303
    assert "Priya Thornley answers for it" in ellie.get(home).text


def test_a_question_to_the_customer_waits_and_is_answered(ellie: Visitor) -> None:
    number = lodged(ellie)
    take(ellie, number)
    home = f"/complaints/{number}"
    ellie.send(home, f"{home}/acknowledge", channel="phone", text="Thank you")
    asked = ellie.act(number, "ask", what="The form", channel="email", text="Please send it")
    assert asked.status_code == 303
    page = ellie.get(home).text
    assert title(ellie, number) == "Waiting for Mei Hanlu"
    assert "Reminder 1 goes" in page
    assert "waiting for customer" in page
    request = re.search(rf"{home}/(information/[^\"]+)", page)
    assert request
    given = ellie.act(number, request[1], channel="visit", text="Here it is")
    assert given.status_code == 303
    assert title(ellie, number) == "Assess how grave it is"


def test_words_that_go_out_can_be_pulled_back(house: House, ellie: Visitor) -> None:
    number = lodged(ellie)
    home = f"/complaints/{number}"
    assert ellie.act(number, "reply", channel="email", text="Too early").status_code == 303
    undo = re.search(rf"{home}/(pull-back/[^\"]+)", ellie.get(home).text)
    assert undo
    assert ellie.act(number, undo[1]).status_code == 303
    assert "Letter pulled back before it left" in ellie.get(f"{home}/history").text


def test_redress_beyond_ones_limit_is_decided_by_another(house: House, ellie: Visitor) -> None:
    number = lodged(ellie)
    home = f"/complaints/{number}"
    take(ellie, number)
    ellie.send(home, f"{home}/acknowledge", channel="phone", text="Thank you")
    ellie.send(home, f"{home}/assess", **{"answer.harm": "money", "answer.others_affected": "no"})
    ellie.act(
        number, "step/investigate", **{"answer.finding": "So", "answer.cause": "error_of_ours"}
    )
    proposed = ellie.act(
        number, "propose", decision="upheld", reasons="Ours", amount="501", currency="GBP"
    )
    assert proposed.status_code == 303, proposed.text
    assert title(ellie, number) == "Waiting for approval: Redress: £501.00"
    priya = house.visitor("priya")
    assert title(priya, number) == "Decide: Redress: £501.00"
    grant = re.search(rf'action="{home}/(grant/[^"]+)"', priya.get(home).text)
    assert grant
    assert ellie.act_allowed(number, grant[1]) == 403
    refused = priya.act(number, grant[1])
    assert refused.status_code == 403
    assert "The amount is more than you may approve." in refused.text
    back = priya.act(number, grant[1].replace("grant", "refuse"), reason="Less")
    assert back.status_code == 303


def test_a_wrong_fact_is_corrected_by_two(house: House, ellie: Visitor) -> None:
    number = lodged(ellie)
    earlier = (datetime.now(UTC) - timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    asked = ellie.act(
        number, "correct", field="received_at", received_at=earlier, reason="It lay in the branch"
    )
    assert asked.status_code == 303, asked.text
    priya = house.visitor("priya")
    page = priya.get(f"/complaints/{number}").text
    grant = re.search(rf"/complaints/{number}/(grant/[^\"]+)", page)
    assert grant
    assert priya.act(number, grant[1]).status_code == 303
    page = ellie.get(f"/complaints/{number}")
    assert 'class="struck"' in page.text
    assert "Corrected moment of receipt" in ellie.get(f"/complaints/{number}/history").text


@pytest.mark.parametrize("by_program", [False, True])
def test_a_corrected_product_brings_the_limits_of_its_policy(
    house: House, ellie: Visitor, by_program: bool
) -> None:
    number = lodged(ellie, product="account")
    home = f"/complaints/{number}"
    clocks = f"/api/v1{home}"
    was = {it["name"] for it in ellie.client.get(clocks).json()["clocks"]}
    assert "payment_response" not in was
    asked = ellie.act(number, "correct", field="product", product="payments", reason="A transfer")
    assert asked.status_code == 303, asked.text
    priya = house.visitor("priya")
    page = priya.get(home).text
    grant = re.search(rf"{home}/(grant/[^\"]+)", page)
    assert grant
    words = "Payment services complaints, United Kingdom” hold, counted from the receipt."
    assert words in priya.get(f"{home}/{grant[1]}").text
    assert words not in ellie.get(f"{home}/history").text
    if by_program:
        body = {"approval": grant[1].removeprefix("grant/")}
        answer = post(priya, f"{clocks}/grant-approval", body)
        assert answer.status_code == 200, answer.text
    else:
        assert priya.act(number, grant[1]).status_code == 303
    now = [
        it for it in ellie.client.get(clocks).json()["clocks"] if it["name"] == "payment_response"
    ]
    assert len(now) == 1
    history = ellie.get(f"{home}/history").text
    assert "From here on by policy Payment services complaints, United Kingdom" in history


def test_roles_see_their_part(house: House, ellie: Visitor) -> None:
    number = lodged(ellie)
    dayo, song, ines = (house.visitor(login) for login in ("dayo", "song", "ines"))
    assert dayo.get(f"/complaints/{number}").status_code == 404
    assert number not in dayo.get("/queue?tab=all").text
    assert ines.get(f"/complaints/{number}").status_code == 404
    read = song.get(f"/complaints/{number}")
    assert read.status_code == 200
    assert f"/complaints/{number}/reply" not in read.text
    assert song.get(f"/complaints/{number}/reply").status_code == 403
    assert song.get("/complaints/new").status_code == 403
    assert ines.get("/customers").status_code == 403


def test_who_is_recused_sees_nothing(house: House, ellie: Visitor) -> None:
    number = lodged(ellie)
    priya = house.visitor("priya")
    kept = priya.act(number, "recuse", staff=house.staff["ellie"], reason="Named in it")
    assert kept.status_code == 303
    assert ellie.get(f"/complaints/{number}").status_code == 404
    assert ellie.client.get(f"/api/v1/complaints/{number}").status_code == 404
    assert priya.get(f"/complaints/{number}").status_code == 200


def test_the_customers_details_are_masked_for_who_does_not_answer(
    house: House, ellie: Visitor
) -> None:
    number = lodged(ellie)
    found = re.search(r"/customers/(K-\d{4}-\d+)", ellie.get(f"/complaints/{number}").text)
    assert found
    path = f"/customers/{found[1]}"
    before = ellie.get(path).text
    assert "mei@example.org" not in before
    assert "•••• 0018" in before
    take(ellie, number)
    settle(house)
    owner = ellie.get(path).text
    assert "+44 20 7946 0018" in owner, "the phone of one's own case"
    assert "mei@example.org" not in owner
    assert "+44 20 7946 0018" not in house.visitor("priya").get(path).text


def settle(house: House) -> None:
    """Wait until every list, and the index that people search by, has what was done so far."""
    head = house.ledger.head()
    with house.app.state.house.pool.connection() as db:
        for name in (
            "queue",
            "customers",
            "timeline",
            "notices",
            "letters",
            "promises",
            "blind_index",
        ):
            while position_of(db, name) < head:
                db.execute("SELECT pg_sleep(0.02)")


def position_of(db: Connection[TupleRow], name: str) -> int:
    row = db.execute("SELECT max(position) FROM read.position WHERE name = %s", [name]).fetchone()
    assert row
    return int(row[0])


def test_what_we_know_of_a_customer_is_kept_right(house: House, ellie: Visitor) -> None:
    number = lodged(ellie)
    found = re.search(r"/customers/(K-\d{4}-\d+)", ellie.get(f"/complaints/{number}").text)
    assert found
    path = f"/customers/{found[1]}"
    for wish, typed in (
        ("contact", {"direction": "in", "channel": "phone", "summary": "Asked for the state"}),
        ("detail", {"detail": "address", "value": "1 High Street"}),
        ("preferences", {"language": "zh", "preferred_channel": "letter"}),
        ("tier", {"tier": "key"}),
        ("need", {"words": "Large print", "avoid.phone": "yes"}),
    ):
        answer = ellie.send(path, f"{path}/{wish}", **typed)
        assert answer.status_code == 303, (wish, answer.text)
        page = ellie.get(answer.headers["location"]).text
        assert "Saved." in page, wish
    for words in ("Asked for the state", "Large print", "key customer", "not by: phone"):
        assert words in page
    wrong = ellie.send(path, f"{path}/detail", detail="email", value="no address")
    assert wrong.status_code == 422
    assert "This is no e-mail address." in wrong.text
    assert house.visitor("dayo").get(path).status_code == 404


def test_the_queue_narrows_and_remembers(house: House, ellie: Visitor) -> None:
    number = lodged(ellie, severity="critical", what_happened="The account is empty")
    settle(house)
    page = ellie.get("/queue?tab=unassigned&severity=critical").text
    assert number in page
    assert "The account is empty" in page
    assert number not in ellie.get("/queue?tab=unassigned&severity=low").text
    assert number not in ellie.get("/queue?tab=mine").text
    take(ellie, number)
    settle(house)
    assert number in ellie.get("/queue?tab=mine").text
    assert "As of event" in page


def test_a_page_holds_fifty_and_leads_to_the_next(house: House, ellie: Visitor) -> None:
    program = ellie.client
    csrf = ellie.form(ellie.get("/me").text, "/logout")["csrf"]
    number = lodged(ellie)
    customer = program.get(f"/api/v1/complaints/{number}").json()["customer"]
    for n in range(55):
        body = {
            "customer": customer, "team": "first", "channel": "letter", "product": "account",
            "category": "delay", "what_happened": f"Many {n}", "severity": "low",
        }  # fmt: skip
        answer = program.post("/api/v1/complaints", json=body, headers={"X-CSRF-Token": csrf})
        assert answer.status_code == 201
    settle(house)
    first = ellie.get("/queue?tab=all&severity=low").text
    seen = set(re.findall(r"C-\d{4}-\d{6}", first))
    assert len(seen) == 50
    after = re.search(r'rel="next" href="([^"]+)"', first)
    assert after
    second = ellie.get(after[1].replace("&amp;", "&")).text
    rest = set(re.findall(r"C-\d{4}-\d{6}", second))
    assert rest
    assert not seen & rest


def test_notices_go_with_their_reason(house: House, ellie: Visitor) -> None:
    number = lodged(ellie)
    take(ellie, number)
    priya = house.visitor("priya")
    ellie.act(number, "hand-over", to=house.staff["priya"], known="It", next="Call")
    settle(house)
    page = priya.get("/notices").text
    assert number in page
    assert "You are asked to take this over" in page
    home = f"/complaints/{number}"
    priya.send(home, f"{home}/accept")
    settle(house)
    assert number not in priya.get("/notices").text


def test_letters_that_left_are_shown_to_who_may_see_the_case(house: House, ellie: Visitor) -> None:
    number = lodged(ellie)
    ellie.act(number, "reply", channel="email", subject="About it", text="See http://a.example/x")
    stream = stream_of(house, number)
    (letter,) = house.ledger.fold(complaint, stream).state.letters
    message_id = f"<{letter}@larkmere.example>"
    automation = Actor(kind="automation", id="handle-complaint")
    delivery = RecordDelivery(
        command_id=uuid4(),
        at=datetime.now(UTC) + timedelta(seconds=11),
        actor=automation,
        letter=letter,
        sent=True,
        message_id=message_id,
    )
    house.ledger.handle(complaint, stream, delivery, Context())
    folder = house.home / "mail"
    folder.mkdir(exist_ok=True)
    message = EmailMessage()
    message["Message-ID"], message["Subject"] = message_id, "About it"
    message["From"], message["To"] = "care@larkmere.example", "mei@example.org"
    message.set_content("See http://a.example/x\n<script>alert(1)</script>")
    name = hashlib.sha256(message_id.encode()).hexdigest()[:32]
    (folder / f"{name}.eml").write_bytes(bytes(message))
    settle(house)
    assert number in ellie.get("/mail").text
    shown = ellie.get(f"/mail/{name}").text
    assert '<a href="http://a.example/x">' in shown
    assert "<script>alert" not in shown
    dayo = house.visitor("dayo")
    assert number not in dayo.get("/mail").text
    assert dayo.get(f"/mail/{name}").status_code == 404
    assert ellie.get("/mail/..%2f..%2fsecrets").status_code == 404


def test_the_question_after_closing_is_answered_once_without_logging_in(
    house: House, ellie: Visitor
) -> None:
    number = lodged(ellie)
    home = f"/complaints/{number}"
    take(ellie, number)
    stream = stream_of(house, number)
    ellie.send(home, f"{home}/acknowledge", channel="phone", text="Thank you")
    ellie.send(home, f"{home}/assess", **{"answer.harm": "money", "answer.others_affected": "no"})
    ellie.act(
        number, "step/investigate", **{"answer.finding": "So", "answer.cause": "error_of_ours"}
    )
    ellie.act(number, "propose", decision="rejected", reasons="No")
    ellie.act(number, "tell", channel="phone", text="No")
    assert ellie.act(number, "close", reason_code="no_fault_found").status_code == 303
    path = asked(house, stream)
    customer = house.visitor()
    page = customer.get(path)
    assert page.status_code == 200
    assert "How content are you" in page.text
    assert customer.send(path, score="9").status_code == 422
    thanks = customer.send(path, score="2", comment="Too slow")
    assert "Thank you." in thanks.text
    assert "answered already" in customer.get(path).text
    assert "The customer gave 2 of 5" in ellie.get(f"{home}/history").text
    assert customer.get(path[:-2] + "xx").status_code == 404
    assert customer.get("/satisfaction/nothing").status_code == 404


def asked(house: House, stream: str) -> str:
    """The automation asks; the path of the link it would send."""
    from domain.decider import Words
    from domain.personal import Personal

    state = house.ledger.fold(complaint, stream).state
    assert complaint.agenda
    due = next(due for due in complaint.agenda(state) if due.rule == "ask_satisfaction")
    words = Words(template="t@1", language="en", subject=Personal("s"), body=Personal("b"))
    command = Perform(
        command_id=uuid4(),
        at=due.at,
        actor=Actor(kind="automation", id="handle-complaint"),
        key=due.key,
        words=words,
        address=Personal("mei@example.org"),
    )
    house.ledger.handle(complaint, stream, command, Context())
    survey = house.ledger.fold(complaint, stream).state.survey
    assert survey
    return link.PATH + link.token(SECRET, link.Asked(stream, survey))


def test_the_page_tells_why_these_rules_hold(ellie: Visitor) -> None:
    number = lodged(ellie)
    page = ellie.get(f"/complaints/{number}/policy").text
    assert "Payment services complaints, United Kingdom" in page
    assert "Product: Payments" in page
    assert "needs first" in page
