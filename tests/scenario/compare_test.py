"""The table of targets, on loads so small that only what is measured shows, not how fast it is."""

import json
import os
import re
import subprocess
import tempfile
import unittest

POSTGRES = '/usr/lib/postgresql/15/bin/postgres'


class CompareTest(unittest.TestCase):

    def compare(self, *arguments, lumbung=os.environ['LUMBUNG'], mode=0o711, below=''):
        with tempfile.TemporaryDirectory(prefix='lumbung-compare-') as folder:
            os.chmod(folder, mode)
            done = subprocess.run(
                [os.environ['LUMBUNG_BENCH'], 'compare', '--lumbungd', os.environ['LUMBUNGD'],
                 '--lumbung', lumbung, '--folder', folder + below, '--scale', '0.005',
                 '--kill-entries', '200000', *arguments],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=100,
                check=False)
            self.assertEqual(os.listdir(folder), [], 'something was left behind')
        return done

    def lines(self, *arguments):
        """The lines by key, each with a verdict that follows from its ratio."""
        done = self.compare('--json', *arguments)
        lines = json.loads(done.stdout)
        for line in lines:
            self.assertEqual(line['met'], line['ratio'] >= 1, done.stderr)
            self.assertEqual(line['verdict'], 'met' if line['met'] else 'not met')
        all_met = all(line['met'] for line in lines)
        self.assertEqual(done.returncode, 0 if all_met else 1, done.stderr)
        return {line['key']: line for line in lines}

    def test_only_the_lines_that_are_named_are_run_and_judged(self):
        self.assertEqual(list(self.lines('--only', 'batch-100,batch-1000')),
                         ['batch-1000', 'batch-100'])

    def test_a_line_that_there_is_not_is_refused_with_the_names_of_those_there_are(self):
        done = self.compare('--only', 'batch-100,hotter')
        self.assertEqual(done.returncode, 2)
        self.assertIn('hotter', done.stderr)
        self.assertIn('batch-8190', done.stderr)

    def test_kill_proof_audit_and_replay_are_of_one_ledger(self):
        lines = self.lines('--only', 'kill,proof,audit,replay')
        self.assertEqual(list(lines), ['kill', 'proof', 'audit', 'replay'])
        entries = [re.search(r'(\d+\.\d) M', lines[key][place])[1] for key, place in
                   (('kill', 'what'), ('proof', 'what'), ('audit', 'what'), ('replay', 'measured'))]
        self.assertEqual(len(set(entries)), 1, entries)
        self.assertGreaterEqual(float(entries[0]), 0.2)
        self.assertRegex(lines['proof']['measured'],
                         r'first 50 after a restart: p50 .*, p99 .*, most .*; next 200: p50')
        self.assertRegex(lines['audit']['measured'], r'at most [1-9]\d* MiB')

    def test_the_cost_of_the_transparency_log_is_that_of_rounds_in_turn(self):
        log = self.lines('--only', 'log')['log']
        with_it, without = log['measured'].split(';')[0].split(' % of ')
        self.assertEqual(with_it.count('/s'), 2, log)
        self.assertEqual(without.count('/s'), 3, log)
        self.assertRegex(log['measured'], r"server's CPU µs [\d.]+ to [\d.]+, [\d.]+ times")

    def test_an_audit_that_finds_something_ends_the_run(self):
        with tempfile.TemporaryDirectory(prefix='lumbung-compare-') as folder:
            audit = os.path.join(folder, 'audit')
            with open(audit, 'w', encoding='utf-8') as file:
                file.write('#!/bin/sh\necho an entry is not good >&2\nexit 10\n')
            os.chmod(audit, 0o755)
            done = self.compare('--only', 'kill,audit,replay', lumbung=audit)
        self.assertEqual(done.returncode, 2, done.stdout)
        self.assertIn('audit: ', done.stderr)
        self.assertIn('an entry is not good', done.stderr)
        # What was measured before is told all the same.
        self.assertIn('SIGKILL', done.stdout)
        self.assertNotIn('replay', done.stdout)

    def test_a_line_that_cannot_be_run_is_told_and_the_others_are_run(self):
        done = self.compare('--only', 'batch-100,long,audit', '--json', '--long-entries',
                            '1000000000000', lumbung='/no/such/program')
        self.assertEqual(done.returncode, 2)
        lines = {line['key']: line for line in json.loads(done.stdout)}
        self.assertNotEqual(lines['batch-100']['verdict'], 'not run')
        for key, why in (('long', 'GB are needed'), ('audit', '/no/such/program')):
            self.assertEqual(lines[key]['verdict'], 'not run')
            self.assertFalse(lines[key]['met'])
            self.assertIn(why, lines[key]['measured'])
            self.assertIn('≥', lines[key]['target'])

    def test_the_markdown_says_when_and_where_it_was_measured(self):
        done = self.compare('--only', 'batch-100', '--markdown')
        heading, empty, head, rule, line = done.stdout.strip().split('\n')
        self.assertRegex(heading, r'^Measured on \d{4}-\d\d-\d\d, \d+ cores \(.+\)\. .*× 0.005;')
        self.assertEqual(empty, '')
        self.assertEqual(len({text.count('|') for text in (head, rule, line)}), 1)

    def test_quick_leaves_what_is_asked_for_by_name_as_it_is(self):
        done = self.compare('--only', 'batch-100', '--quick', '--markdown')
        self.assertRegex(done.stdout, r'× 0\.005; 4 M entries in `long`, 0\.2 M in the ledger')

    def test_a_folder_that_there_is_not_ends_the_run(self):
        done = self.compare('--only', 'batch-100', below='/none')
        self.assertEqual(done.returncode, 2)
        self.assertEqual(done.stdout, '')
        self.assertRegex(done.stderr, 'batch-100: no folder can be made in .*/none')

    @unittest.skipUnless(os.path.exists(POSTGRES), 'PostgreSQL 15 is not installed')
    def test_postgres_is_measured_before_and_after(self):
        line = self.lines('--only', 'postgres-unary')['postgres-unary']
        self.assertRegex(line['measured'], r'/s: [\d.]+ times .*/s and .*/s; .* with 16 in flight')

    @unittest.skipUnless(os.path.exists(POSTGRES) and os.geteuid() == 0,
                         'only root gives the folder to another user')
    def test_a_postgres_that_cannot_be_started_is_not_met_and_not_run(self):
        done = self.compare('--only', 'postgres-batch,postgres-unary', mode=0o700)
        self.assertEqual(done.returncode, 2)
        self.assertEqual(done.stdout.count("can't enter"), 2, done.stdout)
        self.assertEqual(done.stdout.count('| **not run** |'), 2, done.stdout)


if __name__ == '__main__':
    unittest.main(verbosity=2)
