"""What comes back by e-mail: to its case, to the inbox, or refused with the sender told."""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Iterator
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mailing import OWN, SECRET, Post, events, posting, stream_of, written
from mailing import settings as of_house
from test_story import lodged
from visiting import House

from domain.attachment import AttachmentKept, AttachmentLeftOut
from domain.complaint import complaint
from domain.complaint_wishes import DecideNotAComplaint
from domain.conversation import CustomerWrote, RecordCustomerMessage
from domain.event import Actor
from domain.inbound import MailFiled, MailReceived
from domain.letter import LetterFailed, LetterWritten, RecordDelivery
from domain.personal import Personal
from domain.reply_address import reply_address
from ledger import LedgerUnavailable
from projections.reading import wait_for
from workers.mailbox.html_text import words_of
from workers.mailbox.listener import MOST_RECIPIENTS, receiver_of
from workers.mailbox.parsing import read

STAFF = Actor(kind="staff", id="staff-1")


@pytest.fixture(scope="module")
def post(house: House) -> Iterator[Post]:
    with posting(house.ledger) as opened:
        yield opened


@pytest.fixture
def case(house: House) -> str:
    return stream_of(house, lodged(house.visitor("ellie")))


def answers_to(case: str) -> str:
    return reply_address(SECRET.encode(), case, OWN)


def texts(house: House, case: str) -> list[str | None]:
    wrote = events(house, case, CustomerWrote)
    return [house.ledger.open(event.text) for event in wrote if isinstance(event, CustomerWrote)]


def waits(
    post: Post, raw: bytes, *recipients: str, sender: str = "mei@example.org"
) -> MailReceived:
    """What was received of a mail that should wait."""
    before = post.ledger.head()
    post.give(raw, *recipients, sender=sender)
    (received,) = post.received(before)
    return received


# threading


def test_an_answer_to_the_signed_address_is_the_customers_word(house: House, post: Post, case: str):
    post.give(written("It is still missing."), answers_to(case))
    assert texts(house, case) == ["It is still missing."]
    assert house.ledger.fold(complaint, case).state.conversation.unanswered_since is not None


def test_the_same_mail_again_is_once(house: House, post: Post, case: str):
    raw = written("Once, please.")
    for _ in range(3):
        post.give(raw, answers_to(case))
    without_id = raw.replace(b"Message-ID", b"X-Nothing")
    for _ in range(2):
        post.give(without_id, answers_to(case))
    assert texts(house, case) == ["Once, please."] * 2
    post.give(raw.replace(b"Once, please.", b"Something else."), answers_to(case))
    assert texts(house, case) == ["Once, please."] * 2 + ["Something else."]


def test_an_answer_to_a_letter_of_ours_finds_its_case(house: House, post: Post):
    ellie = house.visitor("ellie")
    number = lodged(ellie)
    case = stream_of(house, number)
    ellie.act(number, "reply", channel="email", subject="Your complaint", text="We look.")
    letter = next(e for e in events(house, case, LetterWritten) if isinstance(e, LetterWritten))
    id = f"<{uuid4()}@house.example>"
    sent = RecordDelivery(
        command_id=uuid4(), at=letter.at, actor=STAFF, letter=letter.letter, sent=True,
        message_id=id,
    )  # fmt: skip
    receipt = house.ledger.handle(complaint, case, sent)
    until(house, "letters", receipt.last)
    post.give(written("Thanks", References=f"<x@y> {id}"))
    assert texts(house, case) == ["Thanks"]
    report = bounce(id)
    received = waits(post, report, sender="")
    assert (received.kind, received.case) == ("bounce", None)
    (failed,) = events(house, case, LetterFailed)
    assert isinstance(failed, LetterFailed)
    assert failed.permanent
    post.give(report, sender="")
    assert len(events(house, case, LetterFailed)) == 1


def bounce(id: str) -> bytes:
    return (
        "From: MAILER-DAEMON@mx.example\r\nTo: care@house.example\r\nSubject: Undelivered\r\n"
        "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        f"Message-ID: <{uuid4()}@mx.example>\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nIt failed.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"
        "Final-Recipient: rfc822; mei@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {id}\r\nSubject: x\r\n\r\n"
        "--b--\r\n"
    ).encode()


def until(house: House, name: str, position: int | None) -> None:
    assert position is not None
    with house.ledger.reading() as db:
        while not wait_for(db, name, position):
            pass


def test_somebody_elses_answer_waits_and_says_why(house: House, post: Post, case: str):
    received = waits(post, written(sender="Eve <eve@else.example>"), answers_to(case))
    assert (received.waits, received.case) == ("other_sender", case)
    assert received.legal_entity == "larkmere-uk"
    assert texts(house, case) == []


def test_a_stranger_waits_and_can_be_erased_alone(house: House, post: Post):
    received = waits(post, written("My name is Ostrow.", sender="o@nobody.example"))
    assert received.waits == "unknown_sender"
    assert received.text is not None
    assert house.ledger.open(received.text) == "My name is Ostrow."
    assert house.ledger.keys.subjects_of([received.text]) == [received.mail]


def test_a_forged_address_is_refused_as_no_case(house: House, post: Post, case: str):
    forged = reply_address(b"another secret", case, OWN)
    assert waits(post, written(sender="a@forger.example"), forged).case is None
    assert texts(house, case) == []


def test_mail_after_closing_waits_and_reopens_nothing(house: House, post: Post, case: str):
    state = house.ledger.fold(complaint, case).state
    assert state.received_at is not None
    ended = DecideNotAComplaint(
        command_id=uuid4(), at=state.received_at, actor=STAFF, instead="praise",
        reason=Personal("praise"),
    )  # fmt: skip
    house.ledger.handle(complaint, case, ended)
    assert house.ledger.fold(complaint, case).state.closed_at is not None
    post.give(written("One more thing."), answers_to(case))
    (wrote,) = events(house, case, CustomerWrote)
    assert isinstance(wrote, CustomerWrote)
    assert wrote.after_close
    assert house.ledger.fold(complaint, case).state.closed_at is not None


# machines


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        (({"Auto_Submitted": "auto-replied"}, "mei@example.org"), "automatic"),
        (({"Precedence": "bulk"}, "mei@example.org"), "automatic"),
        (({"List_Id": "<news.example>"}, "mei@example.org"), "list"),
        (({}, ""), "automatic"),
        (({}, "MAILER-DAEMON@mx.example"), "automatic"),
    ],
)
def test_what_a_machine_wrote_starts_nothing(
    house: House, post: Post, case: str, sent: tuple[dict[str, str], str], kind: str
):
    headers, sender = sent
    received = waits(post, written(**headers), answers_to(case), sender=sender)
    assert (received.kind, received.waits) == (kind, "automatic")
    assert texts(house, case) == []


def test_a_loop_of_our_own_ends_here(house: House, post: Post, case: str):
    received = waits(post, written(sender=f"Care <{OWN}>"), answers_to(case))
    assert received.kind == "own"
    assert texts(house, case) == []


# answers of the listener


def test_a_mailbox_that_is_not_ours_is_refused(post: Post):
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        post.give(written(), "somebody@elsewhere.example")
    assert refused.value.recipients["somebody@elsewhere.example"][0] == 550


def test_too_large_a_mail_is_552(house: House):
    with posting(house.ledger, largest_mail_mb=1) as small:
        large = written(files=(("a.txt", b"x" * 1_000_000, "text/plain"),))
        with pytest.raises(smtplib.SMTPResponseException) as refused:
            small.give(large)
        assert refused.value.smtp_code == 552
        with smtplib.LMTP("127.0.0.1", small.port) as server:
            server.ehlo()
            server.mail("mei@example.org")
            server.rcpt(OWN)
            # A client that did not say how much it brings.
            assert server.data(large)[0] == 552


def test_each_recipient_is_answered(house: House, post: Post, case: str):
    with socket.create_connection(("127.0.0.1", post.port), timeout=60) as talk:
        read_from = talk.makefile("rb")

        def say(line: bytes) -> bytes:
            talk.sendall(line + b"\r\n")
            while (answer := read_from.readline())[3:4] == b"-":
                pass
            return answer

        read_from.readline()
        say(b"LHLO test")
        say(b"MAIL FROM:<mei@example.org>")
        say(b"RCPT TO:<" + answers_to(case).encode() + b">")
        say(b"RCPT TO:<" + OWN.encode() + b">")
        say(b"DATA")
        assert say(written("To two of you.") + b"\r\n.").startswith(b"250")
        assert read_from.readline().startswith(b"250")
        assert say(b"QUIT").startswith(b"221")
    assert texts(house, case) == ["To two of you."]


def test_of_two_thousand_recipients_as_many_as_fit_are_taken_and_the_mail_is_once(
    house: House, post: Post, case: str
):
    with smtplib.LMTP("127.0.0.1", post.port, timeout=60) as server:
        server.ehlo()
        server.mail("mei@example.org")
        codes = [server.rcpt(answers_to(case))[0] for _ in range(2000)]
        assert codes == [250] * MOST_RECIPIENTS + [452] * (2000 - MOST_RECIPIENTS)
        assert server.data(written("To all of you."))[0] == 250
        assert all(server.getreply()[0] == 250 for _ in range(MOST_RECIPIENTS - 1))
    assert texts(house, case) == ["To all of you."]


def test_while_the_ledger_is_away_the_mail_may_come_again(house: House, case: str, monkeypatch):
    with posting(house.ledger) as post:
        raw = written("Do not lose me.")

        def away(*_: object, **__: object) -> None:
            raise LedgerUnavailable("away")

        with monkeypatch.context() as broken:
            broken.setattr(house.ledger, "handle", away)
            with pytest.raises(smtplib.SMTPResponseException) as refused:
                post.give(raw, answers_to(case))
            assert refused.value.smtp_code == 451
        post.give(raw, answers_to(case))
    assert texts(house, case) == ["Do not lose me."]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_listener_that_died_half_way_ends_it_when_the_mail_comes_again(
    house: House, case: str, monkeypatch, when: str
):
    """``when``: it was killed before or after its words were stored; that it came was."""
    receiver = receiver_of(of_house(), house.ledger)
    raw = written("Killed in between.", files=(("a.csv", b"a,b\n", "text/csv"),))
    handle_across = house.ledger.handle_across

    def killed(*arguments: object, **more: object) -> object:
        if when == "after":
            handle_across(*arguments, **more)  # type: ignore[arg-type]
        raise SystemExit

    with monkeypatch.context() as broken:
        broken.setattr(house.ledger, "handle_across", killed)
        with pytest.raises(SystemExit):
            receiver.receive(raw, "mei@example.org", [answers_to(case)])
    for _ in range(2):
        receiver.receive(raw, "mei@example.org", [answers_to(case)])
    assert texts(house, case) == ["Killed in between."]
    assert len(events(house, case, AttachmentKept)) == 1


def test_words_that_were_stored_before_the_mail_was_filed_are_told_once(
    house: House, case: str, monkeypatch
):
    """As a version did that stored them by a wish of its own, and was killed in between."""
    receiver = receiver_of(of_house(), house.ledger)
    raw, before = written("Half filed."), house.ledger.head()

    def killed(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as broken:
        broken.setattr(house.ledger, "handle_across", killed)
        with pytest.raises(SystemExit):
            receiver.receive(raw, "mei@example.org", [answers_to(case)])
    (mail,) = house.ledger.log(before, 10)
    told = RecordCustomerMessage(
        command_id=uuid4(), at=mail.occurred_at, actor=STAFF, message=mail.stream,
        channel="email", text=Personal("Half filed."),
    )  # fmt: skip
    house.ledger.handle(complaint, case, told)
    receiver.receive(raw, "mei@example.org", [answers_to(case)])
    assert texts(house, case) == ["Half filed."]
    assert len(events(house, mail.stream, MailFiled)) == 1


# hostile mail


def test_html_becomes_words_and_nothing_else(house: House, post: Post, case: str):
    html = (
        "<html><head><style>p{}</style></head><body><p>Hello &amp; <b>thanks</b></p>"
        "<script>alert(1)</script><img src='http://spy.example/x.png'><div>Bye</div></body></html>"
    )
    post.give(written("", html=html), answers_to(case))
    assert texts(house, case) == ["Hello & thanks\n\nBye"]


def test_files_are_kept_or_named_with_why_not(house: House, post: Post, case: str):
    eicar = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
    files = (
        ("receipt.pdf", b"%PDF-1.7 receipt", "application/pdf"),
        ("setup.exe", b"MZ\x90\x00", "application/octet-stream"),
        ("invoice.pdf", b"MZ\x90\x00", "application/pdf"),
        ("virus.txt", eicar, "text/plain"),
    )
    post.give(written("See these.", files=files), answers_to(case))
    kept = [e.file for e in events(house, case, AttachmentKept) if isinstance(e, AttachmentKept)]
    assert [house.ledger.open(file.name) for file in kept] == ["receipt.pdf"]
    left = events(house, case, AttachmentLeftOut)
    assert [e.file.why for e in left if isinstance(e, AttachmentLeftOut)] == ["type"] * 3


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\0\0\0",
        b"no headers at all",
        b"From: \xff\xfe\r\nSubject: =?utf-9?B?!!!?=\r\nMessage-ID: <\r\n\r\nx\0y",
        b"Content-Type: text/plain; charset=nothing-such\r\n\r\n\xe4\xbd\xa0\xe5\xa5\xbd",
        b"Content-Type: text/plain; charset=punycode\r\n\r\n" + b"a-" * 1000,
        b"Content-Transfer-Encoding: base64\r\n\r\n!!!not base64",
        b"To: " + b"a@b.example, " * 2000 + b"\r\nFrom: a@b.example\r\n\r\nx",
        b"From: a@b.example, c@d.example\r\nFrom: e@f.example\r\n\r\nx",
        b"Content-Type: multipart/mixed; boundary=\r\n\r\n--\r\n",
        b"Content-Type: message/rfc822\r\n\r\n" * 300,
    ],
)
def test_a_broken_mail_is_kept_for_a_person(post: Post, raw: bytes):
    assert waits(post, raw + f"\r\n{uuid4()}\r\n".encode()).waits in (
        "unknown_sender",
        "unreadable",
    )


def test_parts_within_parts_are_read_to_a_depth(house: House, post: Post, case: str):
    for depth, whole in ((10, True), (150, False)):
        text = "".join(
            f'Content-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}\r\n'
            for n in range(depth)
        )
        raw = f"From: mei@example.org\r\nMIME-Version: 1.0\r\n{text}\r\nDeep {depth}\r\n".encode()
        assert read(raw, "mei@example.org").whole is whole
        post.give(raw, answers_to(case))
    assert len(texts(house, case)) == 2


def test_headers_in_plain_utf8_are_words():
    part = 'Content-Type: application/pdf; name="收据.pdf"\r\n\r\n%PDF-1.7'
    mail = read(
        f"From: 梅 <mei@example.org>\r\nSubject: 你好\r\n{part}".encode(), "mei@example.org"
    )
    assert (mail.shown_sender, mail.headline) == ("梅 <mei@example.org>", "你好")
    assert [file.name for file in mail.files] == ["收据.pdf"]
    turned = read("From: \u202eevil <e@example.org>\r\nSubject: a\u2066b\r\n\r\nx".encode(), "")
    assert (turned.shown_sender, turned.headline) == ("evil <e@example.org>", "ab")


MOST: dict[str, bytes] = {
    "parameters": b"Content-Type: text/plain" + b";" * 1_000_000,
    "disposition": b"Content-Disposition: attachment" + b";" * 1_000_000,
    "encoded name": b"Content-Type: text/plain; name=" + b"=?utf-8?q?a?= " * 70_000,
    "senders": (b"From: " + b"=?a?q?" * 1_600 + b"\r\n") * 500 + b"X: x",
    "parts": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\na\r\n" * 1_000_000,
    "depth": b"".join(
        b"Content-Type: multipart/mixed; Boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(900)
    ) + b"\n" * 2_000_000,
    "lines": b"\r\n\r\n" + b"\n" * 20_000_000,
    "headers": b"X: a\r\n" * 3_000_000 + b"X: a",
}  # fmt: skip


@pytest.mark.parametrize("head", MOST.values(), ids=MOST.keys())
def test_however_a_mail_is_tangled_it_is_read_in_time(head: bytes):
    """One reading that looks at the same again and again would take hours."""
    raw = b"From: mei@example.org\r\nMessage-ID: <a@b>\r\n" + head + b"\r\n\r\nHello"
    mail = read(raw, "mei@example.org")
    assert mail.message_id == "<a@b>"
    assert mail.text or mail.files


@pytest.mark.parametrize(
    "sign", ["<a ", "<", "</a", "<!--", "<?", '<a b="', "<a '", "<script>", "&"]
)
def test_however_html_is_broken_it_is_words_in_time(sign: str):
    assert "last" in words_of(f"<p>first</p>{sign * 700_000}<p>last</p>" + "</script>last")


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("1 < 2 > 0 &amp; <b>b</b>", "1 < 2 > 0 & b"),
        ("<a title='5 > 3' href=x>five</a>", "five"),
        ("<p don't>it</p> isn't", "it\nisn't"),
        ('<a href="x>one</a> two', "one two"),
        ("<!-- > hidden -->shown<!doctype x>", "shown"),
        ("<style>p > b {}</STYLE >shown<script>'</scripts>'</script>", "shown"),
        ("<title/>shown", "shown"),
        ("a<br/>b<td>c", "a\nb c"),
        ("lost? <a no end", "lost? <a no end"),
    ],
)
def test_html_is_read_as_people_see_it(html: str, words: str):
    assert words_of(html) == words


def test_a_long_text_is_kept_whole_as_a_file(house: House, post: Post, case: str):
    text = "word " * 40_000
    post.give(written(text), answers_to(case))
    (shown,) = texts(house, case)
    assert shown is not None
    assert len(shown) <= 100_000
    (kept,) = events(house, case, AttachmentKept)
    assert isinstance(kept, AttachmentKept)
    assert kept.file.size >= len(text.strip())


def test_a_mail_as_large_as_allowed_is_taken(house: House, post: Post, case: str):
    files = (("table.csv", b"a,b,c,d,e\n" * 2_400_000, "text/csv"),)
    post.give(written("All of it.", files=files), answers_to(case))
    (kept,) = events(house, case, AttachmentKept)
    assert isinstance(kept, AttachmentKept)
    assert kept.file.size == 24_000_000


@given(st.one_of(st.binary(max_size=400), st.builds(lambda head, body: head + body,
       st.sampled_from([b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n",
                        b"From: a@b.c\r\nSubject: ", b"Content-Type: message/rfc822\r\n\r\n",
                        b"Content-Transfer-Encoding: quoted-printable\r\n\r\n",
                        b"Content-Type: multipart/report\r\n\r\n"]),
       st.binary(max_size=400))))  # fmt: skip
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_any_bytes_are_a_mail(raw: bytes):
    mail = read(raw, "a@b.example")
    for text in (mail.text, mail.headline, mail.shown_sender, mail.sender):
        text.encode()
        assert "\0" not in text


@given(st.binary(max_size=200))
@settings(max_examples=25, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
def test_any_bytes_never_crash_the_listener(post: Post, raw: bytes):
    body = raw.replace(b"\r", b"").replace(b"\n", b"\r\n")
    post.give(body)


def test_what_was_filed_says_so(house: House, post: Post, case: str):
    before = house.ledger.head()
    post.give(written(), answers_to(case))
    filed = [e.event for e in house.ledger.log(before, 100) if isinstance(e.event, MailFiled)]
    assert [event.case for event in filed] == [case]


def test_a_file_of_a_case_is_saved_by_who_may_read_it(house: House, post: Post):
    ellie = house.visitor("ellie")
    number = lodged(ellie)
    files = (("收据.pdf", b"%PDF-1.7 receipt", "application/pdf"),)
    case = stream_of(house, number)
    post.give(written(files=files), answers_to(case))
    (kept,) = events(house, case, AttachmentKept)
    assert isinstance(kept, AttachmentKept)
    path = f"/complaints/{number}/files/{kept.file.id}"
    assert path in ellie.get(f"/complaints/{number}").text
    answer = ellie.get(path)
    assert answer.content == b"%PDF-1.7 receipt"
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''%E6")
    assert answer.headers["content-security-policy"].endswith("sandbox")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert house.visitor("dayo").get(path).status_code == 404
