import pytest
from flask import Flask

from ballot.domain.people import POLL_READERS, STAFF, Role
from ballot.services import confirmations, handing_out, offices
from ballot.services.confirmable import ANNUL
from ballot.web.access import anyone, guarded
from tests import assessment
from tests.builders import ONE_GROUP_POLL, Place, a_poll, a_user, an_open_poll, close
from tests.jobs import ask_slips
from tests.papers import declare
from tests.web.desk import HOME, LOGIN, Desk, a_desk

EVERYONE = frozenset(Role)
ORGANISERS = frozenset({Role.ADMIN, Role.ORGANISER})
ADMINS = frozenset({Role.ADMIN})
ANSWERERS = ORGANISERS | {Role.SCRUTINEER, Role.TELLER}
READERS_OF_THE_LOG = ORGANISERS | {Role.SCRUTINEER, Role.AUDITOR}
REQUEST = "/office/confirmations/1"
CERTIFIERS = ORGANISERS | {Role.SCRUTINEER}
ISSUERS = CERTIFIERS | {Role.TELLER}
SCORERS = frozenset({Role.ADMIN, Role.SCORER})
ENTERING = SCORERS | {Role.OFFICE}
RUNNING = ORGANISERS | SCORERS
CLERKS = ORGANISERS | SCORERS
VILLAGES = "/office/cycles/1/kinds/village"
PAPER = "/office/polls/{}/paper"
STANDING = f"{VILLAGES}/standing"
APPROVED = "/office/cycles/1/kinds/station/standing"
NOTICES = "/office/cycles/1/notices"
REVIEWS = "/office/cycles/1/reviews"
TOLD = "/office/cycles/1/kinds/station/told"
ROW = f"{VILLAGES}/ledger/adjustment/1/withdraw"
DRAFT, OPEN, CLOSED, PILED = 1, 2, 3, 4
BATCH = f"/office/polls/{OPEN}/slips/batches/1"
COMMENTS = f"/office/polls/{CLOSED}/comments"  # of a poll that asks for none
TELLERS = frozenset({Role.ADMIN, Role.TELLER})
ENTERS = TELLERS | {Role.SCRUTINEER}

# endpoint: (method, path, who may, what they get); a form sent empty is refused as a form
ROUTES = {
    "office.home": ("GET", "/office/", EVERYONE, 200),
    "office.poll": ("GET", f"/office/polls/{OPEN}", POLL_READERS, 200),
    "office.opening": ("GET", f"/office/polls/{DRAFT}/open", ORGANISERS, 200),
    "office.open_poll": ("POST", f"/office/polls/{DRAFT}/open", ORGANISERS, 422),
    "office.closing_form": ("GET", f"/office/polls/{OPEN}/close", ORGANISERS, 200),
    "office.close": ("POST", f"/office/polls/{OPEN}/close", ORGANISERS, 422),
    "office.certifying": ("GET", f"/office/polls/{CLOSED}/certify", CERTIFIERS, 200),
    "office.certify": ("POST", f"/office/polls/{CLOSED}/certify", CERTIFIERS, 422),
    "office.poll_results": ("GET", f"/office/polls/{CLOSED}/results", POLL_READERS, 200),
    "presenting.screen": ("GET", f"/office/polls/{CLOSED}/screen", POLL_READERS, 200),
    "presenting.make_key": ("POST", f"/office/polls/{CLOSED}/screen/key", ORGANISERS, 303),
    "presenting.revoke_key": ("POST", f"/office/polls/{CLOSED}/screen/off", ORGANISERS, 303),
    "presenting.order": ("POST", f"/office/polls/{CLOSED}/screen/order", ORGANISERS, 422),
    "presenting.move": ("POST", f"/office/polls/{CLOSED}/screen/step", ORGANISERS, 422),
    "copies.copy": ("POST", f"/office/polls/{CLOSED}/copy", ORGANISERS, 303),
    "copies.rehearse": ("POST", f"/office/polls/{OPEN}/rehearse", ORGANISERS, 409),
    "copies.wiping": ("GET", f"/office/polls/{DRAFT}/wipe", ORGANISERS, 409),
    "copies.wipe": ("POST", f"/office/polls/{DRAFT}/wipe", ORGANISERS, 409),
    "poll_forms.new": ("GET", "/office/cycles/1/polls/new", ORGANISERS, 200),
    "poll_forms.fill": ("POST", "/office/cycles/1/polls/new", ORGANISERS, 409),
    "poll_forms.review": ("GET", "/office/cycles/1/polls/new/review", ORGANISERS, 409),
    "poll_forms.create": ("POST", "/office/cycles/1/polls/new/create", ORGANISERS, 422),
    "poll_changes.edit": ("GET", f"/office/polls/{DRAFT}/edit", ORGANISERS, 200),
    "poll_changes.change": ("POST", f"/office/polls/{OPEN}/edit", ORGANISERS, 409),
    "poll_changes.deleting": ("GET", f"/office/polls/{DRAFT}/delete", ORGANISERS, 200),
    "poll_changes.delete": ("POST", f"/office/polls/{DRAFT}/delete", ORGANISERS, 422),
    "poll_changes.poll_file": ("GET", f"/office/polls/{OPEN}/poll.toml", POLL_READERS, 200),
    "previews.phone": ("GET", f"/office/polls/{DRAFT}/preview", POLL_READERS, 200),
    "previews.slip": ("GET", f"/office/polls/{DRAFT}/sample-slip.pdf", POLL_READERS, 200),
    "checklists.cycle": ("GET", "/office/cycles/1/checklist", STAFF, 200),
    "rosters.form": ("GET", f"/office/polls/{DRAFT}/roster", ORGANISERS, 200),
    "rosters.count": ("POST", f"/office/polls/{DRAFT}/roster", ORGANISERS, 422),
    "rosters.apply": ("POST", f"/office/polls/{DRAFT}/roster/apply", ORGANISERS, 422),
    "paper_votes.hub": ("GET", PAPER.format(CLOSED), POLL_READERS, 200),
    "paper_votes.declare": ("POST", f"{PAPER.format(DRAFT)}/declare", ORGANISERS, 422),
    "paper_votes.cancel": ("POST", f"{PAPER.format(PILED)}/cancel", ORGANISERS, 422),
    "paper_votes.pile": ("GET", f"{PAPER.format(PILED)}/pile", CERTIFIERS | TELLERS, 200),
    "paper_votes.register": ("POST", f"{PAPER.format(PILED)}/pile", CERTIFIERS | TELLERS, 422),
    "paper_votes.finish_pile": (
        "POST",
        f"{PAPER.format(PILED)}/pile/finish",
        CERTIFIERS | TELLERS,
        422,
    ),
    "paper_votes.reopen_pile": ("POST", f"{PAPER.format(CLOSED)}/pile/reopen", CERTIFIERS, 409),
    "paper_votes.take": ("POST", f"{PAPER.format(PILED)}/take", CERTIFIERS, 422),
    "paper_entries.begin": ("POST", f"{PAPER.format(PILED)}/begin", ENTERS, 409),
    "paper_entries.entry": ("GET", f"{PAPER.format(PILED)}/entry", ENTERS, 409),
    "paper_entries.enter": ("POST", f"{PAPER.format(PILED)}/entry", ENTERS, 409),
    "paper_entries.finish": ("POST", f"{PAPER.format(PILED)}/entry/finish", ENTERS, 409),
    "paper_entries.go_on": ("POST", f"{PAPER.format(PILED)}/entry/again", ENTERS, 409),
    "paper_entries.settling": ("GET", f"{PAPER.format(PILED)}/settle", CERTIFIERS, 409),
    "paper_entries.settle": ("POST", f"{PAPER.format(PILED)}/settle", CERTIFIERS, 409),
    "printing.cycle": ("GET", "/office/cycles/1/print", ORGANISERS, 200),
    "printing.print_cycle": ("POST", "/office/cycles/1/print", ORGANISERS, 422),
    "printing.poll": ("GET", f"/office/polls/{DRAFT}/print", ORGANISERS, 200),
    "printing.print_poll": ("POST", f"/office/polls/{CLOSED}/print", ORGANISERS, 409),
    "printing.archive": ("GET", f"/office/polls/{CLOSED}/archive", ORGANISERS, 409),
    "printing.ask_archive": ("POST", f"/office/polls/{OPEN}/archive", ORGANISERS, 409),
    "printing.archives": ("GET", "/office/cycles/1/archives", ORGANISERS, 200),
    "printing.ask_archives": ("POST", "/office/cycles/1/archives", ORGANISERS, 409),
    "jobs.every": ("GET", "/office/jobs", ORGANISERS, 200),
    "jobs.job": ("GET", "/office/jobs/1", ORGANISERS, 200),
    "jobs.progress": ("GET", "/office/jobs/1/progress", ORGANISERS, 200),
    "jobs.cancel": ("POST", "/office/jobs/1/cancel", ORGANISERS, 422),
    "jobs.discard": ("POST", "/office/jobs/1/discard", ORGANISERS, 422),
    "jobs.fetch": ("POST", "/office/jobs/1/file", ORGANISERS, 422),
    "slips.slips": ("GET", f"/office/polls/{OPEN}/slips", POLL_READERS, 200),
    "slips.hand_out": ("POST", f"/office/polls/{OPEN}/slips", ISSUERS, 422),
    "slips.damaged_form": ("GET", f"/office/polls/{OPEN}/slips/damaged", ISSUERS, 200),
    "slips.void_damaged": ("POST", f"/office/polls/{OPEN}/slips/damaged", ISSUERS, 422),
    "slips.voiding_batch": ("GET", f"{BATCH}/void", CERTIFIERS, 200),
    "slips.void_batch": ("POST", f"{BATCH}/void", CERTIFIERS, 422),
    "slips.withdrawing": ("GET", f"/office/polls/{OPEN}/slips/1/withdraw", ISSUERS, 200),
    "slips.withdraw": ("POST", f"/office/polls/{OPEN}/slips/1/withdraw", ISSUERS, 422),
    "office.cycle_points": ("GET", "/office/cycles/1/points", STAFF, 200),
    "office.cycle_points_csv": ("GET", "/office/cycles/1/points.csv", STAFF, 200),
    "workbooks.cycle_points": ("GET", "/office/cycles/1/points.xlsx", STAFF, 200),
    "workbooks.conversion": ("GET", f"/office/polls/{CLOSED}/conversion.xlsx", POLL_READERS, 200),
    "count_reports.host_script": ("GET", f"/office/polls/{OPEN}/host-script", POLL_READERS, 200),
    "count_reports.host_script_pdf": (
        "GET",
        f"/office/polls/{OPEN}/host-script.pdf",
        POLL_READERS,
        200,
    ),
    "count_reports.count_report": (
        "GET",
        f"/office/polls/{CLOSED}/count-report.pdf",
        POLL_READERS,
        200,
    ),
    "workbooks.standing": ("GET", f"{STANDING}/standing.xlsx", SCORERS, 409),
    "units.cycle": ("GET", "/office/cycles/1", STAFF, 200),
    "units.roster": ("GET", f"{VILLAGES}/units", RUNNING, 200),
    "units.change_units": ("POST", f"{VILLAGES}/units", RUNNING, 422),
    "unit_lists.import_form": ("GET", f"{VILLAGES}/units/import", RUNNING, 200),
    "unit_lists.import_file": ("POST", f"{VILLAGES}/units/import", RUNNING, 422),
    "unit_lists.workbook_template": ("GET", f"{VILLAGES}/units/template.xlsx", RUNNING, 200),
    "unit_lists.csv_template": ("GET", f"{VILLAGES}/units/template.csv", RUNNING, 200),
    "unit_lists.unit": ("GET", f"{VILLAGES}/units/1", RUNNING, 200),
    "unit_lists.rename": ("POST", f"{VILLAGES}/units/1", RUNNING, 409),
    "cycles.new": ("GET", "/office/cycles/new", ORGANISERS, 200),
    "cycles.create": ("POST", "/office/cycles/new", ORGANISERS, 404),
    "cycles.edit": ("GET", "/office/cycles/1/edit", ORGANISERS, 200),
    "cycles.rename": ("POST", "/office/cycles/1/edit", ORGANISERS, 422),
    "cycles.remove": ("POST", "/office/cycles/1/remove", ORGANISERS, 409),
    "cycles.copying": ("GET", "/office/cycles/1/copy", ORGANISERS, 200),
    "cycles.copy": ("POST", "/office/cycles/1/copy", ORGANISERS, 422),
    "schemes.preset": ("GET", "/office/schemes/street-2023", STAFF, 200),
    "schemes.of_cycle": ("GET", "/office/cycles/1/scheme", STAFF, 200),
    "schemes.download": ("GET", "/office/cycles/1/scheme.toml", STAFF, 200),
    "schemes.form": ("GET", "/office/cycles/1/scheme/forms/vetoes", ORGANISERS, 200),
    "schemes.change": ("POST", "/office/cycles/1/scheme/forms/vetoes", ORGANISERS, 409),
    "schemes.readings": ("GET", "/office/cycles/1/scheme/readings", ORGANISERS, 200),
    "schemes.set_readings": ("POST", "/office/cycles/1/scheme/readings", ORGANISERS, 409),
    "schemes.file": ("GET", "/office/cycles/1/scheme/file", ORGANISERS, 200),
    "schemes.take_in": ("POST", "/office/cycles/1/scheme/file", ORGANISERS, 422),
    "units.duties": ("GET", "/office/cycles/1/offices", ORGANISERS, 200),
    "units.assign": ("POST", "/office/cycles/1/offices", ORGANISERS, 404),
    "entries.form": ("GET", f"{VILLAGES}/entries", ENTERING, 200),
    "entries.save": ("POST", f"{VILLAGES}/entries", ENTERING, 422),
    "entries.import_form": ("GET", f"{VILLAGES}/entries/import", ENTERING, 200),
    "entries.import_file": ("POST", f"{VILLAGES}/entries/import", ENTERING, 422),
    "ledger.rows": ("GET", f"{VILLAGES}/ledger", SCORERS, 200),
    "ledger.record": ("POST", f"{VILLAGES}/ledger", SCORERS, 422),
    "ledger.withdrawing": ("GET", ROW, SCORERS, 200),
    "ledger.withdraw": ("POST", ROW, SCORERS, 422),
    "standings.standing": ("GET", STANDING, SCORERS, 200),
    "standings.circular": ("GET", f"{STANDING}/circular.pdf", SCORERS, 404),
    "standings.result_sheets": ("GET", f"{STANDING}/sheets.pdf", SCORERS, 404),
    "standings.deciding": ("GET", f"{STANDING}/ties", SCORERS, 200),
    "standings.decide": ("POST", f"{STANDING}/ties", SCORERS, 422),
    "standings.approving": ("GET", f"{STANDING}/approve", SCORERS, 200),
    "standings.approve": ("POST", f"{STANDING}/approve", SCORERS, 422),
    "standings.undoing": ("GET", f"{APPROVED}/undo", frozenset({Role.ADMIN}), 200),
    "standings.undo": ("POST", f"{APPROVED}/undo", frozenset({Role.ADMIN}), 422),
    "comparisons.comparison": (
        "GET",
        f"/office/polls/{CLOSED}/comparison",
        POLL_READERS,
        200,
    ),
    "notice_office.every": ("GET", NOTICES, STAFF, 200),
    "notice_office.new": ("GET", f"{NOTICES}/new", ORGANISERS, 200),
    "notice_office.write": ("POST", f"{NOTICES}/new", ORGANISERS, 422),
    "notice_office.changing": ("GET", f"{NOTICES}/9/edit", ORGANISERS, 404),
    "notice_office.change": ("POST", f"{NOTICES}/9/edit", ORGANISERS, 404),
    "notice_office.notice": ("GET", f"{NOTICES}/9", STAFF, 404),
    "notice_office.publish": ("POST", f"{NOTICES}/9/publish", ORGANISERS, 404),
    "notice_office.withdrawing": ("GET", f"{NOTICES}/9/withdraw", ORGANISERS, 404),
    "notice_office.withdraw": ("POST", f"{NOTICES}/9/withdraw", ORGANISERS, 404),
    "reviews.every": ("GET", REVIEWS, CLERKS | {Role.AUDITOR}, 200),
    "reviews.new": ("GET", f"{REVIEWS}/new", CLERKS, 200),
    "reviews.record": ("POST", f"{REVIEWS}/new", CLERKS, 422),
    "reviews.review": ("GET", f"{REVIEWS}/9", CLERKS | {Role.AUDITOR}, 404),
    "reviews.answer": ("POST", f"{REVIEWS}/9/answer", CLERKS, 404),
    "reviews.withdraw": ("POST", f"{REVIEWS}/9/withdraw", CLERKS, 404),
    "written_notices.register": ("GET", TOLD, CLERKS | {Role.AUDITOR}, 200),
    "written_notices.deliver": ("POST", TOLD, CLERKS, 422),
    "written_notices.contact": ("POST", f"{TOLD}/contact", CLERKS, 422),
    "written_notices.print_notices": (
        "GET",
        f"{TOLD}/notices.pdf",
        CLERKS | {Role.AUDITOR},
        404,
    ),
    "written_notices.withdrawing": ("GET", f"{TOLD}/9/withdraw", CLERKS, 404),
    "written_notices.withdraw": ("POST", f"{TOLD}/9/withdraw", CLERKS, 404),
    "kiosk_office.kiosk": ("GET", f"/office/polls/{OPEN}/kiosk", ORGANISERS, 200),
    "kiosk_office.open_kiosk": ("POST", f"/office/polls/{OPEN}/kiosk", ORGANISERS, 303),
    "kiosk_office.shut_kiosk": ("POST", f"/office/polls/{OPEN}/kiosk/shut", ORGANISERS, 303),
    "comments.page": ("GET", f"{COMMENTS}", READERS_OF_THE_LOG, 404),
    "comments.moderate": ("POST", f"{COMMENTS}", CERTIFIERS, 404),
    "comments.publishing": ("GET", f"{COMMENTS}/publish", CERTIFIERS, 404),
    "comments.publish": ("POST", f"{COMMENTS}/publish", CERTIFIERS, 404),
    "comments.withdraw": ("POST", f"{COMMENTS}/withdraw", CERTIFIERS, 404),
    "lan.hall": ("GET", "/office/lan", ORGANISERS, 200),
    "confirmations.waiting": ("GET", REQUEST, ANSWERERS | {Role.AUDITOR}, 200),
    "confirmations.here_form": ("GET", f"{REQUEST}/here", ANSWERERS, 200),
    "confirmations.confirm_here": ("POST", f"{REQUEST}/here", ANSWERERS, 422),
    "confirmations.confirm": ("POST", f"{REQUEST}/confirm", ANSWERERS, 422),
    "confirmations.refuse": ("POST", f"{REQUEST}/refuse", ANSWERERS, (409, 422)),
    "confirmations.withdraw": ("POST", f"{REQUEST}/withdraw", ANSWERERS, 409),
    "confirmations.annulling": ("GET", f"/office/polls/{CLOSED}/annul", ORGANISERS, 200),
    "confirmations.annul": ("POST", f"/office/polls/{CLOSED}/annul", ORGANISERS, 422),
    "people.accounts": ("GET", "/office/people", ADMINS | {Role.AUDITOR}, 200),
    "people.add": ("POST", "/office/people", ADMINS, 422),
    "people.account": ("GET", "/office/people/1", ADMINS, 200),
    "people.change": ("POST", "/office/people/1", ADMINS, 422),
    "people.reset": ("POST", "/office/people/1/password", ADMINS, 422),
    "people.end": ("POST", "/office/people/1/end", ADMINS, 422),
    "people.own_password": ("GET", "/office/password", EVERYONE, 200),
    "people.set_own_password": ("POST", "/office/password", EVERYONE, 401),
    "log.page": ("GET", "/office/log", READERS_OF_THE_LOG, 200),
    "log.as_csv": ("GET", "/office/log.csv", READERS_OF_THE_LOG, 200),
    "log.as_json": ("GET", "/office/log.json", READERS_OF_THE_LOG, 200),
    "login.sign_out": ("POST", "/office/logout", EVERYONE, 303),
}
DRAFTS = {
    "standings.standing",
    "standings.circular",
    "standings.result_sheets",
    "workbooks.standing",
}
"""Whoever is of the staff may come, and hears that there is nothing but a draft."""
FOR_ANYONE = {"login.sign_in", "login.check_in", "first_account.form", "first_account.make"}


@pytest.fixture
def polls(sqlite_place: Place) -> Place:
    """Give a place with a draft, an open and a closed poll."""
    assert a_poll(sqlite_place, ONE_GROUP_POLL).id == DRAFT
    assert an_open_poll(sqlite_place, ONE_GROUP_POLL)[0].id == OPEN
    with sqlite_place.database.write() as connection:
        said = {"by": "test", "now": sqlite_place.clock()}
        handing_out.hand_out(connection, OPEN, "voters@", 1, **said)
    closed, _ = an_open_poll(sqlite_place, ONE_GROUP_POLL)
    assert closed.id == CLOSED
    close(sqlite_place, closed)
    piled, _ = an_open_poll(sqlite_place, ONE_GROUP_POLL)
    assert piled.id == PILED
    declare(sqlite_place, piled)
    close(sqlite_place, piled)
    asker = a_user(sqlite_place, "asker")
    with sqlite_place.database.write() as connection:
        confirmations.ask(
            connection,
            ANNUL,
            CLOSED,
            {"reason": "票箱破损"},
            asker=asker,
            now=sqlite_place.clock(),
        )
    ask_slips(sqlite_place, **{"n-1-0": "1"})
    assessment.add_units(sqlite_place, 1, ["白马村"])
    assessment.adjust(sqlite_place, "白马村", "award-city")
    assessment.an_approved_station(sqlite_place)
    return sqlite_place


def ask(desk: Desk, method: str, path: str, token: str = "") -> int:
    fields = {"csrf_token": token} if method == "POST" else None
    return desk.client.open(path, method=method, data=fields).status_code


@pytest.mark.parametrize("role", Role)
def test_every_role_gets_what_it_may_and_nothing_else(polls, role):
    desk = a_desk(polls, role)
    if role is Role.OFFICE:
        with polls.database.write() as connection:
            offices.assign(connection, 1, "office", ["党建办"], by="test", now=polls.clock())
    token = desk.token(HOME)

    for endpoint, (method, path, who, answer) in ROUTES.items():
        refused = 409 if endpoint in DRAFTS and role in STAFF else 403
        wanted = answer if isinstance(answer, tuple) else (answer,)
        assert ask(desk, method, path, token) in (wanted if role in who else (refused,)), endpoint


def test_the_auditor_reads_and_changes_nothing(polls):
    """Every route that takes a form, but for signing out and the own password, is refused."""
    desk = a_desk(polls, Role.AUDITOR)
    own = {"login.sign_out", "people.set_own_password"}
    token = desk.token(HOME)

    for endpoint, (method, path, _, _) in ROUTES.items():
        if method != "GET" and endpoint not in own:
            assert ask(desk, method, path, token) == 403, endpoint


@pytest.mark.parametrize("role", sorted(STAFF))
def test_an_approved_standing_is_for_everybody_but_line_offices(polls, role):
    assert ask(a_desk(polls, role), "GET", APPROVED) == 200


def test_whoever_is_not_signed_in_is_asked_to(polls):
    desk = Desk(polls)
    token = desk.token()

    for endpoint, (method, path, _, _) in ROUTES.items():
        fields = {"csrf_token": token} if method == "POST" else None
        answer = desk.client.open(path, method=method, data=fields)
        assert (answer.status_code, answer.location) == (303, f"{LOGIN}?next={path}"), endpoint


def test_the_table_above_names_every_route_of_the_office(sqlite_place):
    app = sqlite_place.client().application

    rules = app.url_map.iter_rules()
    office = {rule.endpoint for rule in rules if rule.rule.startswith("/office/")}

    assert office == set(ROUTES) | FOR_ANYONE


def test_only_voters_pages_the_api_and_signing_in_are_open_to_anyone(sqlite_place):
    app = sqlite_place.client().application

    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/office/") and rule.endpoint not in FOR_ANYONE:
            assert app.view_functions[rule.endpoint].ballot_access, rule.rule


def test_the_application_refuses_to_start_when_a_route_lacks_a_rule():
    app = Flask("test")
    app.add_url_rule("/told", "told", anyone(lambda: ""))
    app.add_url_rule("/forgotten", "forgotten", lambda: "")

    with pytest.raises(RuntimeError, match="forgotten"):
        guarded(app)


def test_the_api_has_no_route_that_forgets_its_token(polls):
    client = polls.client()

    for rule in client.application.url_map.iter_rules():
        if rule.rule.startswith("/api/") and not rule.rule.endswith("/openapi.json"):
            path = rule.build(dict.fromkeys(rule.arguments, 1))[1]
            assert client.get(path).status_code == 401, path
