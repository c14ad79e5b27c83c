"""The ballot page: what a voter sees, and what no voter's page holds."""

import pytest

from ballot.domain.codes import shown
from tests.builders import LEADERS_POLL, an_open_poll
from tests.web.phone import Phone, page

SEVERAL_QUESTIONS = """
title = "满意度<测评>"
scheme = "street-2023"
kind = "station"
component = "report-review"
subjects = [{ unit = "财政所", name = "张三", duty = "所长" }, { unit = "司法所" }]
questions = [{ text = "工作态度" }, { text = "办事效率" }]
limits = [{ level = "好", at_most = 3 }]
instructions = "请本人填写。\\n五分钟内完成。"
groups = [
  { key = "all", name = "干部职工", ballots = 20 },
  { key = "own", name = "财政所职工", ballots = 6, excludes = ["财政所"] },
]
"""


@pytest.fixture
def several_questions(sqlite_place):
    """Give an installation and one code of each group; the second group does not rate 财政所."""
    _, codes = an_open_poll(sqlite_place, SEVERAL_QUESTIONS)
    return sqlite_place, codes[0], codes[-1]


def test_a_ballot_has_a_card_with_the_paper_s_levels_and_nothing_selected(place):
    _, codes = an_open_poll(place)

    answer = Phone(place, codes[0]).open()

    ballot = page(answer)
    assert answer.status_code == 200
    assert ballot.heading == "白马村2023年度村述村评"
    assert "参评人员类别：村民" in ballot.text
    assert "白马村领导班子" in ballot.one("legend").text
    levels = [e for e in ballot.every("input", type="radio", name="c0") if e.get("value")]
    words = [ballot.one("label", **{"for": level.get("id")}).text for level in levels]
    assert [level.get("value") for level in levels] == ["0", "1", "2", "3"]
    assert words == ["好", "较好", "一般", "差"]
    assert not [e for e in ballot.every("input") if "checked" in e.attributes]
    assert ballot.buttons == ["下一步"]
    assert "不选的，按未评（弃权）计" in ballot.text


def test_two_voters_of_a_group_get_the_same_bytes(place):
    _, codes = an_open_poll(place)

    pages = {Phone(place, code).open().data for code in codes[:3]}
    same_server = Phone(place, codes[0]).client
    again = {same_server.get(f"/{b}/{code}").data for code in codes[3:6] for b in "bB"}

    assert len(pages | again) == 1


def test_the_ballot_page_never_holds_the_code(sqlite_place):
    _, codes = an_open_poll(sqlite_place)
    phone = Phone(sqlite_place, codes[0])

    for answer in (phone.open(), phone.review(c0=1), phone.send(step="edit", c0=1)):
        assert codes[0] not in answer.text.upper()
        assert shown(codes[0]) not in answer.text.upper()
        assert not [f for f in page(answer).every("form") if "action" in f.attributes]


def test_a_code_in_any_case_and_with_dashes_opens_the_ballot(sqlite_place):
    _, codes = an_open_poll(sqlite_place)
    client = sqlite_place.client()

    for written in (codes[0], codes[0].lower(), shown(codes[0]), shown(codes[0]).lower()):
        assert client.get(f"/b/{written}").status_code == 200


def test_sections_have_headings_that_tell_them_apart(sqlite_place):
    _, codes = an_open_poll(sqlite_place, LEADERS_POLL)

    ballot = page(Phone(sqlite_place, codes[0]).open())

    headings = [heading.text for heading in ballot.every("h2")]
    assert headings == ["村（社区）：党政领导评议", "站办所：党政领导评议"]
    subjects = ballot.every("span", **{"class": "subject"})
    assert [e.text for e in subjects] == ["白马村", "青龙村", "石桥社区", "财政所", "司法所"]


def test_a_single_section_needs_no_heading(sqlite_place):
    _, codes = an_open_poll(sqlite_place)

    assert page(Phone(sqlite_place, codes[0]).open()).every("h2") == []


def test_every_question_about_every_subject_is_a_card(several_questions):
    place, code, _ = several_questions

    ballot = page(Phone(place, code).open())

    legends = [" ".join(legend.text.split()) for legend in ballot.every("legend")]
    assert legends == [
        "1/4 张三 所长 工作态度",
        "2/4 张三 所长 办事效率",
        "3/4 司法所 工作态度",
        "4/4 司法所 办事效率",
    ]


def test_a_subject_that_the_group_does_not_rate_is_not_shown(several_questions):
    place, _, code = several_questions

    answer = Phone(place, code).open()

    legends = [" ".join(legend.text.split()) for legend in page(answer).every("legend")]
    assert legends == ["1/2 司法所 工作态度", "2/2 司法所 办事效率"]
    assert "张三" not in answer.text
    assert {e.get("name") for e in page(answer).every("input", type="radio")} == {"c2", "c3"}


def test_a_limit_is_told_in_words_above_its_section(several_questions):
    place, code, _ = several_questions

    text = page(Phone(place, code).open()).text

    assert text.index("“好”最多选 3 个。") < text.index("张三")


def test_the_organiser_s_words_are_shown_as_words(several_questions):
    place, code, _ = several_questions

    ballot = page(Phone(place, code).open())

    assert ballot.heading == "满意度<测评>"
    assert "请本人填写。 五分钟内完成。" in ballot.text


def test_a_choice_can_be_taken_back_unless_every_card_is_required(sqlite_place):
    _, free = an_open_poll(sqlite_place)
    _, required = an_open_poll(sqlite_place, 'blank = "required"\n' + SEVERAL_QUESTIONS)

    ballot = page(Phone(sqlite_place, free[0]).open())
    strict = page(Phone(sqlite_place, required[0]).open())

    assert len(ballot.every("input", type="radio", value="")) == 1
    assert strict.every("input", type="radio", value="") == []
    assert "每一项都要选" in strict.text


def test_the_language_is_chinese_and_a_link_leads_to_the_other(sqlite_place):
    _, codes = an_open_poll(sqlite_place)

    ballot = page(Phone(sqlite_place, codes[0]).open())

    assert ballot.one("html").get("lang") == "zh-CN"
    assert ballot.one("a", lang="en").get("href") == "?lang=en"


def test_an_english_page_speaks_english_and_marks_what_is_chinese(sqlite_place):
    _, codes = an_open_poll(sqlite_place)

    ballot = page(Phone(sqlite_place, codes[0], "?lang=en").open())

    assert ballot.one("html").get("lang") == "en"
    assert ballot.one("a", lang="zh-CN").get("href") == "?lang=zh-CN"
    assert ballot.one("h1").get("lang") == "zh-CN"
    assert "下一步" not in ballot.text


@pytest.mark.parametrize("wanted", ["zh-TW", "zh-HK,zh;q=0.9", "zh-Hant-MO"])
def test_a_third_language_is_one_catalogue_more(sqlite_place, wanted):
    _, codes = an_open_poll(sqlite_place)
    client = sqlite_place.client()

    ballot = page(client.get(f"/B/{codes[0]}", headers={"Accept-Language": wanted}))

    assert ballot.one("html").get("lang") == "zh-Hant"
    assert {link.get("lang") for link in ballot.every("a") if link.get("hreflang")} == {
        "zh-CN",
        "en",
    }
    assert "還沒有提交" in ballot.text
    assert ballot.one("h1").get("lang") == "zh-CN"


@pytest.mark.parametrize("wanted", ["zh-CN", "zh-Hans-HK", "zh", "fr"])
def test_whoever_asks_for_no_language_of_ours_gets_the_source(sqlite_place, wanted):
    _, codes = an_open_poll(sqlite_place)

    answer = sqlite_place.client().get(f"/B/{codes[0]}", headers={"Accept-Language": wanted})

    assert page(answer).one("html").get("lang") == "zh-CN"


def test_a_browser_that_prefers_english_gets_it_unless_the_address_says_otherwise(sqlite_place):
    _, codes = an_open_poll(sqlite_place)
    client = sqlite_place.client()
    headers = {"Accept-Language": "en-GB,en;q=0.9"}

    by_browser = page(client.get(f"/B/{codes[0]}", headers=headers))
    by_address = page(client.get(f"/B/{codes[0]}?lang=zh-CN", headers=headers))

    assert by_browser.one("html").get("lang") == "en"
    assert by_address.one("html").get("lang") == "zh-CN"
