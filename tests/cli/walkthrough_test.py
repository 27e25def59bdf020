"""Everything that the three users do, on the real server, in both forms of output."""

import signal
import time
import unittest

from lumbung import CONFLICT, DECLINED, MALFORMED, NOT_FOUND, NOT_TAKEN, OK, Lumbung
from server import Server

MEMBERS = 60


class WalkThrough(unittest.TestCase):
    """One server for all; every test has members of its own, each with Rp1.000.000."""

    @classmethod
    def setUpClass(cls):
        cls.server = Server().start()
        cls.addClassCleanup(cls.server.remove)
        cls.lumbung = Lumbung(cls.server)
        cls.lumbung.open_cooperative(1024, 'KDMP Bentangan', MEMBERS)
        cls.lumbung.open_cooperative(1025, 'KDMP Trasan', MEMBERS)
        cls.last_member = 0

    def member(self):
        """A member that no other test touches."""
        type(self).last_member += 1
        name = f'1024/{self.last_member}'
        self.lumbung.deposit(name, '1.000.000')
        return name

    def pay(self, member, amount, *more, code=OK):
        return self.lumbung.json('pay', '--member', member, '--branch', '2', '--amount', amount,
                                 *more, code=code)

    def test_opening_again_is_accepted_and_other_content_is_a_conflict(self):
        run = self.lumbung
        again = run.json('cooperative', 'open', '1024', '--name', 'KDMP Bentangan')
        self.assertEqual((1024, 'WIB'), (again['cooperative'], again['zone']))
        run('cooperative', 'open', '1024', '--name', 'Another', code=CONFLICT)
        run('branch', 'open', '1024/2', '--name', 'Gerai Sembako')
        run('branch', 'open', '1024/2', '--name', 'Another', code=CONFLICT)
        self.assertIn('60 members open', run('member', 'open', '1024/1-60').out)
        self.assertIn('Gerai Sembako', run('branch', 'list', '1024').out)
        self.assertEqual(7, run.json('terminal', 'list', '1024')['terminals'][0]['terminal'])
        names = [c['name'] for c in run.json('cooperative', 'list')['cooperatives']]
        self.assertEqual(['KDMP Bentangan', 'KDMP Trasan'], names[:2])

    def test_a_payment_shows_its_legs_and_the_balance_after(self):
        member = self.member()
        ran = self.lumbung('pay', '--member', member, '--branch', '2', '--amount', 'Rp25.000',
                           '--terminal', '7', '--operator', '3', '--reference', '42',
                           '--text', 'beras 2 kg')
        self.assertTrue(ran.out.startswith('ACCEPTED\n'), ran)
        self.assertRegex(ran.err, r'^id [0-9a-f-]{36}\n$')
        self.assertEqual(ran.err.split()[1], ran.field('id'))
        self.assertRegex(ran.field('time'), r'^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d WIB$')
        self.assertRegex(ran.out, r'PAYMENT .* Rp25\.000,00 +Rp975\.000,00')
        shown = self.lumbung('balance', member)
        self.assertEqual('Rp975.000,00', shown.field('balance'))
        entry = self.lumbung.json('entry', ran.field('sequence'))
        self.assertEqual((2_500_000, 'Rp25.000,00', 42, 'beras 2 kg', 7, 3),
                         (entry['amount'], entry['amount_text'], entry['reference'], entry['text'],
                          entry['evidence']['terminal'], entry['evidence']['operator_id']))

    def test_the_same_id_pays_once_and_another_amount_is_a_conflict(self):
        member, identity = self.member(), self.lumbung.new_id()
        first = self.pay(member, '25.000', '--id', identity)
        again = self.pay(member, '25.000', '--id', identity)
        self.assertEqual((identity, 'ACCEPTED', False),
                         (first['id'], first['outcome'], first['duplicate']))
        self.assertEqual((True, first['sequence'], first['timestamp_ns']),
                         (again['duplicate'], again['sequence'], again['timestamp_ns']))
        ran = self.lumbung('pay', '--member', member, '--branch', '2', '--amount', '25.000',
                           '--id', identity)
        self.assertIn('duplicate', ran.out)
        self.assertEqual('', ran.err)
        other = self.pay(member, '26.000', '--id', identity, code=CONFLICT)
        self.assertEqual('ID_CONFLICT', other['outcome'])
        self.assertEqual(97_500_000, self.lumbung.balance(member))

    def test_a_transfer_between_cooperatives_keeps_both_books_balanced(self):
        member = self.member()
        before = self.lumbung.balance('1025/7')
        sent = self.lumbung.json('transfer', '--from', member, '--to', '1025/7', '--amount',
                                 '75.000')
        self.assertEqual(('ACCEPTED', 2), (sent['outcome'], sent['leg_count']))
        self.assertEqual(before + 7_500_000, self.lumbung.balance('1025/7'))
        for cooperative in ('1024', '1025'):
            trial = self.lumbung.json('trial-balance', cooperative)
            self.assertTrue(trial['balanced'])
            self.assertEqual(trial['total_debit'], sum(line['debit'] for line in trial['lines']))
            self.assertEqual(trial['total_credit'], sum(line['credit'] for line in trial['lines']))
            shown = self.lumbung('trial-balance', cooperative).out
            self.assertIn('Balanced: debit = credit.', shown)
            self.assertIn(trial['total_debit_text'], shown)
            self.assertNotIn('Suspense', shown)
            self.assertIn('Suspense', self.lumbung('trial-balance', cooperative, '--all').out)

    def hold(self, member, amount, duration):
        return self.lumbung.json('hold', '--member', member, '--branch', '2', '--amount', amount,
                                 '--for', duration)['id']

    def test_part_of_a_hold_is_captured_and_the_rest_is_released(self):
        member = self.member()
        hold = self.hold(member, '50.000', '15m')
        held = self.lumbung.json('balance', member)
        self.assertEqual((100_000_000, 5_000_000, 95_000_000),
                         (held['balance'], held['held'], held['available']))
        self.assertEqual('Rp50.000,00', self.lumbung('balance', member).field('held'))
        captured = self.lumbung('capture', hold, '--amount', '30.000')
        self.assertIn('CAPTURE', captured.out)
        self.assertIn('HOLD PAYMENT Rp50.000,00', self.lumbung('statement', member).out)
        after = self.lumbung.json('balance', member)
        self.assertEqual((97_000_000, 0), (after['balance'], after['held']))
        again = self.lumbung.json('capture', hold, code=DECLINED)
        self.assertEqual('HOLD_CAPTURED', again['outcome'])

    def test_a_hold_can_be_voided_once(self):
        member = self.member()
        hold = self.hold(member, '50.000', '1h')
        self.lumbung('void', hold)
        self.assertEqual(0, self.lumbung.json('balance', member)['held'])
        self.assertIn('HOLD_VOIDED', self.lumbung('void', hold, code=DECLINED).out)

    def test_a_hold_expires_by_itself(self):
        member = self.member()
        hold = self.hold(member, '50.000', '1s')
        for _ in range(100):
            if self.lumbung.json('balance', member)['held'] == 0:
                break
            time.sleep(0.1)
        self.assertEqual(100_000_000, self.lumbung.json('balance', member)['available'])
        self.assertEqual('HOLD_EXPIRED',
                         self.lumbung.json('capture', hold, code=DECLINED)['outcome'])
        expired = self.lumbung('entries', '--step', 'expire', '--account', member, '--json').lines
        self.assertEqual([(hold, 5_000_000)], [(e['related_id'], e['amount']) for e in expired])

    def test_refunds_never_exceed_the_original(self):
        member = self.member()
        original = self.pay(member, '25.000')['id']
        self.lumbung('refund', original, '--amount', '10.000')
        over = self.lumbung.json('refund', original, '--amount', '15.000,01', code=DECLINED)
        self.assertEqual('REFUND_EXCEEDS_ORIGINAL', over['outcome'])
        self.lumbung('refund', original)
        self.assertEqual(100_000_000, self.lumbung.balance(member))

    def test_a_second_reversal_is_declined(self):
        member = self.member()
        original = self.pay(member, '25.000')['id']
        self.lumbung('reverse', original)
        self.assertEqual(100_000_000, self.lumbung.balance(member))
        again = self.lumbung('reverse', original, code=DECLINED)
        self.assertTrue(again.out.startswith('DECLINED: ORIGINAL_REVERSED'), again)

    def test_a_fenced_id_refuses_the_late_original(self):
        member, identity = self.member(), self.lumbung.new_id()
        unknown = self.lumbung.json('resolve', identity, code=NOT_FOUND)
        self.assertEqual('UNKNOWN', unknown['resolution'])
        self.assertIn(f'resolve {identity} --fence', unknown['next'])
        fenced = self.lumbung('resolve', identity, '--fence', code=DECLINED)
        self.assertTrue(fenced.out.startswith('FENCED\n'), fenced)
        late = self.pay(member, '25.000', '--id', identity, code=DECLINED)
        self.assertEqual('FENCED', late['outcome'])
        self.assertEqual(100_000_000, self.lumbung.balance(member))
        self.assertEqual('FENCED',
                         self.lumbung.json('resolve', identity, code=DECLINED)['resolution'])

    def test_resolve_tells_what_happened(self):
        member = self.member()
        accepted = self.pay(member, '25.000')
        told = self.lumbung.json('resolve', accepted['id'])
        self.assertEqual(('ACCEPTED', accepted['sequence']),
                         (told['resolution'], told['result']['sequence']))
        declined = self.pay(member, '9.000.000', code=DECLINED)
        self.assertEqual('INSUFFICIENT_FUNDS', declined['outcome'])
        told = self.lumbung('resolve', declined['id'], '--fence', code=DECLINED)
        self.assertEqual('INSUFFICIENT_FUNDS', told.field('outcome'))

    def test_a_decline_is_for_ever(self):
        member, identity = self.member(), self.lumbung.new_id()
        self.pay(member, '1.500.000', '--id', identity, code=DECLINED)
        self.lumbung.deposit(member, '900.000')
        again = self.pay(member, '1.500.000', '--id', identity, code=DECLINED)
        self.assertEqual(('INSUFFICIENT_FUNDS', True), (again['outcome'], again['duplicate']))

    def test_what_is_malformed_names_the_field_and_records_nothing(self):
        member, identity = self.member(), self.lumbung.new_id()
        for spoilt in (('--amount', '0'), ('--amount=-5',), ('--text', 'x' * 65)):
            good = () if spoilt[0].startswith('--amount') else ('--amount', '5')
            refused = self.lumbung('pay', '--member', member, '--branch', '2', '--id', identity,
                                   *good, *spoilt, code=MALFORMED)
            self.assertIn(spoilt[0].split('=')[0], refused.err)
        future = 'ffffffff-0000-7000-8000-000000000001'
        self.assertIn('ID_FROM_THE_FUTURE',
                      self.pay(member, '5', '--id', future, code=MALFORMED)['error']['message'])
        self.lumbung('resolve', identity, code=NOT_FOUND)

    def test_cash_and_qris_and_withdrawals(self):
        member, run = self.member(), self.lumbung
        till = '1024.1102.7'
        before = run.balance(till)
        run('pay', '--tender', 'cash', '--branch', '1024/2', '--terminal', '7', '--amount', '9.500')
        run('withdraw', '--member', member, '--terminal', '7', '--amount', '50.000')
        self.assertEqual(before + 950_000 - 5_000_000, run.balance(till))
        run('pay', '--tender', 'qris', '--branch', '1024/2', '--amount', '600.000')
        run('deposit', '--member', member, '--terminal', '7', '--savings', 'wajib', '--amount',
            '10.000')
        self.assertEqual(1_000_000, run.balance(f'1024.3102.{member.split("/")[1]}'))

    def test_an_account_can_be_frozen_limited_and_closed(self):
        member, run = self.member(), self.lumbung
        run('account', 'freeze', member)
        self.assertEqual('FROZEN', run('account', 'show', member).field('status'))
        frozen = self.pay(member, '5.000', code=DECLINED)
        self.assertEqual('DEBIT_ACCOUNT_FROZEN', frozen['outcome'])
        run('account', 'unfreeze', member)
        limited = run.json('account', 'limits', member, '--per-transaction', '20.000')
        self.assertEqual(2_000_000, limited['limits']['per_transaction'])
        self.assertEqual('TRANSACTION_LIMIT', self.pay(member, '20.001', code=DECLINED)['outcome'])
        lifted = run.json('account', 'limits', member, '--per-transaction', 'none')
        self.assertNotIn('per_transaction', lifted['limits'])
        self.assertIn('floor', lifted['limits'])
        run('account', 'close', member, code=DECLINED)
        run('account', 'open', '1024.1130.301', '--ceiling', '5.000.000')
        run('account', 'close', '1024.1130.301')
        self.assertEqual('CLOSED', run.json('account', 'show', '1024.1130.301')['status'])

    def test_what_is_not_there_is_not_found(self):
        run = self.lumbung
        self.assertIn('lumbung: Not found: account: it was never opened',
                      run('balance', '1024/99999', code=NOT_FOUND).err)
        run('account', 'show', '1024.2101.99999', code=NOT_FOUND)
        run('trial-balance', '4711', code=NOT_FOUND)
        run('entry', '999999999', code=NOT_FOUND)
        run('balance', '4711/1', '--at', 'yesterday', code=NOT_FOUND)
        declined = self.pay('1024/99999', '5.000', code=DECLINED)
        self.assertEqual('DEBIT_ACCOUNT_UNKNOWN', declined['outcome'])

    def test_a_listing_can_be_narrowed_to_a_code(self):
        listed = self.lumbung.json('account', 'list', '1024', '--code', '2101')['accounts']
        self.assertEqual([f'1024.2101.{n}' for n in range(1, MEMBERS + 1)],
                         [account['account'] for account in listed])
        few = self.lumbung('account', 'list', '1024', '--code', '3101', '--limit', '3')
        self.assertEqual(5, len(few.out.splitlines()), few)

    def test_a_statement_goes_page_by_page(self):
        member = self.member()
        for amount in ('1.000', '2.000', '3.000'):
            self.pay(member, amount)
        page = self.lumbung.json('statement', member, '--page-size', '2')
        self.assertEqual([-300_000, -200_000], [line['change'] for line in page['lines']])
        self.assertEqual(99_400_000, page['closing_balance'])
        rest = self.lumbung.json('statement', member, '--page', str(page['next_sequence']))
        whole = self.lumbung.json('statement', member, '--all', '--page-size', '1')
        self.assertEqual(whole['lines'], page['lines'] + rest['lines'])
        self.assertEqual(0, whole['next_sequence'])
        shown = self.lumbung('statement', member, '--since', 'today', '--page-size', '2')
        self.assertIn('-Rp3.000,00', shown.out)
        self.assertIn(f'--page {page["next_sequence"]}', shown.err)
        self.assertEqual('Rp0,00', shown.field('opening balance'))
        self.assertEqual('Rp994.000,00', shown.field('closing balance'))

    def test_a_statement_can_begin_with_the_oldest_entry(self):
        member = self.member()
        for amount in ('1.000', '2.000', '3.000'):
            self.pay(member, amount)
        newest = self.lumbung.json('statement', member, '--all')
        whole = self.lumbung.json('statement', member, '--all', '--oldest-first', '--page-size',
                                  '1')
        self.assertEqual(newest['lines'][::-1], whole['lines'])
        self.assertEqual(newest['closing_balance'], whole['closing_balance'])
        page = self.lumbung.json('statement', member, '--oldest-first', '--page-size', '3')
        rest = self.lumbung.json('statement', member, '--oldest-first', '--page',
                                 str(page['next_sequence']))
        self.assertEqual(whole['lines'], page['lines'] + rest['lines'])
        shown = self.lumbung('statement', member, '--oldest-first', '--page-size', '3')
        self.assertIn(f'newer entries: add --page {page["next_sequence"]}', shown.err)

    def test_a_balance_at_a_past_moment_leaves_out_what_came_later(self):
        member = self.member()
        first = self.pay(member, '10.000')
        self.pay(member, '20.000')
        then = self.lumbung.json('balance', member, '--at', first['timestamp'])
        self.assertEqual((99_000_000, first['timestamp_ns']),
                         (then['balance'], then['timestamp_ns']))
        shown = self.lumbung('balance', member, '--at', 'today')
        self.assertEqual('Rp970.000,00', shown.field('balance'))
        self.assertEqual(0, self.lumbung.json('balance', member, '--at', 'yesterday')['balance'])

    def test_entries_can_be_filtered(self):
        member = self.member()
        self.pay(member, '1.000')
        self.pay(member, '9.000.000', code=DECLINED)
        def outcomes(*filters):
            return [entry['outcome'] for entry in self.lumbung(
                'entries', '--account', member, '--json', *filters).lines]
        self.assertEqual(['ACCEPTED', 'INSUFFICIENT_FUNDS'], outcomes('--kind', 'payment'))
        self.assertEqual(['INSUFFICIENT_FUNDS'], outcomes('--outcome', 'insufficient-funds'))
        self.assertEqual(['ACCEPTED'], outcomes('--kind', 'payment', '--limit', '1'))
        self.assertEqual(3, len(outcomes('--cooperative', '1024', '--since', 'today', '--step',
                                         'post')))
        shown = self.lumbung('entries', '--account', member)
        self.assertIn('DEPOSIT_SUKARELA', shown.out)

    def test_entries_can_be_followed(self):
        member = self.member()
        follower = self.lumbung.process('entries', '--account', member, '--follow', '--json')
        self.addCleanup(follower.stderr.close)
        self.addCleanup(follower.stdout.close)
        self.addCleanup(follower.wait)
        self.addCleanup(follower.kill)
        seen = [follower.stdout.readline() for _ in range(2)]
        self.assertIn('ACCOUNT_OPENED', seen[0])
        self.assertIn('DEPOSIT_SUKARELA', seen[1])
        paid = self.pay(member, '1.000')
        self.assertIn(paid['id'], follower.stdout.readline())

    def test_the_status_shows_cursors_and_the_hash_of_the_books(self):
        status = self.lumbung.json('status', '--state-hash')
        self.assertRegex(status['state_hash'], '^[0-9a-f]{64}$')
        self.assertTrue(status['claimed'] >= status['published'] >= status['applied']
                        >= status['durable'] >= status['replied'])
        shown = self.lumbung('status', '--state-hash')
        self.assertEqual(64, len(shown.field('state hash')))
        # Payments wait for the hash, so it is made only if it is asked for.
        self.assertNotIn('state hash', self.lumbung('status').out)

    def test_a_policy_changes_only_what_is_told(self):
        run = self.lumbung
        run('cooperative', 'open', '1030', '--name', 'KDMP Ubud', '--zone', 'WITA')
        run('cooperative', 'policy', '1030', '--transfer-fee', '2.500', '--vat', '11%')
        policy = run.json('cooperative', 'policy', '1030', '--vat', '0%')['policy']
        self.assertEqual((0, 250_000, 30), (policy['vat_basis_points'], policy['transfer_fee'],
                                            policy['mdr_basis_points']))
        shown = run('cooperative', 'policy', '1030')
        self.assertEqual(('WITA', 'Rp2.500,00'), (shown.field('zone'), shown.field('transfer fee')))

    def test_without_a_server_nothing_is_sent(self):
        ran = self.lumbung('--server', '127.0.0.1:1', 'pay', '--member', '1024/1', '--branch', '2',
                           '--amount', '5', code=NOT_TAKEN)
        self.assertIn('nothing was sent', ran.err)

    def test_a_stopped_process_is_given_up_after_the_time_that_was_told(self):
        self.server.process.send_signal(signal.SIGSTOP)
        self.addCleanup(self.server.process.send_signal, signal.SIGCONT)
        started = time.monotonic()
        ran = self.lumbung('status', '--timeout', '1', code=NOT_TAKEN)
        self.assertLess(time.monotonic() - started, 10, ran)


if __name__ == '__main__':
    unittest.main()
