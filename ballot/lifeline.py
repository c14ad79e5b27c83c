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


def leave_ctrl_c_to_the_parent() -> None:
    """Keep Ctrl-C, which a terminal sends to every process, from the calling thread and its heirs.

    The parent passes it on once, as SIGTERM; a server asked three times would hang (granian 2.8).
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def die_with(parent: int) -> None:
    """End this process, politely if it serves by then, soon after its parent is gone.

    That holds even for a parent killed with kill -9, and for one that is gone already.
    """
    starting = signal.getsignal(signal.SIGTERM)

    def watch() -> None:
        while not orphaned(parent):
            time.sleep(_LOOK_EVERY_SECONDS)
        if signal.getsignal(signal.SIGTERM) != starting:  # else nobody waits for an answer yet
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(_LAST_ANSWERS_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, name="parent watch", daemon=True).start()
