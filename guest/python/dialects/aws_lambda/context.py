"""The `context` object of a Lambda handler."""

import json
import os
from types import SimpleNamespace

from .environment import ACCOUNT_ID


def context_base():
    """What every context of an instance says alike."""
    env = os.environ
    name = env["AWS_LAMBDA_FUNCTION_NAME"]
    return {
        "function_name": name,
        "function_version": env["AWS_LAMBDA_FUNCTION_VERSION"],
        "invoked_function_arn": "arn:aws:lambda:%s:%s:function:%s" % (env["AWS_REGION"], ACCOUNT_ID, name),
        "memory_limit_in_mb": env["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"],
        "log_group_name": env["AWS_LAMBDA_LOG_GROUP_NAME"],
        "log_stream_name": env["AWS_LAMBDA_LOG_STREAM_NAME"],
    }


class LambdaContext:
    """Attributes as AWS documents them."""

    def __init__(self, base, call):
        self.__dict__.update(base)
        # As the caller named it: with the alias or the version, where it said one.
        invoked = (call.message.get("event") or {}).get("invokedfunctionarn")
        if isinstance(invoked, str):
            self.invoked_function_arn = invoked
        self.aws_request_id = call.message["id"]
        self.identity = _identity(_attribute(call, "cognitoidentity"))
        self.client_context = _client_context(_attribute(call, "clientcontext"))
        self.tenant_id = None
        self._remaining_ms = call.remaining_ms

    def get_remaining_time_in_millis(self):
        """ms that are left until the call is given up."""
        return max(0, int(self._remaining_ms()))

    def log(self, message):
        """Prints, as AWS's runtime does."""
        print(message, end="")


def _attribute(call, name):
    """An attribute of the event's envelope, which holds text only: JSON when it can be read as such."""
    value = (call.message.get("event") or {}).get(name)
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _identity(told):
    told = told if isinstance(told, dict) else {}
    return SimpleNamespace(
        cognito_identity_id=told.get("cognitoIdentityId"),
        cognito_identity_pool_id=told.get("cognitoIdentityPoolId"),
    )


_CLIENT_FIELDS = ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name")


def _client_context(told):
    if not isinstance(told, dict):
        return None
    client = told.get("client")
    known = client if isinstance(client, dict) else {}
    return SimpleNamespace(
        custom=told.get("custom"),
        env=told.get("env"),
        client=None if client is None else SimpleNamespace(**{name: known.get(name) for name in _CLIENT_FIELDS}),
    )
