"""The command line: `ballot …`. Results go to stdout, messages to stderr."""

from ballot.cli.main import main

__all__ = ["main"]
