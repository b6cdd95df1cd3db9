"""Pays the cost of a first call while nobody waits for it."""

import gc
import importlib
import json
import os
import sys
import tempfile

from . import frames
from .dialects import DIALECT_NAMES, find_dialect
from .instance import Instance

# What functions usually need and what is slow to load.
_MODULES = (
    "argparse",
    "asyncio",
    "base64",
    "collections.abc",
    "concurrent.futures",
    "copy",
    "csv",
    "dataclasses",
    "datetime",
    "decimal",
    "email.message",
    "email.parser",
    "encodings.idna",
    "enum",
    "functools",
    "gzip",
    "hashlib",
    "hmac",
    "html",
    "http.client",
    "http.cookies",
    "inspect",
    "io",
    "itertools",
    "json",
    "logging",
    "math",
    "mimetypes",
    "pathlib",
    "random",
    "re",
    "secrets",
    "shutil",
    "socket",
    "ssl",
    "string",
    "subprocess",
    "tempfile",
    "threading",
    "time",
    "traceback",
    "typing",
    "unicodedata",
    "urllib.parse",
    "urllib.request",
    "uuid",
    "xml.etree.ElementTree",
    "zipfile",
    "zoneinfo",
    "_strptime",
)

# Those whose `prepare` leaves nothing in the process but variables; what vendors' dialects share with them is warm by then, too.
_REHEARSED = ("event", "http", "lambda")
# Dry calls a dialect: later ones gain nothing.
_CALLS = 4

_HTTP = {
    "method": "POST",
    "url": "http://warm.localhost/warm?x=y",
    "headers": ["host", "warm.localhost", "accept", "*/*", "content-type", "text/plain"],
    "remoteAddress": "127.0.0.1",
    "route": "/*",
    "params": {},
}
_MESSAGE = {"id": "warm", "release": "warm", "pin": "warm", "deadline": 0, "traceparent": "00-0-0-00", "http": _HTTP}


def warm(proceed, load):
    """
    Imports modules, rehearses loading a function from a real file by the way that every function takes, and sends dry calls
    through everything a real one passes. Before each step `proceed` says whether there is still time.
    """
    for name in _MODULES:
        if not proceed():
            return
        importlib.import_module(name)
    for name in DIALECT_NAMES:
        if not proceed():
            return
        find_dialect(name)
    for step in (lambda: _rehearse(load), _settle):
        if proceed():
            step()


def _rehearse(load):
    """The function that comes replaces all that this leaves: variables, folder, arguments, module path."""
    path, arguments, folder, variables = list(sys.path), list(sys.argv), os.getcwd(), dict(os.environ)
    try:
        with tempfile.TemporaryDirectory(prefix=".mayfly-") as code_dir:
            functions = os.path.join(code_dir, _PACKAGE)
            os.mkdir(functions)
            with open(os.path.join(functions, "rehearsal.py"), "w", encoding="utf-8") as file:
                file.write(_FUNCTIONS)
            try:
                for dialect in _REHEARSED:
                    _dry_calls(load(_specialise(code_dir, dialect)))
            finally:
                os.chdir(folder)
    except OSError:
        # A full disk is the function's concern, if it is any.
        pass
    finally:
        sys.path[:], sys.argv = path, arguments
        for name in [name for name in sys.modules if name.split(".")[0] == _PACKAGE]:
            del sys.modules[name]
        # What Python knows of its own folders stays known.
        for place in [place for place in sys.path_importer_cache if place not in path]:
            del sys.path_importer_cache[place]
        os.environ.clear()
        os.environ.update(variables)


# A folder without `__init__.py`, as `functions/` is.
_PACKAGE = "_mayfly_rehearsal"
_FUNCTIONS = """
def event(event, context):
    return {"ok": True}


def lambda_(event, context):
    return {"statusCode": 200, "body": "x"}


def http(environ, start_response):
    start_response("200 OK", [("content-length", "1")])
    return [b"x"]
"""


def _specialise(code_dir, dialect):
    export = "lambda_" if dialect == "lambda" else dialect
    return {
        "codeDir": code_dir,
        "handler": {"file": "%s/rehearsal.py" % _PACKAGE, "export": export},
        "dialect": dialect,
        "env": {},
        "app": "",
        "environment": "",
        "function": "",
        "version": "",
        "memoryMb": 128,
        "timeoutMs": 0,
        "own": {"url": "", "name": "", "gateways": [], "hosts": []},
        "compileCacheDir": None,
        "makeCompileCache": False,
    }


def _dry_calls(handler):
    """Calls through an instance that is connected to nothing."""
    dry = Instance(_Nowhere(), _Here(), lambda message: handler, lambda handler: None)
    dry.frame(frames.SPECIALISE, 0, 0, b"{}")
    invoke = frames.encode_meta(frames.INVOKE, frames.FLAG_END, 1, json.dumps(_MESSAGE).encode(), b"x")
    for stream in range(1, _CALLS + 1):
        dry.frame(frames.INVOKE, frames.FLAG_END, stream, invoke[frames.HEADER_BYTES :])


class _Nowhere:
    """A channel."""

    def send(self, frame):
        """Drops it."""


class _Here:
    """Workers."""

    def run(self, task):
        """Runs a task at once."""
        task(lambda: None)


def _settle():
    """What is loaded now stays: later collections need not look at it again."""
    gc.collect()
    gc.freeze()
