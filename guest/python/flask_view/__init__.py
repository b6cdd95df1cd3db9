"""Functions that Flask calls: `def main()` with `flask.request`, `def handle(request)`."""

import os
import sys
from importlib.machinery import PathFinder

from ..host_modules import provide_modules
from .module import FLASK_MODULES
from .own_view import OwnView


def prepare_flask():
    """Provides a small `flask` where none is installed. Before the author's code is loaded."""
    provide_modules(FLASK_MODULES, instead=False)


def view_handler(view, instance, added=()):
    """
    A handler for `view(request)`, which gives what Flask's views give. `added(http)` are further headers of its request.

    Flask itself serves where the function brings it or has imported it; else it is not loaded, for that takes ten times as
    long as all the rest of a cold start.
    """
    if _is_real(sys.modules.get("flask")) or _is_vendored(instance["codeDir"]):
        from .real_view import RealView

        return RealView(view, added)
    # Also for what is imported while a call runs.
    sys.modules.update(FLASK_MODULES)
    return OwnView(view, added)


def _is_real(module):
    return module is not None and module is not FLASK_MODULES["flask"]


def _is_vendored(code_dir):
    own = [path for path in sys.path if path == code_dir or path.startswith(code_dir + os.sep)]
    return PathFinder.find_spec("flask", own) is not None
