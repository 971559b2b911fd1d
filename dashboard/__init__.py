"""The Django project and the site for people.

The package itself imports nothing: the supervisor lives in it for the whole run and must stay
light. ``dashboard.apps`` loads the Celery application when Django starts.
"""
