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


class Server:
    """Starts on a new folder; start again after kill() or stop() goes on with the same one."""

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
        for _ in range(1_200):
            if os.path.exists(self.ready_file):
                break
            if self.process.poll() is not None:
                raise AssertionError(f'the server ended at once:\n{self.log_text()}')
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
        with open(f'/proc/{self.process.pid}/status', encoding='utf-8') as status:
            for line in status:
                if line.startswith('VmHWM:'):
                    return int(line.split()[1]) << 10
        raise AssertionError('no VmHWM')

    def kill(self):
        """A power cut, as far as a process can have one."""
        self.process.kill()
        self.process.wait(60)
        self.channel.close()

    def stop(self):
        """Leaves, asks the server to end, and returns its exit code."""
        self.channel.close()
        return self.stop_under_clients()

    def stop_under_clients(self):
        """Asks it to end while clients are connected, and returns its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def log_text(self):
        with open(self.log, encoding='utf-8', errors='replace') as log:
            return log.read()

    def remove(self):
        if self.process is not None and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder)
