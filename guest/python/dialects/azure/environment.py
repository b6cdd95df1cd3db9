"""The variables that Azure's hosts set."""

import os
import sys
from urllib.parse import urlsplit


def set_variables(instance):
    """Those that the author did not."""
    own = instance["own"]
    wanted = {
        "AZURE_FUNCTIONS_ENVIRONMENT": "Production",
        "AzureWebJobsScriptRoot": instance["codeDir"],
        "FUNCTIONS_EXTENSION_VERSION": "~4",
        "FUNCTIONS_WORKER_RUNTIME": "python",
        "FUNCTIONS_WORKER_RUNTIME_VERSION": "%d.%d" % sys.version_info[:2],
        "WEBSITE_HOSTNAME": urlsplit(next(iter(own["hosts"]), own["url"])).netloc,
        "WEBSITE_INSTANCE_ID": str(os.getpid()),
        "WEBSITE_SITE_NAME": instance["app"],
    }
    for name, value in wanted.items():
        os.environ.setdefault(name, value)
