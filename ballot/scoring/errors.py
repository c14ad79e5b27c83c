"""What can go wrong in scoring that a person can act on."""

from ballot.errors import BallotError, NotFoundError
from ballot.language import N_


class NoVotesError(BallotError):
    """The base is empty: no result, which is not a result of 0."""

    message = N_("基数为 0，没有结果。")


class ScaleError(BallotError):
    """A scale breaks a rule of scales."""

    message = N_("量表不合规：%(problem)s。")


class RuleError(BallotError):
    """A conversion rule breaks a rule of rules."""

    message = N_("折算规则不合规：%(problem)s。")


class RuleFormatError(BallotError):
    """A frozen rule cannot be read back."""

    message = N_("折算规则的存档格式有误：%(problem)s。")


class WeightsError(BallotError):
    """Group weights are not positive numbers that add up to 1."""

    message = N_("各类别权重须大于 0 且合计为 1，现合计为 %(total)s。")


class BaseUnknownError(BallotError):
    """The rule's base was never counted for this subject."""

    message = N_("“%(subject)s”没有%(base)s的数字，不能以它为基数。")


class BaseTooSmallError(BallotError):
    """More marks than the base holds: one of the two numbers is wrong."""

    message = N_("“%(subject)s”各等次共 %(marks)s 票，多于基数%(base)s %(number)s，请核对。")


class DiscretionError(BallotError):
    """A discretionary value was recorded where none is allowed."""

    message = N_("“%(subject)s”不能酌情计 %(value)s 分：%(problem)s。")


class DecisionError(BallotError):
    """A recorded decision on a tie does not fit the standing."""

    message = N_("所定先后次序（%(units)s）不能采用：%(problem)s。")


class SettingError(BallotError):
    """A setting of a scheme that does not exist, or cannot have this value."""

    message = N_("设置“%(setting)s”不能采用：%(problem)s。")


class UnknownSchemeError(NotFoundError):
    """No preset has this name."""

    message = N_("没有考核方案“%(name)s”，现有：%(known)s。")


class UnknownKindError(NotFoundError):
    """The scheme has no such kind."""

    message = N_("方案“%(scheme)s”没有类别“%(kind)s”，现有：%(known)s。")


class UnknownComponentError(NotFoundError):
    """The kind has no such component."""

    message = N_("类别“%(kind)s”没有考核项“%(component)s”，现有：%(known)s。")


class NotByBallotError(BallotError):
    """The component is entered, not voted on."""

    message = N_("考核项“%(component)s”不由投票产生，不能折算票数。")
