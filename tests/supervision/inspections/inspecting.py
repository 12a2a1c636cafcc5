"""An inspection of two divisions, planned, begun and with findings, by the real actions."""

from datetime import date

from supervision.inspections.actions.inspections import (
    InspectionDraft,
    begin_inspection,
    plan_inspection,
    record_finding,
)
from supervision.inspections.enums import Means
from supervision.inspections.models import Finding, Inspection, InspectionObject
from tests.cast import NOW, Cast
from tests.remembered import remembered

DUE = date(2026, 4, 10)


def drafted(cast: Cast) -> InspectionDraft:
    return InspectionDraft(
        title="委员联系点建设专项督查",
        basis="3月2日秘书长办公会议",
        starts_on=date(2026, 3, 9),
        ends_on=date(2026, 3, 20),
        divisions=[cast.lead, cast.assisting],
        members=[cast.secretariat, cast.leader],
        head=cast.leader,
        matter="委员联系点 建设情况",
        means=[Means.REPORT, Means.VISIT],
    )


@remembered
def planned(cast: Cast) -> Inspection:
    return plan_inspection(cast.office, drafted(cast), by=cast.secretariat, now=NOW)


@remembered
def begun(cast: Cast) -> Inspection:
    return begin_inspection(planned(cast), by=cast.secretariat, version=1, now=NOW)


def looked_into(cast: Cast) -> Inspection:
    """Begun, with a finding at the lead."""
    inspection = begun(cast)
    found(cast, inspection.inspected.get(division=cast.lead))
    inspection.refresh_from_db()
    return inspection


def found(cast: Cast, inspected: InspectionObject, **changed: object) -> Finding:
    version = Inspection.objects.get(pk=inspected.inspection_id).version
    asked: dict[str, object] = {"by": cast.secretariat, "version": version, "words": "未发现问题", "now": NOW}
    return record_finding(inspected, **(asked | changed))  # type: ignore[arg-type]  # the test names what it changes
