"""Every action that is logged has a word: the code itself is read for actions."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ballot.domain.event_words import ACTION_WORDS, action_text, detail_texts
from ballot.services import confirmable
from tests.live import ROOT

MODULES = [
    path
    for layer in ("services", "storage", "web", "cli")
    for path in sorted((ROOT / "ballot" / layer).rglob("*.py"))
]


def takers(tree: ast.Module) -> dict[str, int]:
    """Return the functions of a module that take an `action` as text, with its place."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            for place, argument in enumerate(node.args.args):
                note = ast.unparse(argument.annotation) if argument.annotation else ""
                if argument.arg == "action" and note == "str":
                    found[node.name] = place
    return found


def every_taker() -> dict[str, int]:
    found = {"append": -1, "note": -1}  # of storage.events and storage.backup: by keyword only
    for path in MODULES:
        for name, place in takers(ast.parse(path.read_text("utf-8"))).items():
            found[name] = max(place, found.get(name, -1))
    return found


def logged(path: Path, names: dict[str, int]) -> Iterator[str]:
    """Return the actions that a module logs, each as a pattern."""
    tree = ast.parse(path.read_text("utf-8"))
    here = names | takers(tree)
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        if name not in here:
            continue
        written = [word.value for word in call.keywords if word.arg == "action"]
        if not written and 0 <= here[name] < len(call.args):
            written = [call.args[here[name]]]
        for value in written:
            yield from pattern(value, path)


def pattern(value: ast.expr, path: Path) -> Iterator[str]:
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield re.escape(value.value)
    elif isinstance(value, ast.JoinedStr):
        yield "".join(
            re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".+"
            for part in value.values
        )
    elif isinstance(value, ast.Attribute) and value.attr.isupper():  # chain.EXPORTED
        yield re.escape(getattr(importlib.import_module("ballot.domain.events"), value.attr))


def test_every_action_that_the_code_logs_has_a_word():
    names = every_taker()
    used = {(path.name, each) for path in MODULES for each in logged(path, names)}

    assert len(used) > 30, used
    assert ("people.py", "account\\ made") in used
    assert [
        each for each in used if not any(re.fullmatch(each[1], word) for word in ACTION_WORDS)
    ] == []


@pytest.mark.parametrize("action", confirmable.ACTIONS)
def test_what_was_asked_for_is_told_in_words(action):
    (told,) = detail_texts({"what": action, "poll": 3})

    assert str(told) == f"操作：{confirmable.ACTIONS[action].title}"


def test_an_action_of_another_version_is_its_own_word():
    assert str(action_text("100% new")) == "100% new"
