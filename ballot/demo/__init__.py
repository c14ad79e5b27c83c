"""The demonstration: one real year-end assessment, from scheme to points, on a running server."""

from ballot.demo.story import run

__all__ = ["run"]
