"""Bytecode of a function's modules, made by one instance of a version and used by all later ones."""

import _imp
import hashlib
import importlib.machinery as machinery
import json
import marshal
import os
import sys
from importlib.util import MAGIC_NUMBER

from . import frames
from .limits import BYTECODE_BYTES_MAX, BYTECODE_FILES_MAX

# Which Python can read it.
_TAG = "%s-%s" % (sys.implementation.cache_tag, MAGIC_NUMBER[:2].hex())


def use_bytecode(message):
    """
    Has modules of the code's folder loaded from the bytecode that came with it. Returns what to call when the handler is loaded: it
    gives the frames that carry new bytecode, none when the old one fits or none is asked for.

    Python's own way, `__pycache__` beside each module, needs a folder that can be written, or bytecode in the artifact, made by
    the author's Python for the node's. Small functions have neither and need none: they are compiled as they load. Bytecode
    is never a reason to fail: what cannot be read is compiled.
    """
    given = message["compileCacheDir"]
    folder = None if given is None else os.path.join(given, _TAG)
    fits = folder is not None and os.path.isdir(folder)
    if not fits and not message["makeCompileCache"]:
        return list
    code_dir = message["codeDir"]
    made = None if fits else {}

    class Loader(machinery.SourceFileLoader):
        """Loads one module; `made` is None when nothing is collected (any more)."""

        def get_code(self, fullname):
            nonlocal made
            path = self.get_filename(fullname)
            name = hashlib.sha256(os.path.relpath(path, code_dir).encode()).hexdigest()[:32]
            if fits:
                try:
                    with open(os.path.join(folder, name), "rb") as file:
                        code = marshal.loads(file.read())
                    # In plain processes each instance has its code elsewhere.
                    _imp._fix_co_filename(code, path)
                    return code
                except (OSError, ValueError, EOFError, TypeError):
                    pass
            code = super().get_code(fullname)
            if made is not None and code is not None:
                made[name] = marshal.dumps(code)
            return code

    def finder(path):
        if path != code_dir and not path.startswith(code_dir + os.sep):
            raise ImportError("not of the function")
        return machinery.FileFinder(
            path,
            (machinery.ExtensionFileLoader, machinery.EXTENSION_SUFFIXES),
            (Loader, machinery.SOURCE_SUFFIXES),
            (machinery.SourcelessFileLoader, machinery.BYTECODE_SUFFIXES),
        )

    def collected():
        nonlocal made
        files, made = made or {}, None
        return _frames_of(files)

    sys.path_hooks.insert(0, finder)
    sys.path_importer_cache.clear()
    return collected


def _frames_of(files):
    if len(files) > BYTECODE_FILES_MAX or sum(map(len, files.values())) > BYTECODE_BYTES_MAX:
        return []
    sent = []
    for name, content in files.items():
        meta = json.dumps({"tag": _TAG, "file": name}).encode()
        for offset in range(0, len(content), frames.CHUNK_BYTES_MAX):
            part = content[offset : offset + frames.CHUNK_BYTES_MAX]
            sent.append(frames.encode_meta(frames.CACHE, 0, 0, meta, part))
    return sent
