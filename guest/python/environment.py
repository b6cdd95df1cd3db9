"""Makes the process the function's own: variables, folder, arguments, module path."""

import os
import sys
import time

# Variables of the sandbox that a function sees unless it sets them itself.
_INHERITED = ("PATH", "TMPDIR", "TZ", "LANG", "SSL_CERT_FILE", "SSL_CERT_DIR")

# Folders of the artifact that packages lie in: as the build installs them, as Azure's tools do, and as Lambda's layers have them.
_PACKAGE_FOLDERS = ("vendor", ".python_packages/lib/site-packages", ".opt/python")


def become_function(message):
    """Becomes the function that a SpecialiseMessage describes."""
    _replace_variables(message)
    code_dir = message["codeDir"]
    os.chdir(code_dir)
    sys.argv = [os.path.join(code_dir, message["handler"]["file"])]
    _extend_module_path(code_dir, message["handler"]["file"])


def _replace_variables(message):
    wanted = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    wanted.setdefault("PATH", "/usr/local/bin:/usr/bin:/bin")
    wanted.setdefault("TMPDIR", "/tmp")
    wanted["HOME"] = wanted["TMPDIR"]
    wanted.setdefault("TZ", "UTC")
    wanted.setdefault("LANG", "C.UTF-8")
    wanted.update(message["env"])
    wanted.update(
        MAYFLY_APP=message["app"],
        MAYFLY_ENVIRONMENT=message["environment"],
        MAYFLY_FUNCTION=message["function"],
        MAYFLY_VERSION=message["version"],
        MAYFLY_APP_URL=message["own"]["url"],
    )
    for name in list(os.environ):
        if name not in wanted:
            del os.environ[name]
    zone = os.environ.get("TZ")
    for name, value in wanted.items():
        if os.environ.get(name) != value:
            os.environ[name] = value
    if wanted["TZ"] != zone:
        time.tzset()


def _extend_module_path(code_dir, file):
    """
    The app's folder and its packages come before the machine's own; the handler's folder comes last, so that a function
    `functions/queue.py` hides no module of Python's.
    """
    first = [code_dir] + [path for name in _PACKAGE_FOLDERS for path in _folder(code_dir, name)]
    folder = os.path.dirname(os.path.join(code_dir, file))
    last = [folder] if folder != code_dir else []
    own = first + last
    sys.path[:] = first + [path for path in sys.path if path not in own] + last


def _folder(code_dir, name):
    path = os.path.join(code_dir, name)
    return [path] if os.path.isdir(path) else []
