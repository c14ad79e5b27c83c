"""Printing: a ballot exists if and only if the file that holds its code is complete."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pypdfium2
import pytest
from sqlalchemy import text

from ballot.domain.codes import parse_code, shown
from ballot.domain.definition import UnknownGroupError
from ballot.domain.polls import WrongPhaseError
from ballot.errors import MistakesError
from ballot.services import copies, printing, slip_files, voting
from tests.builders import (
    ONE_GROUP_POLL,
    VILLAGE_POLL,
    Place,
    a_poll,
    an_open_poll,
    cast,
    close,
    open_poll,
)
from tests.live import environment
from tests.output.paper import read

URL = "https://ballot.example.gov.cn"


def print_file(place: Place, poll, path: Path, write=slip_files.write_csv, **options) -> list:
    """Print to a file as the command does, and return the batches."""
    batches = printing.make_batches(
        poll.definition,
        options.get("group"),
        count=options.get("count"),
        spares=options.get("spares", 0),
    )
    printing.print_to(
        place.database,
        place.keys,
        [printing.Stack(poll, batches)],
        path,
        write=write,
        public_url=URL,
        by="test",
        now=place.clock(),
    )
    return batches


def codes_of(batches) -> list[str]:
    return [code for batch in batches for code in batch.every]


def ballots_known(place: Place) -> int:
    with place.database.read() as connection:
        return connection.execute(text("SELECT count(*) FROM ballots")).scalar_one()


def everything_on_disk(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


@pytest.mark.parametrize("write", [slip_files.write_pdf, slip_files.write_csv])
def test_a_complete_file_is_for_its_owner_only_and_all_its_ballots_are_known(
    place, tmp_path, write
):
    poll = a_poll(place, VILLAGE_POLL)
    path = tmp_path / "slips"

    batches = print_file(place, poll, path, write, spares=2)

    assert len(codes_of(batches)) == ballots_known(place) == 30 + 4 * 2
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ["slips"]


def test_the_pdf_has_a_sheet_for_every_ten_slips_of_a_group_and_of_its_spares(
    sqlite_place, tmp_path
):
    poll = a_poll(sqlite_place)

    print_file(sqlite_place, poll, tmp_path / "slips.pdf", slip_files.write_pdf, count=21, spares=3)

    document = pypdfium2.PdfDocument(tmp_path / "slips.pdf")
    assert len(document) == 3 + 1
    document.close()


def test_a_disk_that_fills_half_way_leaves_no_file_and_no_ballot(sqlite_place, tmp_path):
    """The command runs with a limit on the size of files, as on a full disk or over a quota."""
    poll = a_poll(sqlite_place)
    script = (
        "import resource, signal, sys\n"
        "from ballot.cli import main\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))\n"
        "main(sys.argv[1:])\n"
    )
    out = tmp_path / "out"
    out.mkdir()
    size, file = ("--count", "5000"), str(out / "slips.pdf")

    done = subprocess.run(
        [sys.executable, "-c", script, "poll", "ballots", str(poll.id), *size, "--pdf", file],
        env=environment(sqlite_place.settings, BALLOT_PUBLIC_URL=URL),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 1, done.stderr
    assert f"票的文件 {file} 写不成：File too large" in done.stderr
    assert "没有生成任何票" in done.stderr
    assert done.stdout == ""
    assert list(out.iterdir()) == []
    assert ballots_known(sqlite_place) == 0


def test_a_writer_that_fails_leaves_what_stood_there_before(place, tmp_path):
    poll = a_poll(place)
    path = tmp_path / "slips.pdf"
    path.write_bytes(b"of an earlier batch")

    def fails_half_way(path, *_, **__):
        path.write_bytes(b"half of it")
        raise OSError(28, "No space left on device")

    with pytest.raises(printing.NotWritableError, match="No space left on device"):
        print_file(place, poll, path, fails_half_way)

    assert path.read_bytes() == b"of an earlier batch"
    assert [file for file in tmp_path.iterdir() if file.is_file()] == [path]
    assert ballots_known(place) == 0


def test_a_poll_that_refuses_the_batch_leaves_no_file(place, tmp_path):
    poll, codes = an_open_poll(place)
    cast(place, poll, codes[0], 0)
    close(place, poll)
    before = ballots_known(place)

    with pytest.raises(WrongPhaseError):
        print_file(place, poll, tmp_path / "late.csv")

    assert not [file for file in tmp_path.iterdir() if file.is_file()]
    assert ballots_known(place) == before


@pytest.mark.parametrize("where", ["missing/slips.pdf", "file/slips.pdf"])
def test_a_place_that_cannot_be_written_is_told_in_a_sentence(sqlite_place, tmp_path, where):
    """Root may write into a folder without permissions, so the place itself is impossible."""
    poll = a_poll(sqlite_place)
    (tmp_path / "file").touch()

    with pytest.raises(printing.NotWritableError) as told:
        print_file(sqlite_place, poll, tmp_path / where)

    assert str(told.value).startswith(f"票的文件 {tmp_path / where} 写不成")
    assert ballots_known(sqlite_place) == 0


def test_a_file_that_cannot_get_its_name_is_named_so_that_no_valid_slip_is_lost(
    sqlite_place, tmp_path
):
    poll = a_poll(sqlite_place)
    path = tmp_path / "slips.csv"
    path.mkdir()

    with pytest.raises(printing.NotNamedError) as told:
        print_file(sqlite_place, poll, path)

    (part,) = tmp_path.glob(".slips.csv.*.part")
    assert str(part) in str(told.value)
    assert len(part.read_text("utf-8-sig").splitlines()) == 1 + ballots_known(sqlite_place) == 61


def test_a_batch_added_to_an_open_poll_counts_and_printed_ones_stay_valid(place, tmp_path):
    poll, codes = an_open_poll(place)

    added = codes_of(print_file(place, poll, tmp_path / "more.csv", count=3))

    for code in (codes[0], *added):
        cast(place, poll, code, 0)
    close(place, poll)
    assert place.results(poll.id).account.total.returned == 4
    assert place.results(poll.id).account.total.printed == 63


def test_only_the_group_that_is_asked_for_is_printed_and_an_unknown_one_is_refused(
    sqlite_place, tmp_path
):
    poll = a_poll(sqlite_place, VILLAGE_POLL)

    (batch,) = print_file(sqlite_place, poll, tmp_path / "a.csv", group="party")

    assert (batch.group.name, len(batch.codes), batch.colour) == ("党员", 10, 2)
    with pytest.raises(UnknownGroupError):
        print_file(sqlite_place, poll, tmp_path / "b.csv", group="nobody")


def test_a_batch_of_nothing_is_refused(sqlite_place, tmp_path):
    poll = a_poll(sqlite_place)

    with pytest.raises(MistakesError, match="没有可印的票"):
        print_file(sqlite_place, poll, tmp_path / "none.csv", count=0)

    assert not (tmp_path / "none.csv").exists()


def test_the_table_for_the_print_shop_names_poll_group_spare_code_and_link(sqlite_place, tmp_path):
    poll = a_poll(sqlite_place, VILLAGE_POLL)
    path = tmp_path / "slips.csv"

    (batch,) = print_file(sqlite_place, poll, path, group="representatives", spares=1)

    with path.open(encoding="utf-8-sig", newline="") as file:
        head, *rows = csv.reader(file)
    assert head == ["测评活动", "类别", "备用", "票码", "链接"]
    assert rows == [
        [
            "白马村2023年度村述村评",
            "村民代表",
            "备用" if code in batch.spares else "",
            shown(code),
            f"HTTPS://BALLOT.EXAMPLE.GOV.CN/B/{code}",
        ]
        for code in batch.every
    ]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝"])
def test_no_cell_of_the_table_is_a_formula_when_a_spreadsheet_opens_it(
    sqlite_place, tmp_path, start
):
    """Source: OWASP, CSV injection."""
    named = ONE_GROUP_POLL.replace("白马村2023年度村述村评", f"{start}1+1")
    poll = a_poll(sqlite_place, named.replace("村民", f"{start}2"))
    path = tmp_path / "slips.csv"

    print_file(sqlite_place, poll, path, count=1)

    with path.open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert [cell for cell in cells if cell.startswith(tuple("=+-@＝＋－＠\t\r"))] == []
    assert f"'{start}1+1" in cells


def test_no_code_of_a_batch_is_in_any_file_of_the_installation(sqlite_place, tmp_path):
    """Neither the code, nor its bytes, nor the slip's dashes: only what the key makes of it."""
    poll = a_poll(sqlite_place)
    folder = sqlite_place.settings.folder

    codes = codes_of(print_file(sqlite_place, poll, tmp_path / "slips.pdf", slip_files.write_pdf))
    open_poll(sqlite_place, poll)
    cast(sqlite_place, poll, codes[0], 0)

    held = everything_on_disk(folder)
    assert sqlite_place.keys.digest(codes[0]) in held, "the search must be able to find a ballot"
    for code in codes:
        assert code.encode() not in held
        assert shown(code).encode() not in held
        assert code.lower().encode() not in held


def test_the_links_printed_work_as_ballots(place):
    poll, _ = an_open_poll(place)
    batches = printing.make_batches(poll.definition, None, count=4, spares=1)
    with place.database.write() as connection:
        printing.take(connection, place.keys, poll.id, batches, by="test", now=place.clock())

    links = printing.links(URL, batches)

    assert len(set(links)) == 5
    for link in links:
        origin, _, written = link.rpartition("/B/")
        assert origin == "HTTPS://BALLOT.EXAMPLE.GOV.CN"
        admission = voting.find(place.database, place.keys, parse_code(written))
        voting.look(admission, place.clock())
        assert admission.poll.id == poll.id


def test_printing_reports_its_progress_up_to_the_last_slip(sqlite_place, tmp_path):
    poll = a_poll(sqlite_place)
    told: list[int] = []

    for name, write in (("a.pdf", slip_files.write_pdf), ("b.csv", slip_files.write_csv)):
        printing.print_to(
            sqlite_place.database,
            sqlite_place.keys,
            [
                printing.Stack(
                    poll, printing.make_batches(poll.definition, None, count=25, spares=0)
                )
            ],
            tmp_path / name,
            write=write,
            public_url=URL,
            by="test",
            now=sqlite_place.clock(),
            progress=told.append,
        )

    assert told == [10, 20, 25, 25]
    assert os.listdir(tmp_path).count("var") == 1


def test_slips_of_a_rehearsal_are_marked_by_the_ordinary_command_and_those_of_its_poll_are_not(
    sqlite_place, tmp_path
):
    poll = a_poll(sqlite_place)
    with sqlite_place.database.write() as connection:
        number = copies.rehearse(connection, poll.id, by="test", now=sqlite_place.clock())

    for each, marks in ((poll, 0), (sqlite_place.poll(number), 2)):
        file = tmp_path / f"{each.id}.pdf"
        print_file(sqlite_place, each, file, slip_files.write_pdf, count=1)
        (slip,) = read(file.read_bytes())
        assert slip.text.count("演练") == marks, "in the title, and across the slip"
