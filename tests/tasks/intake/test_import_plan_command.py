"""`manage.py import_plan`: the machinery of the pages, run at once."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Event
from tasks.actions.plans import ensure_source_classes
from tasks.actions.remember import remember_source
from tasks.models import ImportBatch, KeyTask, Plan, Project, SourceClass
from tests.tasks.intake.conftest import DATA, FEBRUARY, SampleOffice
from tests.tasks.intake.imports import GOOD, changed, table


def run(file: Path, *options: str, org: str = "szx", today: str = "2026-02-20") -> dict[str, Any]:
    out = StringIO()
    call_command(
        "import_plan", str(file), "--org", org, "--year", "2026", "--today", today, "--json", *options, stdout=out
    )
    outcome: dict[str, Any] = json.loads(out.getvalue())
    return outcome


def settled(sample: SampleOffice) -> None:
    ensure_source_classes(sample.organization)
    wanted = SourceClass.objects.get(name="领导同志批示")
    remember_source(sample.organization, text="领导批示", source_class=wanted, by=sample.secretariat, now=FEBRUARY)


def statuses(outcome: dict[str, Any]) -> dict[str, int]:
    found = [row["status"] for row in outcome["rows"]]
    return {status: found.count(status) for status in dict.fromkeys(found)}


def test_a_dry_run_tells_everything_and_writes_nothing(sample: SampleOffice) -> None:
    events = Event.objects.count()

    outcome = run(DATA / "plan-2026.xlsx", "--dry-run")

    assert statuses(outcome) == {"ok": 134, "ask": 4}
    first = outcome["rows"][0]
    assert (first["sheet"], first["row"], first["title"], first["due_on"]) == (
        "任务分解表",
        4,
        "组织开展学习中心组集体学习",
        "2026-12-25",
    )
    assert set(outcome["created"].values()) == {0}
    assert [each["row"] for each in outcome["left_out"]] == [142]
    assert not any(model.objects.exists() for model in (ImportBatch, Plan, SourceClass))
    assert Event.objects.count() == events


def test_a_dry_run_counts_what_would_be_created_and_keeps_nothing(sample: SampleOffice) -> None:
    outcome = run(DATA / "plan-2026.xlsx", "--dry-run", "--only-ok")

    assert outcome["created"]["projects"] == 134
    assert not any(model.objects.exists() for model in (ImportBatch, Plan, Project, SourceClass))


def test_the_sample_plan_is_written_once_and_known_the_second_time(sample: SampleOffice) -> None:
    settled(sample)

    first = run(DATA / "plan-2026.xlsx")
    second = run(DATA / "plan-2026.xlsx")

    assert (first["created"]["key_tasks"], first["created"]["projects"]) == (138, 138)
    assert statuses(second) == {"duplicate": 138}
    assert set(second["created"].values()) == {0}
    assert Project.objects.count() == 138


def test_nothing_is_written_while_a_row_is_asked_about(sample: SampleOffice) -> None:
    with pytest.raises(CommandError, match="有 4 行需更正，什么也没有写入"):
        run(DATA / "plan-2026.xlsx")

    assert not any(model.objects.exists() for model in (KeyTask, ImportBatch))


def test_the_rows_without_questions_are_written_when_asked_for(sample: SampleOffice) -> None:
    outcome = run(DATA / "plan-2026.xlsx", "--only-ok")

    assert outcome["created"]["projects"] == Project.objects.count() == 134


def test_in_november_what_is_past_is_asked_unless_accepted(sample: SampleOffice, tmp_path: Path) -> None:
    file = tmp_path / "表.xlsx"
    file.write_bytes(table(GOOD, changed(GOOD, number="2", key_task="年底事项", deadline="年底前")))

    asked = run(file, "--dry-run", today="2026-11-22")
    accepted = run(file, "--accept-past", today="2026-11-22")

    assert statuses(asked) == {"ask": 1, "ok": 1}
    assert accepted["created"]["projects"] == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["none.xlsx", "--org", "szx", "--year", "2026"], "读不到文件"),
        ([str(DATA / "plan-2026.xlsx"), "--org", "nowhere", "--year", "2026"], "没有代码为“nowhere”的政协机关"),
        ([str(DATA / "plan-2026.xlsx"), "--org", "szx", "--year", "2026", "--by", "nobody"], "没有登录名为“nobody”"),
        ([str(DATA / "plan-2026.xlsx"), "--org", "szx", "--year", "2026", "--by", "u080"], "只有督办人员可以导入"),
        ([__file__, "--org", "szx", "--year", "2026"], "不是能读的表格"),
        ([str(DATA / "staff-2026.xlsx"), "--org", "szx", "--year", "2026"], "没有认出表头"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(sample: SampleOffice, arguments: list[str], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        call_command("import_plan", *arguments, stdout=StringIO())

    assert not ImportBatch.objects.exists()
