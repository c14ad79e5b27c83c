"""The working of one conversion: each question's groups, measured, then combined."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from ballot.scoring.counts import Counts, QuestionTally, pooled
from ballot.scoring.errors import BaseTooSmallError, BaseUnknownError
from ballot.scoring.figures import approval_ratio
from ballot.scoring.rules import Rule


@dataclass(frozen=True)
class Part:
    """One group's counts on one question, or those of all groups pooled (`group` is empty).

    `group` is what the group is called in derivations.
    """

    group: str
    weight: Fraction
    counts: Counts
    base: int

    def measure(self, rule: Rule) -> Fraction:
        """Return what the rule's conversion measures; the base must not be empty."""
        return rule.own.measure(self.counts, rule.scale, self.base)

    def ratio(self, rule: Rule) -> Fraction:
        """Return the approval ratio; the base must not be empty (rule 2)."""
        return approval_ratio(approving=rule.levels.approving(self.counts.marks), base=self.base)


@dataclass(frozen=True)
class Answer:
    """One question's parts; `parts` leaves out empty groups where weights are renormalised."""

    text: str
    weight: Fraction
    parts: tuple[Part, ...]
    empty: tuple[str, ...]

    def may_tell_apart(self, smallest_group: int) -> bool:
        """Tell whether groups may be told apart: one hidden alone would follow by subtraction."""
        return len(self.parts) == 1 or all(
            part.counts.returned >= smallest_group for part in self.parts
        )

    def ratio(self, rule: Rule) -> Fraction | None:
        """Return the approval ratio, weighted by group, None without a result."""
        if not self.parts:
            return None
        return sum((part.weight * part.ratio(rule) for part in self.parts), Fraction(0))

    def measure(self, rule: Rule) -> Fraction | None:
        """Return the conversion's measure, weighted by group, None without a result."""
        if not self.parts:
            return None
        return sum((part.weight * part.measure(rule) for part in self.parts), Fraction(0))

    def score(self, rule: Rule) -> Fraction | None:
        """Return the score out of 100, None without a result (rules 8, 12 and 13)."""
        measure = self.measure(rule)
        if measure is None:
            return None
        if rule.combine == "ratios":
            return rule.own.score(measure)
        scores = (part.weight * rule.own.score(part.measure(rule)) for part in self.parts)
        return sum(scores, Fraction(0))


def answer(
    subject: str,
    question: QuestionTally,
    rule: Rule,
    weights: Mapping[str, Fraction],
    names: Mapping[str, str],
) -> Answer:
    """Return the working of one question; `names`: what groups are called, by key.

    Raises: BaseUnknownError, BaseTooSmallError; ValueError for a group without a weight.
    """
    parts = _parts(subject, question, rule, weights, names)
    filled = [part for part in parts if part.base]
    empty = tuple(part.group for part in parts if not part.base)
    if not filled or (empty and rule.empty_group == "block"):
        return Answer(question.text, question.weight, (), empty)
    total = sum((part.weight for part in filled), Fraction(0))
    shares = tuple(replace(part, weight=part.weight / total) for part in filled)
    return Answer(question.text, question.weight, shares, empty)


def _parts(
    subject: str,
    question: QuestionTally,
    rule: Rule,
    weights: Mapping[str, Fraction],
    names: Mapping[str, str],
) -> list[Part]:
    everyone = pooled(question.counts.values())
    if not weights:
        return [Part("", Fraction(1), everyone, _base(subject, everyone, rule))]
    strangers = question.counts.keys() - weights.keys()
    if strangers:
        raise ValueError(f"groups without a weight: {sorted(strangers)}")
    nobody = Counts((0,) * len(everyone.marks), issued=0, eligible=0)
    groups = {group: question.counts.get(group, nobody) for group in weights}
    called = _called(weights, names)
    return [
        Part(called[group], weights[group], counts, _base(subject, counts, rule))
        for group, counts in groups.items()
    ]


def _called(keys: Iterable[str], names: Mapping[str, str]) -> dict[str, str]:
    """Return what each group is called: its name, with its key where others share the name."""
    called = {key: names.get(key, key) for key in keys}
    seen = Counter(called.values())
    return {key: name if seen[name] == 1 else f"{name}·{key}" for key, name in called.items()}


def _base(subject: str, counts: Counts, rule: Rule) -> int:
    number = counts.of(rule.base)
    if number is None:
        raise BaseUnknownError(subject=subject, base=rule.base.text)
    if number < counts.opinions:
        raise BaseTooSmallError(
            subject=subject, marks=counts.opinions, base=rule.base.text, number=number
        )
    return number
