"""The demonstration's figures: what voters say, and what offices enter.

Chosen so that every band from 90 to 40 occurs and one ratio sits exactly on an edge. Marks are
numbers of votes in the order 好, 较好, 一般, 差, 弃权.
"""

from dataclasses import dataclass
from random import Random
from typing import Final

SCHEME: Final = "street-2023"
CYCLE: Final = "2023年度综合目标管理考核（演示）"
GROUPS: Final = (
    ("committee", "两委成员", 7),
    ("leaders", "村民组长", 8),
    ("party", "党员", 10),
    ("representatives", "村民代表", 5),
)
BLANK: Final = 4


@dataclass(frozen=True)
class Planned:
    """One poll: its file, and for each subject in paper order the marks that will be given."""

    file: str
    text: str
    marks: tuple[tuple[int, int, int, int, int], ...]

    @property
    def voters(self) -> int:
        """Return how many ballots will be returned."""
        return sum(self.marks[0])

    def choices(self, random: Random) -> list[list[int | None]]:
        """Return each voter's choices, the marks of every subject dealt out at random."""
        columns = []
        for marks in self.marks:
            column = [level for level, number in enumerate(marks) for _ in range(number)]
            random.shuffle(column)
            columns.append([None if level == BLANK else level for level in column])
        return [list(choices) for choices in zip(*columns, strict=True)]


def _village(name: str, marks: tuple[int, int, int, int, int]) -> Planned:
    groups = "\n".join(
        f'  {{ key = "{key}", name = "{title}", ballots = {number} }},'
        for key, title, number in GROUPS
    )
    return Planned(
        f"village-{name}.toml",
        f'''title = "{name}2023年度村述村评"
scheme = "{SCHEME}"
kind = "village"
component = "village-peer-review"
subjects = [{{ unit = "{name}", name = "{name}领导班子" }}]
groups = [
{groups}
]
''',
        (marks,),
    )


_STATIONS: Final = Planned(
    "stations.toml",
    f'''title = "2023年度站所年底述职民主测评"
scheme = "{SCHEME}"
kind = "station"
component = "report-review"
subjects = [{{ unit = "财政所" }}, {{ unit = "司法所" }}]
groups = [{{ key = "cadres", name = "街道干部", ballots = 40 }}]
''',
    ((15, 9, 12, 4, 0), (8, 12, 14, 5, 1)),  # 24/40 = 60 % -> 60, on the edge; 20/40 -> 40
)

_LEADERS: Final = Planned(
    "leaders.toml",
    f'''title = "2023年度党政领导评议"
scheme = "{SCHEME}"
groups = [{{ key = "leaders", name = "党政领导", ballots = 11 }}]

[[sections]]
kind = "village"
component = "leaders-review"
subjects = [{{ unit = "白马村" }}, {{ unit = "青龙村" }}, {{ unit = "石桥社区" }}]

[[sections]]
kind = "station"
component = "leaders-review"
subjects = [{{ unit = "财政所" }}, {{ unit = "司法所" }}]
''',
    (
        (7, 3, 1, 0, 0),  # 10/11 = 90.91 % -> 90
        (5, 4, 1, 1, 0),  # 9/11 = 81.82 % -> 80
        (4, 4, 3, 0, 0),  # 8/11 = 72.73 % -> 70
        (4, 3, 2, 1, 1),  # 7/11 = 63.64 % -> 60
        (6, 4, 1, 0, 0),  # 10/11 -> 90
    ),
)

POLLS: Final = (
    _village("白马村", (20, 7, 2, 1, 0)),  # 27/30 = 90 % exactly -> 90
    _village("青龙村", (14, 12, 2, 1, 0)),  # 26/29 = 89.66 % -> 80, printed close to 90
    _village("石桥社区", (12, 9, 4, 1, 2)),  # 21/28 = 75 % -> 70, two abstain
    _STATIONS,
    _LEADERS,
)

TRIAL: Final = """title = "试投:您对本次演示是否满意"
scheme = "street-2023"
kind = "village"
component = "village-peer-review"
subjects = [
  { unit = "演示村", name = "演示村领导班子" },
  { unit = "演示社区", name = "演示社区领导班子" },
]
groups = [{ key = "guests", name = "来宾", ballots = 10 }]
"""

# unit -> what the line offices and the assessment group enter
VILLAGES: Final = {
    "白马村": {"base-work": "78.35", "street-review": "4.60"},
    "青龙村": {"base-work": "80.12", "street-review": "4.20"},
    "石桥社区": {"base-work": "71.08", "street-review": "3.90"},
}
STATIONS: Final = {
    "财政所": {"finance": "9.00", "duties": "36.50", "key-work": "9.20"},
    "司法所": {"finance": "8.00", "duties": "33.40", "key-work": "7.75"},
}
ADJUSTMENTS: Final = {
    "village": "unit,rule,times,item,note\n"
    "白马村,praise-city,1,人居环境,市政府通报表扬\n"
    "石桥社区,late-reply,2,整改通知,两份整改通知逾期未复\n",
    "station": "unit,rule,times,item,note\n财政所,award-county,1,财务管理,县级市表彰\n",
}
VETOES: Final = {
    "village": "unit,rule,item,note\n青龙村,safety,,安全生产造成较大影响\n",
    "station": "unit,rule,item,note\n",
}
