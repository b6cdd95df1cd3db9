"""What a dialect is. docs/recipes/add-a-python-dialect.md shows how one is made."""

from .failure import HandlerUnusable


class Dialect:
    """One way of writing functions: turns a call into what its authors expect, and what they give back into an answer."""

    def prepare(self, instance):
        """Before the author's code is loaded: variables and modules that it may rely on. `instance` is the SpecialiseMessage."""

    def package_of(self, instance):
        """The package that the vendor has stand for the code's folder, None when there is none."""

    def bind(self, exported, instance):
        """
        Makes a Handler of what `handler.export` names, None when there is no such thing. Anything raised fails the
        instance with FUNCTION_INIT_FAILED; HandlerUnusable is for what is missing or of the wrong kind.
        """
        raise NotImplementedError


class Handler:
    """A loaded function."""

    def serve(self, call, respond):
        """
        Serves one call (call.py), answering by `respond` (response_stream.py); the answer must be complete when this returns. What it
        raises ends the call with FUNCTION_THREW (InvalidResponse: RESPONSE_INVALID).
        """
        raise NotImplementedError

    def shutdown(self):
        """Once, when the instance is drained and no call is left."""


def callable_export(exported, instance):
    """The export, which must be callable. Raises HandlerUnusable."""
    if callable(exported):
        return exported
    handler = instance["handler"]
    kind = "missing" if exported is None else "no function, but of type %s" % type(exported).__name__
    raise HandlerUnusable('"%s" in %s is %s.' % (handler["export"], handler["file"], kind))
