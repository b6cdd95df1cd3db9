"""Loads the handler's module and finds what its export names."""

import importlib
import importlib.util
import os
import sys
import types

from .failure import HandlerUnusable

_SUFFIX = ".py"


def load_handler(message, package=None):
    """
    The object that `handler.export` (`handler`, `app.wsgi`) names in `handler.file`, None when there is none of that name. A file
    in a folder is a module of a package, `functions/hello.py` is `functions.hello`, so that relative imports work. `package` is one that
    stands for the code's folder, and of which the file's module is a part.
    Raises HandlerUnusable when there is no such file; whatever the code itself raises.
    """
    if package is not None:
        _add_package(package, message["codeDir"])
    module = _load_module(message["codeDir"], message["handler"]["file"], package)
    value = module
    for name in message["handler"]["export"].split("."):
        value = getattr(value, name, None)
        if value is None:
            return None
    return value


def sibling_export(message, name):
    """Another export of the handler's file, once it is loaded; None when there is none."""
    path = os.path.join(message["codeDir"], message["handler"]["file"])
    for module in list(sys.modules.values()):
        if getattr(module, "__file__", None) in (path, path + _SUFFIX):
            return getattr(module, name, None)
    return None


def _add_package(name, code_dir):
    package = types.ModuleType(name)
    package.__path__ = [code_dir]
    sys.modules[name] = package


def _load_module(code_dir, file, package):
    path = os.path.join(code_dir, file)
    if not os.path.isfile(path) and os.path.isfile(path + _SUFFIX):
        path, file = path + _SUFFIX, file + _SUFFIX
    if not os.path.isfile(path):
        raise HandlerUnusable('The handler\'s file "%s" is not there.' % file)
    name = file[: -len(_SUFFIX)].replace("/", ".") if file.endswith(_SUFFIX) else file
    if name.endswith(".__init__"):
        name = name[: -len(".__init__")]
    if package is not None:
        name = "%s.%s" % (package, name)
    known = sys.modules.get(name)
    if "." not in os.path.splitext(file)[0] and known is None:
        return importlib.import_module(name)
    # A name that no import statement can say, or that a module of Python's has already.
    return _load_file(name if known is None else "_mayfly_" + name, path)


def _load_file(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise HandlerUnusable('"%s" is no Python file.' % path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
