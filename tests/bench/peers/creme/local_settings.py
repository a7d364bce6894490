# The settings that a new Creme project leaves to whoever runs it: our PostgreSQL, as in production.
import os

SECRET_KEY = os.environ["CREME_SECRET_KEY"]
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "creme",
        "USER": "creme",
        "PASSWORD": os.environ["CREME_PASSWORD"],
        "HOST": os.environ["CREME_SOCKETS"],
        "CONN_MAX_AGE": None,  # connections are kept, as ours are
    }
}
JOBMANAGER_BROKER = "unix_socket://" + os.environ["CREME_RUN"]
