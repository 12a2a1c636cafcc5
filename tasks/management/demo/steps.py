"""What a line is made of: its milestones to be, and the papers it attaches."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from tasks.management.demo.office import Team

EVIDENCE = ("会议签到和议程.txt", "实地工作记录.txt", "意见建议汇总.txt", "部门反馈意见.txt")


@dataclass(eq=False)
class Step:
    """A milestone to be: `due_on`, who does it, and what it adds towards the project's number."""

    title: str
    paper: str
    due_on: date
    team: Team
    person: User


def paper_of(name: str, lines: Sequence[str]) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, "\n\n".join(lines).encode(), content_type="text/plain")
