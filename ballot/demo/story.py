"""The demonstration step by step: the commands a person would type, and voters over HTTP."""

import csv
import io
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

import click

from ballot.cli.main import main as ballot_command
from ballot.cli.server import check_free
from ballot.clock import now_utc
from ballot.demo import figures
from ballot.demo.electorate import Voter, vote_all
from ballot.errors import OperationError
from ballot.language import N_
from ballot.output.qr import ballot_link, terminal
from ballot.services import polls, printing, slip_files
from ballot.services.start import open_installation
from ballot.settings import from_environment

_MARK: Final = ".ballot-demo"
_SEED: Final = 2023
_START_SECONDS: Final = 30
_GRACE: Final = "1"


class NotOurFolderError(OperationError):
    """The folder holds something that no demonstration put there."""

    message = N_("文件夹 %(path)s 里已有别的内容，演示不会动它。请用 --folder 换一个空文件夹。")


class CommandFailedError(OperationError):
    """A command of the demonstration failed; its own words were shown above."""

    message = N_("命令失败：ballot %(command)s")


class ServerSilentError(OperationError):
    """The server did not answer in time."""

    message = N_("服务没有在 %(seconds)s 秒内启动。")


@dataclass(frozen=True)
class Stage:
    """Where the demonstration plays: its folder, address and environment."""

    folder: Path
    port: int

    @property
    def url(self) -> str:
        """Return the address of the server."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """Return what every command of the demonstration runs with."""
        return {
            "BALLOT_FOLDER": str(self.folder / "data"),
            "BALLOT_PUBLIC_URL": self.url,
            "BALLOT_DATABASE_URL": "",
            "BALLOT_SECRET_FILE": str(self.folder / "data" / "secret.key"),
            "BALLOT_GRACE_SECONDS": _GRACE,
        }

    def ballot(self, *words: str, shown: bool = True) -> str:
        """Run a `ballot` command as a person would and return what it answered."""
        if shown:
            click.secho("$ ballot " + " ".join(words), fg="cyan")
        answer = io.StringIO()
        try:
            with redirect_stdout(answer):
                ballot_command(list(words), "ballot", standalone_mode=False)
        except SystemExit as ended:
            raise CommandFailedError(command=" ".join(words)) from ended
        return answer.getvalue()


def run(folder: Path, port: int, *, stay: bool) -> None:
    """Play the whole demonstration in a folder of its own; with `stay`, leave the server on.

    Raises: PortTakenError, NotOurFolderError, CommandFailedError, ServerSilentError, VoteLostError.
    """
    begun = time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the server is ended then, too
    check_free("127.0.0.1", port)  # or the voters would go to whoever listens there
    stage = Stage(folder, port)
    _clear(folder)
    os.environ |= stage.environment  # every command from here on belongs to the demonstration
    _heading(1, "考核周期：采用方案 street-2023，三个村、两个站所")
    cycle = _create_cycle(stage)
    _heading(2, "测评活动：三场村述村评、站所述职测评、党政领导评议（一张票两个部分）")
    ids = [_create_poll(stage, planned, cycle) for planned in figures.POLLS]
    _heading(3, "印票")
    codes = [
        _print(stage, poll, planned.file) for poll, planned in zip(ids, figures.POLLS, strict=True)
    ]
    _heading(4, "启动正式服务，开始投票")
    password = secrets.token_urlsafe(9)
    os.environ["BALLOT_NEW_PASSWORD"] = password
    stage.ballot("user", "add", "demo", "--role", "admin")
    del os.environ["BALLOT_NEW_PASSWORD"]
    with _server(stage):
        for poll in ids:
            stage.ballot("poll", "open", str(poll), "--scrutineer", "张监票")
        _vote(stage, codes)
        _heading(6, f"结束、计票、认定（演示的宽限期为 {_GRACE} 秒，正式默认 90 秒）")
        for poll in ids:
            stage.ballot("poll", "close", str(poll), "--scrutineer", "张监票")
            stage.ballot("poll", "certify", str(poll), "--scrutineer", "张监票")
        _draw(stage, ids)
        _heading(7, "得分及计算过程")
        _show_points(stage, cycle)
        _heading(8, "录入其余考核项，算出总评")
        _standings(stage, cycle)
        click.secho(f"\n演示完成，用时 {time.monotonic() - begun:.0f} 秒。", fg="green")
        if stay:
            _stay(stage, password)


def _heading(number: int, text: str) -> None:
    click.secho(f"\n{number}. {text}", bold=True)


def _clear(folder: Path) -> None:
    """Start from an empty folder; remove only what an earlier demonstration left."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / _MARK).exists():
            raise NotOurFolderError(path=folder)
        shutil.rmtree(folder)
    (folder / "slips").mkdir(parents=True)
    (folder / _MARK).touch()


def _create_cycle(stage: Stage) -> str:
    words = ("cycle", "create", "--title", figures.CYCLE, "--scheme", figures.SCHEME)
    return stage.ballot(*words).strip()


def _create_poll(stage: Stage, planned: figures.Planned, cycle: str) -> int:
    path = stage.folder / planned.file
    path.write_text(planned.text, encoding="utf-8")
    return int(stage.ballot("poll", "create", str(path), "--cycle", cycle))


def _print(stage: Stage, poll_id: int, file: str, *, spares: int = 2) -> list[str]:
    """Print a poll's slips as `ballot poll ballots --pdf` does, and hand them to the voters.

    The codes are in the slips alone, so they are kept here as voters keep their slips.
    """
    path = stage.folder / "slips" / Path(file).with_suffix(".pdf").name
    settings = from_environment(os.environ)
    database, keys = open_installation(settings, now_utc())
    with database.read() as connection:
        poll = polls.get(connection, poll_id)
    batches = printing.make_batches(poll.definition, None, count=None, spares=spares)
    printing.print_to(
        database,
        keys,
        [printing.Stack(poll, batches)],
        path,
        write=slip_files.write_pdf,
        public_url=settings.public_url,
        by="demo",
        now=now_utc(),
    )
    database.close()
    number = sum(len(batch.every) for batch in batches)
    click.echo(f"   {number} 张票 → {path}")
    return [code for batch in batches for code in batch.codes]


@contextmanager
def _server(stage: Stage) -> Iterator[None]:
    """Run the production server for as long as the block lasts."""
    words = ("serve", "--port", str(stage.port))
    click.secho("$ ballot " + " ".join(words), fg="cyan")
    process = subprocess.Popen([sys.executable, "-m", "ballot", *words])  # noqa: S603 - our own
    try:
        _wait_for(stage, process)
        yield
    finally:
        process.terminate()
        process.wait(60)


def _wait_for(stage: Stage, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise CommandFailedError(command="serve")
        try:
            socket.create_connection(("127.0.0.1", stage.port), timeout=2).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise ServerSilentError(seconds=_START_SECONDS)


def _vote(stage: Stage, codes: Sequence[Sequence[str]]) -> None:
    _heading(5, "投票：模拟选民用手机页面逐一打开、填写、核对、提交（HTTP）")
    random = Random(_SEED)  # noqa: S311 - the same demonstration every time
    voters = []
    for planned, hands in zip(figures.POLLS, codes, strict=True):
        slips = random.sample(list(hands), planned.voters)
        choices = planned.choices(random)
        voters += [Voter(code, said) for code, said in zip(slips, choices, strict=True)]
    random.shuffle(voters)
    with click.progressbar(length=len(voters), label="   已投") as bar:
        vote_all(stage.url, voters, bar.update)


def _draw(stage: Stage, ids: Sequence[int]) -> None:
    """Draw each poll's results beside its slips."""
    (stage.folder / "charts").mkdir()
    for poll, planned in zip(ids, figures.POLLS, strict=True):
        chart = stage.folder / "charts" / Path(planned.file).with_suffix(".pdf").name
        stage.ballot("poll", "results", str(poll), "--chart", str(chart))


def _show_points(stage: Stage, cycle: str) -> None:
    click.echo(stage.ballot("cycle", "points", cycle))


def _standings(stage: Stage, cycle: str) -> None:
    """Join the pulled points with what offices entered, and score each kind."""
    rows = json.loads(stage.ballot("cycle", "points", cycle, "--format", "json", shown=False))
    for kind, entered in (("village", figures.VILLAGES), ("station", figures.STATIONS)):
        balloted = _by_unit(rows, kind)
        entries = _write(
            stage.folder / f"{kind}-entries.csv",
            [{"unit": unit, **marks, **balloted[unit]} for unit, marks in entered.items()],
        )
        adjustments = _text(stage.folder / f"{kind}-adjustments.csv", figures.ADJUSTMENTS[kind])
        vetoes = _text(stage.folder / f"{kind}-vetoes.csv", figures.VETOES[kind])
        words = ["score", "--scheme", figures.SCHEME, "--kind", kind, entries]
        words += ["--adjustments", adjustments]
        words += ["--vetoes", vetoes] if figures.VETOES[kind].count("\n") > 1 else []
        click.echo(stage.ballot(*words))


def _by_unit(rows: Sequence[Mapping[str, Any]], kind: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        if row["kind"] == kind:
            found.setdefault(row["unit"], {})[row["component"]] = row["points"]
    return found


def _write(path: Path, rows: Sequence[Mapping[str, str]]) -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return _text(path, file.getvalue())


def _text(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


def _stay(stage: Stage, password: str) -> None:
    """Leave the server on, with something to try by hand."""
    cycle = stage.ballot(
        "cycle", "create", "--title", "试投（演示）", "--scheme", figures.SCHEME, shown=False
    ).strip()
    path = Path(_text(stage.folder / "trial.toml", figures.TRIAL))
    poll = int(stage.ballot("poll", "create", str(path), "--cycle", cycle, shown=False))
    code, *_ = _print(stage, poll, path.name, spares=0)
    stage.ballot("poll", "open", str(poll), shown=False)
    link = ballot_link(stage.url, code)
    click.echo(terminal(link))
    click.echo(f"试投一票：{link}")
    click.echo(f"后台：{stage.url}/office/   账号 demo   密码 {password}")
    click.echo(f"印好的票：{stage.folder / 'slips'}    结果图：{stage.folder / 'charts'}")
    click.echo("服务仍在运行，按 Ctrl-C 停止。")
    try:
        while True:
            time.sleep(1)
    except KeyboardInterrupt:
        click.echo("\n正在停止……")
