"""The variables that AWS's runtimes set."""

import os
import re
import sys
import time

ACCOUNT_ID = "000000000000"

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{8})([0-9a-f]{24})-([0-9a-f]{16})-([0-9a-f]{2})")


def set_variables(instance):
    """Name, version, region and log names only where they are not given."""
    env = os.environ
    name = env.get("AWS_LAMBDA_FUNCTION_NAME") or instance["function"]
    version = env.get("AWS_LAMBDA_FUNCTION_VERSION") or instance["version"]
    region = env.get("AWS_REGION") or env.get("AWS_DEFAULT_REGION") or "us-east-1"
    file = instance["handler"]["file"]
    module = file[:-3] if file.endswith(".py") else file
    day = time.strftime("%Y/%m/%d", time.gmtime())
    env.setdefault("AWS_DEFAULT_REGION", region)
    env.setdefault("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/%s" % name)
    env.setdefault("AWS_LAMBDA_LOG_STREAM_NAME", "%s/[%s]%x" % (day, version, time.time_ns() // 1000))
    env.update(
        {
            "_HANDLER": "%s.%s" % (module, instance["handler"]["export"]),
            "AWS_EXECUTION_ENV": "AWS_Lambda_python%d.%d" % sys.version_info[:2],
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(instance["memoryMb"]),
            "AWS_LAMBDA_FUNCTION_NAME": name,
            "AWS_LAMBDA_FUNCTION_VERSION": version,
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_REGION": region,
            "LAMBDA_TASK_ROOT": instance["codeDir"],
        }
    )


def set_trace_variable(traceparent):
    """Puts the call's W3C trace context into `_X_AMZN_TRACE_ID`, in X-Ray's form."""
    parts = _TRACEPARENT.match(traceparent)
    if parts is None:
        os.environ.pop("_X_AMZN_TRACE_ID", None)
        return
    start, rest, parent, flags = parts.groups()
    os.environ["_X_AMZN_TRACE_ID"] = "Root=1-%s-%s;Parent=%s;Sampled=%d" % (start, rest, parent, int(flags, 16) % 2)
