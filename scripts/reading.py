"""Print many slips and read every one back, as a phone's camera would: text and QR code.

Run by `scripts/read_slips`. Each QR code has to hold the printed code, and each code to be there
once.
"""

import argparse
import sys
import time

from ballot.output.sheet import LAYOUTS
from tests.output import paper

_TELL_EVERY = 500


def main() -> int:
    """Print, read back, tell how far it is; 1 if a slip cannot be read or says something else."""
    arguments = _arguments()
    batch, layout = paper.a_batch(arguments.number), LAYOUTS[arguments.per_page]
    began = time.monotonic()
    pdf = paper.printed(batch, layout=layout)
    print(f"{arguments.number} slips printed in {time.monotonic() - began:.1f} s", file=sys.stderr)
    left, wrong = set(batch.codes), 0
    began = time.monotonic()
    for number, slip in enumerate(paper.slips_of(pdf, arguments.dpi, layout), start=1):
        expected = f"{paper.URL}/B/{slip.code}".upper()
        wrong += slip.links != (expected,) or slip.code not in left
        left.discard(slip.code)
        if number % _TELL_EVERY == 0:
            print(f"{number} read, {wrong} wrong", file=sys.stderr)
    took = time.monotonic() - began
    print(
        f"{arguments.number} slips at {arguments.dpi} dpi: "
        f"{arguments.number - len(left)} found, {wrong} wrong, {took:.0f} s"
    )
    return 1 if left or wrong else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/read_slips", description=__doc__)
    parser.add_argument("number", type=int, nargs="?", default=10_000)
    parser.add_argument("--dpi", type=int, default=150)
    parser.add_argument("--per-page", type=int, choices=[*LAYOUTS], default=10)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
