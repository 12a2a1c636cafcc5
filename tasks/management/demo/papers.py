"""The plan of a year and the papers, meetings and instructions that its tasks come from."""

from datetime import date, datetime

from tasks.actions.key_tasks import Paper
from tasks.actions.plans import create_plan
from tasks.management.demo.patterns import CATEGORIES
from tasks.management.demo.year import Year
from tasks.models import SourceClass

# Source class, paper, number, month and day. `{y}` is the year, `{d}` the one before.
PAPERS = (
    ("重要讲话和指示批示精神", "关于加强和改进人民政协工作的重要讲话精神学习贯彻方案", "澜协党〔{y}〕1号", (1, 5)),
    ("重要讲话和指示批示精神", "关于基层治理的重要指示精神贯彻落实分工", "澜协党〔{y}〕6号", (1, 12)),
    ("上级决策部署", "省委关于加强新时代人民政协工作的实施意见", "澜发〔{d}〕21号", (1, 3)),
    ("年度主要任务", "省委常委会{y}年工作要点涉及政协事项", "澜委办〔{y}〕2号", (1, 6)),
    ("重要会议议定事项", "省政协主席会议议定事项", "澜协主〔{y}〕1号", (1, 7)),
    ("重要会议议定事项", "秘书长办公会议定事项", "", (1, 8)),
    ("领导同志批示", "分管省领导对政协专报的批示", "", (1, 4)),
    ("党组工作要点", "省政协党组{y}年工作要点", "澜协党〔{y}〕3号", (1, 7)),
    ("党组会议决策", "省政协党组会议纪要", "澜协党纪〔{y}〕1号", (1, 6)),
    ("常委会重点任务", "省政协常委会{y}年工作要点", "澜协〔{y}〕2号", (1, 8)),
    ("主要负责同志批示", "主席对重点工作推进的批示", "", (1, 5)),
    ("常委会工作报告", "政协澜江省委员会常务委员会工作报告", "", (1, 8)),
    ("年度协商计划", "省政协{y}年度协商工作计划", "澜委办〔{y}〕5号", (1, 7)),
)


def adopt_plan(year: Year, now: datetime) -> None:
    """Make the plan; its papers are then at hand for every line."""
    office, y = year.office, year.plan_year
    year.plan = create_plan(
        office.organization,
        by=office.supervising.head,
        year=y,
        name=f"省政协{y}年度重点任务",
        adopted_by=f"{y}年第一次主席会议审议通过",
        categories=CATEGORIES,
        now=now,
    )
    classes = {row.name: row for row in SourceClass.objects.filter(organization=office.organization)}
    year.papers = [
        Paper(classes[name], paper.format(y=y, d=y - 1), number.format(y=y, d=y - 1), date(y, *day))
        for name, paper, number, day in PAPERS
    ]
