"""What waits together is done together, in order, and nobody alone waits for a crowd."""

import time
from queue import SimpleQueue
from types import SimpleNamespace

from ballot.services import together
from ballot.services.together import MOST_TOGETHER, Together


def test_what_comes_in_while_a_group_is_done_is_the_next_group_in_order():
    groups: SimpleQueue[list[int]] = SimpleQueue()
    going_on: SimpleQueue[None] = SimpleQueue()

    def work(group: list[int]) -> None:
        groups.put(group)
        going_on.get(timeout=20)

    many: Together[int] = Together("together", work)
    many.put(0)
    assert groups.get(timeout=20) == [0]
    for number in range(1, 2 * MOST_TOGETHER):
        many.put(number)
    going_on.put(None)
    second = groups.get(timeout=20)
    going_on.put(None)
    third = groups.get(timeout=20)
    going_on.put(None)

    assert second == list(range(1, MOST_TOGETHER + 1))
    assert third == list(range(MOST_TOGETHER + 1, 2 * MOST_TOGETHER))


def test_in_a_crowd_those_who_come_one_after_the_other_are_gathered(monkeypatch):
    groups: SimpleQueue[list[int]] = SimpleQueue()
    many: Together[int] = Together("together", groups.put)
    arriving = [[2, 3], [4], [], [5]]

    def sleep(_: float) -> None:
        for number in arriving.pop(0):
            many.put(number)

    monkeypatch.setattr(together, "GATHERING_SECONDS", 60)  # a crowd, however slow the machine
    monkeypatch.setattr(together, "time", SimpleNamespace(monotonic=time.monotonic, sleep=sleep))
    many.put(0)
    assert groups.get(timeout=20) == [0]

    many.put(1)

    assert groups.get(timeout=20) == [1, 2, 3, 4]
    assert arriving == [[5]], "nobody came in the last pause, so that it set out"


def test_who_comes_alone_after_a_pause_is_not_kept_waiting(monkeypatch):
    groups: SimpleQueue[list[int]] = SimpleQueue()
    many: Together[int] = Together("together", groups.put)
    many.put(0)
    groups.get(timeout=20)
    time.sleep(0.05)
    gathered: list[bool] = []
    monkeypatch.setattr(Together, "_gather", lambda _: gathered.append(True))

    many.put(1)

    assert groups.get(timeout=20) == [1]
    assert gathered == []
