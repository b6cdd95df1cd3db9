"""Bodies of forms: fields and files."""

import io
import re
from email.parser import BytesHeaderParser
from urllib.parse import parse_qsl

from ..request_data import is_form
from .fields import MultiDict

_MULTIPART = re.compile(r'multipart/form-data\s*;.*boundary="?([^";,]+)"?', re.IGNORECASE)
# Parts of one form: more are no form but an attack.
_PARTS_MAX = 1000


class FileStorage:
    """One file of a form; reads like a file."""

    def __init__(self, content, name, filename, content_type):
        self.stream = io.BytesIO(content)
        self.name = name
        self.filename = filename
        self.content_type = content_type
        self.mimetype = content_type.split(";")[0].strip().lower()
        self.content_length = len(content)

    def save(self, target, buffer_size=16384):
        """Writes it to a path or an open file."""
        if hasattr(target, "write"):
            target.write(self.stream.read())
            return
        with open(target, "wb") as file:
            file.write(self.stream.read())

    def __getattr__(self, name):
        return getattr(self.stream, name)

    def __iter__(self):
        return iter(self.stream)


def read_form(body, content_type):
    """`(fields, files)` of a body; empty where it is no form."""
    if is_form(content_type):
        return MultiDict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)), MultiDict()
    boundary = _MULTIPART.match(content_type)
    if boundary is None:
        return MultiDict(), MultiDict()
    fields, files = [], []
    for part in _parts(body, boundary.group(1).strip().encode("latin-1", "replace")):
        head, _, content = part.partition(b"\r\n\r\n")
        headers = BytesHeaderParser().parsebytes(head.lstrip(b"\r\n") + b"\r\n\r\n")
        name = headers.get_param("name", "", "content-disposition")
        filename = headers.get_filename()
        if filename is None:
            fields.append((name, content.decode("utf-8", "replace")))
        else:
            kind = headers.get("content-type", "application/octet-stream")
            files.append((name, FileStorage(content, name, filename, kind)))
    return MultiDict(fields), MultiDict(files)


def _parts(body, boundary):
    """What lies between the boundaries, without the line ends that belong to them."""
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary, _PARTS_MAX + 1)
    return [piece for piece in pieces[1:] if not piece.startswith(b"--")][:_PARTS_MAX]
