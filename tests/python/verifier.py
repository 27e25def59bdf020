"""A second opinion on the transparency log: checkpoints, proofs and receipts, by the documents.

C2SP signed-note and tlog-checkpoint, RFC 9162 §2.1.3.2 and §2.1.4.2, storage/FORMAT.md. It needs
Python's standard library and `openssl pkeyutl`, and knows no line of Lumbung's own code.
"""

import base64
import hashlib
import json
import os
import struct
import subprocess
import sys
import tempfile
import uuid

SPKI_OF_ED25519 = bytes.fromhex('302a300506032b6570032100')  # RFC 8410


class Refused(Exception):
    """Why something is not proven."""


def need(condition, why):
    if not condition:
        raise Refused(why)


def decode(text, size=None):
    try:
        value = base64.b64decode(text, validate=True)
    except (ValueError, TypeError) as error:
        raise Refused(f'not base64: {text!r}') from error
    need(base64.b64encode(value).decode() == text and size in (None, len(value)), 'odd base64')
    return value


def sha256(*parts):
    return hashlib.sha256(b''.join(parts)).digest()


def verify_ed25519(public_key, message, signature):
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, name) for name in ('key', 'message', 'signature')]
        for path, content in zip(paths, (SPKI_OF_ED25519 + public_key, message, signature)):
            with open(path, 'wb') as file:
                file.write(content)
        return subprocess.run(['openssl', 'pkeyutl', '-verify', '-pubin', '-keyform', 'DER',
                               '-inkey', paths[0], '-rawin', '-in', paths[1],
                               '-sigfile', paths[2]],
                              capture_output=True, check=False).returncode == 0


def open_note(note, vkey):
    """The text of a note that the key has signed: the log's (type 1) or a witness's (type 4)."""
    name, key_id, key = vkey.split('+', 2)
    typed = decode(key, 33)
    need(sha256(name.encode(), b'\n', typed)[:4].hex() == key_id, 'the key is not its own')
    text, blank, lines = note.rpartition('\n\n')
    need(blank and lines.endswith('\n'), 'not a signed note')
    text = (text + '\n').encode()
    for line in lines[:-1].split('\n'):
        dash, signer, value = (line.split(' ') + [None] * 3)[:3]
        need(dash == '—' and value and len(line.split(' ')) == 3, 'not a signature line')
        signature = decode(value)
        if (signer, signature[:4].hex()) != (name, key_id):
            continue
        message, signature = text, signature[4:]
        if typed[0] == 4:
            time = struct.unpack('>Q', signature[:8])[0]
            message, signature = b'cosignature/v1\ntime %d\n' % time + text, signature[8:]
        need(verify_ed25519(typed[1:], message, signature), f'a wrong signature of {name}')
        return text.decode()
    raise Refused(f'not signed by {name}')


def open_checkpoint(note, vkey, witnesses=()):
    """(size, root) of a checkpoint of the log, which all these witnesses have cosigned."""
    lines = open_note(note, vkey).split('\n')
    for witness in witnesses:
        open_note(note, witness)
    need(len(lines) >= 4 and lines[0] == vkey.split('+')[0], 'a checkpoint of another log')
    need(lines[1].isdecimal() and str(int(lines[1])) == lines[1], 'not a size')
    return int(lines[1]), decode(lines[2], 32)


def verify_inclusion(leaf_hash, index, size, proof, root):
    need(0 <= index < size, 'not in the tree')
    fn, sn, r = index, size - 1, leaf_hash
    for p in proof:
        need(sn, 'the proof is too long')
        if fn & 1 or fn == sn:
            r = sha256(b'\x01', p, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = sha256(b'\x01', r, p)
        fn, sn = fn >> 1, sn >> 1
    need(sn == 0 and r == root, 'the proof does not lead to the root')


def verify_consistency(first, first_root, second, second_root, proof):
    need(first <= second, 'the first is the larger one')
    if first in (0, second):
        need(not proof and (first == 0 or first_root == second_root), 'not the same tree')
        return
    path = list(proof) if first & (first - 1) else [first_root] + list(proof)
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    need(path, 'an empty proof')
    fr = sr = path[0]
    for c in path[1:]:
        need(sn, 'the proof is too long')
        if fn & 1 or fn == sn:
            fr, sr = sha256(b'\x01', c, fr), sha256(b'\x01', c, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = sha256(b'\x01', sr, c)
        fn, sn = fn >> 1, sn >> 1
    need(sn == 0 and (fr, sr) == (first_root, second_root), 'the proof leads to other roots')
