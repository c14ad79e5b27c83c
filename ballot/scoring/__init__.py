"""The shared scoring module: arithmetic only, standard library only, importable by any system.

Votes: `convert` makes one subject's counts into points by a `Rule`. The year: `score` makes what
was entered for a `Kind` into standings. Schemes: `load_scheme`, `read_scheme`. Files:
`csv_lines`, `read_counts`, `read_entered`. Every figure is exact and carries its derivation as
`Text`s.
"""

from ballot.scoring.adjustments import AdjustmentLimit, AdjustmentRule, Effect, VetoRule
from ballot.scoring.applying import AppliedAdjustment, AppliedVeto
from ballot.scoring.components import (
    Combine,
    Component,
    Condition,
    Indicators,
    Item,
    Source,
    Steps,
)
from ballot.scoring.conversions import (
    CONVERSIONS,
    MEASURES,
    STANDARD_BANDS,
    ApprovalRatio,
    Band,
    Bands,
    Conversion,
    LevelMean,
    RankMarks,
)
from ballot.scoring.converting import Converted, Discretion, convert
from ballot.scoring.counts import Base, Counts, QuestionTally, pooled
from ballot.scoring.counts_file import read_counts
from ballot.scoring.csv_table import csv_lines
from ballot.scoring.entries import Adjustment, Decision, Entry, Figure, Veto
from ballot.scoring.entries_file import Entered, File, read_entered
from ballot.scoring.errors import (
    BaseTooSmallError,
    BaseUnknownError,
    DecisionError,
    DiscretionError,
    NotByBallotError,
    NoVotesError,
    RuleError,
    RuleFormatError,
    ScaleError,
    SettingError,
    UnknownComponentError,
    UnknownKindError,
    UnknownSchemeError,
    WeightsError,
)
from ballot.scoring.figures import approval_ratio, half_up, percent
from ballot.scoring.grade_rules import (
    Cut,
    CutGrades,
    Distinction,
    GradeRule,
    PlaceGrades,
)
from ballot.scoring.grading import PENDING
from ballot.scoring.kinds import Coefficient, Kind, StaffQuota, TwoYears
from ballot.scoring.mean_mark import MeanMark
from ballot.scoring.publicity import NoticeRule, Posts, ReviewRule
from ballot.scoring.ranks import Counted, convert_all
from ballot.scoring.readings import Reading, Setting
from ballot.scoring.reported import (
    Reported,
    ReportedLevels,
    Rounding,
    count_problem,
    read_percentage,
    reported,
    reported_levels,
)
from ballot.scoring.rounds import CombinedRounds, Round, combine_rounds
from ballot.scoring.rules import Rule
from ballot.scoring.scales import MARKS, NAMED_SCALES, SCALES, AnyScale, Level, MarksScale, Scale
from ballot.scoring.scheme_file import load_scheme, read_scheme, scheme_names
from ballot.scoring.schemes import Scheme
from ballot.scoring.spread import Spread
from ballot.scoring.standing import AppliedCoefficient, StaffPlaces, Standing
from ballot.scoring.standings import score
from ballot.scoring.table import Line, Lines
from ballot.scoring.turnout import turnout
from ballot.scoring.weights import check_weights
from ballot.scoring.working import ComponentWork, How, Work

__all__ = [
    "CONVERSIONS",
    "MARKS",
    "MEASURES",
    "NAMED_SCALES",
    "PENDING",
    "SCALES",
    "STANDARD_BANDS",
    "Adjustment",
    "AdjustmentLimit",
    "AdjustmentRule",
    "AnyScale",
    "AppliedAdjustment",
    "AppliedCoefficient",
    "AppliedVeto",
    "ApprovalRatio",
    "Band",
    "Bands",
    "Base",
    "BaseTooSmallError",
    "BaseUnknownError",
    "Coefficient",
    "Combine",
    "CombinedRounds",
    "Component",
    "ComponentWork",
    "Condition",
    "Conversion",
    "Converted",
    "Counted",
    "Counts",
    "Cut",
    "CutGrades",
    "Decision",
    "DecisionError",
    "Discretion",
    "DiscretionError",
    "Distinction",
    "Effect",
    "Entered",
    "Entry",
    "Figure",
    "File",
    "GradeRule",
    "How",
    "Indicators",
    "Item",
    "Kind",
    "Level",
    "LevelMean",
    "Line",
    "Lines",
    "MarksScale",
    "MeanMark",
    "NoVotesError",
    "NotByBallotError",
    "NoticeRule",
    "PlaceGrades",
    "Posts",
    "QuestionTally",
    "RankMarks",
    "Reading",
    "Reported",
    "ReportedLevels",
    "ReviewRule",
    "Round",
    "Rounding",
    "Rule",
    "RuleError",
    "RuleFormatError",
    "Scale",
    "ScaleError",
    "Scheme",
    "Setting",
    "SettingError",
    "Source",
    "Spread",
    "StaffPlaces",
    "StaffQuota",
    "Standing",
    "Steps",
    "TwoYears",
    "UnknownComponentError",
    "UnknownKindError",
    "UnknownSchemeError",
    "Veto",
    "VetoRule",
    "WeightsError",
    "Work",
    "approval_ratio",
    "check_weights",
    "combine_rounds",
    "convert",
    "convert_all",
    "count_problem",
    "csv_lines",
    "half_up",
    "load_scheme",
    "percent",
    "pooled",
    "read_counts",
    "read_entered",
    "read_percentage",
    "read_scheme",
    "reported",
    "reported_levels",
    "scheme_names",
    "score",
    "turnout",
]
