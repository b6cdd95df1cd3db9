"""What `azure.functions` has."""

from ...host_modules import new_module
from . import levels, messages
from .context import Context, Out
from .function_app import Blueprint, Decorators, FunctionApp
from .http import HttpRequest, HttpResponse
from .middleware import AsgiFunctionApp, AsgiMiddleware, WsgiFunctionApp, WsgiMiddleware

_MESSAGES = (
    "Document",
    "DocumentList",
    "EventGridEvent",
    "EventGridOutputEvent",
    "EventHubEvent",
    "InputStream",
    "KafkaEvent",
    "QueueMessage",
    "ServiceBusMessage",
    "SqlRow",
    "SqlRowList",
    "TimerRequest",
)
_LEVELS = ("AccessRights", "AuthLevel", "BlobSource", "Cardinality", "DataType", "HttpMethod")


def azure_modules():
    """Modules by their names."""
    members = {name: getattr(messages, name) for name in _MESSAGES}
    members.update({name: getattr(levels, name) for name in _LEVELS})
    members.update(
        {
            "AsgiFunctionApp": AsgiFunctionApp,
            "AsgiMiddleware": AsgiMiddleware,
            "Blueprint": Blueprint,
            "BluePrint": Blueprint,
            "BindingApi": Decorators,
            "Context": Context,
            "DecoratorApi": Decorators,
            "FunctionApp": FunctionApp,
            "FunctionRegister": FunctionApp,
            "HttpRequest": HttpRequest,
            "HttpResponse": HttpResponse,
            "Out": Out,
            "TriggerApi": Decorators,
            "WsgiFunctionApp": WsgiFunctionApp,
            "WsgiMiddleware": WsgiMiddleware,
        }
    )
    missing = "it is not offered."
    return {
        "azure.functions": new_module("azure.functions", members, missing),
        "azure.functions.decorators": new_module("azure.functions.decorators", members, missing),
    }
