"""The figures as tables for a terminal."""

from typing import Any

from tabulate import tabulate

from scripts.bench.rates import LINES

_GOALS = {"page": ">= 0.8", "cast": ">= 0.5", "visit": ">= 0.33"}
_TOLD = (
    "ballots_at_the_end",
    "watchers",
    "page",
    "asked",
    "failed",
    "share_of_core",
    "race",
    "jobs_done",
    "slips_printed",
)
_WORDS = {"page": "ballot page", "form": "noop form", "served": "hello as served"}


def rates(found: dict[str, Any]) -> str:
    """Return the main table of one database, with the books below it."""
    lines = found["lines"]
    rows = [_row(name, lines[name]) for name in LINES]
    head = (
        "line",
        "a second",
        "of hello",
        "least-most",
        "by cpu",
        "of served",
        "wanted",
        "p50 ms",
        "p95 ms",
        "p99 ms",
        "p99/hello",
        "errors",
        "server",
        "other core",
        "wrk",
    )
    table = tabulate(rows, headers=head, disable_numparse=True, stralign="right")
    return "\n".join([table, *_below(found)])


def _row(name: str, line: dict[str, Any]) -> list[str]:
    rate, ratio = line["rate"], line["of_hello"]
    return [
        _WORDS.get(name, name),
        f"{rate['median']:.0f}",
        f"{ratio['median']:.3f}",
        f"{ratio['least']:.3f}-{ratio['most']:.3f}",
        f"{line['of_hello_by_processor']:.3f}",
        f"{line['of_served']['median']:.3f}",
        _GOALS.get(name, ""),
        *(f"{line[f'p{percent}_ms']:.2f}" for percent in (50, 95, 99)),
        f"{line['p99_of_hello']:.1f}",
        str(line["errors"]),
        *(f"{line[part]:.0%}" for part in ("server", "other_cores", "client")),
    ]


def _below(found: dict[str, Any]) -> list[str]:
    visit = found["lines"]["visit"]
    hello = found["lines"]["hello"]
    steps = ", ".join(
        f"{step} {figures['p50_ms']:.1f}/{figures['p99_ms']:.1f}"
        for step, figures in found["visit_steps"].items()
    )
    kinds = {
        f"{name}: {what}": number
        for name, line in found["lines"].items()
        for what, number in line["error_kinds"].items()
    }
    reach = hello["rate"]["median"] / max(hello["client"], 0.01)
    return [
        f"a visit is 3 requests: {3 * visit['of_hello']['median']:.3f} of hello in requests; "
        f"p50/p99 ms of its steps: {steps}",
        f"wrk took {hello['client']:.0%} of a core for hello: it could ask for about {reach:.0f} "
        "a second",
        f"others used {_strangers(found):.0%} of the server's core (a few percent: quiet enough)",
        books(found["book"]),
        f"most memory of the web process: {found['memory_mb']:.0f} MB (wanted: < 150), "
        f"of the bare one: {found['baseline_memory_mb']:.0f} MB",
        *(f"ERRORS {what}: {number}" for what, number in kinds.items()),
    ]


def _strangers(found: dict[str, Any]) -> float:
    """Return how much of its core the server did not get, at the worst line."""
    lines = found["lines"].values()
    return max(0.0, *(float(line["server_core"] - line["server"]) for line in lines))


def books(book: dict[str, int]) -> str:
    """Return whether what was acknowledged is what is there."""
    return (
        f"votes: {book['acknowledged']} acknowledged, {book['marked']} ballots marked, "
        f"{book['votes']} votes kept; lost {book['lost']}, double {book['double']}, "
        f"unheard {book['unheard']}"
    )


def compared(found: dict[str, Any]) -> str:
    """Return a comparison of two ways of casting."""
    ratio = found["ratio"]
    cost = found.get("cost_by_processor")
    rest = {name: value for name, value in found.items() if name in _TOLD}
    return "\n".join(
        [
            f"{found['rate']:.0f} casts a second against {found['rate_to_compare']:.0f}: "
            f"{ratio['median']:.3f} ({ratio['least']:.3f}-{ratio['most']:.3f}); "
            f"p99 {found['p99_ms']:.1f} ms against {found['p99_to_compare_ms']:.1f}; "
            f"errors {found['errors']}",
            *([] if cost is None else [f"by cpu a cast costs {cost:.3f} times as much"]),
            books(found["book"]),
            *(f"{name}: {value}" for name, value in rest.items()),
            *(f"ERRORS {what}: {number}" for what, number in found["error_kinds"].items()),
        ]
    )


def plain(rows: list[dict[str, Any]]) -> str:
    """Return rows of equal keys as a table."""
    table: str = tabulate(rows, headers="keys", disable_numparse=True, stralign="right")
    return table
