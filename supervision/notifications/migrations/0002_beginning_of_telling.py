from django.db import migrations, models


def begin_after_what_happened(apps, schema_editor):
    """An office that was there before is not told its past."""
    highest = apps.get_model("accounts", "Event").objects.aggregate(id=models.Max("id"))["id"] or 0
    apps.get_model("notifications", "RelayMark").objects.get_or_create(pk=1, defaults={"event_id": highest})


class Migration(migrations.Migration):
    dependencies = [("notifications", "0001_beginning"), ("accounts", "0004_api_tokens")]

    operations = [
        migrations.AddField("relaymark", "seen_at", models.DateTimeField(null=True)),
        migrations.AddField("relaymark", "seen_id", models.BigIntegerField(default=0)),
        migrations.RunPython(begin_after_what_happened, migrations.RunPython.noop),
    ]
