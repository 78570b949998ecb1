"""The WSGI application that `tollcentre serve` runs."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tollcentre.config.settings")
application = get_wsgi_application()
