"""What would cost every test the same again: made once, and given to each as a fresh copy.

Passwords are hashed with the least work that the algorithm knows, templates and addresses are
compiled once for all applications, and an empty installation is copied instead of migrated from
nothing.
"""

import atexit
import hashlib
import shutil
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

from argon2 import PasswordHasher
from jinja2 import FileSystemBytecodeCache
from werkzeug.routing import Rule

from ballot.services import people
from ballot.services.start import open_installation
from ballot.settings import Settings, from_environment
from ballot.web import app

ROOT: Final = Path(__file__).resolve().parent.parent
CHEAP: Final = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def hash_passwords_cheaply() -> None:
    """Let this process spend microseconds on a password, not a quarter of a second.

    `tests/services/test_people.py` holds what a command of its own spends.
    """
    people._hasher = CHEAP  # type: ignore[misc]


def compile_addresses_once() -> None:
    """Let the applications of this process share what their 200 addresses are compiled to.

    Werkzeug takes a fifth of a second for them, and comes to the same for every application.
    """
    compiled: dict[tuple[object, ...], Rule] = {}
    anew = Rule.compile

    def compile_once(rule: Rule) -> None:
        if rule.defaults or rule.host or rule.subdomain:
            anew(rule)
            return
        done = compiled.setdefault((rule.rule, rule.merge_slashes), rule)
        if done is rule:
            anew(rule)
            return
        rule.arguments = set(done.arguments)
        rule._parts, rule._trace, rule._converters = done._parts, done._trace, done._converters
        rule._build = done._build.__func__.__get__(rule)
        rule._build_unknown = done._build_unknown.__func__.__get__(rule)

    Rule.compile = compile_once  # type: ignore[method-assign]


@cache
def templates() -> FileSystemBytecodeCache:
    """Return compiled templates, kept from run to run as long as they are compiled alike."""
    alike = hashlib.sha256(Path(app.__file__).read_bytes()).hexdigest()[:16]
    folder = ROOT / ".pytest_cache" / "templates" / alike
    folder.mkdir(parents=True, exist_ok=True)
    return FileSystemBytecodeCache(str(folder))


def install(settings: Settings) -> None:
    """Give an installation on SQLite its files, as its very first start would make them."""
    made = _on_sqlite()
    assert made.sqlite_file is not None
    assert settings.sqlite_file is not None
    give_secret(made, settings)
    shutil.copy(made.sqlite_file, settings.sqlite_file)


def give_secret(made: Settings, settings: Settings) -> None:
    """Give an installation the secret of the one that it is a copy of."""
    settings.folder.mkdir(mode=0o700, parents=True)
    shutil.copy(made.secret_file, settings.secret_file)


@cache
def _on_sqlite() -> Settings:
    from tests.builders import NOW

    folder = Path(mkdtemp(prefix="ballot-ready-made-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    settings = from_environment({"BALLOT_FOLDER": str(folder / "var")})
    open_installation(settings, NOW)[0].close()
    return settings
