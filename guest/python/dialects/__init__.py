"""Every dialect this guest speaks, by the name that stands in `dialect:`."""

from .aws_lambda import LambdaDialect
from .event import EventDialect
from .http import HttpDialect

DIALECTS = {
    "event": EventDialect(),
    "http": HttpDialect(),
    "lambda": LambdaDialect(),
}
