"""Saved views: keeping, renaming and deleting the address of a list under a name."""

from datetime import datetime

from django.db import transaction

from accounts.actions.recording import record
from accounts.models import User
from accounts.standing import standing_of
from tasks.actions.recording import refuse_if, today_of
from tasks.enums import ViewScope
from tasks.models import SavedView
from tasks.rules.views import bar_to_keep_view, bar_to_save_view


@transaction.atomic
def save_view(*, by: User, page: str, name: str, query: str, scope: ViewScope, now: datetime) -> SavedView:
    """Under the same name the person's earlier view is replaced."""
    today = today_of(now)
    refuse_if(bar_to_save_view(by, scope, name, today))
    standing = standing_of(by, today=today)
    division = min(standing.division_ids(), default=None) if scope == ViewScope.DIVISION else None
    view, is_new = SavedView.objects.update_or_create(
        owner=by,
        page=page,
        name=name,
        defaults={
            "organization_id": standing.home_id,
            "query": query,
            "scope": scope,
            "division_id": division,
            "created_at": now,
        },
    )
    words = f"{'保存' if is_new else '更新'}视图“{name}”（{scope.label}）"
    after = {"query": query, "scope": scope.value}
    record("save_view", words, by=by, now=now, organization=view.organization_id, subject=view, after=after)
    return view


@transaction.atomic
def rename_view(view: SavedView, *, by: User, name: str, now: datetime) -> None:
    refuse_if(bar_to_keep_view(by, view, name))
    old, view.name = view.name, name
    view.save(update_fields=["name"])
    words = f"将视图“{old}”改名为“{name}”"
    record("rename_view", words, by=by, now=now, organization=view.organization_id, subject=view)


@transaction.atomic
def delete_view(view: SavedView, *, by: User, now: datetime) -> None:
    refuse_if(bar_to_keep_view(by, view))
    before = {"name": view.name, "query": view.query, "scope": view.scope}
    words = f"删除视图“{view.name}”"
    record("delete_view", words, by=by, now=now, organization=view.organization_id, subject=view, before=before)
    view.delete()
