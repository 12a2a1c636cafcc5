"""Keeping what a name in a paper stands for, so that it is asked once."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from accounts.actions.recording import record
from accounts.models import Organization, User
from cppcc_office.lib.errors import Refused
from tasks.actions.plans import refuse_unless_secretariat
from tasks.actions.recording import today_of
from tasks.enums import TermKind
from tasks.intake.columns import LABELS, Field
from tasks.models import RememberedTerm, SourceClass


@transaction.atomic
def remember_source(
    organization: Organization, *, text: str, source_class: SourceClass, by: User, now: datetime
) -> RememberedTerm:
    """A source name belongs to this class, from now on and in every paper."""
    refuse_unless_secretariat(by, organization, today_of(now), "对应来源")
    if source_class.organization_id != organization.pk:
        raise Refused("来源类别不是本机关的，请重新选择")
    term = _remember(organization, TermKind.SOURCE, text, str(source_class.pk), by=by, now=now)
    words = f"来源“{text}”对应到“{source_class}”"
    record("remember_source", words, by=by, now=now, organization=organization, subject=term)
    return term


@transaction.atomic
def remember_columns(organization: Organization, *, fields: Mapping[str, str], by: User, now: datetime) -> None:
    """Column title → field name, '' for a column that is not to be read."""
    refuse_unless_secretariat(by, organization, today_of(now), "对应列名")
    for title, name in fields.items():
        if name and name not in set(Field):
            raise Refused(f"“{title}”对应的栏目不存在，请重新选择")
        _remember(organization, TermKind.COLUMN, title[:200], name, by=by, now=now)
    listed = "；".join(f"{title} → {LABELS[Field(name)] if name else '不读入'}" for title, name in fields.items())
    if listed:
        record("remember_columns", f"对应列名：{listed}", by=by, now=now, organization=organization)


def _remember(
    organization: Organization, kind: TermKind, text: str, meaning: str, *, by: User, now: datetime
) -> RememberedTerm:
    term, _ = RememberedTerm.objects.update_or_create(
        organization=organization,
        kind=kind,
        text=text,
        defaults={"meaning": meaning, "set_by": by, "set_at": now},
    )
    return term
