"""The guest protocol's frames, as src/contract/frames.ts defines them."""

import json
import struct

# platform → guest
SPECIALISE = 1
INVOKE = 2
CANCEL = 3
DRAIN = 4
WAKE = 5
# both ways
CHUNK = 8
CREDIT = 9
# guest → platform
BOOTED = 16
SPECIALISED = 17
HEAD = 18
ERROR = 19
DONE = 20
LOG = 21
CACHE = 22

FLAG_END = 1
FLAG_DONE = 2

HEADER_BYTES = 10
PAYLOAD_BYTES_MAX = 1024 * 1024
CHUNK_BYTES_MAX = 64 * 1024
STREAM_WINDOW_BYTES = 256 * 1024
U32_MAX = 0xFFFFFFFF

_HEADER = struct.Struct("<IIBB")
_U32 = struct.Struct("<I")


class ProtocolViolated(Exception):
    """The platform sent what the protocol does not allow."""


def encode(kind, flags, stream, payload=b""):
    """A frame of header and payload."""
    return _HEADER.pack(len(payload), stream, kind, flags) + payload


def encode_json(kind, stream, message):
    """A frame whose payload is JSON."""
    return encode(kind, 0, stream, json.dumps(message).encode())


def encode_u32(kind, stream, value):
    """A u32 payload (CREDIT, DONE)."""
    return encode(kind, 0, stream, _U32.pack(value & U32_MAX))


def encode_meta(kind, flags, stream, meta_json, body=b"", cpu_us=-1):
    """A frame with a meta (JSON text, bytes) and the first body bytes; with `cpu_us`, flagged DONE and ended with it."""
    tail = b""
    if cpu_us >= 0:
        flags |= FLAG_END | FLAG_DONE
        tail = _U32.pack(cpu_us & U32_MAX)
    return encode(kind, flags, stream, b"".join((_U32.pack(len(meta_json)), meta_json, body, tail)))


def encode_chunk(flags, stream, body, cpu_us=-1):
    """A body chunk; with `cpu_us`, flagged DONE and ended with it."""
    if cpu_us < 0:
        return encode(CHUNK, flags, stream, body)
    return encode(CHUNK, flags | FLAG_END | FLAG_DONE, stream, b"".join((body, _U32.pack(cpu_us & U32_MAX))))


def decode_meta(payload):
    """Splits a payload into its meta, parsed, and its body. Raises ProtocolViolated when it is malformed."""
    if len(payload) < 4:
        raise ProtocolViolated("A frame too short for its meta.")
    end = 4 + _U32.unpack_from(payload)[0]
    if end > len(payload):
        raise ProtocolViolated("The meta is longer than its frame.")
    return parse_json(payload[4:end]), payload[end:]


def decode_u32(payload):
    """The number in a payload. Raises ProtocolViolated when there is none."""
    if len(payload) < 4:
        raise ProtocolViolated("A frame too short for its number.")
    return _U32.unpack_from(payload)[0]


def parse_json(data):
    """JSON of the platform's. Raises ProtocolViolated when it is none."""
    try:
        return json.loads(data)
    except ValueError as thrown:
        raise ProtocolViolated(str(thrown)) from None


class FrameReader:
    """Cuts a byte stream into frames and tells each to `on_frame(kind, flags, stream, payload)`."""

    def __init__(self, on_frame):
        self._on_frame = on_frame
        self._pending = bytearray()

    def push(self, data):
        """Takes what came from the socket. Raises ProtocolViolated on a frame over the limit."""
        pending = self._pending
        if pending:
            pending += data
            data = pending
        offset = 0
        size = len(data)
        while size - offset >= HEADER_BYTES:
            length, stream, kind, flags = _HEADER.unpack_from(data, offset)
            if length > PAYLOAD_BYTES_MAX:
                raise ProtocolViolated("A frame of %d bytes is over the limit." % length)
            end = offset + HEADER_BYTES + length
            if end > size:
                break
            self._on_frame(kind, flags, stream, bytes(data[offset + HEADER_BYTES : end]))
            offset = end
        if data is pending:
            del pending[:offset]
        else:
            pending += data[offset:]
