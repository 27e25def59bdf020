"""A second opinion on the transparency log: checkpoints, proofs and receipts, by the documents.

C2SP signed-note, tlog-checkpoint and tlog-cosignature, RFC 9162 §2.1.3.2 and §2.1.4.2,
storage/FORMAT.md. It needs Python's standard library and `openssl pkeyutl`, and knows no line
of Lumbung's own code.
"""

import base64
import datetime
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
            need(time < 2**63, 'not a time')
            message, signature = b'cosignature/v1\ntime %d\n' % time + text, signature[8:]
        need(verify_ed25519(typed[1:], message, signature), f'a wrong signature of {name}')
        return text.decode()
    raise Refused(f'not signed by {name}')


def open_checkpoint(note, vkey, witnesses=(), needed=None):
    """(size, root) of a checkpoint of the log, cosigned by all these witnesses or so many."""
    lines = open_note(note, vkey).split('\n')
    cosigned = set()
    for witness in witnesses:
        key = decode(witness.split('+', 2)[2], 33)
        need(key[0] == 4, 'not a witness')
        if any(line.split(' ')[1:2] == [witness.split('+')[0]] for line in note.split('\n')):
            open_note(note, witness)
            cosigned.add(key)
    need(len(cosigned) >= (len(witnesses) if needed is None else needed), 'not cosigned')
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


def read_entry(sequence, leaf_text, proof):
    """What a receipt must say about an entry, from nothing but its leaf; and its place in its
    transaction."""
    leaf = decode(leaf_text)
    need(len(leaf) >= 128 and len(leaf) == 128 + int.from_bytes(leaf[124:126], 'little'), 'a leaf')
    high, low, debit, credit, amount = struct.unpack('<QQQQq', leaf[:40])
    time_ns, = struct.unpack('<q', leaf[72:80])
    outcome, = struct.unpack('<H', leaf[114:116])
    has_text = leaf[128:129] == b'\x01'  # the attachment's first field
    accounts = [f'{number >> 40}.{number >> 26 & 0x3fff}.{number & 0x3ffffff}'
                for number in (debit, credit)]
    time = datetime.datetime.fromtimestamp(time_ns // 10**9, datetime.timezone.utc)
    return {'sequence': sequence, 'id': str(uuid.UUID(int=high << 64 | low)),
            'time': f'{time:%Y-%m-%dT%H:%M:%S}.{time_ns % 10**9:09}Z',
            'debit': accounts[0], 'credit': accounts[1], 'amount': amount, 'outcome': outcome,
            'text': leaf[130:130 + leaf[129]].decode() if has_text else '',
            'leaf': leaf_text, 'proof': proof}, (high, low, time_ns, leaf[119]), leaf[118]


def verify_receipt(receipt, vkey, witnesses=()):
    """The entries of a good receipt, given as bytes; Refused for any other."""
    try:
        text = receipt.decode().removesuffix('\n')
        found = json.loads(text)
        read = [read_entry(entry['sequence'], entry['leaf'], entry['proof'])
                for entry in found['entries']]
        again = {'lumbung_receipt': 1, 'entries': [entry for entry, _, _ in read],
                 'checkpoint': found['checkpoint']}
        need(json.dumps(again, ensure_ascii=False, separators=(',', ':')) == text,
             'it says something else than its leaves')
        size, root = open_checkpoint(found['checkpoint'], vkey, witnesses)
        need(read and len({transaction for _, transaction, _ in read}) == 1, 'no one transaction')
        for place, (entry, _, leg) in enumerate(read):
            need((entry['sequence'], leg) == (read[0][0]['sequence'] + place, read[0][2] + place),
                 'out of order')
            verify_inclusion(sha256(b'\x00', decode(entry['leaf'])), entry['sequence'] - 1, size,
                             [decode(text, 32) for text in entry['proof']], root)
        return again['entries']
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, struct.error) as error:
        raise Refused(f'not a receipt: {error!r}') from error


if __name__ == '__main__':
    with open(sys.argv[1], 'rb') as saved:
        for line in verify_receipt(saved.read(), *sys.argv[2:3], sys.argv[3:]):
            print({name: line[name] for name in line if name not in ('leaf', 'proof')})
