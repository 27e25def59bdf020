"""However a server ends, Server notices: no test needs to look."""

import os
import time
import unittest

from server import Server

FAKE = """#!/bin/sh
trap '%s' TERM
while [ $# -gt 1 ]; do [ "$1" = --ready-file ] && ready=$2; shift; done
echo 127.0.0.1:1 > "$ready.new"
mv "$ready.new" "$ready"
%s
"""
FOR_EVER = 'while true; do sleep 0.01; done'
LEAKING = 'echo a leak was found; exit 23'


class ServerNotices(unittest.TestCase):

    def started(self, script, at_the_end=LEAKING):
        server = Server()
        program = os.path.join(server.folder, 'program')
        with open(program, 'w', encoding='ascii') as file:
            file.write(FAKE % (at_the_end, script))
        os.chmod(program, 0o755)
        arguments = server.command()[1:]
        server.command = lambda: [program, *arguments]
        return server.start()

    def test_another_exit_code_than_0(self):
        server = self.started(FOR_EVER)
        with self.assertRaisesRegex(AssertionError, '(?s)with 23, not 0:.*a leak was found'):
            server.stop()
        server.remove()

    def test_another_exit_code_than_0_at_the_end_of_a_test(self):
        server = self.started(FOR_EVER)
        with self.assertRaisesRegex(AssertionError, 'ended with 23, not 0'):
            server.remove()
        self.assertFalse(os.path.exists(server.folder))

    def test_an_end_by_itself_before_it_is_killed_or_stopped(self):
        for code in (0, 66):
            for end in (Server.kill, Server.stop, Server.remove):
                server = self.started(f'exit {code}')
                while server.process.poll() is None:
                    time.sleep(0.01)
                with self.assertRaisesRegex(AssertionError, f'ended by itself, with {code}'):
                    end(server)
                if end is not Server.remove:
                    server.remove()

    def test_an_end_in_order_is_none_of_these(self):
        server = self.started(FOR_EVER, at_the_end='exit 0')
        server.stop()
        server.remove()
        server = self.started(FOR_EVER)
        server.kill()
        server.remove()


if __name__ == '__main__':
    unittest.main()
