"""What is to be done, and how it stands."""

from tasks.models.change import ChangeLine, ChangeRequest
from tasks.models.close_out import CloseOut
from tasks.models.intake import ImportBatch, ImportRow, RememberedTerm
from tasks.models.lists import CalendarFeed, DatesBasis, Export, SavedView
from tasks.models.milestone import Milestone, MilestoneCoDivision
from tasks.models.number import IssuedNumber, NumberSeries
from tasks.models.plan import Category, KeyTask, ObserverScope, Plan, Source, SourceClass
from tasks.models.progress import Attachment, ProgressEntry, TargetCount
from tasks.models.project import Project, ProjectCoDivision
from tasks.models.result import Result
from tasks.models.revision import MilestoneRevision, ProjectRevision, TargetRevision
from tasks.models.target import Target

__all__ = [
    "Result",
    "SavedView",
    "Export",
    "DatesBasis",
    "CalendarFeed",
    "Attachment",
    "Category",
    "ChangeLine",
    "ChangeRequest",
    "CloseOut",
    "ImportBatch",
    "ImportRow",
    "IssuedNumber",
    "KeyTask",
    "Milestone",
    "MilestoneCoDivision",
    "MilestoneRevision",
    "NumberSeries",
    "ObserverScope",
    "Plan",
    "ProgressEntry",
    "Project",
    "ProjectCoDivision",
    "ProjectRevision",
    "RememberedTerm",
    "Source",
    "SourceClass",
    "Target",
    "TargetCount",
    "TargetRevision",
]
