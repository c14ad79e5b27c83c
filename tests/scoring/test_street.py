"""The scheme street-2023 by worked examples: from ballots and items to a village's total."""

from decimal import Decimal

import pytest

from ballot.errors import MistakesError
from ballot.scoring import Counts, QuestionTally, convert, load_scheme
from tests.scoring.examples import column, grades, lines, totals, yearly

VILLAGE = load_scheme("street-2023").kind("village")
LEAVES = {leaf.key: leaf.full_marks for leaf in VILLAGE.component("base-work").leaves()}
REVIEWS = ("leaders-review", "village-peer-review", "street-review")


def villages(**rows):
    """Return standings of villages from their items' figures and three reviews."""
    headings = ",".join(("unit", *LEAVES, *REVIEWS))
    lines_ = "".join(f"{unit},{','.join(map(str, row))}\n" for unit, row in rows.items())
    return yearly("street-2023", "village", f"{headings}\n{lines_}")


def reviewed(good, fair, of):
    counts = Counts((good, fair, of - good - fair, 0))
    rule = VILLAGE.component("village-peer-review").ballot_rule()
    return convert("村", [QuestionTally({"": counts})], rule).points


def test_a_village_from_its_ballots_and_34_items():
    # 54/60 = 90% -> 90 x 0.05 = 4.50; 53/60 = 88.33% -> 80 x 0.05 = 4.00
    # items at nine tenths: 85 x 0.9 = 76.50; 乙 at 0.87654321 each: 74.50617285 -> 74.51
    # 甲 76.50 + 4.50 + 4.50 + 4.75 = 90.25; 乙 74.51 + 4.50 + 4.00 + 5 = 88.01
    best, next_ = reviewed(40, 14, 60), reviewed(40, 13, 60)
    standings = villages(
        甲村=[*(full * Decimal("0.9") for full in LEAVES.values()), best, best, "4.75"],
        乙村=[*(full * Decimal("0.87654321") for full in LEAVES.values()), best, next_, 5],
    )

    assert (str(best), str(next_)) == ("4.50", "4.00")
    assert totals(standings) == {"甲村": "90.25", "乙村": "88.01"}
    assert grades(standings) == {"甲村": "先进", "乙村": "先进"}
    assert sum(column(standings["乙村"])) == Decimal("88.01")
    assert "村述村评（满分 5）：4 → 4.00 分（三、2(2)）" in lines(standings["乙村"].derivation)


def test_a_review_nobody_voted_in_has_no_points_and_is_never_taken_as_0_rule_8():
    nothing = reviewed(0, 0, 0)

    assert nothing is None
    with pytest.raises(MistakesError, match="第 2 行“village-peer-review”：不能空白"):
        villages(甲村=[*LEAVES.values(), "4.50", nothing or "", "5"])


def test_a_station_from_its_items():
    # finance 5 + 2 (debt of 30,000 yuan: -3); duties 5+2+5+10+7+3+0 = 32; key work 9.5
    # 90 x 0.2 = 18; 80 x 0.2 = 16: 7 + 32 + 9.5 + 18 + 16 = 82.50
    entries = (
        "单位,finance.regularity,finance.solvency,duties.rules,duties.plans,duties.guidance,"
        "duties.assigned,duties.inspection,duties.education,duties.conduct,"
        "key-work,党政领导评议,年底述职民主测评\n"
        "财政所,5,2,5,2,5,10,7,3,0,9.5,18,16\n司法所,5,5,5,2,5,10,10,3,5,10,4,4\n"
    )
    standings = yearly("street-2023", "station", entries)

    assert totals(standings) == {"财政所": "82.50", "司法所": "68.00"}
    assert grades(standings) == {"财政所": "先进", "司法所": "良好"}  # 68 < 70
    assert "口径：负债满 1 万元起" in lines(standings["财政所"].derivation)
