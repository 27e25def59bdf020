"""A link to a server that loses replies: requests get through, answers don't."""

import socket
import threading

HEADERS = 1  # HTTP/2 frame type: an answer begins with one


def read_exactly(source, size):
    data = b''
    while len(data) < size:
        part = source.recv(size - len(data))
        if not part:
            raise EOFError
        data += part
    return data


class FlakyLink:
    """Listens on its own address. Breaks each connection at the moment an answer arrives."""

    def __init__(self, server_address):
        host, port = server_address.rsplit(':', 1)
        self.upstream = (host, int(port))
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.address = f'127.0.0.1:{self.listener.getsockname()[1]}'
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(self.upstream)
            for pump in (self._requests, self._answers):
                threading.Thread(target=pump, args=(client, server), daemon=True).start()

    @staticmethod
    def _requests(client, server):
        try:
            while data := client.recv(65_536):
                server.sendall(data)
        except OSError:
            pass

    @staticmethod
    def _answers(client, server):
        try:
            while True:
                head = read_exactly(server, 9)
                if head[3] == HEADERS:
                    break
                client.sendall(head + read_exactly(server, int.from_bytes(head[:3], 'big')))
        except (OSError, EOFError):
            pass
        # Not close alone: the other thread still waits on these sockets.
        for end in (client, server):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()
