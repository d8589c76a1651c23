"""The ways we speak to language models: one provider a file, found by name in `CATALOGUE`. Pure: no Django, no Celery."""
