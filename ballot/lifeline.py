"""How processes end: not after the one that started them, and answering what is on its way."""

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

    The parent passes it on as SIGTERM.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def heed_sigterm_once() -> None:
    """Let only the first SIGTERM reach the handler that a server sets later; call it in `main`.

    A server asked three times with requests on their way would hang (granian 2.8): a service
    manager asks every process of a service, an impatient person asks again, and the parent asks
    too. A thread takes the signals from here on, sends the first one to itself for the handler's
    sake, and wakes the main thread, which runs handlers. Before a handler is set, SIGTERM ends the
    process at once, as usual.
    """
    main, starting = threading.get_ident(), signal.getsignal(signal.SIGTERM)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    signal.signal(signal.SIGUSR1, lambda *_: None)

    def take() -> None:
        signal.sigwait({signal.SIGTERM})
        if signal.getsignal(signal.SIGTERM) == starting:
            os._exit(0)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        signal.pthread_kill(main, signal.SIGUSR1)

    threading.Thread(target=take, name="SIGTERM", daemon=True).start()


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
