"""The Celery application. It decides nothing: jobs find rows and call actions."""

import os

from celery import Celery

from cppcc_office.schedule import BEAT_SCHEDULE

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cppcc_office.settings")

app = Celery("cppcc_office")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = BEAT_SCHEDULE
app.autodiscover_tasks(related_name="jobs")
