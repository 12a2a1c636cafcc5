"""Keeping a project's outlook true after each act."""

from collections.abc import Sequence
from typing import Any

from accounts.policies import rules_of
from tasks.models import Project
from tasks.queries.outlook import loaded_for_outlook, outlook_of


def refresh_outlook(project: Project) -> None:
    """Work the outlook out anew and write what differs; the instance then holds it too."""
    refresh_outlooks([project])


def refresh_outlooks(projects: Sequence[Project]) -> None:
    """Of many at once, with as many reads as of one."""
    rows = loaded_for_outlook(projects)
    rules = {organization_id: rules_of(organization_id) for organization_id in {p.organization_id for p in projects}}
    for project in projects:
        loaded = rows[project.pk]
        values = outlook_of(loaded, *rules[project.organization_id])
        if changed := differing(loaded, values):
            Project.objects.filter(pk=project.pk).update(**changed)
        for name, value in values.items():
            setattr(project, name, value)
        project.extension_asked_on = loaded.extension_asked_on


def differing(row: Project, values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if getattr(row, name) != value}
