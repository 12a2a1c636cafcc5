"""Keeping a project's outlook true after each act."""

from typing import Any

from accounts.policies import calendar_of, policy_of
from tasks.models import Project
from tasks.queries.outlook import for_outlook, outlook_of


def refresh_outlook(project: Project) -> None:
    """Work the outlook out anew and write what differs; the instance then holds it too."""
    policy, calendar = policy_of(project.organization_id), calendar_of(project.organization_id)
    loaded = for_outlook(Project.objects.filter(pk=project.pk)).get()
    values = outlook_of(loaded, policy, calendar)
    changed = differing(loaded, values)
    if changed:
        Project.objects.filter(pk=project.pk).update(**changed)
    for name, value in values.items():
        setattr(project, name, value)
    project.extension_asked_on = loaded.extension_asked_on


def differing(row: Project, values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if getattr(row, name) != value}
