"""The quorum: below it a poll is certified only with a recorded reason."""

from fractions import Fraction

from ballot.domain.account import Account
from ballot.domain.definition import Quorum
from ballot.errors import RefusedError
from ballot.language import N_, Text


class QuorumError(RefusedError):
    """Too few voted, and nobody recorded why the result shall stand."""

    message = N_(
        "未达到规定的参加比例：收回 %(returned)s 票，%(base)s %(number)s，"
        "须%(rule)s %(fraction)s。确需认定的，请填写理由。"
    )


def is_met(quorum: Quorum, account: Account) -> bool:
    """Tell whether enough ballots were returned, compared exactly."""
    base = account.of(quorum.of)
    if not base:
        return False
    ratio = Fraction(account.total.returned, base)
    return ratio > quorum.fraction if quorum.more else ratio >= quorum.fraction


def require_quorum(quorum: Quorum | None, account: Account, reason: str) -> None:
    """Refuse a result below its quorum that comes without a reason.

    Raises: QuorumError.
    """
    if quorum is None or reason.strip() or is_met(quorum, account):
        return
    raise QuorumError(
        returned=account.total.returned,
        base=quorum.of.text,
        number=account.of(quorum.of),
        rule=Text("多于" if quorum.more else N_("不少于")),
        fraction=quorum.fraction,
    )
