"""Both languages are whole: every text that is shown has its Chinese, with the same places."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from babel.messages.pofile import read_po

from desk import language as speech
from desk.words.reasons import REASONS
from desk.words.terms import TERMS
from domain.decider import DomainError
from domain.rulebooks import RULEBOOKS

PLACE = re.compile(r"%\((\w+)\)s")


def chinese() -> dict[str, str]:
    with speech.catalogue_path("zh").open("rb") as file:
        catalogue = read_po(file, locale="zh")
    return {
        message.id if isinstance(message.id, str) else message.id[0]: (
            message.string if isinstance(message.string, str) else message.string[0]
        )
        for message in catalogue
        if message.id and not message.fuzzy
    }


def test_every_text_has_its_chinese_and_no_other_is_kept() -> None:
    written, translated = {text[0] for text in speech.written_texts()}, chinese()
    assert len(written) > 500
    assert written - translated.keys() == set()
    assert translated.keys() - written == set()
    assert [key for key, text in translated.items() if not text] == []


def test_no_text_is_translated_twice() -> None:
    texts = re.findall(r'^msgid "(.+)"$', speech.catalogue_path("zh").read_text(), re.MULTILINE)
    assert [text for text in set(texts) if texts.count(text) > 1] == []


def test_translations_fill_the_same_places() -> None:
    counted = {text[0] for text in speech.written_texts() if len(text) > 1}
    for key, text in chinese().items():
        wanted, found = set(PLACE.findall(key)), set(PLACE.findall(text))
        assert found == wanted or (key in counted and found - wanted <= {"count"}), key


def test_every_rule_that_refuses_has_its_words() -> None:
    assert RULEBOOKS
    waiting, names = [DomainError], set()
    while waiting:
        for kind in waiting.pop().__subclasses__():
            waiting.append(kind)
            if kind.__module__.startswith("domain."):
                names.add(kind.__name__)
    assert len(names) > 40
    assert names - REASONS.keys() == set()
    assert REASONS.keys() - names == set()


@pytest.mark.parametrize("kind", sorted(TERMS))
def test_terms_are_said_in_both_languages(kind: str) -> None:
    for name in TERMS[kind]:
        english, words = speech.say("en", TERMS[kind][name]), speech.say("zh", TERMS[kind][name])
        assert english
        assert words != english


@pytest.mark.parametrize(
    ("length", "english", "words"),
    [
        (timedelta(minutes=0), "0 min", "0 分"),
        (timedelta(hours=1, minutes=48), "1 h 48 min", "1 小时 48 分"),
        (timedelta(days=49, hours=2, minutes=5), "49 d 2 h", "49 天 2 小时"),
        (timedelta(days=2, minutes=5), "2 d", "2 天"),
        (timedelta(seconds=59), "0 min", "0 分"),
        (timedelta(seconds=-5), "0 min", "0 分"),
    ],
)
def test_lengths_are_told_in_their_two_largest_units(
    length: timedelta, english: str, words: str
) -> None:
    assert speech.span("en", length) == english
    assert speech.span("zh", length) == words


def test_working_time_is_told_in_hours() -> None:
    assert speech.hours("en", timedelta(days=3, minutes=30)) == "72 h 30 min"
    assert speech.hours("zh", timedelta(minutes=5)) == "5 分"


def test_the_end_of_a_day_is_its_24_hours() -> None:
    end = datetime(2026, 12, 12, tzinfo=UTC)
    now = datetime(2026, 11, 1, tzinfo=UTC)
    assert speech.due("en", "Europe/London", end, now) == "Fri 11 Dec 24:00"
    assert speech.due("zh", "Europe/London", end, now) == "12月11日 周五 24:00"
    assert speech.due("en", "Asia/Shanghai", end, now) == "Sat 12 Dec 08:00"


def test_a_stretch_of_time_names_its_day_once() -> None:
    start = datetime(2026, 11, 24, 9, tzinfo=UTC)
    zone, end = "Europe/London", start + timedelta(hours=8, minutes=30)
    assert speech.stretch("en", zone, start, end, start) == "Tue 24 Nov 09:00 – 17:30"
    assert speech.stretch("en", zone, start, end + timedelta(days=1), start) == (
        "Tue 24 Nov 09:00 – Wed 25 Nov 17:30"
    )


def test_moments_are_absolute_and_name_another_year() -> None:
    at = datetime(2027, 1, 4, 9, 30, tzinfo=UTC)
    assert speech.moment("en", "Europe/London", at, at) == "Mon 4 Jan 09:30"
    last_year = datetime(2026, 12, 31, tzinfo=UTC)
    assert speech.moment("en", "Europe/London", at, last_year) == "Mon 4 Jan 2027 09:30"
    assert speech.exact("en", "Asia/Shanghai", at).endswith("17:30:00 +0800")
    assert speech.exact("zh", "Asia/Shanghai", at) == "2027年1月4日 周一 17:30:00 UTC+08:00"


def test_a_zone_is_called_as_people_call_it() -> None:
    at = datetime(2026, 7, 4, 9, 30, tzinfo=UTC)
    assert speech.zone_words("zh", "Asia/Shanghai", at) == "中国时间（UTC+08:00）"
    assert speech.zone_words("zh", "Europe/London", at) == "英国时间（UTC+01:00）"
    assert speech.zone_words("en", "Europe/London", at) == "Europe/London (BST)"
    assert speech.zone_words("zh", "UTC", at) == "UTC"


def test_a_letter_names_the_last_day_that_is_in_time() -> None:
    end = datetime(2026, 10, 30, 16, tzinfo=UTC)
    assert speech.due_day("zh", "Asia/Shanghai", end) == "2026年10月30日（周五）"
    assert speech.due_day("en", "Europe/London", end) == "Fri 30 Oct 2026"


def test_chinese_names_are_sorted_by_pinyin() -> None:
    names = ["韦杉", "Ellie", "方屿", "艾丽·奎伦", "林乔", "白宁"]
    assert sorted(names, key=lambda name: speech.by_sound("zh", name)) == [
        "Ellie", "艾丽·奎伦", "白宁", "方屿", "林乔", "韦杉",
    ]  # fmt: skip


def test_chinese_texts_have_their_own_punctuation_and_spaces() -> None:
    sign = r"[\u4e00-\u9fff]"
    for text in set(chinese().values()) - {speech.say("zh", "d h min")}:
        assert not re.search(rf"{sign}[,;:?!()]|[,;:?!()]{sign}", text), text
        assert not re.search(rf"{sign} +{sign}", text), text
        assert not re.search(rf" %\((name|customer|entity)\)s {sign}", text), text


@pytest.mark.parametrize(
    ("header", "language"),
    [("zh-CN,zh;q=0.9,en", "zh"), ("en-GB", "en"), ("fr, zh;q=0.5", "zh"), ("", "en")],
)
def test_a_stranger_is_spoken_to_as_their_browser_asks(header: str, language: str) -> None:
    assert speech.preferred(header) == language


OTHER_WORDS = {
    "外出": "离岗", "未结": "在办", "检索": "查找", "搜索": "查找", "信件": "信函", "阶段": "环节",
    "承办": "负责人", "条事实": "条记录", "超时": "超期", "本单": "本案",
}  # fmt: skip
"""Words that say the same as the one we have chosen."""


@pytest.mark.parametrize("word", OTHER_WORDS)
def test_one_thing_has_one_word(word: str) -> None:
    used = [text for text in chinese().values() if word in text]
    assert used == [], f"say {OTHER_WORDS[word]}"
