"""The pages on which an organisation changes its scheme, by real requests."""

import io

import pytest

from ballot.domain.people import Role
from ballot.scoring import load_scheme
from ballot.scoring.publicity import Posts
from ballot.scoring.scheme_file import preset_text
from ballot.services import cycles
from tests.builders import Place, a_cycle, an_open_poll
from tests.web.desk import a_desk, page

SCHEME = "/office/cycles/1/scheme"
VILLAGES = f"{SCHEME}/forms/components/village"
PEERS = "value kinds.village.components.village-peer-review.full"
TOTAL = "value kinds.village.full"


def scheme(place: Place):
    with place.database.read() as connection:
        return cycles.scheme_of(cycles.every(connection)[0])


def refusal(answer) -> str:
    return " ".join(page(answer).one("div", role="alert").text.split())


@pytest.mark.parametrize(
    ("name", "least"), [("street-2023", 8), ("harmonious-towns", 5), ("sanitation-2022", 5)]
)
def test_a_preset_can_be_read_whole_and_each_of_its_forms_opened(sqlite_place, name, least):
    a_cycle(sqlite_place, scheme=name)
    desk = a_desk(sqlite_place)

    shown = desk.read(f"/office/schemes/{name}")
    own = desk.read(SCHEME)
    forms = [a.get("href") for a in own.every("a") if "/forms/" in a.get("href")]

    assert load_scheme(name).source in shown.text
    assert len(forms) == least
    for address in forms:
        desk.read(address)
    assert desk.get("/office/schemes/nope").status_code == 404


def test_a_changed_figure_shows_what_the_preset_says_and_is_restored(sqlite_place):
    a_cycle(sqlite_place)
    desk = a_desk(sqlite_place)

    saved = desk.send(VILLAGES, **{PEERS: "10", TOTAL: "105"})
    shown = desk.read(VILLAGES)
    told = desk.read(SCHEME).text
    path = PEERS.removeprefix("value ")
    desk.send(VILLAGES, **{TOTAL: "100", "restore": path})

    assert saved.status_code == 303
    assert "预设 5 恢复" in shown.text
    assert "与预设不同的 2 处" in told
    assert "“村述村评” › 满分：10 预设 5" in told
    assert scheme(sqlite_place).name == "street-2023"


def test_a_refused_form_keeps_what_was_typed_and_names_every_reason(sqlite_place):
    a_cycle(sqlite_place)
    desk = a_desk(sqlite_place)
    new = {"new-1-0 title": "网格员考核", "new-1-0 full": "三"}
    new["new-1-0 into"] = "kinds.village.components"

    refused = desk.send(VILLAGES, **{PEERS: "十", **new})
    unbalanced = desk.send(VILLAGES, **{PEERS: "6"})

    assert refused.status_code == 422
    assert "“村述村评” › 满分：“十”不是数字" in refusal(refused)
    assert "新增的行“满分”：“三”不是数字" in refusal(refused)
    kept = {field.get("name"): field.get("value") for field in page(refused).every("input")}
    assert (kept[PEERS], kept["new-1-0 title"]) == ("十", "网格员考核")
    assert "“村（社区）” › 满分：各项满分合计 101，不等于 100" in refusal(unbalanced)
    assert scheme(sqlite_place).name == "street-2023"


def test_lines_are_added_and_taken_away_and_given_back(sqlite_place):
    a_cycle(sqlite_place)
    desk = a_desk(sqlite_place)
    form = f"{SCHEME}/forms/vetoes"
    new = {"new-1-0 title": "弄虚作假", "new-1-0 effect": "fails", "new-1-0 into": "vetoes"}

    desk.send(form, remove="vetoes.safety", **new)
    vetoes = scheme(sqlite_place).kinds["village"].vetoes
    shown = desk.read(form).text
    desk.send(form, restore="vetoes.safety")

    assert "safety" not in vetoes
    assert [each.title for each in vetoes.values()][-1] == "弄虚作假"
    assert "预设里有、已删去的" in shown
    assert list(scheme(sqlite_place).kinds["village"].vetoes)[:3] == [
        "major-problem",
        "criticised-city",
        "safety",
    ]


def test_what_a_notice_may_hold_is_chosen_in_words(sqlite_place):
    a_cycle(sqlite_place)
    form = a_desk(sqlite_place).read(f"{SCHEME}/readings")
    (chosen,) = [each for each in form.every("select") if each.get("name") == "set notice-circular"]
    told = [each.text for each in form.every("option") if each.inside("select") is chosen]

    assert "什么都不公示" in told
    assert len(told) == len(Posts)


def test_readings_are_set_in_words_and_point_back_from_the_forms(sqlite_place):
    a_cycle(sqlite_place)
    desk = a_desk(sqlite_place)

    desk.send(f"{SCHEME}/readings", **{"set base-valid": "returned", "set rest-by-rank": "1/3"})
    rules = desk.read(f"{SCHEME}/forms/rules").text
    shown = desk.read(SCHEME).text
    wrong = desk.send(f"{SCHEME}/readings", **{"set rest-by-rank": "两个"})

    assert "收回票 在口径里改" in rules
    assert "可以另设，现为：收回票" in shown
    assert "“村（社区）” › 等次 › 其余靠前的比例：须是大于 0" in refusal(wrong)
    kept = page(wrong).one("input", name="set rest-by-rank")
    assert kept.get("value") == "两个"


def test_a_schemes_file_goes_out_and_comes_in_again(sqlite_place):
    a_cycle(sqlite_place)
    desk = a_desk(sqlite_place)
    given = desk.get("/office/cycles/1/scheme.toml")
    mine = given.text.replace('title = "村述村评"', 'title = "村民评议"')

    def take_in(text: str | bytes, **fields: str):
        content = text.encode() if isinstance(text, str) else text
        said = {"file": (io.BytesIO(content), "方案.toml"), "confirm": "yes", **fields}
        token = {"csrf_token": desk.token(f"{SCHEME}/file")}
        return desk.client.post(f"{SCHEME}/file", data=said | token)

    taken = take_in(mine)
    wrong = take_in(mine.replace("places = 5", 'places = "五"').replace("full = 85", "full = 84"))
    strange = take_in("标题".encode("gb18030"))
    title = scheme(sqlite_place).kinds["village"].component("village-peer-review").title
    back = desk.send(f"{SCHEME}/file", what="preset", confirm="yes")

    assert given.text == preset_text("street-2023")
    assert (taken.status_code, title) == (303, "村民评议")
    assert "“村（社区）” › 等次 › 名额：须是不小于 1 的整数" in refusal(wrong)
    assert "“基础工作” › 满分：各项满分合计 85，不等于 84" in refusal(wrong)
    assert "UTF-8" in refusal(strange)
    assert back.status_code == 303
    assert scheme(sqlite_place).name == "street-2023"


def test_once_a_poll_is_open_the_forms_say_why_nothing_can_be_saved(sqlite_place):
    a_cycle(sqlite_place)
    an_open_poll(sqlite_place)
    desk = a_desk(sqlite_place)

    shown = desk.read(VILLAGES)
    refused = desk.client.post(VILLAGES, data={"csrf_token": desk.token(VILLAGES), PEERS: "10"})

    assert "方案不能再改：测评活动“白马村2023年度村述村评”已经开始投票。" in shown.text
    assert "保存" not in shown.buttons
    assert refused.status_code == 409


@pytest.mark.parametrize("role", [Role.SCORER, Role.SCRUTINEER])
def test_whoever_may_not_change_a_scheme_reads_it_without_the_forms(sqlite_place, role):
    a_cycle(sqlite_place)
    desk = a_desk(sqlite_place, role)

    shown = desk.read(SCHEME)

    assert "村述村评" in shown.text
    assert not [a for a in shown.every("a") if "/forms/" in a.get("href")]
