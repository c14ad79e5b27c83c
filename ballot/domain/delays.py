"""The growing delay after failed sign-ins: a pause that slows guessing, never a lock."""

from datetime import datetime
from math import ceil
from typing import Final

FREE_FAILURES: Final = 3
LONGEST_SECONDS: Final = 15


def seconds_to_wait(failures: int, last: datetime, now: datetime) -> int:
    """Return the whole seconds until the next attempt is checked; 0 if it may be now.

    From the third failure on 1, 2, 4, 8, then at most 15 seconds, counted from the last attempt
    that was checked: asking in between makes nothing longer. A clock set back ends the wait.
    """
    if failures < FREE_FAILURES or now < last:
        return 0
    delay = min(1 << min(failures - FREE_FAILURES, 4), LONGEST_SECONDS)
    return max(ceil(delay - (now - last).total_seconds()), 0)
