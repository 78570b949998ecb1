from django.db import migrations, models

from tollcentre.core.clock import day_of, day_start


def to_moments(apps, schema_editor):
    """A day's owner owns from its first second."""
    rows = apps.get_model("participants", "SectionOwnership")
    for row in rows.objects.all():
        row.from_time = day_start(row.from_day)
        row.save(update_fields=["from_time"])


def to_days(apps, schema_editor):
    """The day that the moment lies in."""
    rows = apps.get_model("participants", "SectionOwnership")
    for row in rows.objects.all():
        row.from_day = day_of(row.from_time)
        row.save(update_fields=["from_day"])


class Migration(migrations.Migration):
    dependencies = [
        ("participants", "0002_agreements"),
    ]

    operations = [
        migrations.AddField(
            model_name="sectionownership",
            name="from_time",
            field=models.BigIntegerField(default=0),
        ),
        migrations.RemoveConstraint(
            model_name="sectionownership",
            name="one_owner_a_section_and_day",
        ),
        migrations.AlterField(
            model_name="sectionownership",
            name="from_day",
            field=models.DateField(null=True),
        ),
        migrations.RunPython(to_moments, to_days),
        migrations.RemoveField(
            model_name="sectionownership",
            name="from_day",
        ),
        migrations.AlterField(
            model_name="sectionownership",
            name="from_time",
            field=models.BigIntegerField(),
        ),
        migrations.AddConstraint(
            model_name="sectionownership",
            constraint=models.UniqueConstraint(
                fields=("section_id", "from_time"), name="one_owner_a_section_and_moment"
            ),
        ),
    ]
