"""Runs the real `lumbung` and takes apart what it prints."""

import json
import os
import re
import subprocess

OK, FAILED, MALFORMED, DECLINED, CONFLICT, NOT_FOUND, OUTCOME_UNKNOWN, NOT_TAKEN = range(8)


class Ran:
    """How one command ended."""

    def __init__(self, arguments, process):
        self.command = ' '.join(arguments)
        self.code = process.returncode
        self.out = process.stdout
        self.err = process.stderr

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def lines(self):
        return [json.loads(line) for line in self.out.splitlines()]

    def field(self, name):
        """The value of a line such as `  balance  Rp5,00`."""
        found = re.search(rf'^  {name}  +(.*)$', self.out, re.MULTILINE)
        assert found, f'no {name} in:\n{self.out}'
        return found.group(1)

    def __str__(self):
        return f'{self.command}: exit code {self.code}\n{self.out}{self.err}'


class Lumbung:
    """The command line, speaking to one server."""

    def __init__(self, server, environment=None):
        self.server = server
        self.environment = {**os.environ, **(environment or {}), 'LUMBUNG_SERVER': server.address}

    def process(self, *arguments, **how):
        return subprocess.Popen([os.environ['LUMBUNG'], *arguments], env=self.environment,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **how)

    def __call__(self, *arguments, code=OK, text=None):
        process = subprocess.run([os.environ['LUMBUNG'], *arguments], env=self.environment,
                                 capture_output=True, text=True, timeout=60, check=False,
                                 input=text)
        ran = Ran(arguments, process)
        if ran.code != code:
            raise AssertionError(f'expected exit code {code}: {ran}')
        return ran

    def json(self, *arguments, code=OK, text=None):
        return self(*arguments, '--json', code=code, text=text).json

    def new_id(self):
        return self('id').out.strip()

    def balance(self, account):
        return self.json('balance', account)['balance']

    def open_cooperative(self, number, name, members):
        """With branch 2, terminal 7 at it, members 1 … members."""
        self('cooperative', 'open', str(number), '--name', name, '--zone', 'WIB')
        self('branch', 'open', f'{number}/2', '--name', 'Gerai Sembako')
        self('terminal', 'open', f'{number}/7', '--branch', '2', '--name', 'Kasir 1')
        self('member', 'open', f'{number}/1-{members}')

    def deposit(self, member, amount):
        self('deposit', '--member', member, '--terminal', '7', '--amount', amount)
