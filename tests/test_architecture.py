"""What reviewers forget: import rules, words on everything public, sizes, documentation, pins."""

import ast
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from ballot import settings
from ballot.cli import main
from tests.live import ROOT, plain_environment

PACKAGE = ROOT / "ballot"
MODULES = sorted(PACKAGE.rglob("*.py"))
MOST_LINES = 300
LONGER = {"ballot/second_verifier.py": 410}
"""By promise one file that anybody can carry away, read from end to end, and run alone."""
SQL = {"sqlalchemy", "sqlite3", "psycopg", "alembic"}
FLASK = {"flask", "flask_wtf", "wtforms", "werkzeug", "jinja2", "markupsafe"}
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PINS = sorted((ROOT / "requirements").glob("*.txt"))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def layer_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_by(path: Path) -> set[str]:
    """Return the top names of what a module imports, also inside functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(str(node.module).split(".")[0])
    return found


def public_without_words(path: Path) -> Iterator[str]:
    """Name each public class, function or method without a docstring, and a module without one."""
    tree = ast.parse(path.read_text("utf-8"))
    if path.name != "__init__.py" or tree.body:
        if not ast.get_docstring(tree):
            yield name_of(path)
        yield from _silent(tree, name_of(path))


def _silent(parent: ast.AST, where: str) -> Iterator[str]:
    protocol = isinstance(parent, ast.ClassDef) and any(
        isinstance(base, ast.Name) and base.id == "Protocol" for base in parent.bases
    )
    for node in ast.iter_child_nodes(parent):
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        overload = any(
            isinstance(mark, ast.Name) and mark.id == "overload" for mark in node.decorator_list
        )
        if node.name.startswith("_") or overload or protocol:
            continue
        if not ast.get_docstring(node):
            yield f"{where}: {node.name}"
        if isinstance(node, ast.ClassDef):
            yield from _silent(node, f"{where}: {node.name}")


def commands(command: click.Command, path: str = "ballot") -> Iterator[str]:
    """Return every command that a person types; `work` is the server's own."""
    if not isinstance(command, click.Group):
        yield path
        return
    if command.invoke_without_command:
        yield path
    context = click.Context(command)
    for name in command.list_commands(context):
        inner = command.get_command(context, name)
        assert inner is not None
        yield from commands(inner, f"{path} {name}")


def loaded_by(statement: str) -> set[str]:
    """Return the modules that a fresh interpreter holds after a statement."""
    done = subprocess.run(
        [sys.executable, "-c", f"{statement}\nimport sys\nprint('\\n'.join(sys.modules))"],
        cwd=ROOT,
        env=plain_environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return set(done.stdout.split())


def documentation() -> str:
    return "\n".join(document.read_text("utf-8") for document in DOCUMENTS)


def test_imports_run_one_way():
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        env=plain_environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("libraries", "home"), [(FLASK, {"web", "wsgi"}), (SQL, {"storage"})], ids=["Flask", "SQL"]
)
def test_a_library_stays_in_its_layer(libraries, home):
    strays = [
        f"{name_of(path)} imports {name}"
        for path in MODULES
        if layer_of(path) not in home
        for name in sorted(imported_by(path) & libraries)
    ]

    assert strays == []


def test_scoring_needs_the_standard_library_only():
    known = set(sys.stdlib_module_names) | {"ballot"}

    foreign = [
        f"{name_of(path)} imports {name}"
        for path in MODULES
        if layer_of(path) in {"scoring", "domain"}
        for name in sorted(imported_by(path) - known)
    ]

    assert foreign == []


def test_everything_public_says_what_it_is():
    assert [silent for path in MODULES for silent in public_without_words(path)] == []


def test_no_module_outgrows_its_subject():
    lengths = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in MODULES}

    assert {
        name: lines for name, lines in lengths.items() if lines > LONGER.get(name, MOST_LINES)
    } == {}


def test_every_setting_is_documented():
    """`BALLOT_NEW_PASSWORD` belongs to one command, whose help and documents name it."""
    read = set(re.findall(r'"(BALLOT_[A-Z_]+)"', inspect.getsource(settings)))
    for path in MODULES:
        read |= set(re.findall(r'envvar="(BALLOT_[A-Z_]+)"', path.read_text("utf-8")))
    told = documentation()

    assert len(read) > 5
    assert sorted(name for name in read if name not in told) == []


def test_every_command_is_documented():
    told = " ".join(documentation().split())
    typed = [command for command in commands(main) if command != "ballot work"]

    assert len(typed) > 15
    assert [command for command in typed if command not in told] == []


@pytest.mark.parametrize("pins", PINS, ids=lambda path: path.name)
def test_every_pinned_package_has_a_hash_and_no_address(pins):
    text = pins.read_text("utf-8")
    packages = re.split(r"\n(?=\S)", text.replace("\\\n", " ").strip())

    assert "http" not in text
    assert "://" not in text
    assert packages
    for package in packages:
        assert re.match(r"[a-z0-9][a-z0-9._-]*(\[[a-z0-9,-]+\])?==\S+", package), package
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", package), package


def test_there_are_three_files_of_pins():
    assert [path.name for path in PINS] == ["dev.txt", "main.txt", "uv.txt"]


def test_a_serving_process_loads_nothing_that_draws():
    """Charts and slips are made by other processes; in this one they would cost voters memory."""
    loaded = loaded_by("import ballot.web.app")

    heavy = ("matplotlib", "numpy", "fontTools", "zxingcpp", "PIL", "zhplot", "alembic")
    heavy += ("openpyxl",)
    assert sorted(name for name in loaded if name.split(".")[0] in heavy) == []
    assert not {name for name in loaded if name.startswith("qrcode.image")}


def test_a_command_without_a_database_loads_none():
    loaded = loaded_by("import ballot.cli.scoring, ballot.cli.schemes")

    assert sorted(name for name in loaded if name.split(".")[0] in SQL | FLASK) == []


@pytest.mark.slow
def test_a_skipped_test_fails_the_run_where_nothing_may_be_skipped(tmp_path):
    """The closing line stays pytest's own, and the reason stands above it."""
    (tmp_path / "test_one.py").write_text(
        "import pytest\ndef test_a(): pytest.skip('no reason')\ndef test_b(): pass\n"
    )
    ours = ("-c", ROOT / "pyproject.toml", "--rootdir", ROOT, "-p", "tests.conftest")

    done = subprocess.run(
        [sys.executable, "-m", "pytest", *ours, "-p", "no:cacheprovider", tmp_path / "test_one.py"],
        cwd=ROOT,
        env=plain_environment() | {"BALLOT_NO_SKIPS": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 1, done.stdout
    assert "FAILED: 1 skipped, and BALLOT_NO_SKIPS forbids it" in done.stdout
    assert "1 passed, 1 skipped" in done.stdout.splitlines()[-1]
