"""A file on its way to a browser, piece by piece; who sent all of it hears that it was used.

Any WSGI server can take it; ours sends it from the event loop (`reception.py`), where a slow reader
costs no thread, and gives up on one that takes nothing any more.
"""

import asyncio
import os
from collections.abc import Callable
from typing import Any, BinaryIO, Final
from urllib.parse import quote

from flask import Response

_PIECE_BYTES: Final = 1 << 16
PATIENCE_SECONDS: Final = 60.0
"""How long a reader may take for one piece."""


class Sending:
    """The pieces of a file. `used` is called once the last one was taken, and not before."""

    def __init__(self, file: BinaryIO, used: Callable[[], None]) -> None:
        self._file = file
        self._used = used
        self._left = os.fstat(file.fileno()).st_size
        self.length = self._left
        self._whole = False

    def __iter__(self) -> "Sending":
        """Begin at the beginning."""
        return self

    def __next__(self) -> bytes:
        """Return the next piece; asking beyond the last one says that all were taken."""
        piece = self._file.read(_PIECE_BYTES)
        if not piece:
            self._whole = self._left == 0
            raise StopIteration
        self._left -= len(piece)
        return piece

    def close(self) -> None:
        """Let go of the file; if all of it was taken, it was used."""
        if self._file.closed:
            return
        self._file.close()
        if self._whole:
            self._used()


def sent(sending: Sending, name: str, mimetype: str) -> Response:
    """Return the answer that sends a file to keep, whole: parts of it are not to be had.

    Source of the header's form: RFC 6266, RFC 8187.
    """
    response = Response(sending, mimetype=mimetype, direct_passthrough=True)
    response.content_length = sending.length
    plain = name.encode("ascii", "ignore").decode().lstrip("-") or "download"
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    )
    response.headers["Accept-Ranges"] = "none"
    return response


async def send(
    protocol: Any, status: int, headers: list[tuple[str, str]], sending: Sending
) -> None:
    """Send a file from the event loop; a reader who hangs up, or stops reading, has not got it."""
    try:
        transport = protocol.response_stream(status, headers)
        for piece in sending:
            await asyncio.wait_for(transport.send_bytes(piece), PATIENCE_SECONDS)
    finally:
        await asyncio.get_running_loop().run_in_executor(None, sending.close)
