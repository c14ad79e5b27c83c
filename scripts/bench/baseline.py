"""The measure of all figures: a bare Flask application behind the product's own server.

Run as a program with granian's options as JSON. On granian's own interface for WSGI it imports
nothing of the product but the watch on its parent, which every serving process has; on another one
its requests are taken in as the product's are.
"""

import json
import os
import sys
from typing import Any

from flask import Flask, request
from granian import Granian
from granian.constants import HTTPModes, Interfaces, Loops
from granian.log import LogLevels

from ballot.lifeline import die_with

_KINDS = {
    "interface": Interfaces,
    "log_level": LogLevels,
    "loop": Loops,
    "http": HTTPModes,
}


def create() -> Flask:
    """Return an application that says hello, and counts the fields of a form."""
    app = Flask("baseline")
    die_with(os.getppid())

    @app.get("/hello")
    def hello() -> str:
        return "hello"

    @app.post("/form")
    def form() -> str:
        return str(len(request.form))

    return app


def create_taken_in() -> object:
    """Return the same application behind what takes requests in for the product."""
    from ballot.web.app import MOST_BODY_BYTES
    from ballot.web.reception import Reception

    return Reception(create(), most_bytes=MOST_BODY_BYTES)


def serve(options: dict[str, Any]) -> None:
    """Serve until a signal ends it."""
    for name, kind in _KINDS.items():
        if name in options:
            options[name] = kind(options[name])
    wsgi = options["interface"] is Interfaces.WSGI
    die_with(os.getppid())
    Granian(f"scripts.bench.baseline:{'create' if wsgi else 'create_taken_in'}", **options).serve()


if __name__ == "__main__":
    serve(json.loads(sys.argv[1]))
