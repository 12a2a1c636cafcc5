"""What the API changes: through the same actions, with the same refusals, as the pages."""

from typing import Any

from django.test import Client
from django.test.utils import override_settings

from accounts.enums import Outcome
from accounts.models import Event
from tasks.api.changes import CHANGE_ACTS
from tasks.api.moves import MILESTONE_ACTS, PROJECT_ACTS
from tasks.enums import MilestoneState, ProjectState
from tasks.models import CloseOut, Milestone, ProgressEntry, Project, Target, TargetCount
from tasks.workflow import MILESTONE_MOVES, PROJECT_MOVES, REQUEST_MOVES
from tests.api.conftest import JsonClient
from tests.tasks.company import Company, milestone_at
from tests.walks import a_draft, a_file, project_at


def move(project: Project, name: str) -> str:
    return f"/api/v1/projects/{project.pk}/moves/{name}/"


def step(milestone: Milestone, name: str) -> str:
    return f"/api/v1/milestones/{milestone.pk}/moves/{name}/"


def state_of(project: Project) -> str:
    return str(Project.objects.values_list("state", flat=True).get(pk=project.pk))


def test_every_move_of_the_tables_has_its_address() -> None:
    assert set(PROJECT_ACTS) == set(PROJECT_MOVES)
    assert set(MILESTONE_ACTS) == set(MILESTONE_MOVES)
    assert set(CHANGE_ACTS) == set(REQUEST_MOVES)


def test_a_project_walks_from_draft_to_close_out_through_the_api(company: Company) -> None:
    project = a_draft(company, milestones=1)
    secretariat, head = JsonClient(company.secretariat), JsonClient(company.head)
    staff, verifier = JsonClient(company.staff), JsonClient(company.second_secretariat)
    node = project.milestones.get()

    def done(by: JsonClient, url: str, **body: Any) -> Any:
        version = Project.objects.values_list("version", flat=True).get(pk=project.pk)
        reply = by.post(url, version=version, **body)
        assert reply.status_code == 200, reply.json()
        return reply.json()

    assert done(secretariat, move(project, "dispatch"))["number"] == "〔2026〕001号"
    assert done(head, move(project, "receive"))["state_label"] == "办理中"
    assert done(staff, step(node, "start"))["state"] == "IN_PROGRESS"
    assert done(staff, step(node, "report"), note="已办")["state"] == "AWAITING_HEAD"
    assert done(head, step(node, "send-back-by-head"), note="请补")["state"] == "IN_PROGRESS"
    assert done(staff, step(node, "report"), note="已补")["state"] == "AWAITING_HEAD"
    assert done(head, step(node, "agree"))["state"] == "REPORTED"
    assert done(verifier, step(node, "send-back"), note="缺附件")["state"] == "IN_PROGRESS"
    assert done(head, step(node, "report"), note="已附")["state"] == "REPORTED"
    assert done(verifier, step(node, "confirm"))["state"] == "DONE"
    assert done(head, move(project, "request-close-out"), summary="完成")["state"] == "CLOSE_OUT_REQUESTED"
    assert done(head, move(project, "withdraw-close-out"))["state"] == "IN_PROGRESS"
    assert done(head, move(project, "request-close-out"), summary="完成")["state"] == "CLOSE_OUT_REQUESTED"
    assert (
        done(verifier, move(project, "return-close-out"), note="再补", mend_on="2026-03-20")["state"] == "IN_PROGRESS"
    )
    assert done(head, move(project, "request-close-out"), summary="补齐")["state"] == "CLOSE_OUT_REQUESTED"
    assert done(verifier, move(project, "accept-close-out"), effect="EXCELLENT", note="好")["state"] == "CLOSED"
    accepted = CloseOut.objects.get(state="ACCEPTED")
    assert (accepted.effect, accepted.opinion, accepted.number) == ("EXCELLENT", "好", "销〔2026〕1号")


def test_a_division_gives_back_what_is_not_its_own(company: Company) -> None:
    project = project_at(ProjectState.DISPATCHED, company)
    other = project_at(ProjectState.DISPATCHED, company)
    head, secretariat = JsonClient(company.head), JsonClient(company.secretariat)

    given_back = head.post(move(project, "object"), version=project.version, note="不属职责", belongs_to="研究室")
    recalled = secretariat.post(move(other, "recall"), version=other.version)

    assert (given_back.status_code, recalled.status_code) == (200, 200)
    assert (state_of(project), state_of(other)) == ("DRAFT", "DRAFT")


def test_offers_tell_what_is_open_and_why_the_rest_is_not(company: Company) -> None:
    project = project_at(ProjectState.IN_PROGRESS, company)
    node = project.milestones.all()[0]

    offers = JsonClient(company.head).get(f"/api/v1/projects/{project.pk}/moves/").json()
    steps = JsonClient(company.co_head).get(f"/api/v1/milestones/{node.pk}/moves/").json()

    close_out = next(row for row in offers["moves"] if row["name"] == "request_close_out")
    assert offers["version"] == project.version
    assert (close_out["is_open"], close_out["reasons"]) == (False, ["还有 2 个节点未完成"])
    assert close_out["url"] == move(project, "request-close-out")
    assert {(row["name"], row["is_open"]) for row in steps["moves"]} == {("start", False), ("report", False)}


def test_a_refusal_is_told_in_the_words_of_the_page_and_written_down(company: Company) -> None:
    project = project_at(ProjectState.DISPATCHED, company)

    reply = JsonClient(company.co_head).post(move(project, "receive"), version=project.version)

    assert reply.status_code == 409
    reasons = ["只有牵头处室（经济委办公室）的负责人或经办人可以签收"]
    assert reply.json() == {
        "kind": "refused", "detail": reasons[0], "reasons": reasons, "changes": [], "version": None,
    }  # fmt: skip
    refusal = Event.objects.all()[0]
    assert (refusal.outcome, refusal.by, refusal.verb_word) == (Outcome.REFUSED, company.co_head, "签收")
    assert refusal.organization_id == company.office.pk
    assert state_of(project) == "DISPATCHED"


def test_nobody_verifies_their_own_work_through_this_door_either(company: Company) -> None:
    node = milestone_at(MilestoneState.REPORTED, company)

    reply = JsonClient(company.head).post(step(node, "confirm"), version=node.project.version)

    assert reply.status_code == 409
    assert Milestone.objects.get(pk=node.pk).state == MilestoneState.REPORTED


def test_of_two_programs_one_wins_and_the_other_is_told_what_changed(company: Company) -> None:
    project = project_at(ProjectState.DISPATCHED, company)
    first, second = JsonClient(company.head), JsonClient(company.staff)

    won = first.post(move(project, "receive"), version=project.version)
    lost = second.post(move(project, "receive"), version=project.version)

    assert (won.status_code, lost.status_code) == (200, 409)
    answer = lost.json()
    assert (answer["kind"], answer["version"]) == ("stale", won.json()["version"])
    assert [(row["what"], row["by"]) for row in answer["changes"]] == [("签收（经济委办公室）", "陈处长")]


def test_what_is_missing_or_misspelt_is_told_field_by_field(company: Company) -> None:
    project = project_at(ProjectState.CLOSE_OUT_REQUESTED, company)
    program = JsonClient(company.second_secretariat)

    reply = program.post(move(project, "accept-close-out"), effect="BEST", note="x\x00")

    assert reply.status_code == 400
    assert set(reply.json()["fields"]) == {"version", "effect", "note"}
    assert reply.json()["fields"]["version"] == ["该字段是必填项。"]
    broken = program.client.post(
        move(project, "accept-close-out"), "{", content_type="application/json", headers=program.headers
    )
    form = program.client.post(move(project, "accept-close-out"), {"version": "1"}, headers=program.headers)
    assert (broken.status_code, form.status_code) == (400, 415)
    assert broken.json() == {"detail": "提交的内容读不出来，请检查 JSON 格式。", "fields": {}}
    assert state_of(project) == "CLOSE_OUT_REQUESTED"


def test_progress_is_written_with_counts_and_papers(company: Company) -> None:
    project = project_at(ProjectState.IN_PROGRESS, company)
    target = project.targets.get()
    Target.objects.filter(pk=target.pk).update(target_value=4, unit="次")
    node = project.milestones.all()[0]
    program = JsonClient(company.staff)
    url = f"/api/v1/projects/{project.pk}/entries/"

    counted = program.post(
        url,
        version=project.version,
        situation="已调研",
        milestone=node.pk,
        counts=[{"target": target.pk, "value": "2"}],
    )
    body = {"version": project.version + 1, "situation": "已形成初稿", "files": [a_file(), a_file("附表.xlsx")]}
    with_papers = program.client.post(url, body, headers=program.headers)

    assert (counted.status_code, with_papers.status_code) == (201, 201)
    assert counted.json()["counts"] == [{"target": target.pk, "value": 2.0}]
    assert [row["name"] for row in with_papers.json()["attachments"]] == ["佐证材料.pdf", "附表.xlsx"]
    assert TargetCount.objects.get().value == 2
    assert Milestone.objects.get(pk=node.pk).state == MilestoneState.IN_PROGRESS
    assert ProgressEntry.objects.filter(project=project).count() == 2


def test_a_count_or_a_step_of_another_project_is_no_part_of_this_one(company: Company) -> None:
    project, other = (project_at(ProjectState.IN_PROGRESS, company) for _ in range(2))
    foreign = {"target": other.targets.get().pk, "value": 1}

    reply = JsonClient(company.staff).post(
        f"/api/v1/projects/{project.pk}/entries/",
        version=project.version,
        situation="x",
        counts=[foreign],
        milestone=other.milestones.all()[0].pk,
    )

    assert reply.status_code == 400
    assert reply.json()["fields"] == {
        "counts": ["有的目标不是本项目的计数目标。"],
        "milestone": ["此节点不在本项目中。"],
    }


def test_a_file_that_a_browser_would_run_is_refused(company: Company) -> None:
    project = project_at(ProjectState.IN_PROGRESS, company)
    program = JsonClient(company.staff)
    body = {"version": project.version, "situation": "x", "files": [a_file("页面.html")]}

    reply = program.client.post(f"/api/v1/projects/{project.pk}/entries/", body, headers=program.headers)

    assert reply.status_code == 409
    assert "不能上传" in reply.json()["detail"]
    assert not ProgressEntry.objects.exists()


def test_a_browser_signed_in_acts_with_its_csrf_token_only(company: Company) -> None:
    project = project_at(ProjectState.DISPATCHED, company)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(company.head)
    body = {"version": project.version}

    without = browser.post(move(project, "receive"), body, content_type="application/json")
    browser.get("/")
    token = browser.cookies["csrftoken"].value
    given = browser.post(
        move(project, "receive"), body, content_type="application/json", headers={"X-CSRFToken": token}
    )

    assert (without.status_code, given.status_code) == (403, 200)
    assert without.json()["detail"].startswith("以网页登录身份提交须带 X-CSRFToken")


@override_settings(BEHIND_PROXY=True)
def test_an_act_through_a_token_is_audited_with_its_address(company: Company) -> None:
    project = project_at(ProjectState.DISPATCHED, company)
    program = JsonClient(company.head)
    program.headers = {**(program.headers or {}), "X-Forwarded-For": "10.1.2.3"}

    program.post(move(project, "receive"), version=project.version)

    event = Event.objects.get(verb="receive_project")
    assert (event.by, event.address, event.project_id) == (company.head, "10.1.2.3", project.pk)


def test_an_extension_is_asked_for_and_agreed_to_through_the_api(company: Company) -> None:
    project = project_at(ProjectState.IN_PROGRESS, company)
    last = project.milestones.all()[1]
    head, secretariat = JsonClient(company.head), JsonClient(company.secretariat)

    asked = head.post(
        f"/api/v1/projects/{project.pk}/changes/",
        version=project.version,
        kind="EXTENSION",
        reason="会期调整",
        due_on="2026-10-12",
        milestones=[{"id": last.pk, "due_on": "2026-10-12"}],
    )
    offers = secretariat.get(f"/api/v1/changes/{asked.json()['id']}/moves/").json()
    agree = next(row for row in offers["moves"] if row["name"] == "agree")
    agreed = secretariat.post(agree["url"], version=offers["version"], note="同意")

    assert (asked.status_code, agreed.status_code) == (201, 200)
    assert [(row["what"], row["old"], row["new"]) for row in asked.json()["changes"]] == [
        ("项目完成时限", "2026-09-30", "2026-10-12"),
        ("节点“第2步”", "2026-09-30", "2026-10-12"),
    ]
    assert (asked.json()["tier"], agreed.json()["state"], agree["is_open"]) == ("SECRETARIAT", "AGREED", True)
    row = Project.objects.get(pk=project.pk)
    assert (str(row.due_on), str(row.original_due_on), row.extension_count) == ("2026-10-12", "2026-09-30", 1)
    assert head.get("/api/v1/changes/", state="AGREED").json()["count"] == 1


def test_an_alteration_names_everything_that_becomes_different(company: Company) -> None:
    project = project_at(ProjectState.IN_PROGRESS, company)
    first, target = project.milestones.all()[0], project.targets.get()
    duty = {"division": company.assisting.pk, "person": company.co_staff.pk}

    asked = JsonClient(company.secretariat).post(
        f"/api/v1/projects/{project.pk}/changes/",
        version=project.version,
        kind="ALTERATION",
        reason="分工调整",
        leader=company.secretary_general.pk,
        milestones=[{"id": first.pk, "weight": 3, "duty": duty}],
        targets=[{"id": target.pk, "statement": "形成协商报告两份"}],
        added=[{"target": target.pk, "title": "召开协商会", "due_on": "2026-08-20", **duty}],
    )

    assert asked.status_code == 201, asked.json()
    assert [row["new"] for row in asked.json()["changes"]] == [
        "邓秘书长",
        "3",
        "研究室 孙科员",
        "形成协商报告两份",
        "2026-08-20，研究室 孙科员",
    ]
    assert Milestone.objects.get(pk=first.pk).weight == 1  # nothing changes before it is agreed to


def test_a_change_is_refused_with_everything_that_is_wrong(company: Company) -> None:
    project = project_at(ProjectState.IN_PROGRESS, company)
    url = f"/api/v1/projects/{project.pk}/changes/"
    head = JsonClient(company.head)

    refused = head.post(url, version=project.version, kind="EXTENSION", reason="x", due_on="2026-01-05")
    faulty = head.post(url, version=project.version, kind="EXTENSION", reason="x", due_on="9999-12-31")

    assert (refused.status_code, faulty.status_code) == (409, 400)
    assert any("已过" in reason for reason in refused.json()["reasons"])
    assert set(faulty.json()["fields"]) == {"due_on"}
    assert Event.objects.all()[0].verb_word == "申请变更"
