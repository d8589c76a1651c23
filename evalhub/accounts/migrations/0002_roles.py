from django.db import migrations

ROLES = ("candidate", "author", "reviewer", "evaluator", "admin")


def add_roles(apps, schema_editor):
    group = apps.get_model("auth", "Group")
    group.objects.bulk_create([group(name=name) for name in ROLES], ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("auth", "0012_alter_user_first_name_max_length")]
    operations = [migrations.RunPython(add_roles, migrations.RunPython.noop)]
