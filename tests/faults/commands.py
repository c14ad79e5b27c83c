"""Commands that have to fail well: with a sentence, exit code 1, and nothing else."""

import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Final

from tests.live import ROOT, a_free_port

WITHOUT_ROOTS_RIGHTS: Final = ("setpriv", "--bounding-set=-all", "--inh-caps=-all")
"""Root ignores the modes of files; without its capabilities it is an owner like any other."""

A_CYCLE: Final = ("cycle", "create", "--title", "2024年度考核", "--scheme", "street-2023")


def as_an_owner() -> tuple[str, ...]:
    """Return what a command line begins with, so that modes of files hold for it."""
    return WITHOUT_ROOTS_RIGHTS if os.geteuid() == 0 else ()


def serve() -> tuple[str, ...]:
    """Return the words of a server on a free port."""
    return ("serve", "--port", str(a_free_port()))


def refusal(environ: Mapping[str, str], *words: str) -> str:
    """Run a `ballot` command, to which modes of files apply; return its one sentence.

    It ends with exit code 1, prints nothing to stdout, and shows no trace of a program.
    """
    done = subprocess.run(
        [*as_an_owner(), sys.executable, "-m", "ballot", *words],
        env=environ,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1, (words, done.stdout, done.stderr)
    assert done.stdout == ""
    assert "Traceback" not in done.stderr, done.stderr
    *before, sentence = done.stderr.strip().splitlines()
    assert all(line.startswith(("数据库：", "事件日志完整")) for line in before), done.stderr
    return sentence
