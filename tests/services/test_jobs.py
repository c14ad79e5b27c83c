"""Jobs: all or nothing is printed, once, and the file with the codes is gone when it has to be."""

import csv
import io
import json
import subprocess
import zipfile

import openpyxl
import pytest
from sqlalchemy import text

from ballot.domain.codes import parse_code, shown
from ballot.domain.jobs import MOST_ATTEMPTS, Gone, State
from ballot.domain.polls import Phase
from ballot.errors import MistakesError
from ballot.output.sheet import LAYOUTS, TWENTY_ONE
from ballot.services import archive_sets, jobs, polls, slip_files, slip_orders, voting
from ballot.services.archive import verify
from ballot.services.downloads import BeingFetchedError, FileGoneError
from ballot.services.job_running import Dropped
from ballot.storage import events
from ballot.storage import jobs as stored
from tests.builders import (
    ONE_GROUP_POLL,
    VILLAGE_POLL,
    Place,
    a_poll,
    an_open_poll,
    cast,
    certify,
    close,
    open_poll,
    print_ballots,
)
from tests.conftest import slow_on_postgresql
from tests.jobs import URL, a_runner, ask_slips, content, done, downloads, the_job, work
from tests.live import answer_of, environment
from tests.output.paper import read

GOOD = 0
DIES = ("-c", "import os; os.kill(os.getpid(), 9)")
LIMITED = (
    "import resource, signal, sys\n"
    "from ballot.cli import main\n"
    "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
    "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
    "main(['work', '--job', sys.argv[1]])\n"
)


def printed(place: Place) -> int:
    with place.database.read() as connection:
        return connection.execute(text("SELECT count(*) FROM ballots")).scalar_one()


def logged(place: Place, action: str) -> list[dict]:
    with place.database.read() as connection:
        return [each.details for each in events.every(connection) if each.action == action]


def files_lying(place: Place) -> set[str]:
    return downloads(place).names()


def rows_of(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))[1:]


def test_all_slips_of_a_cycle_come_in_one_file_by_poll_and_group_and_each_works(place):
    first, second = a_poll(place, VILLAGE_POLL), a_poll(place, ONE_GROUP_POLL)
    number = ask_slips(place, form="csv", spares="10%")

    job = done(place, number)

    rows = rows_of(content(place, job))
    groups = [(poll, group) for poll, group, *_ in rows]
    planned = [(first, 7), (first, 8), (first, 10), (first, 5), (second, 60)]
    names = ["两委成员", "村民组长", "党员", "村民代表", "村民"]
    wanted = [
        (poll.title, name)
        for (poll, count), name in zip(planned, names, strict=True)
        for _ in range(count + -(-count // 10))
    ]
    assert groups == wanted
    assert [spare for _, _, spare, *_ in rows].count("备用") == 1 + 1 + 1 + 1 + 6
    assert printed(place) == len(rows) == job.total == job.done
    for poll in (first, second):
        open_poll(place, poll)
    for row in (rows[0], rows[-1]):
        admission = voting.find(place.database, place.keys, parse_code(row[3]))
        assert admission.poll.title == row[0]
    assert [each["printed"] for each in logged(place, "ballots printed")] == [8, 9, 11, 6, 66]


def test_the_pdf_has_a_cover_before_each_group_and_every_slip_of_either_layout_is_read(
    sqlite_place,
):
    a_poll(sqlite_place, VILLAGE_POLL)
    number = ask_slips(sqlite_place, per_page="21", spares="1")

    job = done(sqlite_place, number)

    slips = read(content(sqlite_place, job), layout=TWENTY_ONE)
    covers = [slip for slip in slips if "封签" in slip.text]
    ballots = [slip for slip in slips if "封签" not in slip.text]
    assert [cover.links for cover in covers] == [()] * 4
    assert "共8张，其中备用1张" in "".join(covers[0].text.split())
    assert [slip.page for slip in covers] == [0, 1, 2, 3], "each group begins a sheet of its own"
    assert len(ballots) == 30 + 4
    assert all(slip.links == (f"{URL}/B/{slip.code}".upper(),) for slip in ballots)
    order = slip_orders.Order.from_json(job.details)
    assert (order.number, order.sheets) == (34, 4)


def test_what_a_form_offers_is_what_can_be_drawn_and_written():
    assert set(slip_orders.PER_PAGE) == set(LAYOUTS)
    assert all(slip_files.writer_of(form, 10, covered=True) for form in slip_orders.FORMS)


def test_a_print_shops_workbook_holds_texts_only_and_no_temporary_file_was_made(sqlite_place):
    a_poll(sqlite_place, ONE_GROUP_POLL.replace("白马村2023", "=1+1白马村2023"))
    number = ask_slips(sqlite_place, form="xlsx", spares="0")

    job = done(sqlite_place, number)

    book = openpyxl.load_workbook(io.BytesIO(content(sqlite_place, job)))
    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert len(cells) == 61 * 5
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr", "n"}
    assert book.active["A2"].value == "=1+1白马村2023年度村述村评"
    assert book.active["A2"].data_type != "f"


def test_a_second_printing_proposes_what_is_missing_and_no_more(sqlite_place):
    poll = a_poll(sqlite_place, VILLAGE_POLL)
    print_ballots(sqlite_place, poll, 4, group="committee", spares=3)

    with sqlite_place.database.read() as connection:
        plan = slip_orders.of_poll(connection, poll.id, sqlite_place.clock())

    assert [each.missing for each in plan.groups] == [7 - 4, 8, 10, 5]
    assert plan.proposed["n-1-0"] == "3"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"n-1-0": "七"}, "两委成员：张数应为整数"),
        ({"spares": "一些"}, "备用票应写百分比"),
        ({"spares": "101%"}, "备用票应写百分比"),
        ({"n-1-0": "100001"}, "一次最多印 100000 张票"),
        ({f"n-1-{place}": "0" for place in range(4)}, "票数为 0"),
        ({"per_page": "12"}, "请选择版式"),
        ({"form": "docx"}, "请选择版式和文件格式"),
    ],
)
def test_what_cannot_be_printed_is_told_before_a_job_is_made(sqlite_place, typed, words):
    a_poll(sqlite_place, VILLAGE_POLL)

    with pytest.raises(MistakesError, match=words):
        ask_slips(sqlite_place, **typed)


def test_two_workers_do_a_job_once(place):
    a_poll(place)
    number = ask_slips(place, form="csv", spares="0")

    with place.database.write() as connection:
        taken = [
            stored.claim(connection, number, place="x", file=name * 32, now=place.clock())
            for name in "ab"
        ]
        stored.put_back(connection, stored.get(connection, number), counts=False)
    first, second = a_runner(place), a_runner(place)
    worked = [first.go_on(), second.go_on(), first.go_on()]

    assert taken == [True, False]
    assert worked == [True, False, False]
    assert printed(place) == 60
    assert the_job(place, number).state is State.DONE


@slow_on_postgresql
def test_of_two_attempts_at_one_job_only_the_one_that_still_has_it_prints(place):
    a_poll(place)
    number = ask_slips(place, form="csv", spares="0")
    runner = a_runner(place)
    job = runner_claims(runner, number)
    made = runner.made(job)
    with place.database.write() as connection:  # another worker takes it for interrupted
        assert stored.put_back(connection, job, counts=True)

    with pytest.raises(Dropped):
        runner.take(job, made)

    assert printed(place) == 0
    done(place, number, runner)
    assert printed(place) == 60


def runner_claims(runner, number):
    assert runner.downloads.hold()
    job = runner.claim(number)
    assert job is not None
    return job


def test_a_job_whose_worker_was_killed_is_done_by_the_next_one_and_no_half_file_remains(
    sqlite_place,
):
    a_poll(sqlite_place)
    number = ask_slips(sqlite_place, form="csv", spares="0")
    killed = a_runner(sqlite_place)
    job = runner_claims(killed, number)
    downloads(sqlite_place).path(job.file).write_bytes(b"half of it")
    killed.downloads.let_go()  # as the kernel does for a killed process

    found = done(sqlite_place, number)

    assert found.attempts == 2
    assert files_lying(sqlite_place) == {found.file}
    assert printed(sqlite_place) == 60


def test_a_child_that_keeps_being_killed_is_given_up_with_a_sentence(sqlite_place):
    a_poll(sqlite_place)
    number = ask_slips(sqlite_place)

    turns = work(sqlite_place, *DIES)

    job = the_job(sqlite_place, number)
    assert job.state is State.FAILED
    assert job.attempts == MOST_ATTEMPTS == turns
    assert "3 次被中断" in str(job.problems[0])
    assert (printed(sqlite_place), files_lying(sqlite_place)) == (0, set())


def test_a_cancelled_job_prints_nothing_and_leaves_no_file(sqlite_place):
    a_poll(sqlite_place)
    number = ask_slips(sqlite_place)
    runner = a_runner(sqlite_place)
    job = runner_claims(runner, number)
    made = runner.made(job)
    with sqlite_place.database.write() as connection:
        jobs.cancel(connection, number, by="zhang", now=sqlite_place.clock())

    with pytest.raises(Dropped):
        runner.take(job, made)
    runner.go_on()

    assert the_job(sqlite_place, number).state is State.CANCELLED
    assert (printed(sqlite_place), files_lying(sqlite_place)) == (0, set())


@slow_on_postgresql
@pytest.mark.parametrize("phase", [Phase.OPEN, Phase.ANNULLED])
def test_a_poll_that_changed_meanwhile_fails_the_whole_job_with_a_sentence(place, phase):
    other, poll = a_poll(place, VILLAGE_POLL), a_poll(place)
    print_ballots(place, poll, 5)
    number = ask_slips(place)
    if phase is Phase.OPEN:
        open_poll(place, poll)
    else:
        with place.database.write() as connection:
            polls.annul(connection, poll.id, reason="错", by="test", now=place.clock())

    work(place)

    job = the_job(place, number)
    assert job.state is State.FAILED
    assert poll.title in str(job.problems[0])
    assert printed(place) == 5, f"not even those of {other.title}"
    assert files_lying(place) == set()


@slow_on_postgresql
def test_opening_a_poll_ends_every_file_that_holds_its_codes(place):
    first, second = a_poll(place, VILLAGE_POLL), a_poll(place)
    both = done(place, ask_slips(place))
    other = done(place, ask_slips(place, poll_id=first.id, **{"n-1-0": "1"}))

    open_poll(place, second)
    work(place)

    assert the_job(place, both.id).gone is Gone.OPENED
    assert files_lying(place) == {other.file}
    with place.database.read() as connection:
        assert [job.id for job in jobs.unfetched(connection, first.id)] == [other.id]


def test_the_command_that_opens_a_poll_removes_its_files_itself(sqlite_place):
    poll = a_poll(sqlite_place)
    job = done(sqlite_place, ask_slips(sqlite_place))
    assert files_lying(sqlite_place) == {job.file}

    answer_of(
        environment(sqlite_place.settings), "poll", "open", str(poll.id), "--scrutineer", "张监票"
    )

    assert files_lying(sqlite_place) == set()


@pytest.mark.slow
def test_a_file_nobody_fetches_is_gone_after_a_day_and_after_an_hour_while_its_poll_is_open(
    sqlite_place,
):
    poll, _ = an_open_poll(sqlite_place)
    a_poll(sqlite_place, VILLAGE_POLL)
    runner = a_runner(sqlite_place)
    short = done(sqlite_place, ask_slips(sqlite_place, poll_id=poll.id, **{"n-1-0": "2"}), runner)
    long = done(sqlite_place, ask_slips(sqlite_place, poll_id=2), runner)

    lying = []
    for hours in (0.9, 0.2, 22.8, 0.2):
        sqlite_place.clock.go(hours=hours)
        runner.go_on()
        lying.append(files_lying(sqlite_place))

    both = {short.file, long.file}
    assert lying == [both, {long.file}, {long.file}, set()]
    assert the_job(sqlite_place, long.id).gone is Gone.EXPIRED


def test_a_fetched_file_is_gone_with_who_fetched_it_and_one_reader_has_it_at_a_time(sqlite_place):
    a_poll(sqlite_place)
    job = done(sqlite_place, ask_slips(sqlite_place))

    with downloads(sqlite_place).open(job), pytest.raises(BeingFetchedError):
        downloads(sqlite_place).open(job)
    jobs.fetched(
        sqlite_place.database, downloads(sqlite_place), job, by="zhang", now=sqlite_place.clock()
    )

    found = the_job(sqlite_place, job.id)
    assert (found.gone, found.gone_by, files_lying(sqlite_place)) == (Gone.FETCHED, "zhang", set())
    with pytest.raises(FileGoneError):
        downloads(sqlite_place).open(found)
    assert logged(sqlite_place, "download finished")[0]["job"] == job.id


@pytest.mark.slow
def test_files_and_their_folder_are_for_their_owner_only_and_names_tell_nothing(sqlite_place):
    a_poll(sqlite_place)
    first = done(sqlite_place, ask_slips(sqlite_place))
    second = done(sqlite_place, ask_slips(sqlite_place, **{"n-1-0": "3"}))

    folder = downloads(sqlite_place).folder
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert first.file != second.file
    assert all(len(job.file) == 32 and int(job.file, 16) for job in (first, second))


def test_no_code_is_in_the_table_the_log_or_any_file_once_the_download_is_gone(sqlite_place):
    poll = a_poll(sqlite_place)
    job = done(sqlite_place, ask_slips(sqlite_place, form="csv"))
    codes = [parse_code(row[3]) for row in rows_of(content(sqlite_place, job))]
    open_poll(sqlite_place, poll)
    work(sqlite_place)

    folder = sqlite_place.settings.folder
    held = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    with sqlite_place.database.read() as connection:
        kept = connection.execute(text("SELECT * FROM jobs")).all()
        log = [json.dumps(each.details) for each in events.every(connection)]
    held += repr((kept, log)).encode()
    assert str(job.total).encode() in held, "the search must be able to find what is there"
    for code in codes:
        for form in (code, shown(code), code.lower()):
            assert form.encode() not in held


def test_a_disk_that_is_full_fails_the_job_with_a_sentence_and_prints_nothing(sqlite_place):
    a_poll(sqlite_place)
    number = ask_slips(sqlite_place, **{"n-1-0": "3000"})

    work(sqlite_place, "-c", LIMITED)

    job = the_job(sqlite_place, number)
    assert job.state is State.FAILED
    assert "文件写不成：磁盘已满，或超出了限额" in str(job.problems[0])
    assert (printed(sqlite_place), files_lying(sqlite_place)) == (0, set())


def test_what_a_child_says_holds_no_code_and_it_writes_nothing_to_the_database(sqlite_place):
    a_poll(sqlite_place)
    number = ask_slips(sqlite_place, form="csv")
    runner = a_runner(sqlite_place)
    job = runner_claims(runner, number)

    with sqlite_place.database.write():  # a child that asked for the turn would wait for ever
        said = subprocess.run(
            [*runner.command, str(job.id)], capture_output=True, text=True, timeout=60, check=True
        )

    codes = [
        parse_code(row[3]) for row in rows_of(downloads(sqlite_place).path(job.file).read_bytes())
    ]
    assert len(codes) == 63
    assert f'"{codes[0]}' not in said.stdout
    for code in codes:
        assert code not in said.stdout + said.stderr
        assert shown(code) not in said.stdout + said.stderr
        assert sqlite_place.keys.digest(code).hex() in said.stdout


def a_certified_poll(place: Place, title: str):
    poll, codes = an_open_poll(place, ONE_GROUP_POLL.replace("白马村2023年度村述村评", title), 6)
    for code in codes:
        cast(place, poll, code, GOOD)
    close(place, poll)
    certify(place, poll)
    return place.poll(poll.id)


def test_an_archive_made_as_a_job_verifies_and_may_be_fetched_again(sqlite_place, tmp_path):
    poll = a_certified_poll(sqlite_place, "白马村")
    with sqlite_place.database.write() as connection:
        number = archive_sets.ask_for_poll(
            connection, poll.id, by="zhang", now=sqlite_place.clock()
        )

    job = done(sqlite_place, number)
    jobs.fetched(
        sqlite_place.database, downloads(sqlite_place), job, by="zhang", now=sqlite_place.clock()
    )

    path = tmp_path / "poll.txt"
    path.write_bytes(content(sqlite_place, the_job(sqlite_place, number)))
    found, sha256 = verify(path)
    assert found.poll_id == poll.id
    assert [each["sha256"] for each in logged(sqlite_place, "archive exported")] == [sha256]


def test_all_archives_of_a_cycle_come_in_one_zip_that_tells_what_is_in_it(sqlite_place, tmp_path):
    first, second = (a_certified_poll(sqlite_place, title) for title in ("白马村", "青龙村"))
    draft = a_poll(sqlite_place)
    with sqlite_place.database.write() as connection:
        number = archive_sets.ask_for_cycle(
            connection, first.cycle_id, by="zhang", now=sqlite_place.clock()
        )

    job = done(sqlite_place, number)

    with zipfile.ZipFile(io.BytesIO(content(sqlite_place, job))) as package:
        names = set(package.namelist())
        note = package.read("说明.txt").decode("utf-8-sig")
        package.extractall(tmp_path)
    assert names == {"poll-1.txt", "poll-2.txt", "second_verifier.py", "说明.txt"}
    for poll in (first, second):
        assert f"{verify(tmp_path / f'poll-{poll.id}.txt')[1]}  poll-{poll.id}.txt" in note
    assert draft.id not in job.details["polls"]
