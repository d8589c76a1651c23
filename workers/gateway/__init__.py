"""The one way out: every request to a language model passes here. Pure: no Django, no Celery."""
