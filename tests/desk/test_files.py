"""Files in forms and in the case: told by their content, kept once, refused in words."""

from __future__ import annotations

import base64
import contextlib
import html
import io
import re
import struct
import zipfile
import zlib
from datetime import UTC, datetime
from random import Random
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from mailing import events, stream_of
from people import PASSWORD
from PIL import Image
from test_api import token
from test_drafts import end_session
from test_story import lodged
from visiting import House, Visitor

from desk.file_kinds import PictureRefused, media_of, thumbnail
from desk.guard import TAKES_FILES
from domain.attachment import AttachmentKept
from domain.conversation import NoteAdded
from domain.event import Actor
from ledger import DestroyKey

File = tuple[str, bytes]

PDF: File = ("receipt.pdf", b"%PDF-1.7 receipt")


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return out.getvalue()


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), "teal").save(out, "PNG")
    return out.getvalue()


def bomb() -> bytes:
    """A few bytes that say they are 30 000 x 30 000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 1_000_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def hand_in(visitor: Visitor, path: str, *files: File, again: int = 1, **typed: str) -> Response:
    """Fill the form at ``path`` as a browser does, choose files, and press."""
    form = visitor.form(visitor.get(path).text, path)
    form.pop("files")
    sent = [("files", (name, content)) for name, content in files]
    for _ in range(again):
        answer = visitor.client.post(path, data={**form, **typed}, files=sent)
    return answer


def kept(house: House, number: str) -> list[AttachmentKept]:
    found = events(house, stream_of(house, number), AttachmentKept)
    return [event for event in found if isinstance(event, AttachmentKept)]


def names(house: House, number: str) -> list[str | None]:
    return [house.ledger.open(event.file.name) for event in kept(house, number)]


@pytest.fixture(scope="module")
def ellie(house: House) -> Visitor:
    return house.visitor("ellie")


@pytest.fixture(scope="module")
def number(ellie: Visitor) -> str:
    return lodged(ellie)


def test_forms_that_ask_for_files_are_those_that_may_bring_them(
    house: House, ellie: Visitor, number: str
) -> None:
    for slug in ("reply", "note", "message", "ask", "propose"):
        path = f"/complaints/{number}/{slug}"
        asks = 'type="file"' in ellie.get(path).text
        assert asks == bool(TAKES_FILES.fullmatch(path)), slug
    page = html.unescape(ellie.get(f"/complaints/{number}/reply").text)
    assert 'enctype="multipart/form-data"' in page
    assert "at most 25 MB each and 40 MB together" in page
    assert page.index('name="text"') < page.index('type="file"')


@pytest.mark.parametrize("slug", ["reply", "note", "message"])
def test_several_files_come_with_words(house: House, ellie: Visitor, slug: str) -> None:
    number = lodged(ellie)
    csv = ("table.csv", b"a,b\n1,2\n")
    answer = hand_in(
        ellie, f"/complaints/{number}/{slug}", PDF, csv, text="See these", channel="phone"
    )
    assert answer.status_code == 303, answer.text
    assert names(house, number) == ["receipt.pdf", "table.csv"]
    saved = ellie.get(f"/complaints/{number}/files/{kept(house, number)[0].file.id}")
    assert saved.content == PDF[1]


def test_a_complaint_is_lodged_with_a_file(house: House, ellie: Visitor, number: str) -> None:
    customer = re.search(r"/customers/(K-\d{4}-\d+)", ellie.get(f"/complaints/{number}").text)
    assert customer
    page = ellie.get(f"/complaints/new?customer={customer[1]}").text
    form = ellie.form(page, "/complaints/new")
    form.pop("files")
    typed = {
        **form, "channel": "letter", "product": "payments", "category": "fee", "team": "first",
        "what_happened": "As the letter says",
    }  # fmt: skip
    wrong = ellie.client.post(
        "/complaints/new", data=typed, files=[("files", ("letter.exe", b"MZ\x00"))]
    )
    assert wrong.status_code == 422
    assert "“letter.exe” is of a kind that is not kept" in wrong.text
    assert "As the letter says" in wrong.text
    sent = [("files", PDF)]
    first = ellie.client.post("/complaints/new", data=typed, files=sent)
    second = ellie.client.post("/complaints/new", data=typed, files=sent)
    assert (first.status_code, second.status_code) == (303, 303)
    places = [answer.headers["location"].partition("?")[0] for answer in (first, second)]
    assert places[0] == places[1]
    assert names(house, places[0].rpartition("/")[2]) == ["receipt.pdf"]


def test_pressing_twice_keeps_a_file_once_and_other_files_are_another_wish(
    house: House, ellie: Visitor
) -> None:
    number = lodged(ellie)
    path = f"/complaints/{number}/note"
    form = ellie.form(ellie.get(path).text, path)
    form.pop("files")
    typed = {**form, "text": "Look at this"}
    for content in (b"%PDF-1", b"%PDF-1", b"%PDF-2"):
        sent = [("files", ("a.pdf", content))]
        assert ellie.client.post(path, data=typed, files=sent).status_code == 303
    assert (
        len({event.file.digest for event in kept(house, number)}) == len(kept(house, number)) == 2
    )
    assert len(events(house, stream_of(house, number), NoteAdded)) == 2


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (("tool.exe", b"MZ\x90\x00"), "“tool.exe” is of a kind that is not kept"),
        (("receipt.png", PDF[1]), "“receipt.png” is of a kind that is not kept"),
        (("page.txt", b"<html><script>1</script>"), "“page.txt” is of a kind that is not kept"),
        (("macro.docx", zipped(word__document_xml=b"", word__vbaProject_bin=b"")), "“macro.docx”"),
        (("huge.png", bomb()), "The picture “huge.png” cannot be read."),
        (("broken.jpg", b"\xff\xd8\xff broken"), "The picture “broken.jpg” cannot be read."),
    ],
)
def test_what_is_not_kept_is_told_by_name_and_words_stay(
    house: House, ellie: Visitor, number: str, file: File, words: str
) -> None:
    before = len(house.ledger.history(stream_of(house, number)))
    answer = hand_in(ellie, f"/complaints/{number}/message", PDF, file, text="Typed at length")
    assert answer.status_code == 422
    assert words in html.unescape(answer.text)
    assert "Typed at length" in answer.text
    assert len(house.ledger.history(stream_of(house, number))) == before


def test_documents_are_told_by_their_content(house: House, ellie: Visitor) -> None:
    number = lodged(ellie)
    odt = b"application/vnd.oasis.opendocument.text"
    answer = hand_in(
        ellie,
        f"/complaints/{number}/note",
        ("letter.docx", zipped(word__document_xml=b"<w/>")),
        ("sums.xlsx", zipped(xl__workbook_xml=b"<x/>")),
        ("letter.odt", zipped(mimetype=odt)),
        ("all.zip", zipped(a_txt=b"a")),
        text="Documents",
    )
    assert answer.status_code == 303, answer.text
    ends = [event.file.media.rpartition(".")[2] for event in kept(house, number)]
    assert ends == ["document", "sheet", "text", "application/zip"]


@pytest.mark.parametrize(
    ("mb", "words"),
    [(30, "“long.csv” is larger than 25 MB."), (45, "All files together may have 40 MB.")],
)
def test_too_much_is_told_and_words_stay(
    house: House, ellie: Visitor, number: str, mb: int, words: str
) -> None:
    before = len(house.ledger.history(stream_of(house, number)))
    content = b"a,b,c,d,e\n" * (mb * 100_000)
    answer = hand_in(
        ellie, f"/complaints/{number}/message", ("long.csv", content), text="Typed at length"
    )
    assert answer.status_code == 413
    assert words in html.unescape(answer.text)
    assert "Typed at length" in answer.text
    assert len(house.ledger.history(stream_of(house, number))) == before


def test_too_many_files_are_told(ellie: Visitor, number: str) -> None:
    files = [(f"{n}.txt", b"x") for n in range(21)]
    answer = hand_in(ellie, f"/complaints/{number}/note", *files, text="Typed at length")
    assert (answer.status_code, "At most 20 files at once." in answer.text) == (422, True)


def test_other_forms_stay_small_and_take_no_files(ellie: Visitor, number: str) -> None:
    path = f"/complaints/{number}/close"
    sent = [("files", ("a.txt", b"x" * 2_000_000))]
    assert ellie.client.post(path, data={}, files=sent).status_code == 413
    assert ellie.client.post(path, data={}, files=[("files", PDF)]).status_code in (400, 422)


def test_files_need_the_form_of_ones_own_session(house: House, ellie: Visitor) -> None:
    number = lodged(ellie)
    path = f"/complaints/{number}/note"
    sent = [("files", PDF)]
    forged = ellie.client.post(path, data={"csrf": "x", "text": "Forged"}, files=sent)
    assert forged.status_code == 403
    stranger = house.visitor()
    asked = stranger.client.post(path, data={"csrf": "x", "text": "Forged"}, files=sent)
    assert asked.status_code == 303
    assert asked.headers["location"].startswith("/login")
    assert kept(house, number) == []


def test_a_message_shows_its_files_and_small_pictures(house: House, ellie: Visitor) -> None:
    number = lodged(ellie)
    sent = [("here.png", picture()), ("table.csv", b"a,b\n" * 1000)]
    hand_in(ellie, f"/complaints/{number}/message", *sent, text="See the picture", channel="phone")
    hand_in(ellie, f"/complaints/{number}/note", PDF, text="For us")
    page = ellie.get(f"/complaints/{number}").text
    shown = re.findall(r'<article class="message .*?</article>', page, re.S)
    message, note = shown[-2:]
    drawn, plain = (event.file for event in kept(house, number)[:2])
    small = f"/complaints/{number}/files/{drawn.id}?small=yes"
    assert f'<img src="{small}" alt="" width="96" height="96" loading="lazy">' in message
    assert "here.png" in message
    assert "table.csv" in message
    assert "4 kB" in message
    assert "receipt.pdf" in note
    assert "receipt.pdf" not in message
    answer = ellie.get(small)
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-security-policy"].endswith("sandbox")
    with Image.open(io.BytesIO(answer.content)) as opened:
        assert opened.size == (320, 240)
    assert ellie.get(f"/complaints/{number}/files/{plain.id}?small=yes").status_code == 404


def test_files_are_not_there_for_who_may_not_see_the_case(house: House, ellie: Visitor) -> None:
    number, other = lodged(ellie), lodged(ellie)
    hand_in(ellie, f"/complaints/{number}/note", ("a.png", picture()), text="Inside")
    (event,) = kept(house, number)
    for path in (f"files/{event.file.id}", f"files/{event.file.id}?small=yes"):
        assert house.visitor("dayo").get(f"/complaints/{number}/{path}").status_code == 404
        assert ellie.get(f"/complaints/{other}/{path}").status_code == 404
        assert ellie.get(f"/complaints/{number}/{path}").status_code == 200


def test_after_erasure_a_file_is_named_as_erased_and_opens_no_more(
    house: House, ellie: Visitor
) -> None:
    number = lodged(ellie)
    hand_in(ellie, f"/complaints/{number}/note", ("mei.png", picture()), text="Inside")
    (event,) = kept(house, number)
    subject = ellie.client.get(f"/api/v1/complaints/{number}").json()["customer"]
    actor = Actor(kind="staff", id=house.staff["song"])
    house.ledger.destroy_key(
        DestroyKey(command_id=uuid4(), at=datetime.now(UTC), actor=actor, subject=subject)
    )
    page = ellie.get(f"/complaints/{number}").text
    files = re.search(r'<ul class="files".*?</ul>', page, re.S)
    assert files
    assert "(erased)" in files[0]
    assert "mei.png" not in page
    assert event.file.id not in page
    for small in ("", "?small=yes"):
        path = f"/complaints/{number}/files/{event.file.id}{small}"
        assert ellie.get(path).status_code == 404
    after = hand_in(ellie, f"/complaints/{number}/note", PDF, text="After it")
    assert after.status_code == 409


def test_files_that_a_session_outlived_are_asked_for_again(house: House) -> None:
    visitor = house.visitor().log_in("ellie")
    number = lodged(visitor)
    path = f"/complaints/{number}/reply"
    form = visitor.form(visitor.get(path).text, path)
    form.pop("files")
    end_session(house, visitor)
    typed = {**form, "channel": "phone", "text": "With a file"}
    asked = visitor.client.post(path, data=typed, files=[("files", PDF)])
    assert asked.status_code == 401
    again = {
        **visitor.form(asked.text, path), "again.login": "ellie", "again.password": PASSWORD,
    }  # fmt: skip
    answer = visitor.client.post(path, data=again)
    assert answer.status_code == 422
    assert "the files did not come along" in answer.text
    assert "With a file" in answer.text
    assert kept(house, number) == []


def test_programs_bring_and_read_files(house: House, ellie: Visitor) -> None:
    number = lodged(ellie)
    home = f"/api/v1/complaints/{number}"
    program = TestClient(house.app, headers={"Authorization": f"Bearer {token(house, 'ellie')}"})
    file = {"name": "receipt.pdf", "content": base64.b64encode(PDF[1]).decode()}
    body, key = {"text": "See this", "files": [file]}, {"Idempotency-Key": str(uuid4())}
    outcomes = [
        program.post(f"{home}/note", json=body, headers=key).json()["outcome"] for _ in range(2)
    ]
    assert outcomes == ["stored", "repeated"]
    other = {**file, "content": base64.b64encode(b"%PDF-2").decode()}
    misused = program.post(f"{home}/note", json={**body, "files": [other]}, headers=key)
    assert misused.json()["type"] == "/problems/CommandIdMisused"
    (read,) = program.get(f"{home}/files").json()
    assert (read["name"], read["size"], read["media"]) == ("receipt.pdf", 16, "application/pdf")
    assert program.get(f"{home}/files/{read['id']}").content == PDF[1]
    assert house.visitor("dayo").get(f"{home}/files/{read['id']}").status_code == 404


def test_programs_are_told_which_file_is_not_kept(house: House, ellie: Visitor) -> None:
    number = lodged(ellie)
    program = TestClient(house.app, headers={"Authorization": f"Bearer {token(house, 'ellie')}"})
    for content, words in ((b"MZ\x90", "a.exe"), (b"x" * 26_000_000, "larger than 25 MB")):
        file = {"name": "a.exe", "content": base64.b64encode(content).decode()}
        body = {"text": "See this", "files": [file]}
        answer = program.post(f"/api/v1/complaints/{number}/note", json=body)
        assert answer.status_code == 422
        assert words in answer.json()["errors"][0]["detail"]
    stranger = TestClient(house.app, headers={"Content-Type": "application/json"})
    refused = stranger.post(f"/api/v1/complaints/{number}/note", content=b"x" * 2_000_000)
    assert refused.status_code == 401
    assert kept(house, number) == []


def test_a_few_bytes_cost_no_hours() -> None:
    """A picture that is drawn over and over, and an archive of nothing but names."""
    out = io.BytesIO()
    Image.new("L", (6_000, 6_000)).save(out, "JPEG", progressive=True)
    picture = out.getvalue()
    assert thumbnail("image/jpeg", picture)
    last = picture[picture.rindex(b"\xff\xda") : -2]
    with pytest.raises(PictureRefused):
        thumbnail("image/jpeg", picture[:-2] + last * 400_000 + picture[-2:])
    assert media_of("a.zip", zipped(a_txt=b"a")) == "application/zip"
    assert media_of("a.zip", zipped(a_txt=b"a") + b"PK\x01\x02" * 500_000) is None


def test_whatever_is_broken_in_a_picture_or_an_archive_is_refused_in_words() -> None:
    """Damage that the readers of the formats answer with errors of every kind."""
    out, chance = io.BytesIO(), Random(7)
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x011A] = 6, "maker", 72.0
    Image.new("RGB", (16, 16), "red").save(out, "JPEG", exif=exif)
    picture = out.getvalue()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
    whole = packed.getvalue()
    for _ in range(1_500):
        damaged = bytearray(picture)
        for _ in range(chance.randint(1, 4)):
            damaged[chance.randrange(2, 200)] = chance.randrange(256)
        with contextlib.suppress(PictureRefused):
            thumbnail("image/jpeg", bytes(damaged))
    for place in range(30, 80):
        damaged = bytearray(whole)
        damaged[place] ^= 0xFF
        media_of("letter.odt", bytes(damaged))
