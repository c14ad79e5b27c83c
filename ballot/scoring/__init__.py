"""The shared scoring module: arithmetic only, standard library only, importable by any system."""

from ballot.scoring.conversions import (
    CONVERSIONS,
    STANDARD_BANDS,
    ApprovalRatio,
    Band,
    Bands,
    Conversion,
    LevelMean,
)
from ballot.scoring.converting import Converted, Discretion, convert
from ballot.scoring.counts import Base, Counts, QuestionTally, pooled
from ballot.scoring.figures import approval_ratio, half_up, percent
from ballot.scoring.rules import Rule
from ballot.scoring.scales import NAMED_SCALES, Level, Scale
from ballot.scoring.weights import check_weights
from ballot.scoring.scheme_file import load_scheme, read_scheme, scheme_names
from ballot.scoring.schemes import *
