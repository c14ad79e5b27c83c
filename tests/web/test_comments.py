"""The office reads, moderates and publishes comments after closing."""

import pytest

from ballot.domain.codes import Code
from ballot.domain.people import Role
from ballot.domain.polls import Poll
from ballot.services import comments, polls
from ballot.storage import events
from tests.builders import ONE_GROUP_POLL, Place, a_cast, an_open_poll, close
from tests.papers import count_on_paper
from tests.web.desk import Desk, a_desk, page

COMMENTS_POLL = "comments = true\n" + ONE_GROUP_POLL
WRITTEN = ["路灯坏了", "张三\n<b>好</b>", "骂人的话", "没有了", "谢谢"]


def a_closed_poll(place: Place, written: list[str]) -> tuple[Poll, list[Code]]:
    """Return a closed poll with these comments and five votes without, and its unused slips."""
    poll, codes = an_open_poll(place, COMMENTS_POLL)
    for said in [*written, *[""] * 5]:
        place.queue.cast(a_cast(place, poll, codes.pop(), b"\1")._replace(comment=said))
    close(place, poll)
    return poll, codes


def a_commented_poll(place: Place, written: list[str] = WRITTEN) -> str:
    """Return the address of the comments of such a poll."""
    poll, _ = a_closed_poll(place, written)
    return f"/office/polls/{poll.id}/comments"


def keys(place: Place) -> dict[str, str]:
    """Return the key of each comment by its text."""
    with place.database.read() as connection:
        found = comments.of_poll(connection, 1, smallest_group=5)
    return {each.text: each.key for each in found.every}


def published(place: Place) -> list[str]:
    with place.database.read() as connection:
        return sorted(comments.published(connection, 1))


def log(place: Place) -> list[tuple[str, dict]]:
    with place.database.read() as connection:
        told = [(event.action, dict(event.details)) for event in events.every(connection)]
    return [(action, details) for action, details in told if action.startswith("comments")]


def moderate(desk: Desk, address: str, **decisions: str):
    """Send the page's form with some fields set, by `FIELD-KEY`; the rest as the page has it."""
    read = desk.read(address)
    form = {e.get("name"): e.get("value") for e in read.every("input") if e.get("type") == "hidden"}
    form |= {e.get("name"): e.get("value") for e in read.every("input", type="radio")
             if "checked" in e.attributes}  # fmt: skip
    return desk.client.post(address, data=form | decisions)


def everything_decided(place: Place, desk: Desk, address: str) -> None:
    key = keys(place)
    fields = {f"verdict-{each}": "publish" for each in key.values()}
    fields[f"mask-{key[WRITTEN[1]]}"] = "张三"
    fields[f"verdict-{key['骂人的话']}"] = "withhold"
    fields[f"why-{key['骂人的话']}"] = "insult"
    assert moderate(desk, address, **fields).status_code == 303


def test_from_reading_to_publishing_and_back(place):
    """Undecided ones hold up the comments, and only them; the log tells numbers."""
    address = a_commented_poll(place)
    desk = a_desk(place)
    early = desk.send(f"{address}/publish", confirm="yes")

    everything_decided(place, desk, address)
    preview = desk.read(f"{address}/publish")
    untouched = published(place)
    done = desk.send(f"{address}/publish", confirm="yes")

    shown = ["○○\n<b>好</b>", "没有了", "谢谢", "路灯坏了"]
    assert early.status_code == 409
    assert "还有 5 条意见没有审核" in early.text
    assert sorted(e.text for e in preview.every("p", **{"class": "written"})) == sorted(shown)
    assert untouched == []
    assert done.status_code == 303
    assert published(place) == sorted(shown)
    results = desk.read(address.replace("comments", "results"))
    assert sorted(e.text for e in results.every("p", **{"class": "written"})) == sorted(shown)
    assert "不公布 1 条" in results.text
    frozen = desk.client.post(address, data={"csrf_token": desk.token(address)})
    assert frozen.status_code == 409

    token = desk.token(address)
    without = desk.client.post(f"{address}/withdraw", data={"csrf_token": token})
    fields = {"csrf_token": token, "reason": "漏看一个名字"}
    taken_back = desk.client.post(f"{address}/withdraw", data=fields)

    assert without.status_code == 422
    assert taken_back.status_code == 303
    assert published(place) == []
    assert log(place) == [
        ("comments moderated", {"poll": 1, "decided": 5}),
        ("comments published", {"poll": 1, "shown": 4, "masked": 1, "withheld": 1}),
        ("comments withdrawn", {"poll": 1, "reason": "漏看一个名字"}),
    ]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"verdict": "withhold"}, "不公布的，请选理由"),
        ({"verdict": "withhold", "why": "because"}, "不公布的，请选理由"),
        ({"verdict": "publish", "mask": "李四"}, "没有“李四”，无法遮盖"),
    ],
)
def test_a_decision_that_does_not_fit_is_told_and_nothing_typed_is_lost(sqlite_place, fields, told):
    address = a_commented_poll(sqlite_place)
    desk = a_desk(sqlite_place)
    key = keys(sqlite_place)
    sent = {f"{name}-{key['谢谢']}": value for name, value in fields.items()}

    refused = moderate(desk, address, **sent, **{f"verdict-{key['没有了']}": "publish"})

    assert refused.status_code == 422
    assert told in refused.text
    radios = page(refused).every("input", type="radio")
    ticked = {e.get("name"): e.get("value") for e in radios if "checked" in e.attributes}
    assert ticked[f"verdict-{key['谢谢']}"] == fields["verdict"]
    assert ticked[f"verdict-{key['没有了']}"] == "publish"
    mask = page(refused).one("input", name=f"mask-{key['谢谢']}")
    assert mask.get("value") == fields.get("mask", "")
    assert log(sqlite_place) == []


def test_two_who_moderate_at_once_do_not_undo_each_other(sqlite_place):
    address = a_commented_poll(sqlite_place)
    desk = a_desk(sqlite_place)
    key = keys(sqlite_place)
    one, other = f"verdict-{key['谢谢']}", f"verdict-{key['没有了']}"
    form = {e.get("name"): e.get("value") for e in desk.read(address).every("input")
            if e.get("type") == "hidden"}  # fmt: skip
    moderate(desk, address, **{one: "publish"})

    beside = desk.client.post(address, data=form | {other: "publish"})
    against = desk.client.post(
        address, data=form | {one: "withhold", f"why-{key['谢谢']}": "other"}
    )

    assert beside.status_code == 303
    assert against.status_code == 422
    assert "刚由别人审核过" in against.text
    with sqlite_place.database.read() as connection:
        found = comments.of_poll(connection, 1, smallest_group=5)
    assert {each.text: each.said.verdict for each in found.every} == {
        **dict.fromkeys(WRITTEN, ""),
        "谢谢": "publish",
        "没有了": "publish",
    }


def test_lists_show_what_is_asked_for_and_search_finds_words(sqlite_place):
    address = a_commented_poll(sqlite_place, [f"第{n}盏路灯" for n in range(45)] + ["桥Bridge"])
    desk = a_desk(sqlite_place)

    def numbers(query: str) -> int:
        return len(desk.read(f"{address}?{query}").every("p", **{"class": "written"}))

    wanted = {"": 20, "page=3": 6, "page=99": 6, "q=bridge": 1, "q=%E6%A1%A5": 1, "q=x": 0}
    wanted |= {"show=publish": 0, "show=nonsense": 20}
    assert {query: numbers(query) for query in wanted} == wanted


def test_the_auditor_reads_and_decides_nothing(sqlite_place):
    address = a_commented_poll(sqlite_place)
    everything_decided(sqlite_place, a_desk(sqlite_place), address)

    read = a_desk(sqlite_place, Role.AUDITOR).read(address)

    assert "不公布：辱骂、攻击" in read.text
    assert "骂人的话" in read.text
    assert read.every("input", type="radio") == []
    assert "○○" in read.text


def test_who_may_not_read_comments_sees_on_the_results_what_is_published(sqlite_place):
    address = a_commented_poll(sqlite_place)
    desk = a_desk(sqlite_place)
    everything_decided(sqlite_place, desk, address)
    scorer = a_desk(sqlite_place, Role.SCORER)
    results = address.replace("comments", "results")

    before = scorer.read(results).text
    desk.send(f"{address}/publish", confirm="yes")

    assert "路灯" not in before
    assert "共 5 条" in before
    assert "路灯坏了" in scorer.read(results).text
    assert "骂人" not in scorer.read(results).text
    assert scorer.get(address).status_code == 403


def test_comments_of_an_annulled_poll_are_shown_to_nobody(sqlite_place):
    address = a_commented_poll(sqlite_place)
    desk = a_desk(sqlite_place)
    everything_decided(sqlite_place, desk, address)
    desk.send(f"{address}/publish", confirm="yes")
    with sqlite_place.database.write() as connection:
        polls.annul(connection, 1, reason="票箱破损", by="test", now=sqlite_place.clock())

    assert published(sqlite_place) == []
    assert desk.get(address).status_code == 409


def test_papers_that_are_taken_over_later_leave_every_decision(sqlite_place):
    """Votes and comments are then written anew once more, under other keys."""
    place = sqlite_place
    poll, codes = a_closed_poll(place, WRITTEN)
    everything_decided(place, a_desk(place), f"/office/polls/{poll.id}/comments")
    before = keys(place)
    with place.database.read() as connection:
        said = {e.text: e.comment.decision
                for e in comments.of_poll(connection, 1, smallest_group=5).every}  # fmt: skip

    count_on_paper(place, poll, codes[:1], ("0",))

    with place.database.read() as connection:
        found = comments.of_poll(connection, 1, smallest_group=5)
    assert {each.text: each.comment.decision for each in found.every} == said
    assert set(keys(place).values()).isdisjoint(before.values())
