"""Processes that must not outlive the one that started them, even when that one is killed."""

import os
import signal
import threading
import time
from typing import Final

_LOOK_EVERY_SECONDS: Final = 0.5
_LAST_ANSWERS_SECONDS: Final = 30


def orphaned(parent: int) -> bool:
    """Tell whether the process that started this one is gone."""
    return os.getppid() != parent


def die_with(parent: int) -> None:
    """End this process, politely first, soon after its parent is gone (even by kill -9).

    It is asked again and again: while it is still starting, nobody may be listening yet.
    """

    def watch() -> None:
        while not orphaned(parent):
            time.sleep(_LOOK_EVERY_SECONDS)
        deadline = time.monotonic() + _LAST_ANSWERS_SECONDS
        while time.monotonic() < deadline:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(_LOOK_EVERY_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, name="parent watch", daemon=True).start()
