"""Rules 54 and 55: cuts, the limit of the best grade, the distinction, and their ties."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import groupby, permutations, product

from hypothesis import given
from hypothesis import strategies as st

from ballot.language import Text
from ballot.scoring import PENDING, Cut, CutGrades, Distinction, PlaceGrades
from ballot.scoring.grades import grade
from ballot.scoring.grading import Candidate

RULE = CutGrades(
    cuts=(Cut("优秀", Decimal(3)), Cut("称职", Decimal(2))),
    otherwise="不称职",
    limit=Fraction(1, 2),
    distinction=Distinction("表彰", Fraction(1, 4)),
)
REASON = (Text("理由"),)
STATUS = {
    "free": {},
    "barred": {"barred": REASON},
    "failed": {"failed": REASON},
    "capped": {"capped": (("称职", Text("理由")),)},
}


def candidates(units):
    return [
        Candidate(f"u{number}", (Decimal(-total), 0), **STATUS[status])
        for number, (total, status) in enumerate(units)
    ]


def every_order_of_the_tied(group):
    ordered = sorted(group, key=lambda each: each.position)
    tied = [list(each) for _, each in groupby(ordered, key=lambda each: each.position)]
    for orders in product(*(permutations(each) for each in tied)):
        order = [each for one in orders for each in one]
        yield [
            replace(each, position=(each.position[0], place)) for place, each in enumerate(order)
        ]


units = st.lists(
    st.tuples(st.integers(1, 4), st.sampled_from(["free", "free", *STATUS])),
    min_size=1,
    max_size=6,
)
shares = st.sampled_from([None, Fraction(1, 5), Fraction(1, 3), Fraction(1, 2), Fraction(1)])


@given(units=units, limit=shares, honour=shares)
def test_what_waits_is_exactly_what_orders_of_the_tied_disagree_about_rules_54_and_55(
    units, limit, honour
):
    distinction = Distinction("表彰", honour) if honour else None
    rule = replace(RULE, limit=limit, distinction=distinction)
    group = candidates(units)

    result = grade(group, rule)

    possible = {each.unit: (set(), set()) for each in group}
    for settled in every_order_of_the_tied(group):
        for unit, each in grade(settled, rule).items():
            possible[unit][0].add(each.grade)
            possible[unit][1].add(each.distinction)
    for unit, each in result.items():
        grades, honours = possible[unit]
        assert each.grade == (PENDING if len(grades) > 1 else grades.pop())
        assert each.distinction == (PENDING if len(honours) > 1 else honours.pop())
        assert (each.note is not None) == (PENDING in (each.grade, each.distinction))


@given(units=units, share=shares.filter(bool), least=st.integers(0, 2), fill=st.booleans())
def test_a_share_of_places_waits_exactly_where_orders_disagree_rule_53(units, share, least, fill):
    rule = PlaceGrades("优秀", 0, share=share, least=least, fill_vacancies=fill, failed="差")
    group = [replace(each, capped=()) for each in candidates(units)]

    result = grade(group, rule)

    possible = {each.unit: set() for each in group}
    for settled in every_order_of_the_tied(group):
        for unit, each in grade(settled, rule).items():
            possible[unit].add(each.grade)
    assert {unit: each.grade for unit, each in result.items()} == {
        unit: PENDING if len(grades) > 1 else grades.pop() for unit, grades in possible.items()
    }


@given(units=units)
def test_the_best_grade_never_exceeds_its_limit_rule_54(units):
    group = candidates(units)

    for settled in every_order_of_the_tied(group):
        grades = [each.grade for each in grade(settled, RULE).values()]
        honours = [each.distinction for each in grade(settled, RULE).values()]
        assert grades.count("优秀") <= len(group) // 2
        assert honours.count("表彰") <= len(group) // 4


def test_a_limit_of_nobody_leaves_nobody_the_best_grade_rule_54():
    [graded] = grade(candidates([(4, "free")]), RULE).values()

    assert (graded.grade, graded.distinction) == ("称职", None)


def test_without_a_limit_everyone_at_the_cut_has_the_best_grade_rule_54():
    result = grade(candidates([(3, "free")] * 3), replace(RULE, limit=None, distinction=None))

    assert {each.grade for each in result.values()} == {"优秀"}
