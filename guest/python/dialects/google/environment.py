"""The variables that Google's runtimes set."""

import os


def set_variables(instance):
    """Those that the author did not."""
    name, export = instance["function"], instance["handler"]["export"]
    wanted = {
        "CLOUD_RUN_TIMEOUT_SECONDS": str(max(1, round(instance["timeoutMs"] / 1000))),
        "FUNCTION_SIGNATURE_TYPE": "http",
        "FUNCTION_TARGET": export,
        "K_CONFIGURATION": name,
        "K_REVISION": "%s-%s" % (name, instance["version"][:8]),
        "K_SERVICE": name,
        "PORT": "8080",
    }
    for key, value in wanted.items():
        os.environ.setdefault(key, value)
