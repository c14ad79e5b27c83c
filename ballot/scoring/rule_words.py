"""A ballot rule in words: its levels, its conversion, its base."""

from ballot.language import Text
from ballot.scoring.conversions import ApprovalRatio, Bands, Conversion, LevelMean, RankMarks
from ballot.scoring.figures import exact, in_percent
from ballot.scoring.mean_mark import MeanMark
from ballot.scoring.rules import Rule
from ballot.scoring.scales import Level, MarksScale


def rule_words(rule: Rule) -> Text:
    """Return a rule in one line."""
    return Text(
        "%(scale)s；%(conversion)s；基数为%(base)s",
        scale=_scale(rule),
        conversion=_conversion(rule.conversion),
        base=rule.base.text,
    )


def _scale(rule: Rule) -> Text | str:
    if isinstance(rule.scale, MarksScale):
        return Text("百分制打分")
    return "、".join(_level(level) for level in rule.scale.levels)


def _level(level: Level) -> str:
    return f"{level.label}{'*' if level.approves else ''} {exact(level.value)}"


def _conversion(conversion: Conversion) -> Text:
    if isinstance(conversion, RankMarks):
        return Text("%(by)s，再按名次计分", by=_conversion(conversion.by))
    if isinstance(conversion, Bands):
        return _bands(conversion)
    if isinstance(conversion, LevelMean):
        return Text("取各等次分值的平均")
    if isinstance(conversion, ApprovalRatio):
        return Text("带 * 等次所占的比例 × 100")
    return _mean_mark(conversion)


def _bands(bands: Bands) -> Text:
    steps = "，".join(
        f"≥ {in_percent(band.at_least)} → {exact(band.score)}" for band in bands.edges
    )
    if bands.discretionary:
        return Text(
            "带 * 等次所占的比例 %(steps)s，其余酌情（%(rest)s）",
            steps=steps,
            rest=exact(bands.otherwise),
        )
    return Text(
        "带 * 等次所占的比例 %(steps)s，其余 %(rest)s", steps=steps, rest=exact(bands.otherwise)
    )


def _mean_mark(mean: MeanMark) -> Text:
    if not mean.drops:
        return Text("取平均分")
    return Text("去掉高低分后取平均分")
