"""Modules that a vendor's platform brings: authors import them, whether they installed the package or not."""

import importlib.abc
import importlib.machinery
import sys
import types


def provide_modules(modules, instead=True):
    """
    Has `import` give these modules, by their whole names (`azure.functions`). `instead`: also where the author installed the
    vendor's own; else only where no module of that name is found.

    A name with a dot keeps the packages above it: `azure.storage` of the author's stays what it is. Where there is no such
    package, an empty one is made.
    """
    finder = _Finder(modules)
    if instead:
        sys.meta_path.insert(0, finder)
    else:
        sys.meta_path.append(finder)
    parents = {name.rpartition(".")[0]: None for name in modules if "." in name}
    for name in list(parents):
        while "." in name:
            name = name.rpartition(".")[0]
            parents[name] = None
    above = {name: None for name in parents if name and name not in modules}
    if above:
        sys.meta_path.append(_Finder(above))


def new_module(name, members, missing=None):
    """
    A module of these members. `missing` says, as a sentence, what to do about a name that it has not: then importing one is
    refused with it.
    """
    module = types.ModuleType(name)
    module.__path__ = []
    module.__dict__.update(members)
    if missing is not None:

        def look_up(wanted):
            if wanted.startswith("__"):
                raise AttributeError(wanted)
            raise ImportError('"%s" has no "%s" here: %s' % (name, wanted, missing), name=name)

        module.__getattr__ = look_up
    return module


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds what is given; None stands for an empty package."""

    def __init__(self, modules):
        self._modules = modules

    def find_spec(self, fullname, path, target=None):
        if fullname not in self._modules:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec):
        module = self._modules[spec.name]
        return new_module(spec.name, {}) if module is None else module

    def exec_module(self, module):
        """It is complete."""
