"""Folders and files that may not be written: at the start, and from one moment to the next."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ballot.settings import Settings, from_environment
from tests.faults.commands import A_CYCLE, as_an_owner, refusal, serve
from tests.faults.hall import (
    PHONES,
    Told,
    a_hall,
    all_at_once,
    beside,
    fill_in_all,
    nobody_was_told_what_is_not_true,
)
from tests.live import a_server, environment


@contextmanager
def modes(changes: dict[Path, int]) -> Iterator[None]:
    """Give files other modes for a while."""
    before = {path: path.stat().st_mode & 0o777 for path in changes}
    for path, mode in changes.items():
        path.chmod(mode)
    try:
        yield
    finally:
        for path, mode in reversed(before.items()):
            path.chmod(mode)


def files_of(settings: Settings) -> list[Path]:
    return [path for path in settings.folder.iterdir() if path.is_file()]


def an_installation(settings: Settings) -> None:
    with beside(settings):
        pass


def read_only(settings: Settings) -> dict[Path, int]:
    an_installation(settings)
    return dict.fromkeys(files_of(settings), 0o444) | {settings.folder: 0o555}


def a_read_only_file(settings: Settings) -> dict[Path, int]:
    an_installation(settings)
    return {settings.folder / "ballot.db": 0o444}


def a_lock_of_somebody_else(settings: Settings) -> dict[Path, int]:
    an_installation(settings)
    return {settings.folder / "ballot.db.turn": 0}


def empty_and_read_only(settings: Settings) -> dict[Path, int]:
    settings.folder.mkdir()
    return {settings.folder: 0o555}


def inside_a_read_only_one(settings: Settings) -> dict[Path, int]:
    return {settings.folder.parent: 0o555}


NO_RIGHT = "没有读写的权限"
CANNOT_OPEN = "打不开文件，请检查文件夹的权限"


SENTENCES = {
    read_only: f"数据库打不开：{{folder}}/ballot.db：{NO_RIGHT}",
    a_read_only_file: f"数据库暂时不能使用：{NO_RIGHT}",
    a_lock_of_somebody_else: f"数据文件 {{folder}}/ballot.db.turn 不能使用：{NO_RIGHT}。"
    "请检查它和所在文件夹的权限，以及磁盘空间。",
    empty_and_read_only: f"数据库打不开：{{folder}}/ballot.db：{CANNOT_OPEN}",
    inside_a_read_only_one: f"数据库打不开：{{folder}}：{NO_RIGHT}",
}


def refused_in(folder: Path, state: Callable[[Settings], dict[Path, int]], *words: str) -> str:
    """Run a command where the folder is in a state, and return its sentence."""
    folder.mkdir()
    settings = from_environment({"BALLOT_FOLDER": str(folder / "var")})
    with modes(state(settings)):
        told = refusal(environment(settings), *words)
    return told.replace(str(settings.folder), "{folder}")


@pytest.mark.parametrize("state", SENTENCES)
def test_where_it_may_not_write_the_server_ends_with_a_sentence(tmp_path, state):
    assert refused_in(tmp_path / "parent", state, *serve()) == SENTENCES[state]


@pytest.mark.parametrize("state", [read_only, a_read_only_file])
def test_where_it_may_not_write_a_command_ends_with_a_sentence(tmp_path, state):
    assert refused_in(tmp_path / "parent", state, *A_CYCLE) == SENTENCES[state]


@pytest.mark.slow
def test_a_folder_that_becomes_unwritable_while_serving_costs_nobody_a_vote(
    sqlite_settings, tmp_path
):
    """What is open stays open: votes go on being kept. Whoever opens it anew hears why not."""
    owner = tmp_path / "python"
    owner.write_text(f'#!/bin/sh\nexec {" ".join(as_an_owner())} {sys.executable} "$@"\n')
    owner.chmod(0o755)
    poll, voters = a_hall(sqlite_settings)
    with a_server(sqlite_settings, python=str(owner)) as server:
        fill_in_all(server, voters)
        assert voters[0].submit(server) is Told.COUNTED

        unwritable = dict.fromkeys(files_of(sqlite_settings), 0o444)
        with modes(unwritable | {sqlite_settings.folder: 0o555}):
            told = all_at_once(PHONES, server, voters[1:])
            refused = refusal(server.environ, *A_CYCLE)
            with beside(sqlite_settings) as place:
                nobody_was_told_what_is_not_true(place, poll, voters)

        assert set(told) <= {Told.COUNTED, Told.UNCERTAIN}
        assert NO_RIGHT in refused
        all_at_once(PHONES, server, voters)
        with beside(sqlite_settings) as place:
            assert len(nobody_was_told_what_is_not_true(place, poll, voters)) == len(voters)
        assert {voter.told for voter in voters} == {Told.COUNTED_BEFORE} | (
            {Told.COUNTED} if Told.UNCERTAIN in told else set()
        )
