"""Mail as Chinese programs send it: charsets that exceed their names, bare bytes in headers."""

from __future__ import annotations

from base64 import b64encode

import pytest

from workers.mailbox.parsing import read

WORDS = "陶喆、李堃：您好，还没到账。"
"""喆 and 堃 are in no GB2312, which mails with them name all the same."""


def encoded(text: str, charset: str) -> str:
    return f"=?{charset}?B?{b64encode(text.encode('gb18030')).decode()}?="


@pytest.mark.parametrize("charset", ["gb2312", "GB_2312-80", "GBK", "x-gbk", "cp936", "gb18030"])
def test_what_exceeds_its_charset_is_read_whole(charset: str) -> None:
    head = (
        f'From: "{encoded("李堃", charset)}" <likun@163.example>\r\n'
        f"Subject: {encoded('投诉陶喆', charset)}\r\n"
        f"Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    )
    mail = read(head.encode() + b64encode(WORDS.encode("gb18030")), "likun@163.example")
    assert (mail.whole, mail.sender) == (True, "likun@163.example")
    assert (mail.headline, mail.text) == ("投诉陶喆", WORDS)
    assert mail.shown_sender.replace(" ", "") == '"李堃"<likun@163.example>'


@pytest.mark.parametrize("charset", ["gb18030", "utf-8"])
def test_bare_bytes_in_headers_are_read_as_what_they_seem(charset: str) -> None:
    raw = f"From: 李堃 <likun@163.example>\r\nSubject: 投诉陶喆\r\n\r\n{WORDS}".encode(charset)
    mail = read(raw, "likun@163.example")
    assert (mail.headline, mail.text) == ("投诉陶喆", WORDS)
    assert (mail.shown_sender, mail.sender) == ("李堃 <likun@163.example>", "likun@163.example")


@pytest.mark.parametrize(
    "told",
    [
        f'filename="{encoded("李堃账单.pdf", "GB2312")}"',
        "filename*=gb2312''" + "".join(f"%{byte:02X}" for byte in "李堃账单.pdf".encode("gb18030")),
        "filename*0*=utf-8''%E6%9D%8E%E5%A0%83; filename*1*=%E8%B4%A6%E5%8D%95.pdf",
        'filename="李堃账单.pdf"',
    ],
)
def test_files_keep_their_chinese_names(told: str) -> None:
    raw = (
        "From: <likun@163.example>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/mixed; boundary="of parts"\r\n\r\n'
        "--of parts\r\nContent-Type: application/pdf\r\n"
        f"Content-Disposition: attachment; {told}\r\n\r\n%PDF-1.7\r\n--of parts--\r\n"
    )
    (file,) = read(raw.encode("gb18030"), "likun@163.example").files
    assert file.name == "李堃账单.pdf"


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        ("自动回复：您的投诉", "automatic"),
        ("自动答复: 休假", "automatic"),
        ("回复：您的投诉", "person"),
        ("自动扣款的投诉", "person"),
    ],
)
def test_an_answer_that_nobody_wrote_is_known_by_its_subject(subject: str, kind: str) -> None:
    raw = f"From: <likun@163.example>\r\nSubject: {encoded(subject, 'GBK')}\r\n\r\n休假中"
    assert read(raw.encode(), "likun@163.example").kind == kind
