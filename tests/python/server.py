"""The real lumbungd as a process on a folder and a free port of 127.0.0.1."""

import os
import shutil
import signal
import subprocess
import tempfile
import time

import grpc

HEALTH = '/grpc.health.v1.Health/Check'
SERVING = b'\x08\x01'
# Until a process that should have begun or ended is taken for hanging.
PATIENCE_S = 600 if 'LUMBUNG_SANITIZED' in os.environ else 60


class Server:
    """Starts on a new folder; start again after kill() or stop() goes on with the same one.

    However a server ends, it is looked at how: one that ended by itself, or that was asked to end
    and has another exit code than 0, fails the test. So does what a sanitizer tells at the end.
    """

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix='lumbung-test-')
        self.data = os.path.join(self.folder, 'data')
        self.log = os.path.join(self.folder, 'log')
        self.ready_file = os.path.join(self.folder, 'address')
        self.address = None
        self.process = None
        self.channel = None

    def start(self, environment=None):
        if os.path.exists(self.ready_file):
            os.remove(self.ready_file)
        with open(self.log, 'ab') as log:
            self.process = subprocess.Popen(self.command(), stdout=log, stderr=log,
                                            env={**os.environ, **(environment or {})})
        deadline = time.monotonic() + PATIENCE_S
        while not os.path.exists(self.ready_file):
            code = self.process.poll()
            if code is not None:
                self.process = None
                raise AssertionError(f'the server ended at once, with {code}:\n{self.log_text()}')
            if time.monotonic() > deadline:
                raise AssertionError(f'the server does not serve:\n{self.log_text()}')
            time.sleep(0.05)
        with open(self.ready_file, encoding='utf-8') as file:
            self.address = file.read().strip()
        self.channel = grpc.insecure_channel(self.address, options=[
            ('grpc.max_receive_message_length', 64 << 20)])
        return self

    def command(self):
        return [os.environ['LUMBUNGD'], '--data', self.data, '--listen', '127.0.0.1:0',
                '--ready-file', self.ready_file]

    def health(self):
        """The raw reply of the standard health service; None if there is none."""
        call = self.channel.unary_unary(HEALTH, request_serializer=bytes,
                                        response_deserializer=bytes)
        try:
            return call(b'', timeout=5)
        except grpc.RpcError:
            return None

    def memory_bytes(self):
        """The most that the process has had resident."""
        return self._memory('VmHWM:')

    def resident_bytes(self):
        """What it has resident now."""
        return self._memory('VmRSS:')

    def _memory(self, field):
        with open(f'/proc/{self.process.pid}/status', encoding='utf-8') as status:
            for line in status:
                if line.startswith(field):
                    return int(line.split()[1]) << 10
        raise AssertionError(f'no {field}')

    def kill(self):
        """A power cut, as far as a process can have one."""
        self.kill_under_clients()
        self.channel.close()

    def kill_under_clients(self):
        """The same, with the clients as they are."""
        self._end(signal.SIGKILL, -signal.SIGKILL)

    def stop(self):
        """Leaves, and asks the server to end."""
        if self.channel is not None:
            self.channel.close()
        self.stop_under_clients()

    def stop_under_clients(self):
        """Asks it to end while clients are connected."""
        self._end(signal.SIGTERM, 0)

    def _end(self, signal_number, expected):
        process, self.process = self.process, None
        code = process.poll()
        if code is not None:
            raise AssertionError(f'the server ended by itself, with {code}:\n{self.log_text()}')
        process.send_signal(signal_number)
        try:
            code = process.wait(PATIENCE_S)
        finally:
            process.kill()
            process.wait()
        if code != expected:
            raise AssertionError(
                f'the server ended with {code}, not {expected}:\n{self.log_text()}')

    def log_text(self):
        with open(self.log, encoding='utf-8', errors='replace') as log:
            return log.read()

    def remove(self):
        """At the end of a test: stops it if it runs, and removes its folder."""
        try:
            if self.process is not None:
                self.stop()
        finally:
            shutil.rmtree(self.folder)
