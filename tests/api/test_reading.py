"""What the API tells: the same as the pages, in a constant number of questions."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from tasks.actions.close_out import return_close_out
from tasks.actions.entries import add_entry
from tasks.enums import MilestoneState, ProjectState
from tasks.models import Plan, Project
from tests.api.conftest import JsonClient
from tests.cast import NOW, TODAY
from tests.tasks.company import Company, milestone_at
from tests.walks import a_draft, a_file, project_at

LEDGER = "/api/v1/ledger/"


def address(project: Project, rest: str = "") -> str:
    return f"/api/v1/projects/{project.pk}/{rest}"


def test_a_line_tells_light_part_progress_and_turn(company: Company) -> None:
    project_at(ProjectState.IN_PROGRESS, company)

    answer = JsonClient(company.staff).get(LEDGER).json()

    row = answer["results"][0]
    assert (answer["count"], answer["pages"]) == (1, 1)
    assert (row["number"], row["lead_division"], row["person"]) == ("〔2026〕001号", "经济委办公室", "吴科员")
    assert (row["light"]["code"], row["bucket"], row["progress"], row["time_progress"]) == ("green", "on_pace", 0, 0)
    assert (row["due_on"], row["milestones_done"], row["milestones_counted"]) == ("2026-09-30", 0, 2)
    assert row["turn"] == {"whom": "经济委办公室", "doing": "办理“第1步”"}
    assert row["sources"] == ["党组工作要点"]


def test_the_ledger_is_filtered_and_sorted_by_the_words_of_the_page(company: Company) -> None:
    first = project_at(ProjectState.IN_PROGRESS, company)
    second = project_at(ProjectState.DISPATCHED, company)
    ask = JsonClient(company.secretariat).get

    assert [row["id"] for row in ask(LEDGER, state="DISPATCHED").json()["results"]] == [second.pk]
    assert [row["id"] for row in ask(LEDGER, light="red").json()["results"]] == []
    assert [row["id"] for row in ask(LEDGER, sort="-number").json()["results"]] == [second.pk, first.pk]


def test_a_filter_that_nobody_knows_is_a_fault_and_not_everything(company: Company) -> None:
    project_at(ProjectState.IN_PROGRESS, company)
    ask = JsonClient(company.secretariat).get

    reply = ask(LEDGER, state="VERLOREN", light="pink")

    assert reply.status_code == 400
    assert reply.json()["fields"] == {"filters": ["不认识的筛选：状态、亮灯。"]}
    assert ask(LEDGER, as_of="gestern").json()["fields"]["as_of"][0].startswith("“gestern”不是日期")
    assert ask(LEDGER, page_size=201).status_code == 400


def test_a_page_holds_so_many_and_the_one_past_the_last_holds_none(company: Company) -> None:
    projects = [project_at(ProjectState.DISPATCHED, company) for _ in range(3)]
    ask = JsonClient(company.secretariat).get

    pages = [ask(LEDGER, page=page, page_size=2, sort="number").json() for page in (1, 2, 3)]

    assert [[row["id"] for row in page["results"]] for page in pages] == [
        [projects[0].pk, projects[1].pk],
        [projects[2].pk],
        [],
    ]
    assert {(page["count"], page["pages"]) for page in pages} == {(3, 2)}


def test_a_past_day_is_told_as_it_was(company: Company) -> None:
    project = project_at(ProjectState.IN_PROGRESS, company)
    later = NOW + timedelta(days=40)
    with time_machine.travel(later):
        program = JsonClient(company.secretariat)
        program.headers = {}
        program.client.force_login(company.secretariat)

        past = program.get(LEDGER, as_of=TODAY.isoformat()).json()["results"][0]
        before = program.get(LEDGER, as_of="2026-03-03").json()
        shown = program.get(address(project), as_of=TODAY.isoformat()).json()
        figures = program.get("/api/v1/figures/", as_of=TODAY.isoformat()).json()

        assert program.get(address(project)).json()["as_of"] == later.date().isoformat()
        assert program.get(address(project), as_of="2026-03-03").status_code == 404
    assert (past["light"]["code"], past["turn"]) == ("green", None)
    assert before["count"] == 0
    assert (shown["as_of"], shown["state"], shown["light"]["code"]) == ("2026-03-04", "IN_PROGRESS", "green")
    assert (figures["as_of"], figures["figures"]["total"]) == ("2026-03-04", 1)


def test_who_takes_part_reads_the_tree_and_who_does_not_the_main_columns(company: Company) -> None:
    project = project_at(ProjectState.IN_PROGRESS, company)

    whole = JsonClient(company.staff).get(address(project)).json()
    main = JsonClient(company.outside_head).get(address(project)).json()

    assert (whole["is_whole"], main["is_whole"]) == (True, False)
    nodes = whole["targets"][0]["milestones"]
    assert [(node["title"], node["due_on"], node["light"]["code"]) for node in nodes] == [
        ("第1步", "2026-04-20", "none"),
        ("第2步", "2026-09-30", "none"),
    ]
    assert {main[name] for name in ("targets", "close_outs", "remark", "evidence_required")} == {None}
    assert main["title"] == whole["title"]
    assert (whole["turn"]["doing"], main["turn"]) == ("办理“第1步”", None)
    line = JsonClient(company.outside_head).get(LEDGER).json()["results"][0]
    assert line["turn"] == {"whom": "经济委办公室", "doing": "办理节点"}
    assert JsonClient(company.outside_head).get(address(project, "entries/")).status_code == 404


def test_reasons_that_name_milestones_are_for_those_who_take_part(company: Company) -> None:
    project = project_at(ProjectState.IN_PROGRESS, company)
    with time_machine.travel(NOW + timedelta(days=60)):
        whole, main = (as_seen_by(user).get(address(project)).json() for user in (company.staff, company.outside_head))

    assert any("第1步" in reason["words"] for reason in whole["reasons"])
    assert (main["light"], main["reasons"]) == (whole["light"], [])


def as_seen_by(user: User) -> JsonClient:
    """In the browser: the tokens of the tests do not last."""
    program = JsonClient()
    program.client.force_login(user)
    return program


def test_what_was_decided_later_is_no_part_of_a_past_day(company: Company) -> None:
    project = project_at(ProjectState.CLOSE_OUT_REQUESTED, company)
    later = NOW + timedelta(days=10)
    with time_machine.travel(later):
        return_close_out(
            project,
            by=company.second_secretariat,
            version=project.version,
            note="材料不全",
            mend_on=later.date() + timedelta(days=9),
            now=later,
        )
        ask = as_seen_by(company.secretariat).get
        then, now = ask(address(project), as_of=TODAY.isoformat()).json(), ask(address(project)).json()

    assert (now["mend_on"], now["close_outs"][0]["opinion"]) == ("2026-03-23", "材料不全")
    assert (then["mend_on"], then["close_outs"][0]["opinion"]) == (None, "")
    assert (then["close_outs"][0]["state"], then["close_outs"][0]["decided_by"]) == ("REQUESTED", None)


def test_progress_is_read_with_its_papers_by_whoever_reads_the_project_whole(company: Company) -> None:
    project = project_at(ProjectState.IN_PROGRESS, company)
    add_entry(project, by=company.staff, version=project.version, situation="已调研", files=[a_file()], now=NOW)
    program = JsonClient(company.co_head)

    entry = program.get(address(project, "entries/")).json()["results"][0]
    paper = program.get(entry["attachments"][0]["url"])

    assert (entry["situation"], entry["by"]["name"]) == ("已调研", "吴科员")
    assert b"".join(paper.streaming_content) == b"%PDF-1.4 evidence"
    words = [row["words"] for row in program.get(address(project, "timeline/")).json()]
    assert words[0].startswith("吴科员填报项目进展：已调研")


def test_milestones_are_listed_by_due_date_and_narrowed(company: Company) -> None:
    reported = milestone_at(MilestoneState.REPORTED, company)
    ask = JsonClient(company.staff).get

    rows = ask("/api/v1/milestones/").json()["results"]
    waiting = ask("/api/v1/milestones/", state="REPORTED", division=company.lead.pk, due_to="2026-12-31").json()

    assert [row["title"] for row in rows] == ["第1步", "第2步"]
    assert [row["id"] for row in waiting["results"]] == [reported.pk]
    assert waiting["results"][0]["light"]["code"] == "blue"
    assert waiting["results"][0]["project"]["version"] == reported.project.version
    assert ask("/api/v1/milestones/", due_from="2027-01-01").json()["count"] == 0


def test_figures_add_up_and_are_told_apart(company: Company) -> None:
    for state in (ProjectState.IN_PROGRESS, ProjectState.CLOSED, ProjectState.CLOSE_OUT_REQUESTED):
        project_at(state, company)
    a_draft(company)
    plan = Plan.objects.get()
    ask = JsonClient(company.leader).get

    answer = ask("/api/v1/figures/", plan=plan.pk, by="division").json()

    figures = answer["figures"]
    assert (figures["total"], figures["parts"]["on_time"], figures["parts"]["verifying"]) == (3, 1, 1)
    assert sum(figures["parts"].values()) == 3
    assert (figures["closed_rate"], figures["on_time_rate"]) == (33.3, 100.0)
    assert [(row["name"], row["figures"]["total"]) for row in answer["groups"]] == [("经济委办公室", 3)]
    assert ask("/api/v1/figures/", year=2025).json()["figures"]["total"] == 0
    assert ask("/api/v1/figures/", plan=plan.pk + 1).status_code == 400


def test_what_is_not_there_and_what_may_not_be_seen_are_answered_alike(company: Company) -> None:
    project = project_at(ProjectState.IN_PROGRESS, company)
    program = JsonClient(company.foreign_leader)

    replies = [program.get(url) for url in (address(project), "/api/v1/projects/0/", f"/api/v1/projects/{10**30}/")]

    assert {reply.status_code for reply in replies} == {404}
    assert {reply.json()["detail"] for reply in replies} == {"没有找到，或者您无权查看。"}


def test_an_unknown_address_is_answered_in_json_too(company: Company) -> None:
    reply = JsonClient(company.staff).get("/api/v1/nichts/")

    assert (reply.status_code, reply["Content-Type"]) == (404, "application/json")
    assert reply.json()["detail"] == "没有这个地址，请看接口说明 /api/v1/schema/。"


def queries(ask: Callable[[], Any]) -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert ask().status_code == 200
    return len(asked)


@pytest.mark.parametrize("url", [LEDGER, f"{LEDGER}?as_of=2026-03-03", "/api/v1/milestones/", "/api/v1/plans/"])
def test_many_rows_are_asked_for_as_often_as_one(company: Company, url: str) -> None:
    def one() -> None:
        with time_machine.travel(NOW - timedelta(days=1)):
            row = project_at(ProjectState.IN_PROGRESS, company, now=NOW - timedelta(days=1))
            add_entry(row, by=company.staff, version=row.version, situation="进展", files=[a_file()], now=NOW)

    program = JsonClient(company.staff)
    one()
    program.get(url)
    few = queries(lambda: program.get(url))
    one()
    one()

    assert queries(lambda: program.get(url)) == few <= 14


@pytest.mark.parametrize("rest", ["entries/", "timeline/"])
def test_a_long_story_is_asked_for_as_often_as_a_short_one(company: Company, rest: str) -> None:
    project = project_at(ProjectState.IN_PROGRESS, company)

    def tell() -> None:
        add_entry(project, by=company.staff, version=project.version, situation="进展", files=[a_file()], now=NOW)

    program = JsonClient(company.staff)
    tell()
    program.get(address(project, rest))
    few = queries(lambda: program.get(address(project, rest)))
    tell()
    tell()

    assert queries(lambda: program.get(address(project, rest))) == few


def test_a_project_of_many_steps_is_asked_for_as_often_as_one_of_few(company: Company) -> None:
    few, many = a_draft(company, milestones=1), a_draft(company, milestones=3, due_on=date(2026, 10, 30))
    program = JsonClient(company.secretariat)
    program.get(address(few))

    assert queries(lambda: program.get(address(few))) == queries(lambda: program.get(address(many)))
