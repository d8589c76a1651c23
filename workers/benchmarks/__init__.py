"""lm-eval as a library: definitions into requests, responses into metrics. Pure: no Django, no Celery.

lm_eval itself is only ever imported in a child process (`process.py` starts it, `child.py` is it): task code may crash,
loop or call `sys.exit`, and 200 MB of libraries stay out of the workers that send requests.
"""
