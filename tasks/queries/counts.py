"""Which quantitative targets are still short of their number."""

from collections.abc import Iterable
from dataclasses import dataclass

from tasks.models import Project, Target
from tasks.pace import Counted
from tasks.queries.outlook import counted
from tasks.queries.project_page import plain


@dataclass(frozen=True)
class Shortage:
    target: Target
    amount: Counted

    @property
    def name(self) -> str:
        return self.target.metric or self.target.statement[:40]

    @property
    def words(self) -> str:
        """协商会议 已计 3，还差 2次"""
        return f"{self.name} 已计 {plain(self.amount.actual)}，还差 {plain(self.amount.short)}{self.target.unit}"


def shortages_of(project: Project, targets: Iterable[Target] | None = None) -> list[Shortage]:
    """Of these targets, or of all of the project."""
    asked = project.targets.prefetch_related("counts") if targets is None else targets
    rows = [Shortage(target, counted(target, project)) for target in asked if target.is_quantitative]
    return [row for row in rows if row.amount.short]
