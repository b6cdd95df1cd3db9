"""Every dialect this guest speaks, by the name that stands in `dialect:`."""

import importlib

# Package or module beside this file, and the class in it.
_PLACES = {
    "alibaba": ("alibaba", "AlibabaDialect"),
    "azure": ("azure", "AzureDialect"),
    "event": ("event", "EventDialect"),
    "fission": ("fission", "FissionDialect"),
    "fn": ("fn", "FnDialect"),
    "google": ("google", "GoogleDialect"),
    "http": ("http", "HttpDialect"),
    "knative": ("knative", "KnativeDialect"),
    "kubeless": ("kubeless", "KubelessDialect"),
    "lambda": ("aws_lambda", "LambdaDialect"),
    "nuclio": ("nuclio", "NuclioDialect"),
    "openfaas": ("openfaas", "OpenfaasDialect"),
    "openwhisk": ("openwhisk", "OpenwhiskDialect"),
    "tencent": ("tencent", "TencentDialect"),
}

DIALECT_NAMES = tuple(_PLACES)


def find_dialect(name):
    """
    The dialect of this name, or None. Its code is loaded when it is first asked for, which a guest with time does before any
    function comes: all of them together take longer than the rest of a start.
    """
    place = _PLACES.get(name)
    if place is None:
        return None
    module, kind = place
    return getattr(importlib.import_module("." + module, __name__), kind)()
