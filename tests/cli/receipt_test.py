"""Receipts from the real server: as JSON, on paper, as a code; and no byte can be altered."""

import json
import os
import re
import struct
import subprocess
import time
import unittest
import zlib

from lumbung import FAILED, MALFORMED, NOT_FOUND, Lumbung
from server import Server
from verifier import Refused, verify_receipt

MEMBER = '1024/1'


class Receipt(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.server = Server().start()
        cls.addClassCleanup(cls.server.remove)
        cls.lumbung = Lumbung(cls.server)
        cls.lumbung.open_cooperative(1024, 'KDMP Bentangan', 3)
        cls.lumbung.open_cooperative(1025, 'KDMP Teloyo', 3)
        cls.lumbung.deposit(MEMBER, '1.000.000')
        cls.key_file = os.path.join(cls.server.data, 'transparency', 'public-key')
        with open(cls.key_file, encoding='ascii') as file:
            cls.key = file.read().strip()

    def path(self, name):
        return os.path.join(self.server.folder, name)

    def payment(self, amount='25.000', text='Bon 17'):
        transaction = self.lumbung.new_id()
        self.lumbung('pay', '--id', transaction, '--member', MEMBER, '--branch', '2',
                     '--amount', amount, '--text', text)
        return transaction

    def transfer(self):
        """Of two legs, from one cooperative to another."""
        transaction = self.lumbung.new_id()
        self.lumbung('transfer', '--id', transaction, '--from', MEMBER, '--to', '1025/2',
                     '--amount', '10.000')
        return transaction

    def receipt(self, transaction):
        return self.lumbung('receipt', transaction, '--json').out.encode()

    def verify(self, name, *more, code=0):
        return self.lumbung('verify-receipt', self.path(name), '--key', self.key, *more, code=code)

    def write(self, name, content):
        with open(self.path(name), 'wb') as file:
            file.write(content)

    def test_a_payment_just_made_has_a_receipt_that_two_programs_accept(self):
        text = self.receipt(self.payment())
        entries = verify_receipt(text, self.key)
        self.assertEqual(('1024.2101.1', '1024.4101.2', 2_500_000, 'Bon 17'),
                         tuple(entries[0][name] for name in ('debit', 'credit', 'amount', 'text')))
        self.write('payment.json', text)
        self.assertIn('VERIFIED: a whole transaction', self.verify('payment.json').out)

    def test_a_transaction_of_several_legs_is_proven_as_a_whole(self):
        text = self.receipt(self.transfer())
        entries = verify_receipt(text, self.key)
        self.assertGreaterEqual(len(entries), 2)
        self.write('transfer.json', text)
        self.assertTrue(self.lumbung('verify-receipt', self.path('transfer.json'), '--key',
                                     self.key_file, '--json').json['whole'])

    def test_a_verified_slip_shows_the_time_of_the_zone_asked_for(self):
        transaction = self.payment()
        slip = self.lumbung('receipt', transaction, '--save', self.path('zone.json')).out
        self.assertIn(' WIB\n', slip)
        self.assertIn(' UTC\n', self.verify('zone.json').out)
        self.assertTrue(self.verify('zone.json', '--zone', 'WIB').out.startswith(slip))
        self.verify('zone.json', '--zone', 'CET', code=MALFORMED)

    def test_a_saved_file_is_replaced_as_a_whole(self):
        transaction = self.payment()
        os.makedirs(self.path('kept'))
        path = self.path('kept/receipt.json')
        with open(path, 'w', encoding='ascii') as file:
            file.write('older and longer ' * 1000)
        os.chmod(path, 0o640)
        os.symlink(path, self.path('kept/link'))
        with open(path, encoding='ascii') as before:
            self.lumbung('receipt', transaction, '--save', self.path('kept/link'))
            self.assertTrue(before.read().startswith('older'))  # the old file was not written to
        self.verify('kept/receipt.json')
        self.assertEqual(0o640, os.stat(path).st_mode & 0o777)
        self.assertEqual(['link', 'receipt.json'], sorted(os.listdir(self.path('kept'))))
        self.assertIn('lumbung_receipt',
                      self.lumbung('receipt', transaction, '--save', '/dev/stdout').out)
        refused = self.lumbung('receipt', transaction, '--save', self.path('no/such'), code=1)
        self.assertIn('No such file or directory', refused.err)

    def test_a_decline_has_a_receipt_too(self):
        transaction = self.lumbung.new_id()
        self.lumbung('pay', '--id', transaction, '--member', '1024/2', '--branch', '2',
                     '--amount', '1.000', code=3)
        ran = self.lumbung('receipt', transaction, '--save', self.path('declined.json'))
        self.assertIn('DITOLAK / DECLINED', ran.out)
        self.assertIn('INSUFFICIENT_FUNDS', ran.out)
        self.verify('declined.json')

    def test_only_what_moved_money_is_called_a_success(self):
        """(command, the slip's headline, its words for the kind, step and kind for programs)"""
        held = self.hold()
        captured = self.follow('capture', self.hold())
        refunded = self.follow('refund', self.payment())
        for transaction, headline, words, step in (
                (held, 'DANA DITAHAN / HELD', 'penahanan dana', 'HOLD'),
                (self.follow('void', held), 'DILEPAS / RELEASED', 'penahanan dana dibatalkan',
                 'VOID'),
                (captured, 'BERHASIL / ACCEPTED', 'eksekusi penahanan dana', 'CAPTURE'),
                (refunded, 'BERHASIL / ACCEPTED', 'pengembalian', 'REFUND')):
            moved = step in ('CAPTURE', 'REFUND')
            self.check_slip((transaction,), headline, f'Pembayaran dari simpanan, {words}',
                            {'step': step, 'kind': 'PAYMENT', 'moves_money': moved,
                             'outcome': 'ACCEPTED'})

    def test_what_no_client_sent_is_no_success_either(self):
        self.check_slip(('--sequence', '1'), 'DICATAT / RECORDED', 'koperasi dibuka',
                        {'step': 'FACT', 'kind': 'COOPERATIVE_OPENED', 'moves_money': False})
        self.hold('1s')
        deadline = time.monotonic() + 20
        while True:
            last = self.lumbung('entries', '--json').lines[-1]
            if last['step'] == 'EXPIRE':
                break
            self.assertLess(time.monotonic(), deadline, last)
            time.sleep(0.1)
        self.check_slip(('--sequence', str(last['sequence'])), 'DILEPAS / RELEASED',
                        'Pembayaran dari simpanan, penahanan dana kedaluwarsa',
                        {'step': 'EXPIRE', 'kind': 'PAYMENT', 'moves_money': False})

    def hold(self, duration='15m'):
        transaction = self.lumbung.new_id()
        self.lumbung('hold', '--id', transaction, '--member', MEMBER, '--branch', '2',
                     '--amount', '5.000', '--for', duration)
        return transaction

    def follow(self, step, original):
        transaction = self.lumbung.new_id()
        self.lumbung(step, original, '--id', transaction)
        return transaction

    def check_slip(self, which, headline, words, told):
        slip = self.lumbung('receipt', *which, '--save', self.path('step.json')).out
        verified = self.verify('step.json').out
        for shown in (slip, verified):
            lines = [line.strip() for line in shown.splitlines()]
            self.assertEqual(headline, lines[4], shown)
            self.assertEqual('BERHASIL' in headline, 'BERHASIL' in shown, shown)
            self.assertIn(words, re.sub(r'\s+', ' ', shown))
        told_now = json.loads(self.verify('step.json', '--json').out)
        self.assertEqual(told, {name: told_now[name] for name in told})

    def test_the_slip_fits_on_paper_of_58_millimetres(self):
        slip = self.lumbung('receipt', self.payment('1.250', 'Beras 5 kg – pakai kantong')).out
        self.assertIn('Rp1.250,00', slip)
        self.assertIn('Ket: Beras 5 kg ? pakai kantong', slip.replace('\n', ''))
        for line in slip.splitlines():
            self.assertLessEqual(len(line), 32, line)
            self.assertTrue(line.isascii(), line)

    def test_no_text_of_a_payer_looks_like_a_line_of_the_slip(self):
        declined = self.lumbung.new_id()
        self.lumbung('pay', '--id', declined, '--member', '1024/2', '--branch', '2', '--amount',
                     '1.000', '--text', 27 * ' ' + '      BERHASIL / ACCEPTED', code=3)
        for transaction in (
                declined,
                self.payment('1.000', 27 * ' ' + 'Jumlah          Rp1.000.000,00'),
                self.payment('1.000', 27 * 'x' + ' Jumlah Rp1.000.000,00')):
            slip = self.lumbung('receipt', transaction).out
            told = [line for line in slip.splitlines() if '1.000.000' in line or 'BERHASIL' in line]
            if transaction == declined:
                self.assertEqual(['Ket: BERHASIL / ACCEPTED'], told, slip)
            else:
                self.assertEqual(['      BERHASIL / ACCEPTED'], told[:1], slip)
                self.assertEqual([True], [line.startswith('Ket: ') for line in told[1:]], slip)
            self.assertLessEqual(max(map(len, slip.splitlines())), 32, slip)

    def test_no_byte_of_a_receipt_can_be_altered(self):
        receipt = self.receipt(self.payment()).strip()
        verify_receipt(receipt, self.key)
        for place, byte in enumerate(receipt):
            altered = receipt[:place] + bytes([byte ^ 1]) + receipt[place + 1:]
            with self.assertRaises(Refused, msg=f'byte {place}: {altered}'):
                verify_receipt(altered, self.key)
        for place in range(0, len(receipt), 7):  # each is a process
            self.write('altered.json', receipt[:place] + bytes([receipt[place] ^ 1]) +
                       receipt[place + 1:])
            self.verify('altered.json', code=FAILED)

    def test_a_receipt_needs_the_right_key_and_all_of_its_bytes(self):
        receipt = self.receipt(self.payment()).strip()
        self.write('cut.json', receipt[:-1])
        self.assertIn('NOT VERIFIED', self.verify('cut.json', code=FAILED).err)
        self.write('whole.json', receipt)
        other = self.key.replace('lumbung/ledger', 'lumbung/ledges')
        self.lumbung('verify-receipt', self.path('whole.json'), '--key', other, code=MALFORMED)
        missing = self.lumbung('verify-receipt', self.path('none.json'), '--key', self.key,
                               code=FAILED)
        self.assertIn("none.json can't be read", missing.err)

    def test_an_id_that_never_came_has_no_receipt(self):
        self.lumbung('receipt', self.lumbung.new_id(), code=NOT_FOUND)
        self.lumbung('receipt', '--sequence', '1000000', code=NOT_FOUND)
        self.lumbung('receipt', code=MALFORMED)

    def test_the_code_is_a_picture_and_can_be_shown(self):
        png = self.path('code.png')
        shown = self.lumbung('receipt', self.payment(), '--png', png, '--qr').out
        self.assertIn('▀', shown)
        with open(png, 'rb') as file:
            data = file.read()
        self.assertEqual(b'\x89PNG\r\n\x1a\n', data[:8])
        width, height = struct.unpack('>II', data[16:24])
        rows = zlib.decompress(data[data.index(b'IDAT') + 4:data.index(b'IEND') - 8])
        self.assertEqual((width, height * (1 + (width + 7) // 8)), (height, len(rows)))
        self.assertEqual(0, (width // 4 - 8 - 17) % 4)  # 17 + 4 × version modules

    def test_the_code_read_off_the_paper_is_a_good_receipt(self):
        for transaction in (self.payment(), self.transfer()):
            png = self.path('paper.png')
            self.lumbung('receipt', transaction, '--png', png)
            read = subprocess.run(['zbarimg', '--raw', '-q', '-Sdisable', '-Sqrcode.enable', png],
                                  capture_output=True, timeout=60, check=True).stdout
            self.assertEqual(transaction, verify_receipt(read, self.key)[0]['id'])
            self.write('paper.json', read)
            self.assertIn('VERIFIED', self.verify('paper.json').out)


if __name__ == '__main__':
    unittest.main()
