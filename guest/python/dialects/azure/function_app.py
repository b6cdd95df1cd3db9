"""The v2 programming model: applications, and the functions that their decorators make."""

from .bindings import trigger_of
from .levels import AuthLevel, text_of

# Functions of all applications and blueprints, by their names.
registered = {}

_TRIGGERS = {
    "blob": "blobTrigger",
    "cosmos_db": "cosmosDBTrigger",
    "cosmos_db_v3": "cosmosDBTrigger",
    "event_grid": "eventGridTrigger",
    "event_hub_message": "eventHubTrigger",
    "kafka": "kafkaTrigger",
    "mysql": "mysqlTrigger",
    "queue": "queueTrigger",
    "service_bus_queue": "serviceBusTrigger",
    "service_bus_topic": "serviceBusTrigger",
    "sql": "sqlTrigger",
    "timer": "timerTrigger",
    "warm_up": "warmupTrigger",
}


class FunctionBuilder:
    """What a decorated function has become; it can still be called."""

    def __init__(self, handle):
        self.handle = handle
        self.name = handle.__name__
        self.bindings = []
        self.__name__ = handle.__name__
        self.__doc__ = handle.__doc__

    @property
    def trigger(self):
        """The binding that starts it, or None."""
        return trigger_of(self.bindings)

    def __call__(self, *given, **named):
        return self.handle(*given, **named)

    def rename(self, name):
        """Another name than the function's own."""
        if registered.get(self.name) is self:
            del registered[self.name]
        self.name = name
        registered[name] = self


class Decorators:
    """`FunctionApp` and `Blueprint`: each method is a decorator."""

    def __init__(self, http_auth_level=AuthLevel.FUNCTION):
        self._auth_level = http_auth_level

    def route(self, route=None, trigger_arg_name="req", binding_arg_name="$return", methods=None, auth_level=None, **more):
        """A function for HTTP; its path is `/api/` and its name where none is given."""
        level = text_of(self._auth_level if auth_level is None else auth_level)
        trigger = {"type": "httpTrigger", "direction": "in", "name": trigger_arg_name, "route": route, "authLevel": level}
        if methods is not None:
            trigger["methods"] = [text_of(method) for method in methods]
        return _adds({**more, **trigger}, {"type": "http", "direction": "out", "name": binding_arg_name})

    def schedule(self, arg_name, schedule, **options):
        """A function for a timer."""
        return self.timer_trigger(arg_name, schedule, **options)

    def timer_trigger(self, arg_name, schedule, run_on_startup=None, use_monitor=None, **options):
        """A function for a timer."""
        return _adds({**options, "type": "timerTrigger", "direction": "in", "name": arg_name, "schedule": schedule})

    def function_name(self, name):
        """The name by which the function is known."""

        def decorate(handle):
            builder = _builder(handle)
            builder.rename(name)
            return builder

        return decorate

    def retry(self, *_given, **_options):
        """A policy of the host's: here the queue's own decides."""
        return _builder

    def generic_trigger(self, arg_name, type, **options):
        """A function for a trigger of any type."""
        return _adds({**options, "type": type, "direction": "in", "name": arg_name, "isTrigger": True})

    def generic_input_binding(self, arg_name, type, **options):
        """An input of any type."""
        return _adds({**options, "type": type, "direction": "in", "name": arg_name})

    def generic_output_binding(self, arg_name, type, **options):
        """An output of any type."""
        return _adds({**options, "type": type, "direction": "out", "name": arg_name})

    def register_functions(self, blueprint):
        """Those of a blueprint are known already."""

    register_blueprint = register_functions

    def get_functions(self):
        """All functions."""
        return list(registered.values())

    def __getattr__(self, name):
        kind, _, role = name.rpartition("_")
        if name.startswith("_") or role not in ("trigger", "input", "output"):
            raise AttributeError(name)
        if role == "trigger":
            kind = _TRIGGERS.get(kind) or _camel(kind) + "Trigger"
        else:
            kind = _camel(kind.replace("service_bus_queue", "service_bus").replace("service_bus_topic", "service_bus"))
        direction = "out" if role == "output" else "in"

        def decorator(arg_name, *given, **options):
            return _adds({**_camel_keys(options), "type": kind, "direction": direction, "name": arg_name})

        return decorator


class FunctionApp(Decorators):
    """`func.FunctionApp()`."""


class Blueprint(Decorators):
    """`func.Blueprint()`."""


class ThirdPartyApp(Decorators):
    """`func.AsgiFunctionApp(app=…)` and `func.WsgiFunctionApp(app=…)`: one function for all requests."""

    middleware = None

    def __init__(self, app, http_auth_level=AuthLevel.FUNCTION, function_name="http_app_func"):
        super().__init__(http_auth_level)
        served = type(self).middleware(app)

        def http_app_func(req, context):
            return served.handle(req, context)

        self.function = self.route("{*route}")(http_app_func)
        self.function.rename(function_name)


def _adds(*bindings):
    def decorate(handle):
        builder = _builder(handle)
        # Decorators run from the bottom; bindings are listed from the top.
        builder.bindings[:0] = bindings
        return builder

    return decorate


def _builder(handle):
    if isinstance(handle, FunctionBuilder):
        return handle
    builder = FunctionBuilder(handle)
    registered[builder.name] = builder
    return builder


def _camel(name):
    first, *rest = name.split("_")
    return first + "".join("DB" if word == "db" else word.capitalize() for word in rest)


def _camel_keys(options):
    plain = (bool, int, dict, list)
    return {_camel(name): value if isinstance(value, plain) else text_of(value) for name, value in options.items()}
