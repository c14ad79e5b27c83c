"""What the fast lane met and leaves to the views to tell, in a request's environment."""

from typing import Any, Final

REFUSAL: Final = "ballot.refusal"
"""What the request was refused with."""

PASSED: Final = "ballot.passed"
"""Set where the request has been through the fast lane already."""


def tell_refusal(environ: dict[str, Any]) -> None:
    """Raise what the fast lane met, so that it is told like everything else."""
    refusal: Exception | None = environ.pop(REFUSAL, None)
    if refusal is not None:
        raise refusal
