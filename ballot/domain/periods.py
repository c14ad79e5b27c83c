"""Periods of days as the Civil Code counts them: the day on which one begins is not counted.

The last day ends at midnight. Where it is a statutory holiday the Civil Code goes on to the next
working day; that is not done here (no calendar of holidays is kept), so pages say it.
Source: Civil Code art. 201, 203; docs/scoring-rules.md, rules 67 and 68.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from ballot.clock import LOCAL
from ballot.language import Text

HOLIDAYS: Final = Text(
    "期限按日历日计算，开始当天不计入，最后一天到24时止；"
    "最后一天是法定休假日的，请自行顺延到休假日后的第一天。"
)


def last_day(begins: date, days: int) -> date:
    """Return the last day of a period of so many days that begins on a day."""
    return begins + timedelta(days=days)


def local_day(moment: datetime) -> date:
    """Return the day of a moment in the time people here live by."""
    return moment.astimezone(LOCAL).date()


@dataclass(frozen=True)
class Clock:
    """A period that runs: the day it began, its days, and the day on which it was kept, if any."""

    begins: date
    days: int
    done: date | None = None

    @property
    def last(self) -> date:
        """Return the last day."""
        return last_day(self.begins, self.days)

    def late(self, today: date) -> int:
        """Return how many days after the last day it was kept, or it is now; 0 in time."""
        return max(0, ((self.done or today) - self.last).days)

    def left(self, today: date) -> int:
        """Return how many whole days are left after today; none once it is kept or over."""
        return 0 if self.done else max(0, (self.last - today).days)

    def state(self, today: date) -> str:
        """Return `kept`, `kept-late`, `overdue`, `soon` (three days or fewer left) or `running`."""
        if self.done:
            return "kept-late" if self.late(today) else "kept"
        if self.late(today):
            return "overdue"
        return "soon" if self.left(today) <= 3 else "running"

    def words(self, today: date) -> Text:
        """Say how much is left, or by how much it is overdue or was late."""
        late = self.late(today)
        if self.done:
            return Text("逾期 %(days)s 天", days=late) if late else Text("按期")
        if late:
            return Text("已逾期 %(days)s 天", days=late)
        left = self.left(today)
        return Text("还剩 %(days)s 天", days=left) if left else Text("今天是最后一天")
