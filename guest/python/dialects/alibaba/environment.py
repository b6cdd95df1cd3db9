"""The variables that Function Compute sets."""

import logging
import os


def set_variables(instance):
    """Those that the author did not. What is logged at INFO is shown, as Function Compute does."""
    handler = instance["handler"]
    module = handler["file"][:-3] if handler["file"].endswith(".py") else handler["file"]
    wanted = {
        "FC_ACCOUNT_ID": "0000000000000000",
        "FC_FUNCTION_HANDLER": "%s.%s" % (module, handler["export"]),
        "FC_FUNCTION_MEMORY_SIZE": str(instance["memoryMb"]),
        "FC_FUNCTION_NAME": instance["function"],
        "FC_FUNCTION_TIMEOUT": str(max(1, round(instance["timeoutMs"] / 1000))),
        "FC_FUNC_CODE_PATH": instance["codeDir"],
        "FC_INSTANCE_ID": "%s-%d" % (instance["version"][:8], os.getpid()),
        "FC_QUALIFIER": "LATEST",
        "FC_REGION": "cn-hangzhou",
        "FC_SERVICE_NAME": instance["app"],
        "FC_VERSION_ID": instance["version"],
    }
    for name, value in wanted.items():
        os.environ.setdefault(name, value)
    logging.getLogger().setLevel(logging.INFO)
