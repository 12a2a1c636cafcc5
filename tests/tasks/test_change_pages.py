"""Change requests by their pages: asked for with a preview, decided, listed; nothing typed is lost."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.enums import Role
from accounts.models import Membership, User
from tasks.actions.changes.deciding import agree_change
from tasks.enums import ChangeKind, ChangeState, ProjectState
from tasks.models import ChangeLine, ChangeRequest, Project
from tasks.queries.changes import waiting_for
from tasks.rules.changes import who_decides
from tests.cast import NOW, TODAY, Cast, joins, make_cast
from tests.pages import CheckingClient
from tests.tasks.changing import asked, due
from tests.walks import project_at


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture(autouse=True)
def _at_the_day_of_the_walks() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def signed_in(client: CheckingClient, cast: Cast, who: str) -> CheckingClient:
    client.force_login(getattr(cast, who))
    return client


def running(cast: Cast) -> Project:
    return project_at(ProjectState.IN_PROGRESS, cast)


def address(row: Project, kind: ChangeKind) -> str:
    return reverse("change-ask", args=[row.pk, kind.lower()])


def test_an_extension_is_typed_previewed_and_asked_for(client: CheckingClient, cast: Cast) -> None:
    row = running(cast)
    last = row.milestones.get(title="第2步")
    client = signed_in(client, cast, "head")
    url = address(row, ChangeKind.EXTENSION)
    typed: dict[str, Any] = {"version": row.version, "due_on": "2026-10-15", f"m-{last.pk}-due_on": "2026-10-14"}

    preview = client.post(url, typed | {"op": "preview"})

    assert preview.status_code == 200
    assert "由督办处决定，顺延 7 个工作日" in preview.content.decode()
    assert ChangeRequest.objects.count() == 0
    reply = client.post(url, typed | {"reason": "雨季道路中断"})
    request = ChangeRequest.objects.get()
    assert reply.status_code == 302
    assert reply.headers["Location"] == reverse("change", args=[request.pk])
    assert [(line.label, line.old, line.new) for line in request.lines.all()] == [
        ("项目完成时限", "2026-09-30", "2026-10-15"),
        ("节点“第2步”", "2026-09-30", "2026-10-14"),
    ]


def test_milestones_are_offered_to_move_by_the_same_working_days(client: CheckingClient, cast: Cast) -> None:
    row = running(cast)
    first, last = row.milestones.all()
    client = signed_in(client, cast, "head")

    reply = client.post(
        address(row, ChangeKind.EXTENSION), {"version": row.version, "due_on": "2026-10-15", "op": "shift"}
    )

    form = reply.context["form"]
    assert form[f"m-{first.pk}-due_on"].value() == "2026-04-29"
    assert form[f"m-{last.pk}-due_on"].value() == "2026-10-15"


def test_a_resumption_offers_what_the_pause_took(client: CheckingClient, cast: Cast) -> None:
    row = running(cast)
    agree_change(asked(row, cast, ChangeKind.SUSPENSION), by=cast.leader, version=row.version, now=NOW)

    with time_machine.travel(NOW.replace(day=18), tick=False):
        reply = signed_in(client, cast, "head").get(address(row, ChangeKind.RESUMPTION))

    assert reply.context["form"]["due_on"].value() == date(2026, 10, 20)


@pytest.mark.parametrize("kind", ChangeKind)
def test_each_kind_has_its_form_and_empty_it_says_what_is_missing(
    kind: ChangeKind, client: CheckingClient, cast: Cast
) -> None:
    state = {ChangeKind.RESUMPTION: ProjectState.SUSPENDED, ChangeKind.REOPENING: ProjectState.CLOSED}
    row = project_at(state.get(kind, ProjectState.IN_PROGRESS), cast)
    client = signed_in(client, cast, "head")

    shown, empty = client.get(address(row, kind)), client.post(address(row, kind), {"version": row.version})

    assert shown.status_code == 200
    assert empty.status_code == 422
    assert "请写明申请变更的理由" in empty.content.decode()


def test_dates_that_make_no_sense_come_back_with_everything_typed(client: CheckingClient, cast: Cast) -> None:
    row = running(cast)
    typed = {"version": row.version, "due_on": "2026-08-01", "reason": "想早点"}

    reply = signed_in(client, cast, "head").post(address(row, ChangeKind.EXTENSION), typed)

    page = reply.content.decode()
    assert reply.status_code == 422
    assert "延期要写晚于现在的项目完成时限" in page
    assert "想早点" in page
    assert 'value="2026-08-01"' in page


def test_an_alteration_form_that_is_posted_back_as_it_stands_asks_for_nothing(
    client: CheckingClient, cast: Cast
) -> None:
    row = running(cast)
    client = signed_in(client, cast, "head")
    form = client.get(address(row, ChangeKind.ALTERATION)).context["form"]
    typed: dict[str, Any] = {"version": row.version, "reason": "没改什么"}
    for bound in form:
        value = bound.value()
        if bound.name != "reason" and value not in (None, "", False):
            typed[bound.html_name] = value.isoformat() if isinstance(value, date) else value

    reply = client.post(address(row, ChangeKind.ALTERATION), typed)

    assert reply.status_code == 422
    assert "没有任何改动，请先修改再提交" in reply.content.decode()


def test_an_alteration_of_all_sorts_is_asked_for_in_one_form(client: CheckingClient, cast: Cast) -> None:
    row = running(cast)
    first, last = row.milestones.all()
    target = row.targets.get()
    typed: dict[str, Any] = {
        "version": row.version,
        "reason": "职能调整",
        "due_on": "2026-09-30",
        "co_divisions": [cast.assisting.pk],
        f"m-{first.pk}-duty": f"{cast.assisting.pk}:{cast.co_staff.pk}",
        f"m-{first.pk}-weight": "4",
        f"m-{last.pk}-cancelled": "on",
        "a-0-title": "补充调研",
        "a-0-target": str(target.pk),
        "a-0-duty": f"{cast.lead.pk}:{cast.staff.pk}",
        "a-0-due_on": "2026-06-30",
        "a-0-weight": "1",
    }

    reply = signed_in(client, cast, "head").post(address(row, ChangeKind.ALTERATION), typed)

    assert reply.status_code == 302
    assert [line.label for line in ChangeRequest.objects.get().lines.all()] == [
        "节点“第1步”的权重",
        "节点“第1步”的主办",
        "节点“第2步”",
        "增加节点“补充调研”",
    ]


def test_the_leader_decides_on_one_page_and_declining_asks_for_words(client: CheckingClient, cast: Cast) -> None:
    row = running(cast)
    request = asked(row, cast)
    client = signed_in(client, cast, "leader")

    page = client.get(reverse("change", args=[request.pk])).content.decode()
    for words in ("延期申请", "第 1 次", "今天申请", "12月20日", "雨季道路中断", "同意延期", "延期待批"):
        assert words in page
    bare = client.post(reverse("change-decline", args=[request.pk]), {"version": row.version, "words": " "})
    assert bare.status_code == 422
    assert "不同意必须写明理由" in bare.content.decode()
    reply = client.post(reverse("change-agree", args=[request.pk]), {"version": row.version, "words": "抓紧"})

    assert reply.status_code == 302
    row.refresh_from_db()
    assert row.due_on == date(2026, 12, 20)
    request.refresh_from_db()
    assert (request.state, request.decision_words) == (ChangeState.AGREED, "抓紧")


def test_who_does_not_decide_reads_who_does(client: CheckingClient, cast: Cast) -> None:
    request = asked(running(cast), cast)

    page = signed_in(client, cast, "secretary_general").get(reverse("change", args=[request.pk])).content.decode()

    assert "这件申请由周副主席决定" in page
    assert "同意延期" not in page


def test_a_decision_from_an_old_page_keeps_its_words(client: CheckingClient, cast: Cast) -> None:
    row = running(cast)
    request = asked(row, cast)
    client = signed_in(client, cast, "leader")

    reply = client.post(
        reverse("change-decline", args=[request.pk]), {"version": row.version - 1, "words": "理由不充分"}
    )

    assert reply.status_code == 409
    assert "理由不充分" in reply.content.decode()
    assert ChangeRequest.objects.get().state == ChangeState.ASKED


def test_after_a_decision_the_next_one_is_offered(client: CheckingClient, cast: Cast) -> None:
    row, other = running(cast), running(cast)
    Project.objects.filter(pk=other.pk).update(title="另一个等候的项目")
    request, following = asked(row, cast), asked(other, cast)
    client = signed_in(client, cast, "leader")

    reply = client.post(reverse("change-agree", args=[request.pk]), {"version": row.version, "words": ""}, follow=True)

    page = reply.content.decode()
    assert "下一件：另一个等候的项目" in page
    assert reverse("change", args=[following.pk]) in page


def test_a_request_waits_for_whoever_the_rules_let_decide_it(cast: Cast) -> None:
    request = asked(running(cast), cast)

    def everyone() -> list[User]:
        return list(User.objects.filter(pk__in=[user.pk for user in cast.everyone().values()]))

    def found() -> set[str]:
        return {user.name for user in everyone() if waiting_for(user, TODAY).exists()}

    def deciding() -> set[str]:
        again = ChangeRequest.objects.get(pk=request.pk)
        return {user.name for user in everyone() if not who_decides(user, again, TODAY)}

    ChangeRequest.objects.update(opinion="同意")  # nobody waits for the secretariat's any more
    assert found() == deciding() == {cast.leader.name}
    posts = Membership.objects.filter(user=cast.leader)
    ChangeRequest.objects.update(asked_principal=cast.leader)
    assert found() == deciding() == {cast.secretary_general.name}
    ChangeRequest.objects.update(asked_principal=None)
    posts.update(ends_on=date(2026, 3, 1))  # the leader in charge has left; nobody stands over the division
    assert found() == deciding() == {cast.secretary_general.name}
    posts.update(ends_on=None)
    User.objects.filter(pk=cast.leader.pk).update(is_active=False)
    assert found() == deciding() == {cast.secretary_general.name}
    joins(cast.secretary_general, cast.office, Role.STAFF, cast.lead)
    assert found() == deciding() == set()


def test_the_secretariats_opinion_is_shown_to_the_leader(client: CheckingClient, cast: Cast) -> None:
    row = running(cast)
    request = asked(row, cast)
    client = signed_in(client, cast, "secretariat")

    client.post(reverse("change-opinion", args=[request.pk]), {"version": row.version, "opinion": "情况属实"})

    page = signed_in(client, cast, "leader").get(reverse("change", args=[request.pk])).content.decode()
    assert "督办处意见" in page
    assert "情况属实" in page


def test_what_waits_for_a_person_stands_first_in_the_list(client: CheckingClient, cast: Cast) -> None:
    row, other = running(cast), running(cast)
    long = asked(row, cast)
    asked(other, cast, ChangeKind.EXTENSION, due(date(2026, 10, 15)))

    def listed(who: str, query: str = "") -> list[int]:
        reply = signed_in(client, cast, who).get(reverse("changes") + query)
        return [shown.request.pk for shown in reply.context["rows"]]

    assert listed("leader") == [long.pk]
    assert len(listed("secretariat")) == 2  # one to decide, one to give an opinion on
    assert len(listed("head")) == 2  # nothing waits for him: all that is open
    assert listed("leader", "?tab=decided") == []
    assert listed("outsider", "?tab=open") == []
    assert listed("head", "?tab=open&kind=SUSPENSION") == []


def test_the_list_asks_no_more_often_with_three_rows_than_with_one(client: CheckingClient, cast: Cast) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(reverse("changes")).status_code == 200
        return len(captured)

    asked(running(cast), cast)
    client = signed_in(client, cast, "leader")
    client.get(reverse("changes"))
    one = queries()
    asked(running(cast), cast)
    asked(running(cast), cast)

    assert queries() == one


def test_the_project_page_shows_its_requests_and_offers_the_moves(client: CheckingClient, cast: Cast) -> None:
    row = running(cast)
    url = reverse("project", args=[row.pk])
    before = signed_in(client, cast, "head").get(url).content.decode()
    request = asked(row, cast)

    pages = {who: signed_in(client, cast, who).get(url).content.decode() for who in ("head", "leader", "secretariat")}

    assert reverse("change-new", args=[row.pk]) in before
    assert "已有待决定的延期申请" in pages["head"]
    assert "决定延期申请" in pages["leader"]
    assert "写督办处意见" in pages["secretariat"]
    assert "督办处 对延期申请提出意见" in pages["leader"]
    assert all(reverse("change", args=[request.pk]) in page for page in pages.values())


def test_a_prepared_change_is_filled_in_from_the_revised_paper(client: CheckingClient, cast: Cast) -> None:
    row = running(cast)
    request = ChangeRequest.objects.create(
        organization=cast.office, project=row, kind=ChangeKind.EXTENSION, reason="修订表第 3 行",
        asked_by=cast.secretariat, asked_at=NOW,
    )  # fmt: skip
    ChangeLine.objects.create(
        request=request, subject_kind="project", subject_id=row.pk, field="deadline", label="完成时限",
        old="9月底前", new="11月底前",
    )  # fmt: skip
    client = signed_in(client, cast, "head")
    url = reverse("change-take-up", args=[request.pk, "extension"])

    form = client.get(url).context["form"]
    reply = client.post(url, {"version": row.version, "due_on": "2026-11-30", "reason": "按修订表"})

    assert form["due_on"].value() == date(2026, 11, 30)
    assert reply.status_code == 302
    request.refresh_from_db()
    assert (request.state, request.new_due_on) == (ChangeState.ASKED, date(2026, 11, 30))


def test_plain_moves_of_a_request_go_back_to_the_project(client: CheckingClient, cast: Cast) -> None:
    row = running(cast)
    request = asked(row, cast)

    reply = signed_in(client, cast, "head").post(
        reverse("change-withdraw", args=[request.pk]), {"version": row.version}
    )

    assert reply.headers["Location"] == reverse("project", args=[row.pk])
    request.refresh_from_db()
    assert request.state == ChangeState.WITHDRAWN


def test_the_head_hands_a_milestone_over_on_its_page(client: CheckingClient, cast: Cast) -> None:
    row = running(cast)
    node = row.milestones.get(title="第1步")
    client = signed_in(client, cast, "head")
    url = reverse("milestone-reassign", args=[node.pk])

    assert client.post(url, {"version": row.version}).status_code == 422
    reply = client.post(url, {"version": row.version, "person": cast.head.pk, "note": "休假"})

    assert reply.status_code == 302
    node.refresh_from_db()
    assert node.person == cast.head
