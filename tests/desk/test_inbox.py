"""Mail that waits for a person: read, filed, put aside; once, and by those who may."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from uuid import uuid4

import pytest
from mailing import OWN, SECRET, Post, events, posting, stream_of, written
from PIL import Image
from test_story import lodged
from visiting import House

from domain.complaint import complaint
from domain.conversation import CustomerWrote
from domain.inbound import MailDismissed, MailReceived
from domain.reply_address import reply_address
from projections.reading import wait_for

STRANGER = "Ana Vask <ana@stranger.example>"


@pytest.fixture(scope="module")
def post(house: House) -> Iterator[Post]:
    with posting(house.ledger) as opened:
        yield opened


@pytest.fixture
def mail(house: House, post: Post) -> str:
    """The stream of a mail that waits."""
    before = house.ledger.head()
    raw = written("My <b>till</b> is broken.", sender=STRANGER, subject="A till of yours")
    post.give(raw, sender="ana@stranger.example")
    (received,) = post.received(before)
    listed(house)
    return received.mail


def listed(house: House) -> str:
    """The list as it stands after all that was done."""
    with house.app.state.house.pool.connection() as db:
        wait_for(db, "inbox", house.ledger.head(), 30)
    return house.visitor("ellie").get("/inbox").text


def test_it_is_listed_with_its_sender_masked_and_why_it_waits(house: House, mail: str) -> None:
    page = listed(house)
    assert f"/inbox/{mail}" in page
    assert "Ana Vask a•••@stranger.example" in page
    assert "ana@stranger.example" not in page
    assert "nobody is known by this address" in page


def test_its_words_are_words_never_markup(house: House, mail: str) -> None:
    page = house.visitor("ellie").get(f"/inbox/{mail}").text
    assert "My &lt;b&gt;till&lt;/b&gt; is broken." in page


def test_filed_it_is_a_message_of_the_case(house: House, mail: str) -> None:
    ellie = house.visitor("ellie")
    number = lodged(ellie)
    answer = ellie.send(f"/inbox/{mail}", f"/inbox/{mail}/file", case=number)
    assert answer.status_code == 303
    (wrote,) = events(house, stream_of(house, number), CustomerWrote)
    assert isinstance(wrote, CustomerWrote)
    assert "till" in (house.ledger.open(wrote.text) or "")
    assert f"/inbox/{mail}" not in listed(house)
    (received,) = events(house, mail, MailReceived)
    assert isinstance(received, MailReceived)
    assert received.text is not None
    assert house.ledger.open(received.text) is None, "its own copy is erased"


def test_an_unknown_number_is_told_and_changes_nothing(house: House, mail: str) -> None:
    ellie = house.visitor("ellie")
    answer = ellie.send(f"/inbox/{mail}", f"/inbox/{mail}/file", case="C-2020-999999")
    assert answer.status_code == 422
    assert "No case of yours has this number." in answer.text
    assert "C-2020-999999" in answer.text
    assert f"/inbox/{mail}" in listed(house)


def test_put_aside_with_a_reason_it_waits_no_longer(house: House, mail: str) -> None:
    ellie = house.visitor("ellie")
    assert ellie.send(f"/inbox/{mail}", f"/inbox/{mail}/dismiss", reason="").status_code == 422
    done = ellie.send(f"/inbox/{mail}", f"/inbox/{mail}/dismiss", reason="Not our till")
    assert done.status_code == 303
    assert len(events(house, mail, MailDismissed)) == 1
    assert f"/inbox/{mail}" not in listed(house)


def test_the_second_of_two_is_told(house: House, mail: str) -> None:
    ellie, priya = house.visitor("ellie"), house.visitor("priya")
    number = lodged(ellie)
    form = priya.form(priya.get(f"/inbox/{mail}").text, f"/inbox/{mail}/dismiss")
    ellie.send(f"/inbox/{mail}", f"/inbox/{mail}/file", case=number)
    late = priya.client.post(f"/inbox/{mail}/dismiss", data={**form, "reason": "No"})
    assert late.status_code == 409
    assert "Somebody has dealt with this mail already." in late.text


def test_programs_do_the_same(house: House, mail: str) -> None:
    client = house.visitor("ellie").client
    assert mail in [it["mail"] for it in client.get("/api/v1/inbox").json()["mails"]]
    assert client.get(f"/api/v1/inbox/{mail}").json()["open"] is True
    assert client.get("/api/v1/inbox/mail-none").status_code == 404


def test_its_files_open_for_who_may_read_it_until_it_is_filed(house: House, post: Post) -> None:
    before = house.ledger.head()
    drawn = BytesIO()
    Image.new("RGB", (400, 300)).save(drawn, "PNG")
    files = (
        ("收据.pdf", b"%PDF-1.7 receipt", "application/pdf"),
        ("till.png", drawn.getvalue(), "image/png"),
        ("a.exe", b"MZ", "a/exe"),
    )
    post.give(written(sender=STRANGER, files=files), sender="ana@stranger.example")
    (received,) = post.received(before)
    mail, (file, picture) = received.mail, received.files
    ellie, path = house.visitor("ellie"), f"/inbox/{received.mail}/files/{received.files[0].id}"
    page = ellie.get(f"/inbox/{mail}").text
    assert path in page
    assert "收据.pdf" in page
    assert "a.exe" in page
    for address in (path, f"/api/v1{path}"):
        answer = ellie.get(address)
        assert answer.content == b"%PDF-1.7 receipt"
        assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''%E6")
        assert answer.headers["content-security-policy"].endswith("sandbox")
        for other in ("dayo", "ines"):
            assert house.visitor(other).get(address).status_code == 404
    assert ellie.get(f"{path}?small=yes").status_code == 404, "a PDF has no small picture"
    small = f"/inbox/{mail}/files/{picture.id}?small=yes"
    assert f'src="{small}"' in page
    assert Image.open(BytesIO(ellie.get(small).content)).width < 400
    assert house.visitor("dayo").get(small).status_code == 404
    assert ellie.get(f"/inbox/{mail}/files/{uuid4()}").status_code == 404
    told = ellie.client.get(f"/api/v1/inbox/{mail}").json()["files"]
    assert [(it["id"], it["name"]) for it in told] == [
        (file.id, "收据.pdf"), (picture.id, "till.png"),
    ]  # fmt: skip
    ellie.send(f"/inbox/{mail}", f"/inbox/{mail}/file", case=lodged(ellie))
    assert ellie.get(path).status_code == 404


def test_another_companys_mail_is_not_there(house: House, mail: str) -> None:
    dayo = house.visitor("dayo")
    assert dayo.get(f"/inbox/{mail}").status_code == 404
    assert mail not in dayo.get("/inbox").text
    ellie = house.visitor("ellie")
    form = dayo.form(dayo.get("/me").text, "/language")
    for deed in ("file", "dismiss"):
        sent = {**form, "command_id": str(uuid4()), "case": lodged(ellie), "reason": "Mine"}
        assert dayo.client.post(f"/inbox/{mail}/{deed}", data=sent).status_code == 404
    assert events(house, mail, MailDismissed) == []


def test_a_mail_that_names_a_case_is_not_for_whom_the_case_is_shut(
    house: House, post: Post
) -> None:
    """It is about Ellie: neither she nor those above her read what others write about it."""
    number = lodged(house.visitor("lin"), named=house.staff["ellie"])
    before = house.ledger.head()
    address = reply_address(SECRET.encode(), stream_of(house, number), OWN)
    post.give(written("She did it.", sender="A friend <f@else.example>"), address)
    (received,) = post.received(before)
    listed(house)
    assert received.waits == "other_sender"
    for login, sees in (("ellie", False), ("lin", True), ("song", True)):
        visitor = house.visitor(login)
        assert (received.mail in visitor.get("/inbox").text) is sees
        page = visitor.get(f"/inbox/{received.mail}")
        assert (page.status_code == 200) is sees
        assert ("She did it." in page.text) is sees
    shown = house.visitor("lin").form(
        house.visitor("lin").get(f"/inbox/{received.mail}").text, f"/inbox/{received.mail}/file"
    )
    assert shown["case"] == number, "the case that it names is filled in"


def test_many_mails_come_in_pages_and_none_is_left_out(house: House, mail: str, post: Post) -> None:
    sent = [written(f"Mail {n}", sender=STRANGER, subject=f"No. {n}") for n in range(3)]
    for raw in sent:
        post.give(raw, sender="ana@stranger.example")
    listed(house)
    client = house.visitor("ellie").client
    everything = client.get("/api/v1/inbox?size=200").json()
    assert everything["next"] is None
    found, after = [], ""
    while after is not None:
        page = client.get("/api/v1/inbox", params={"size": 2, "after": after}).json()
        assert len(page["mails"]) <= 2
        found += page["mails"]
        after = page["next"]
    assert found == everything["mails"]
    assert client.get("/api/v1/inbox?after=nothing").json() == {"mails": [], "next": None}
    assert client.get("/api/v1/inbox?size=0").status_code == 422
    assert "No mail waits." in house.visitor("ellie").get("/inbox?after=nothing").text


def test_what_a_machine_wrote_answers_nothing_that_was_asked(house: House, post: Post) -> None:
    ellie = house.visitor("ellie")
    number = lodged(ellie)
    case = stream_of(house, number)
    assert ellie.act(number, "take").status_code == 303
    asked = ellie.act(number, "ask", channel="phone", what="The bill", text="Your bill, please")
    assert asked.status_code == 303, asked.text
    for machine in (True, False):
        before = house.ledger.head()
        head = {"Auto_Submitted": "auto-replied"} if machine else {}
        post.give(written("I am away.", sender=STRANGER, **head), sender="ana@stranger.example")
        (received,) = post.received(before)
        path = f"/inbox/{received.mail}"
        assert ellie.send(path, f"{path}/file", case=number).status_code == 303
        waiting = house.ledger.fold(complaint, case).state.conversation.waiting
        assert bool(waiting) is machine
