"""Second person's confirmation (双人确认): one account asks, another lets the action happen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from ballot.domain.people import User
from ballot.domain.polls import PollId
from ballot.errors import NotFoundError, RefusedError
from ballot.language import N_, Text

LIFETIME: Final = timedelta(minutes=30)
"""How long a request waits for a second person."""

Details = Mapping[str, Any]
"""What an action needs to know, as JSON values."""


class State(StrEnum):
    """Where a request stands; one that nobody answered in time is expired."""

    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"

    @property
    def text(self) -> Text:
        """Return the state in words."""
        return Text(_STATE_WORDS[self])


_STATE_WORDS = {
    State.WAITING: N_("待确认"),
    State.DONE: N_("已确认"),
    State.REFUSED: N_("被拒绝"),
    State.WITHDRAWN: N_("已撤回"),
    State.EXPIRED: N_("已过期"),
}


class NoSuchRequestError(NotFoundError):
    """No request of that number."""

    message = N_("没有编号为 %(id)s 的确认请求。")


class NotWaitingError(RefusedError):
    """The request was answered, taken back, or waited too long."""

    message = N_("这项请求%(state)s，没有再做任何操作。")


class OwnRequestError(RefusedError):
    """Whoever asks is not the second person."""

    message = N_("提出的人不能自己确认。请由另一人用自己的账号确认。")


class NotWitnessError(RefusedError):
    """The account's role is none that confirms this."""

    message = N_("账号“%(name)s”的角色是%(role)s，不能确认这项操作。")


class NotYoursError(RefusedError):
    """Only whoever asked takes a request back."""

    message = N_("只有提出的人能撤回。")


class AskerGoneError(RefusedError):
    """The asker's account ended, or may no longer do this."""

    message = N_("提出的账号“%(name)s”已停用，或不再有这项权限，不能执行。")


class TemporaryWitnessError(RefusedError):
    """Somebody else knows this password too."""

    message = N_("账号“%(name)s”用的还是临时密码。请先登录，设置自己的密码，再来确认。")


class AskedAlreadyError(RefusedError):
    """The same is waiting already."""

    message = N_("“%(action)s”已由%(asker)s提出，正在等待确认。要改内容，请先撤回那一项。")


@dataclass(frozen=True)
class Request:
    """A request as it is kept. Times are aware, UTC; `settler`: who confirmed or refused it.

    `kept`: the state as stored; `state_at` knows about the clock.
    """

    id: int
    action: str
    poll_id: PollId
    details: Details
    asker: User
    asked_at: datetime
    expires_at: datetime
    kept: State
    settler: User | None
    settled_at: datetime | None
    reason: str | None

    def state_at(self, now: datetime) -> State:
        """Return where the request stands at a moment."""
        if self.kept is State.WAITING and now >= self.expires_at:
            return State.EXPIRED
        return self.kept

    def require_waiting(self, now: datetime) -> None:
        """Refuse to answer what is settled or expired.

        Raises: NotWaitingError.
        """
        state = self.state_at(now)
        if state is not State.WAITING:
            raise NotWaitingError(state=state.text)
