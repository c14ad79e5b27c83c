"""The event log: any change, removal or insertion is found."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ballot.domain.events import START, BrokenLogError, chained, verify

NOON = datetime(2023, 12, 28, 12, tzinfo=UTC)


def a_log(length=5):
    events = []
    for number in range(length):
        events.append(
            chained(
                events[-1] if events else None,
                at=NOON + timedelta(minutes=number),
                actor="张三",
                action="poll opened",
                details={"poll": number, "title": "测评"},
            )
        )
    return events


def test_a_whole_log_is_verified_to_its_head():
    log = a_log()

    assert verify(log) == log[-1].hash
    assert verify([]) == START


@pytest.mark.parametrize(
    "change",
    [
        {"actor": "李四"},
        {"action": "poll closed"},
        {"details": {"poll": 9}},
        {"at": NOON},
        {"number": 4},
        {"previous": START},
        {"hash": START},
    ],
)
def test_any_changed_entry_is_named(change):
    log = a_log()
    log[2] = replace(log[2], **change)

    with pytest.raises(BrokenLogError, match="第 3 条"):
        verify(log)


def test_a_removed_entry_and_two_swapped_ones_are_found():
    log = a_log()

    with pytest.raises(BrokenLogError, match="第 3 条"):
        verify(log[:2] + log[3:])
    with pytest.raises(BrokenLogError, match="第 2 条"):
        verify([log[0], log[2], log[1], *log[3:]])


def test_a_clock_set_back_does_not_set_the_log_back():
    first = chained(None, at=NOON, actor="a", action="b", details={})

    second = chained(first, at=NOON - timedelta(hours=3), actor="a", action="b", details={})

    assert second.at == NOON
