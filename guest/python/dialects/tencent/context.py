"""What a handler is told about its function."""

import os

from ...result import to_json
from .environment import APP_ID, NAMESPACE, UIN


def context_base(instance):
    """The part that every context of an instance has; the function's own variables as JSON and as `A=1;B=2`."""
    variables = {"SCF_NAMESPACE": NAMESPACE, **instance["env"]}
    return {
        "memory_limit_in_mb": instance["memoryMb"],
        "time_limit_in_ms": instance["timeoutMs"],
        "function_name": instance["function"],
        "function_version": instance["version"],
        "namespace": NAMESPACE,
        "tencentcloud_region": os.environ["TENCENTCLOUD_REGION"],
        "tencentcloud_appid": APP_ID,
        "tencentcloud_uin": UIN,
        "environment": to_json(variables),
        "environ": ";".join("%s=%s" % pair for pair in variables.items()),
    }
