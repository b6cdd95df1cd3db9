"""What `functions_framework` has decorated."""

import inspect
import typing

from ...failure import HandlerUnusable


class Registry:
    """`types`: the signature type of each function by its name; `error_handlers`: pairs of an exception's class and what answers it."""

    def __init__(self):
        self.types = {}
        self.error_handlers = []
        self._inputs = {}

    def members(self):
        """The members of `functions_framework`."""
        return {
            "http": lambda function: self._register(function, "http"),
            "cloud_event": lambda function: self._register(function, "cloudevent"),
            "typed": self._typed,
            "errorhandler": self._errorhandler,
        }

    def input_of(self, function):
        """The class of a typed function's parameter. Raises HandlerUnusable."""
        declared = self._inputs.get(function.__name__)
        if declared is None:
            parameters = list(inspect.signature(function).parameters)
            hints = typing.get_type_hints(function)
            declared = hints.get(parameters[0]) if parameters else None
        if not callable(getattr(declared, "from_dict", None)):
            raise HandlerUnusable("%s: the type of its parameter has no method from_dict." % function.__name__)
        return declared

    def _register(self, function, kind):
        self.types[function.__name__] = kind
        return function

    def _typed(self, given):
        """`@typed` and `@typed(Class)`."""
        if inspect.isfunction(given):
            return self._register(given, "typed")

        def decorate(function):
            self._inputs[function.__name__] = given
            return self._register(function, "typed")

        return decorate

    def _errorhandler(self, kind):
        def decorate(handle):
            self.error_handlers.append((kind, handle))
            return handle

        return decorate
