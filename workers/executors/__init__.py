"""Items in, answers out: what an item asks of a model, and what its reply is worth. Pure: no Django, no Celery."""
