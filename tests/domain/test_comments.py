"""Comments: what is kept of what was typed, and what masking may do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.domain.comments import LONGEST, CommentError, accept_comment, plain, read_comment
from ballot.domain.moderation import MASK, MaskError, masked, masked_words
from ballot.domain.pollfile import read_poll_file
from ballot.scoring.plain_text import is_unseen
from tests.builders import ONE_GROUP_POLL

ASKED = read_poll_file("comments = true\n" + ONE_GROUP_POLL)
NOT_ASKED = read_poll_file(ONE_GROUP_POLL)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        (" \t\r\n\u3000 ", ""),
        ("\u200b\u2060\u3164\u2800", ""),
        ("  路修得好。 ", "路修得好。"),
        ("一\r\n\r\n\r\n二\u2028三", "一\n二\n三"),
        ("多  写\u3000\t空格", "多 写 空格"),
        ("\u202e反过来\u202c", "反过来"),
        ("a\x00b\x1b[31mc", "ab[31mc"),
        ("e\u0301", "é"),
        ("☺\ufe0f", "☺"),
    ],
)
def test_what_shows_as_nothing_is_not_kept(typed, kept):
    assert plain(typed) == kept


@given(st.text(max_size=60) | st.text("a \n\r\t\u3000\u200b\u202e\u0301é\u0085\x1c", max_size=60))
def test_what_is_kept_shows_itself_whole_and_stays_what_it_is(typed):
    kept = plain(typed)

    assert plain(kept) == kept
    assert plain(kept.replace("\n", "\r\n")) == kept, "as a browser sends it back"
    assert not any(is_unseen(c) for c in kept.replace("\n", ""))
    assert kept.split("\n") == [" ".join(line.split()) for line in kept.split("\n")]
    assert read_comment(ASKED, {"comment": typed}).text == kept


def test_three_hundred_characters_are_taken_and_one_more_is_not():
    most = "好" * LONGEST

    assert accept_comment(ASKED, {"comment": f"  {most}\n"}) == most
    with pytest.raises(CommentError, match="最多写 300 个字，现在是 301 个字"):
        accept_comment(ASKED, {"comment": most + "！"})


def test_what_is_too_long_comes_back_whole():
    typed = "\n\n一 二" + "好" * 400

    written = read_comment(ASKED, {"comment": typed})

    assert written.problem is not None
    assert written.typed == typed


def test_a_poll_that_asks_for_no_comment_takes_none():
    assert accept_comment(NOT_ASKED, {"comment": "不该收下" * 300}) == ""


def test_masking_replaces_words_wherever_they_stand_and_nothing_else():
    assert masked("张三和张三丰都好", "张三丰、张三") == "○○和○○○都好"
    assert masked("都好", " ，") is None
    with pytest.raises(MaskError, match="没有“李四”"):
        masked("张三好", "张三 李四")


@given(st.text("甲乙丙。", min_size=1, max_size=20), st.data())
def test_a_masked_text_is_the_text_but_for_masks_and_the_words_can_be_told_again(text, data):
    start = data.draw(st.integers(0, len(text) - 1))
    word = text[start : data.draw(st.integers(start + 1, len(text)))]

    shown = masked(text, word)

    assert len(shown) == len(text)
    assert all(after in (before, MASK) for before, after in zip(text, shown, strict=True))
    assert word not in shown
    assert masked(text, "，".join(masked_words(text, shown))) == shown
