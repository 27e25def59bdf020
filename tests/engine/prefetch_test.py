#!/usr/bin/env python3
"""Looks in the compiled engine for what asks the processor for memory ahead of time.

    prefetch_test.py LIBRARY

A prefetch has no effect that the language knows of, and g++ 12 has left out calls of functions that
do nothing else. No result shows that, only a slower server: so the instructions are counted.
"""
import collections
import re
import subprocess
import sys
import unittest

LIBRARY = None

LINES_OF_AN_ACCOUNT = 2  # of 64 bytes
OF_BOTH_SLOTS = 2
OF_BOTH_RECORDS = 2 * LINES_OF_AN_ACCOUNT

FUNCTION = re.compile(r'^[0-9a-f]+ <(\w+)>:$')
PREFETCH = re.compile(r'\s(prefetch\w*|prfm)\s')  # x86, ARM
CALL_OF_IDS = re.compile(r'\sR_\w+\s+\w*IdWindow8Prefetch\w*')


def counts(listing):
    """By function: prefetches, and calls of IdWindow::Prefetch."""
    prefetches, calls = collections.Counter(), collections.Counter()
    function = ''
    for line in listing.splitlines():
        if found := FUNCTION.match(line):
            function = found.group(1)
        elif CALL_OF_IDS.search(line):
            calls[function] += 1
        elif PREFETCH.search(line):
            prefetches[function] += 1
    return prefetches, calls


def of(counter, part_of_name):
    return sum(count for name, count in counter.items() if part_of_name in name)


class Prefetches(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        listing = subprocess.run(['objdump', '--disassemble', '--reloc', '--no-show-raw-insn',
                                  LIBRARY], check=True, text=True, stdout=subprocess.PIPE).stdout
        cls.prefetches, cls.calls = counts(listing)

    def test_a_count_sees_what_is_there_and_no_more(self):
        prefetches, calls = counts('0010 <_ZN3OneEv>:\n'
                                   '  10:\tprefetcht0 (%r8,%rdx,8)\n'
                                   '  18:\tcall   1d <_ZN3OneEv+0x8>\n'
                                   '\t\t\t19: R_X86_64_PLT32\t_ZNK8IdWindow8PrefetchEv-0x4\n'
                                   '0020 <_ZN8PrefetchEv>:\n'
                                   '  20:\tret\n')
        self.assertEqual((1, 1, 0), (of(prefetches, '3One'), of(calls, '3One'),
                                     of(prefetches, '8Prefetch')))

    def test_slots_and_records_of_both_accounts_are_asked_for_ahead_of_a_command(self):
        self.assertGreaterEqual(of(self.prefetches, '12StateMachine8Prefetch'),
                                OF_BOTH_SLOTS + OF_BOTH_RECORDS)

    def test_slots_and_records_of_both_accounts_are_asked_for_ahead_of_a_replayed_entry(self):
        self.assertGreaterEqual(of(self.prefetches, '6Replay9LookAhead'),
                                OF_BOTH_SLOTS + OF_BOTH_RECORDS)

    def test_the_slot_of_a_new_hold_is_asked_for_when_its_sequence_is_known(self):
        applying = [name for name in self.prefetches if '12StateMachine5Apply' in name]
        self.assertTrue(applying, sorted(self.prefetches))

    def test_places_of_ids_are_asked_for_in_both_generations(self):
        self.assertGreaterEqual(of(self.prefetches, '8IdWindow8Prefetch'), 2)
        self.assertGreaterEqual(of(self.calls, '6Replay9LookAhead'), 1)
        from_commands = [name for name in self.calls if '12StateMachine8Prefetch' in name]
        self.assertGreaterEqual(len(from_commands), 1, sorted(self.calls))


if __name__ == '__main__':
    LIBRARY = sys.argv.pop(1)
    unittest.main()
