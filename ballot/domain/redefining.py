"""Drafts under a scheme that changed: what they took from it follows, what they set stays."""

from dataclasses import fields, replace

from ballot.domain.definition import Definition, Question, Section
from ballot.errors import BallotError, MistakesError
from ballot.language import Text
from ballot.scoring import Item, Rule, Scale, Scheme


def redefined(definition: Definition, before: Scheme, after: Scheme) -> Definition:
    """Return a draft's definition under the changed scheme.

    Raises: MistakesError for every section that no longer fits, each with the poll's title.
    """
    mistakes: list[Text] = []
    sections = []
    for section in definition.sections:
        try:
            sections.append(_section(section, before, after))
        except BallotError as error:
            mistakes += [
                Text("测评活动“%(title)s”：%(problem)s", title=definition.title, problem=text)
                for text in error.texts()
            ]
    if mistakes:
        raise MistakesError(mistakes)
    return replace(definition, scheme=after.name, sections=tuple(sections))


def _section(section: Section, before: Scheme, after: Scheme) -> Section:
    old, new = _balloted(before, section), _balloted(after, section)
    if new is None or new.rule is None:
        problem = Text("它评的“%(title)s”不再是由投票产生的考核项。", title=section.title)
        raise MistakesError([problem])
    rule = _followed(section.rule, old.rule if old else None, new.rule)
    if isinstance(rule.scale, Scale):
        for limit in section.limits:
            if limit.level not in rule.scale.labels:
                raise MistakesError([Text("限额的等次“%(level)s”不再有。", level=limit.level)])
    asked = old is not None and section.questions == _questions(old)
    return replace(
        section,
        title=new.title if old and section.title == old.title else section.title,
        kind_title=after.kinds[section.kind].title if after.is_own else "",
        rule=rule,
        questions=_questions(new) if asked else section.questions,
    )


def _balloted(scheme: Scheme, section: Section) -> Item | None:
    kind = scheme.kinds.get(section.kind)
    nodes = kind.nodes() if kind else ()
    return next((each for each in nodes if each.key == section.component and each.rule), None)


def _questions(item: Item) -> tuple[Question, ...]:
    return tuple(map(Question, item.questions)) or (Question(),)


def _followed(mine: Rule, old: Rule | None, new: Rule) -> Rule:
    """Return the changed rule, with what the poll itself had set otherwise than the old one."""
    if old is None or mine == old:
        return new
    own = {
        each.name: getattr(mine, each.name)
        for each in fields(Rule)
        if getattr(mine, each.name) != getattr(old, each.name)
    }
    return replace(new, **own)
