"""What of a project a person may read."""

from datetime import date

from accounts.models import User
from tasks.models import Project


def sees_whole(user: User, project: Project, today: date) -> bool:
    """Whether entries, attachments and timeline are shown, not only the ledger's main columns (domain 1)."""
    return Project.objects.whole_for(user, today).filter(pk=project.pk).exists()
