"""Holds the repository to the house style, and each rule to a bad example that it must catch."""

import os
import shutil
import subprocess
import sys
import unittest

FOLDER = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(FOLDER))
sys.path.insert(0, FOLDER)

import rules  # noqa: E402  (stands beside this file)

TEXT = ('.h', '.cc', '.proto', '.py', '.sh', '.cmake', '.txt', '.md', '.json', '.toml', '.service',
        '.ci/run', 'Containerfile')
SKIPPED = {'build', 'data', '.git', '__pycache__'}


def repository_files():
    """{path: text} of what belongs to the repository."""
    files = {}
    for folder, subfolders, names in os.walk(ROOT):
        relative = os.path.relpath(folder, ROOT)
        if relative == '.':
            subfolders[:] = [name for name in subfolders if name not in SKIPPED]
        subfolders[:] = [name for name in subfolders if name != '__pycache__']
        for name in names:
            path = os.path.normpath(os.path.join(relative, name)).replace(os.sep, '/')
            if path.endswith(TEXT):
                with open(os.path.join(ROOT, path), encoding='utf-8') as file:
                    files[path] = file.read()
    return files


def violations(path, text):
    return [(rule.__name__, line, message) for rule in rules.RULES
            for line, message in rule(path, text)]


class Repository(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.files = repository_files()

    def test_the_walk_finds_the_sources(self):
        self.assertIn('engine/types.h', self.files)
        self.assertIn('proto/lumbung/v1/types.proto', self.files)

    def test_every_file_keeps_the_rules(self):
        found = [f'{path}:{line}: [{rule}] {message}' for path, text in sorted(self.files.items())
                 for rule, line, message in violations(path, text)]
        self.assertFalse(found, '\n' + '\n'.join(found))

    def test_the_repository_as_a_whole_keeps_the_rules(self):
        found = [f'{path}:{line}: [{rule.__name__}] {message}' for rule in rules.REPOSITORY_RULES
                 for path, line, message in rule(self.files)]
        self.assertFalse(found, '\n' + '\n'.join(found))

    @unittest.skipUnless(shutil.which('clang-format'), 'clang-format is not installed')
    def test_code_is_formatted(self):
        paths = [path for path in self.files if path.endswith(rules.CXX)]
        run = subprocess.run(['clang-format', '--dry-run', '-Werror', *paths], cwd=ROOT,
                             capture_output=True, text=True, check=False)
        wrong = sorted({line.split(':')[0] for line in run.stderr.split('\n') if 'error:' in line})
        self.assertEqual(wrong, [], 'run clang-format -i on these')

    @unittest.skipUnless(shutil.which('shellcheck'), 'shellcheck is not installed')
    def test_shell_scripts_pass_shellcheck(self):
        paths = [path for path in self.files if path.endswith(('.sh', '.ci/run'))]
        run = subprocess.run(['shellcheck', '-x', *paths], cwd=ROOT, capture_output=True, text=True,
                             check=False)
        self.assertEqual(run.returncode, 0, run.stdout)


class Canaries(unittest.TestCase):
    """Each rule catches what it is for, and lets what is right pass."""

    def check(self, rule, path, bad, good):
        self.assertTrue(list(rule(path, bad)), f'{rule.__name__} does not catch:\n{bad}')
        self.assertEqual(list(rule(path, good)), [], f'{rule.__name__} refuses:\n{good}')

    def test_a_long_line_is_caught(self):
        self.check(rules.line_length, 'engine/a.cc', 'x' * 101, 'ü' * 100)

    def test_a_long_file_is_caught(self):
        self.check(rules.file_length, 'engine/a.cc', '\n' * 601, '\n' * 600)

    def test_a_long_function_is_caught(self):
        body = '  F();\n'
        for head in ('void F(int a) {\n', 'C::C(int a)\n    : a_{1}, b_(2) {\n',
                     'namespace n {\nclass C {\n public:\n  int F() const {\n',
                     'TEST(Ring, Turns) {\n', 'auto F() -> int {\n'):
            ends = '}\n' * head.count(' {\n')
            self.check(rules.function_length, 'engine/a.cc', head + body * 71 + ends,
                       head + body * 60 + ends)

    def test_a_long_function_of_a_script_is_caught(self):
        self.check(rules.function_length, 'deploy/a.sh', 'f() {\n' + ':\n' * 70 + '}\n',
                   'f() {\n' + ':\n' * 60 + '}\n')
        self.check(rules.function_length, 'tests/a.py', 'def f():\n' + '  pass\n' * 70,
                   'def f():\n' + '  pass\n' * 69)

    def test_long_tables_and_namespaces_are_no_functions(self):
        table = 'constexpr Line kLines[] = {\n' + '    {Code(1), "a"},\n' * 100 + '};\n'
        space = 'namespace lumbung {\n' + 'int F() { return 1; }\n' * 100 + '}\n'
        self.assertEqual(list(rules.function_length('engine/a.cc', table + space)), [])

    def test_braces_in_literals_and_comments_do_not_count(self):
        text = "void F() {\n  a = '{'; b = \"{\"; c = R\"(}})\"; d = 1'000;  // {\n}\n"
        text += 'int x;\n' * 99
        self.assertEqual(list(rules.function_length('engine/a.cc', text)), [])

    def test_a_banned_word_is_caught(self):
        for path in ('engine/string_util.cc', 'api/common/a.h', 'misc.h'):
            self.assertTrue(list(rules.file_name(path, '')), path)
        self.assertEqual(list(rules.file_name('engine/commander.cc', '')), [])
        self.check(rules.names, 'engine/a.h', 'class RingManager {};', 'class Ring {};')
        self.check(rules.names, 'engine/a.h', 'void MiscChecks(int a);',
                   'std::common_type(1);  // a helper (of)')
        self.check(rules.names, 'tests/a.py', 'def helper():\n  pass', 'def open_member():\n  pass')

    def test_an_include_against_the_direction_is_caught(self):
        for path, bad, good in (
                ('engine/a.cc', '"storage/ledger_store.h"', '"engine/types.h"'),
                ('engine/a.cc', '<rocksdb/db.h>', '<vector>'),
                ('engine/a.cc', '<unistd.h>', '"absl/status/status.h"'),
                ('storage/a.cc', '"api/server/main.h"', '"rocksdb/db.h"'),
                ('api/cli/a.cc', '<rocksdb/db.h>', '"storage/ledger_store.h"'),
                ('api/books/a.cc', '"lumbung/v1/types.pb.h"', '"storage/ledger_source.h"'),
                ('api/server/a.cc', '"bench/day/mix.h"', '"storage/ledger_store.h"'),
                ('bench/a.cc', '"tests/model/ledger.h"', '"bench/day/mix.h"')):
            self.check(rules.include_direction, path, f'#include {bad}\n', f'#include {good}\n')

    def test_a_header_without_its_beginnings_is_caught(self):
        self.check(rules.pragma_once, 'engine/a.h', '// A.\nint a;\n', '// A.\n#pragma once\n')
        self.check(rules.header_comment, 'engine/a.h', '#pragma once\n', '// A.\n#pragma once\n')

    def test_unfinished_work_is_caught(self):
        self.check(rules.finished, 'engine/a.cc', '// TO' 'DO: more', '// to do: nothing')

    def test_a_path_of_one_machine_is_caught(self):
        self.check(rules.machine_paths, 'README.md', 'cd /ho' 'me/me/barn', 'cd src/home/barn')

    def test_a_default_in_a_switch_is_caught(self):
        self.check(rules.exhaustive_switch, 'engine/a.cc', 'switch (a) { default: break; }',
                   'A() = default;  // default: 1')

    def test_an_unexplained_call_or_field_is_caught(self):
        self.check(rules.proto_comments, 'proto/a.proto', '  rpc Get(A) returns (B);\n',
                   '  // Gets.\n  rpc Get(A) returns (B);\nmessage A {\n  int32 a = 1;\n}\n')
        self.check(rules.proto_comments, 'proto/a.proto', '\nmessage A {\n  int32 a = 1;\n}\n',
                   '// A thing.\nmessage A {\n  int32 a = 1;\n}\n')

    def test_an_unlisted_source_is_caught(self):
        lists = {'engine/CMakeLists.txt': 'add_library(e sub/a.cc)'}
        self.assertTrue(list(rules.unlisted_sources({**lists, 'engine/a.cc': ''})))
        self.assertEqual(list(rules.unlisted_sources({**lists, 'engine/sub/a.cc': ''})), [])

    def test_a_folder_without_a_document_is_caught(self):
        self.assertTrue(list(rules.folder_documents({'engine/a.h': ''})))
        self.assertEqual(list(rules.folder_documents({'engine/README.md': '', '.ci/run': ''})), [])

    def test_an_example_that_differs_is_caught(self):
        example = {rules.EXAMPLE: 'print(1)\n'}
        self.assertTrue(list(rules.readme_example({**example, 'README.md': 'print(2)\n'})))
        good = {**example, 'README.md': 'See:\n```python\nprint(1)\n```\n'}
        self.assertEqual(list(rules.readme_example(good)), [])

    def test_every_rule_has_a_canary(self):
        with open(os.path.abspath(__file__), encoding='utf-8') as file:
            text = file.read()
        for rule in rules.RULES + rules.REPOSITORY_RULES:
            self.assertIn('rules.' + rule.__name__, text.split('class Canaries')[1])


if __name__ == '__main__':
    unittest.main()
