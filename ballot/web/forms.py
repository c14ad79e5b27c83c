"""The office's forms: what was typed becomes domain values, and a refusal loses no typing."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import wraps
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from ballot.clock import LOCAL
from ballot.domain.account import Account, AccountLine, box_key
from ballot.domain.written import LONGEST_REASON, problems
from ballot.errors import BallotError, MistakesError, NotFoundError
from ballot.language import Text
from ballot.scoring.figures import whole_number
from ballot.web.errors import status_of

Fields = Mapping[str, str]
View = Callable[..., ResponseReturnValue]


def retyped(page: Callable[..., str]) -> Callable[[View], View]:
    """Answer an action that was refused with its form's page: what was typed and the reasons.

    `page` takes the view's arguments, then `typed` and `texts`.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def kept(**arguments: Any) -> ResponseReturnValue:
            try:
                return view(**arguments)
            except NotFoundError:
                raise
            except BallotError as error:
                return page(**arguments, typed=request.form, texts=error.texts()), status_of(error)

        return kept

    return decorate


@dataclass(frozen=True)
class IssuedField:
    """Where the ballots handed out of a line are typed; `key` is what declares them."""

    name: str
    key: str
    line: AccountLine
    in_box: bool


@dataclass(frozen=True)
class Certifying:
    """What is said when a result is certified; `issued` is in ballots, by group or box."""

    issued: Mapping[str, int]
    reason: str


def read_opening(fields: Fields) -> datetime | None:
    """Return the planned end, aware, if the form says one.

    Raises: MistakesError.
    """
    closes_at, mistake = _moment(fields.get("closes_at", ""))
    _refuse(*_unconfirmed(fields), *mistake)
    return closes_at


def read_annulling(fields: Fields) -> str:
    """Return the reason.

    Raises: MistakesError.
    """
    reason = fields.get("reason", "").replace("\r\n", "\n").strip()
    missing = [] if reason else [Text("请写明作废的理由。")]
    unreadable = problems(Text("理由"), reason, most=LONGEST_REASON, lines=True)
    _refuse(*_unconfirmed(fields), *missing, *unreadable)
    return reason


def read_certifying(fields: Fields, account: Account) -> Certifying:
    """Return what the form says.

    Raises: MistakesError naming every group whose number is none.
    """
    numbers = {
        field.key: whole_number(fields.get(field.name, "")) for field in issued_fields(account)
    }
    mistakes = [
        Text("%(group)s：发出数应为整数。", group=field.line.name)
        for field in issued_fields(account)
        if numbers[field.key] is None
    ]
    reason = fields.get("reason", "").replace("\r\n", "\n")
    unreadable = problems(Text("理由"), reason, most=LONGEST_REASON, lines=True)
    _refuse(*mistakes, *_unconfirmed(fields), *unreadable)
    return Certifying(
        issued={key: number for key, number in numbers.items() if number is not None},
        reason=reason,
    )


def issued_fields(account: Account) -> list[IssuedField]:
    """Return the fields of ballots handed out, each group's before those of its boxes."""
    places = {box: place for place, box in enumerate(account.boxes)}
    return [
        field
        for line in account.lines
        for field in (
            IssuedField(f"issued-{line.group}", line.group, line, in_box=False),
            *(
                IssuedField(f"box-{places[box]}", box_key(box), box, in_box=True)
                for box in account.boxes_of(line.group)
            ),
        )
    ]


def read_confirmed(fields: Fields) -> None:
    """Make sure that the box before an action was ticked.

    Raises: MistakesError.
    """
    _refuse(*_unconfirmed(fields))


def read_file() -> tuple[bytes, str]:
    """Return what the file that was sent holds, and its name.

    Raises: MistakesError where none was chosen.
    """
    file = request.files.get("file")
    if file is None or not file.filename:
        raise MistakesError([Text("请选择一个文件。")])
    return file.read(), file.filename


def read_day(typed: str) -> date:
    """Return the day that a date field holds.

    Raises: MistakesError.
    """
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        raise MistakesError([Text("日期应写成 2024-01-12 的样子。")]) from None


def _unconfirmed(fields: Fields) -> Iterator[Text]:
    if fields.get("confirm") != "yes":
        yield Text("请勾选确认。")


def _moment(typed: str) -> tuple[datetime | None, list[Text]]:
    """Return the moment that a date-and-time field holds, in the time people here live by."""
    if not typed.strip():
        return None, []
    try:
        local = datetime.fromisoformat(typed.strip()).replace(tzinfo=LOCAL)
        return local.astimezone(UTC), []
    except (ValueError, OverflowError):
        return None, [Text("结束时间应写成 2023-12-28 11:30 的样子。")]


def _refuse(*mistakes: Text) -> None:
    if mistakes:
        raise MistakesError(mistakes)
