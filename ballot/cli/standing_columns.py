"""Columns of `ballot score` and `ballot cycle standings`: of every standing, and of its kind."""

from typing import Any

from ballot.cli.reporting import _, language
from ballot.scoring import Kind, Standing


def standing_row(standing: Standing) -> dict[str, Any]:
    """Return a standing with its parts as columns; what no total counts stands as it was given."""
    row = standing.to_json(language())
    factor, staff = row.get("coefficient"), row.get("staff")
    return {
        **row,
        **row.get("figures", {}),
        **row["components"],
        "adjustments": [f"{each['rule']} {each['marks']}" for each in row["adjustments"]],
        "vetoes": [each["rule"] for each in row["vetoes"]],
        "competes": {True: _("是"), False: _("否")}.get(row.get("competes", True)),
        "coefficient": f"× {factor['factor']}  {factor['marks']}" if factor else "",
        "staff": staff["places"] if staff else "",
    }


def standing_columns(kind: Kind, form: str) -> dict[str, str]:
    """Return the columns of a kind's standings, with the headings of a table."""
    columns = {
        **({"sector": _("分口")} if kind.sectors else {}),
        "rank": _("名次"),
        "unit": _("单位"),
        **({"competes": _("参评")} if kind.competes else {}),
        **{component.key: component.title for component in kind.components},
        **({"coefficient": kind.coefficient.title} if kind.coefficient else {}),
        "adjustments": _("加减分"),
        "vetoes": _("否决"),
        "total": _("总分"),
        "grade": _("等次"),
        **({"distinction": _("表彰")} if kind.distinguishes else {}),
        **({"staff": kind.staff.title} if kind.staff else {}),
        **({"flags": _("提示")} if kind.flags else {}),
        "note": _("备注"),
    }
    return columns if form == "table" else {**columns, "derivation": ""}
