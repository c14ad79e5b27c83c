"""The ballot account as people read it out and print it: in sentences, and as a table."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ballot.domain.account import Account, AccountError, AccountLine
from ballot.language import Text

_COLUMNS: Final = {
    "eligible": Text("应到"),
    "printed": Text("印制"),
    "spares": Text("备用"),
    "issued": Text("发出"),
    "damaged": Text("损坏换发"),
    "lost": Text("遗失换发"),
    "voided": Text("作废票"),
    "left_over": Text("剩余"),
    "returned": Text("收回"),
    "on_paper": Text("其中纸质票"),
    "set_aside": Text("另存"),
    "not_returned": Text("未收回"),
}
_WHERE_COUNTED: Final = frozenset(
    {"eligible", "spares", "damaged", "lost", "voided", "on_paper", "set_aside"}
)
"""Columns that stand only where some line has them."""


@dataclass(frozen=True)
class AccountTable:
    """The account as a table: headings, then a row for each group, its boxes, and all together.

    The last two columns are the valid and the invalid votes, which are told of all groups together
    only; None where a line has no such number.
    """

    headings: tuple[Text, ...]
    rows: tuple[tuple[Text | str, tuple[int | None, ...]], ...]


def account_table(account: Account) -> AccountTable:
    """Return the account as a table; what was counted nowhere is left out."""
    lines = (*account.lines, account.total)
    keys = [
        key
        for key in _COLUMNS
        if key not in _WHERE_COUNTED or any(getattr(line, key) for line in lines)
    ]

    def numbers(line: AccountLine) -> tuple[int | None, ...]:
        return tuple(getattr(line, key) for key in keys)

    rows: list[tuple[Text | str, tuple[int | None, ...]]] = []
    for line in account.lines:
        rows.append((line.name, (*numbers(line), None, None)))
        rows += [
            (Text("其中流动票箱“%(box)s”", box=box.name), (*numbers(box), None, None))
            for box in account.boxes_of(line.group)
        ]
    rows.append((Text("合计"), (*numbers(account.total), account.valid, account.invalid)))
    headings = (*(_COLUMNS[key] for key in keys), Text("有效"), Text("无效"))
    return AccountTable(headings, tuple(rows))


def account_told(account: Account) -> list[Text]:
    """Return the account in sentences, as it is announced, its remarks at the end."""
    total = account.total
    return [
        Text(
            "共印制测评票 %(printed)s 张，发出 %(issued)s 张%(replaced)s，剩余 %(left)s 张。",
            printed=total.printed,
            issued=total.issued,
            replaced=_replaced(total),
            left=total.left_over,
        ),
        returned_told(account),
        *_balance(account),
        *account.remarks(),
    ]


def returned_told(account: Account) -> Text:
    """Say how many votes came back, and how many of them are valid."""
    return Text(
        "收回测评票 %(returned)s 张，其中有效票 %(valid)s 张，无效票 %(invalid)s 张。",
        returned=account.total.returned,
        valid=account.valid,
        invalid=account.invalid,
    )


def mistakes_of(account: Account) -> tuple[Text, ...]:
    """Return what cannot be about the account; nothing where it balances."""
    try:
        account.check()
    except AccountError as error:
        return tuple(error.texts())
    return ()


def _replaced(total: AccountLine) -> Text | str:
    if not total.replaced:
        return ""
    return Text(
        "，另换发 %(replaced)s 张（损坏 %(damaged)s 张，遗失 %(lost)s 张）",
        replaced=total.replaced,
        damaged=total.damaged or 0,
        lost=total.lost or 0,
    )


def _balance(account: Account) -> Iterator[Text]:
    mistakes = mistakes_of(account)
    if mistakes:
        yield Text("票账不符，须先查明：")
        yield from mistakes
    elif any(line.excess for line in account.lines):
        yield Text("收回票数多于发出票数，在遗失换发的张数以内。")
    else:
        yield Text("收回票数不多于发出票数，票账相符。")
