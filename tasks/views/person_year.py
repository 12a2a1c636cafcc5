"""个人年度任务清单."""

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.http import SignedInRequest
from accounts.models import Membership, User
from accounts.standing import standing_of
from tasks.queries.ledger.grounds import reads_ledger
from tasks.queries.person_year import parts_of, people_seen_by, years_with_work
from tasks.rules.hand_over import people_to_hand_over
from tasks.tables.person_year import layout_of_year, lines_of_year
from tasks.views.books import book_response

FIRST_YEAR, LAST_YEAR = 2000, 2099


@require_safe
def my_year(request: SignedInRequest) -> HttpResponse:
    if not reads_ledger(request.user, request.today):
        raise Http404
    return redirect("person-year", pk=request.user.pk, year=request.today.year)


def _person(request: SignedInRequest, pk: int, year: int) -> User:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Http404
    return get_object_or_404(people_seen_by(request.user, year, request.today), pk=pk)


def _where(person: User, request: SignedInRequest) -> str:
    """The division and 职务 that stand under the name."""
    posts = Membership.objects.on(request.today).filter(user=person, division__isnull=False).select_related("division")
    divisions = dict.fromkeys(post.division.name for post in posts if post.division)
    return " ".join([*divisions, *([person.title] if person.title else [])])


@require_safe
def person_year(request: SignedInRequest, pk: int, year: int) -> HttpResponse:
    person = _person(request, pk, year)
    parts = parts_of(person, year, request.user, request.today)
    context = {
        "person": person,
        "year": year,
        "years": sorted(
            {*years_with_work(person, request.user, request.today), year, request.today.year}, reverse=True
        ),
        "where": _where(person, request),
        "parts": parts,
        "total": sum(part.sum.total for part in parts),
        "may_hand_over": people_to_hand_over(request.user, request.today).filter(pk=pk).exists(),
    }
    return render(request, "tasks/people/person_year.html", context)


@require_POST
def person_year_export(request: SignedInRequest, pk: int, year: int) -> FileResponse:
    person = _person(request, pk, year)
    parts = parts_of(person, year, request.user, request.today)
    name = f"{person}{year}年度任务清单"
    under = f"{_where(person, request)}    截至 {request.today:%Y-%m-%d}".strip()
    organization_id = standing_of(request.user, today=request.today).home_id or 0
    layout = layout_of_year((name, under))
    return book_response(request, layout, lines_of_year(parts), name=name, organization_id=organization_id)
