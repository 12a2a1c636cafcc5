"""收件箱: a person's own messages by reason, and how many of them lie unread."""

from dataclasses import dataclass

from django.db.models import Count, F, Max, Q, QuerySet, Subquery, Window
from django.db.models.functions import Coalesce, RowNumber

from accounts.models import User
from supervision.notifications.enums import Reason
from supervision.notifications.models import Notification


@dataclass(frozen=True)
class Tally:
    """Of one reason; `latest` is the newest message that was there when it was counted."""

    total: int = 0
    unread: int = 0
    latest: int = 0


@dataclass(frozen=True)
class Group:
    reason: Reason
    tally: Tally
    count: int  # as the page shows it: unread ones, or all
    rows: list[Notification]

    @property
    def has_more(self) -> bool:
        return self.count > len(self.rows)


def inbox_of(user: User) -> QuerySet[Notification]:
    """Newest first, with the number of the project each is about."""
    return Notification.objects.visible_to(user).annotate(project_number=F("project__number"))


def unread_count(user: User) -> int:
    return Notification.objects.visible_to(user).unread().order_by().count()


def unread_of(user: User) -> Coalesce:
    """The same as a column, for whoever asks the database something else anyway."""
    mine = Notification.objects.visible_to(user).unread().order_by().values("person")
    return Coalesce(Subquery(mine.annotate(count=Count("pk")).values("count")), 0)


def tallies_of(user: User) -> dict[Reason, Tally]:
    """Every reason, also those without a message."""
    rows = (
        Notification.objects.visible_to(user)
        .order_by()
        .values("reason")
        .annotate(total=Count("pk"), unread=Count("pk", filter=Q(read_at=None)), latest=Max("pk"))
    )
    found = {row["reason"]: Tally(row["total"], row["unread"], row["latest"]) for row in rows}
    return {reason: found.get(reason.value, Tally()) for reason in Reason}


def newest_of_each_reason(rows: QuerySet[Notification], *, most: int) -> dict[Reason, list[Notification]]:
    """The first so many of each, in one query."""
    rank = Window(RowNumber(), partition_by=[F("reason")], order_by=[F("created_at").desc(), F("pk").desc()])
    newest: dict[Reason, list[Notification]] = {reason: [] for reason in Reason}
    for row in rows.annotate(rank=rank).filter(rank__lte=most):
        newest[Reason(row.reason)].append(row)
    return newest
