"""Who is called in a note: by login or name, in letters or in Chinese signs."""

from __future__ import annotations

import pytest
from casework import BOX, ME, Case

from domain.conversation import AddNote, NoteAdded
from domain.mention import CannotBeCalled, Colleague, calls, meant
from domain.ownership import AssignComplaint


def colleague(login: str, *names: str) -> Colleague:
    return Colleague(staff=f"staff-{login}", login=login, names=frozenset(names), reads=True)


HOUSE = (
    colleague("fang", "Fang Li", "方丽"),
    colleague("fang.wei", "Fang Wei", "方伟"),
    colleague("lin", "Lin Qiao", "林乔"),
    colleague("lin2", "Lin Qiao", "林乔"),
)


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("@fang look", {"@fang": "fang"}),
        ("@FANG, look", {"@FANG": "fang"}),
        ("@fang.wei", {"@fang.wei": "fang.wei"}),
        ("See @Fang Wei.", {"@Fang Wei": "fang.wei"}),
        ("See @Fang Weir.", {"@Fang": "fang"}),
        ("请@方丽看一下", {"@方丽": "fang"}),
        ("@fang请看", {"@fang": "fang"}),
        ("@方丽@方伟", {"@方丽": "fang", "@方伟": "fang.wei"}),
        ("@Lin Qiao", {"@Lin Qiao": "lin lin2"}),
        ("@fangs", {"@fangs": ""}),
        ("@张三请看", {"@张三请看": ""}),
        ("mail fang@fang.example", {}),
        ("at @ 14:30, @14:30", {}),
        ("@", {}),
    ],
)
def test_who_is_called(text: str, called: dict[str, str]) -> None:
    found = {
        text[it.start : it.end]: " ".join(sorted(who.login for who in it.whom))
        for it in calls(text, HOUSE)
    }
    assert found == called


def test_a_long_text_of_calls_is_read_at_once() -> None:
    assert len(calls("@fang " * 3_000 + "@x " * 3_000, HOUSE)) == 6_000


@pytest.mark.parametrize(
    ("word", "first"), [("fagn", "fang"), ("Fan", "fang"), ("方里", "fang"), ("zzz", None)]
)
def test_who_may_have_been_meant(word: str, first: str | None) -> None:
    assert next((each.login for each in meant(word, HOUSE)), None) == first


def test_a_note_calls_only_who_may_see_the_case() -> None:
    case = Case()
    case.do(AssignComplaint, to=ME)
    readers = frozenset({"staff-lin", "staff-fang"})
    twice = ("staff-lin", "staff-fang", "staff-lin")
    assert case.do(AddNote, text=BOX, mentions=twice, readers=readers) == ["NoteAdded"]
    (note,) = [it for it in case.events if isinstance(it, NoteAdded)]
    assert note.mentions == ("staff-lin", "staff-fang")
    for mentions, seen in ((("staff-x",), readers), (("staff-lin",), frozenset())):
        with pytest.raises(CannotBeCalled):
            case.do(AddNote, text=BOX, mentions=mentions, readers=seen)
