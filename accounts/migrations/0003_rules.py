import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Who corrected a day, and when. Until now no page could, so that there is no row to be given a default."""

    dependencies = [
        ("accounts", "0002_staff_import"),
    ]

    operations = [
        migrations.AddField(
            model_name="calendarexception",
            name="set_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="calendarexception",
            name="set_by",
            field=models.ForeignKey(
                default=0,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
            preserve_default=False,
        ),
    ]
