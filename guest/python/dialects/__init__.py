"""Every dialect this guest speaks, by the name that stands in `dialect:`."""

from .alibaba import AlibabaDialect
from .aws_lambda import LambdaDialect
from .azure import AzureDialect
from .event import EventDialect
from .fission import FissionDialect
from .fn import FnDialect
from .google import GoogleDialect
from .http import HttpDialect
from .knative import KnativeDialect
from .kubeless import KubelessDialect
from .nuclio import NuclioDialect
from .openfaas import OpenfaasDialect
from .openwhisk import OpenwhiskDialect
from .tencent import TencentDialect

DIALECTS = {
    "alibaba": AlibabaDialect(),
    "azure": AzureDialect(),
    "event": EventDialect(),
    "fission": FissionDialect(),
    "fn": FnDialect(),
    "google": GoogleDialect(),
    "http": HttpDialect(),
    "knative": KnativeDialect(),
    "kubeless": KubelessDialect(),
    "lambda": LambdaDialect(),
    "nuclio": NuclioDialect(),
    "openfaas": OpenfaasDialect(),
    "openwhisk": OpenwhiskDialect(),
    "tencent": TencentDialect(),
}
