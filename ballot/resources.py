"""Where the files that ship with the package are: inside it when installed, beside it in a tree."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """Return the folder `templates` or `static`: the package's own first, then the tree's.

    Raises: FileNotFoundError if neither exists (a wheel built without them).
    """
    for place in (PACKAGE / name, PACKAGE.parent / name):
        if place.is_dir():
            return place
    raise FileNotFoundError(f"the installation holds no folder {name!r}")
