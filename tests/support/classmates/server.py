"""A correct server of the exercise, in plain threaded Python, as a good student writes it.

Usage: python3 server.py PORT        (0: any; the port is printed)

The tests replace single lines of it by what a student may write instead.
"""
import socket
import sys
import threading
import time

KEEP_TIMEOUT = 15
LINE_MAX = 512

lock = threading.Lock()
users = {}  # name -> Client, in order of arrival


class Client:
    def __init__(self, conn, address):
        self.conn = conn
        self.ip = address[0]
        self.name = None
        self.port = None
        self.last_keep = time.monotonic()

    def send(self, text):
        self.conn.sendall((text + "\r\n").encode())

    def register(self, rest):
        name, colon, port = rest.rpartition(":")
        if not colon or not name or ":" in name or not port.isdigit():
            return False
        with lock:
            if name in users:
                return False
            self.name, self.port = name, int(port)
            self.last_keep = time.monotonic()
            users[name] = self
        return True

    def list(self):
        with lock:
            others = [name for name in users if name != self.name]
        self.send("LIST " + ":".join(others))

    def addr(self, name):
        with lock:
            found = users.get(name)
        if found:
            self.send(f"ADDR {found.ip}:{found.port}")

    def keep(self):
        self.last_keep = time.monotonic()

    def instruction(self, line):
        word, _, rest = line.partition(" ")
        if self.name is None:
            return word == "USER" and self.register(rest)
        if line == "LIST":
            self.list()
        elif line == "KEEP":
            self.keep()
        elif word == "ADDR" and rest:
            self.addr(rest)
        return True

    def serve(self):
        buffer = b""
        try:
            while True:
                data = self.conn.recv(4096)
                if not data:
                    break
                buffer += data
                while b"\r\n" in buffer:
                    line, buffer = buffer.split(b"\r\n", 1)
                    if not self.instruction(line.decode("utf-8")):
                        return
                if len(buffer) > LINE_MAX:
                    return
        except (OSError, UnicodeDecodeError):
            pass
        finally:
            self.leave()

    def leave(self):
        with lock:
            if users.get(self.name) is self:
                del users[self.name]
        self.conn.close()


clients = set()


def expire():
    while True:
        time.sleep(0.1)
        now = time.monotonic()
        with lock:
            late = [c for c in clients if now - c.last_keep > KEEP_TIMEOUT]
        for client in late:
            with lock:
                clients.discard(client)
                if users.get(client.name) is client:
                    del users[client.name]
            try:
                client.conn.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def serve(client):
    client.serve()
    with lock:
        clients.discard(client)


def main():
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", int(sys.argv[1])))
    listener.listen()
    print(listener.getsockname()[1], flush=True)
    threading.Thread(target=expire, daemon=True).start()
    while True:
        conn, address = listener.accept()
        client = Client(conn, address)
        with lock:
            clients.add(client)
        threading.Thread(target=serve, args=(client,), daemon=True).start()


main()
