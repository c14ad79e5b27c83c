"""Extract messages, merge them into each catalogue, compile; or check that this was done."""

import io
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from opencc import OpenCC

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("en", "zh-Hant")
CONVERTED = {"zh-Hant": "s2hk"}
"""Languages that are made from the source by a converter of scripts (OpenCC's name of the rule)."""
KEYWORDS = {"_": None, "gettext": None, "N_": None, "Text": None, "ngettext": (1, 2)}
SOURCES = {
    ROOT / "ballot": [("**.py", "python")],
    ROOT / "templates": [("**.html", "jinja2")],
}
UNDATED = datetime(2000, 1, 1, tzinfo=UTC)
OPTIONS = {"**.html": {"trimmed": "true", "silent": "false"}}


def extracted() -> Catalog:
    """Return every message of the sources."""
    catalog = Catalog(project="ballot")
    for folder, methods in SOURCES.items():
        found = extract_from_dir(folder, methods, OPTIONS, keywords=KEYWORDS, comment_tags=())
        for file, _, message, _, context in found:
            place = f"{folder.name}/{file}"
            catalog.add(message, locations=[(place, 0)], context=context)
    return catalog


def po_path(language: str) -> Path:
    """Return where a language's catalogue is."""
    return ROOT / "ballot" / "translations" / language / "LC_MESSAGES" / "messages.po"


def merged(language: str, template: Catalog) -> Catalog:
    """Return a language's catalogue with exactly the messages of the sources."""
    path = po_path(language)
    locale = language.replace("-", "_")
    catalog = Catalog(locale=locale)
    if path.exists():
        with path.open("rb") as file:
            catalog = read_po(file, locale=locale)
    catalog.update(template, no_fuzzy_matching=True, update_header_comment=False)
    catalog.obsolete.clear()
    if language in CONVERTED:
        convert = OpenCC(CONVERTED[language]).convert
        for message in catalog:
            message.string = convert(message.id) if message.id else message.string
    return catalog


def po_text(catalog: Catalog) -> bytes:
    """Return a catalogue as it is kept: sorted, without line numbers or dates."""
    file = io.BytesIO()
    write_po(file, catalog, sort_output=True, omit_header=True, include_lineno=False, width=100)
    header = b'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    return header + file.getvalue()


def mo_bytes(catalog: Catalog) -> bytes:
    """Return the compiled catalogue, the same bytes for the same messages: it bears no date."""
    catalog.creation_date = catalog.revision_date = UNDATED
    file = io.BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def faults(language: str, template: Catalog) -> list[str]:
    """Return what is wrong with a language: missing, not filled in, wrong places, not compiled."""
    catalog = merged(language, template)
    path = po_path(language)
    found = [f"{language}: no translation of {m.id!r}" for m in catalog if m.id and not m.string]
    found += [f"{language}: {m.id!r}: {error}" for m, errors in catalog.check() for error in errors]
    if not path.exists() or path.read_bytes() != po_text(catalog):
        found.append(f"{language}: run scripts/translate")
    compiled = path.with_suffix(".mo")
    if not compiled.exists() or compiled.read_bytes() != mo_bytes(catalog):
        found.append(f"{language}: the compiled catalogue is old; run scripts/translate")
    return found


def main() -> int:
    """Do what the command line asks."""
    template = extracted()
    if "--check" in sys.argv:
        found = [fault for language in LANGUAGES for fault in faults(language, template)]
        print("\n".join(found[:40]), end="\n" if found else "")
        return 1 if found else 0
    for language in LANGUAGES:
        catalog = merged(language, template)
        path = po_path(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(po_text(catalog))
        path.with_suffix(".mo").write_bytes(mo_bytes(catalog))
        left = sum(1 for message in catalog if message.id and not message.string)
        print(f"{language}: {len(catalog)} messages, {left} to translate")
    return 0


if __name__ == "__main__":
    sys.exit(main())
