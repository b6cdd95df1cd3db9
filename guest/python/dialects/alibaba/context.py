"""`context` of Function Compute."""

import json
import logging
import os
from types import SimpleNamespace


def context_base(instance):
    """What every context of an instance says alike."""
    env = os.environ
    return {
        "credentials": SimpleNamespace(
            access_key_id=env.get("ALIBABA_CLOUD_ACCESS_KEY_ID", ""),
            access_key_secret=env.get("ALIBABA_CLOUD_ACCESS_KEY_SECRET", ""),
            security_token=env.get("ALIBABA_CLOUD_SECURITY_TOKEN", ""),
        ),
        "function": SimpleNamespace(
            name=instance["function"],
            handler=env["FC_FUNCTION_HANDLER"],
            memory=instance["memoryMb"],
            timeout=max(1, round(instance["timeoutMs"] / 1000)),
        ),
        "service": SimpleNamespace(
            name=env["FC_SERVICE_NAME"],
            log_project="",
            log_store="",
            qualifier=env["FC_QUALIFIER"],
            version_id=env["FC_VERSION_ID"],
        ),
        "region": env["FC_REGION"],
        "account_id": env["FC_ACCOUNT_ID"],
        "logger": logging.getLogger(),
        "retry_count": 0,
    }


class FcContext:
    """Attributes as Alibaba documents them. The hooks at an instance's beginning and end belong to no call."""

    def __init__(self, base, call):
        self.__dict__.update(base)
        self.request_id = "" if call is None else call.message["id"]
        self.requestId = self.request_id
        trace = "" if call is None else call.message["traceparent"]
        self.tracing = SimpleNamespace(span_context=trace, span_baggages={}, jaeger_endpoint="")

    def to_json(self):
        """The context as a text."""
        told = {name: value for name, value in vars(self).items() if name != "logger"}
        return json.dumps(told, default=vars)
