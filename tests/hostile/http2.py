"""HTTP/2 by hand: frames over a raw socket, so that they can be wrong in every way."""

import socket
import struct

PREFACE = b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, \
    CONTINUATION = range(10)
END_STREAM = ACK = 0x1
END_HEADERS = 0x4

MAX_CONCURRENT_STREAMS, INITIAL_WINDOW_SIZE = 0x3, 0x4
MOST = 2**31 - 1


def frame(kind, flags=0, stream=0, payload=b'', length=None):
    """`length` says another length than the payload has."""
    size = len(payload) if length is None else length
    return struct.pack('>I', size)[1:] + struct.pack('>BBI', kind, flags, stream) + payload


def number(value, bits, first=0):
    """An HPACK integer with a prefix of so many bits; `first` has the bits before it."""
    most = (1 << bits) - 1
    if value < most:
        return bytes([first | value])
    encoded = bytes([first | most])
    value -= most
    while value >= 128:
        encoded += bytes([value % 128 + 128])
        value //= 128
    return encoded + bytes([value])


def field(name, value):
    """A header as literal, without indexing and without Huffman's code."""
    return b'\0' + number(len(name), 7) + name + number(len(value), 7) + value


def grpc_headers(method, *more):
    """The header block of a call such as `PaymentService/Pay`."""
    fields = [(b':method', b'POST'), (b':scheme', b'http'),
              (b':path', b'/lumbung.v1.' + method.encode()), (b':authority', b'x'),
              (b'te', b'trailers'), (b'content-type', b'application/grpc'), *more]
    return b''.join(field(name, value) for name, value in fields)


def message(payload, compressed=False, length=None):
    """A message of gRPC: flag, length, payload."""
    return struct.pack('>BI', compressed, len(payload) if length is None else length) + payload


class Connection:
    """A TCP connection that has sent what a client begins with. The server may end it at any time;
    what is sent then is lost, and send says so."""

    def __init__(self, address, settings=b'', preface=True):
        host, port = address.rsplit(':', 1)
        self.socket = socket.create_connection((host, int(port)), timeout=20)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if preface:
            self.send(PREFACE + frame(SETTINGS, payload=settings))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send(self, *parts):
        """Whether the server still listens. Waits while it takes nothing, but not for ever."""
        try:
            self.socket.sendall(b''.join(parts))
            return True
        except OSError:
            return False

    def open(self, stream, method, *more, ends=False):
        return self.send(frame(HEADERS, END_HEADERS | (END_STREAM if ends else 0), stream,
                               grpc_headers(method, *more)))

    def _read(self, size):
        data = b''
        while len(data) < size:
            part = self.socket.recv(size - len(data))
            if not part:
                raise EOFError
            data += part
        return data

    def frames(self, timeout):
        """(kind, flags, stream, payload) until the server ends or is silent for `timeout`."""
        self.socket.settimeout(timeout)
        try:
            while True:
                head = self._read(9)
                size = int.from_bytes(head[:3], 'big')
                kind, flags, stream = struct.unpack('>BBI', head[3:])
                yield kind, flags, stream, self._read(size)
        except (OSError, EOFError):
            return

    def is_ended(self, timeout):
        """Whether the server ends the connection within `timeout` of silence."""
        for _ in self.frames(timeout):
            pass
        try:
            self.socket.settimeout(0.01)
            return not self.socket.recv(1)
        except TimeoutError:
            return False
        except OSError:
            return True

    def close(self, reset=False):
        """With `reset` as a crashed client does: RST instead of FIN."""
        if reset:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        self.socket.close()
