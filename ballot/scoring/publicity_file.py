"""Reading what a kind's tables say about notices and reviews (rules 66 to 68)."""

from collections.abc import Mapping
from typing import Final

from ballot.language import Text
from ballot.scoring.publicity import NoticeRule, Posts, ReviewRule
from ballot.scoring.readings import Reading
from ballot.scoring.toml_table import Table

MOST_DAYS: Final = 365


def read_notice(table: Table | None, readings: Mapping[str, Reading]) -> NoticeRule:
    """Return a kind's rule about notices; without one nothing may be posted (rule 66)."""
    if table is None:
        return NoticeRule()
    posts = table.choice("posts", {each.value: each for each in Posts}) or Posts.NONE
    days = ("least", "most")
    if posts is Posts.NONE:
        for key in days:
            if key in table:
                table.mistake(key, Text("什么都不公示时，没有公示期"))
        table.allow(days)
        least, most = NoticeRule.least, NoticeRule.most
    else:
        least, most = (table.whole(key, most=MOST_DAYS) for key in days)
        if most < least:
            table.mistake("most", Text("不能小于 least"))
    rule = NoticeRule(
        posts=posts,
        least=least,
        most=most,
        clause=table.text("clause", ""),
        readings=table.choices("readings", readings),
    )
    table.finish()
    return rule


def read_review(table: Table | None, readings: Mapping[str, Reading]) -> ReviewRule:
    """Return a kind's two clocks; without a table they are ten days each (rule 68)."""
    if table is None:
        return ReviewRule()
    rule = ReviewRule(
        ask=table.whole("ask", most=MOST_DAYS),
        answer=table.whole("answer", most=MOST_DAYS),
        clause=table.text("clause", ""),
        readings=table.choices("readings", readings),
    )
    table.finish()
    return rule
