"""A correct peer of the exercise, in plain threaded Python, as a good student writes it.

Usage: python3 peer.py SERVER_PORT [NAME]

The tests replace single lines of it by what a student may write instead.
"""
import socket
import sys
import threading
import time

KEEP_EVERY = 5
SHUT = socket.SHUT_RDWR

lock = threading.Lock()
conversations = []  # in order of age: text goes to the oldest


def lines_of(conn):
    """The lines that come over a connection, however they are cut into reads."""
    buffer = b""
    while True:
        data = conn.recv(1024)
        if not data:
            return
        buffer += data
        while b"\r\n" in buffer:
            line, buffer = buffer.split(b"\r\n", 1)
            yield line.decode("utf-8", "replace")


class Conversation:
    def __init__(self, conn, name):
        self.conn = conn
        self.name = name
        with lock:
            conversations.append(self)

    def send(self, text):
        self.conn.sendall((text + "\r\n").encode())

    def listen(self, lines):
        try:
            for line in lines:
                if line == "DISC":
                    break
                print(f"{self.name}: {line}")
        except OSError:
            pass
        self.close()

    def close(self):
        with lock:
            if self not in conversations:
                return
            conversations.remove(self)
        try:
            self.conn.shutdown(SHUT)
        except OSError:
            pass
        self.conn.close()
        print(f"Fim da conversa com {self.name}")

    def leave(self):
        try:
            self.send("DISC")
        except OSError:
            pass
        self.close()


class Peer:
    def __init__(self, name, server_port):
        self.name = name
        self.listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.listener.bind(("", 0))
        self.listener.listen()
        self.server = socket.create_connection(("127.0.0.1", server_port))
        self.wanted = None
        self.tell(f"USER {name}:{self.listener.getsockname()[1]}")

    def tell(self, line):
        self.server.sendall((line + "\r\n").encode())

    def keep(self):
        while True:
            time.sleep(KEEP_EVERY)
            self.tell("KEEP")

    def hear_server(self):
        try:
            for line in lines_of(self.server):
                word, _, rest = line.partition(" ")
                if word == "LIST":
                    names = [name.strip() for name in rest.split(":") if name.strip()]
                    print("Ativos (além de você):", ", ".join(names))
                elif word == "ADDR":
                    self.call(rest)
        except OSError:
            pass

    def call(self, address):
        name, self.wanted = self.wanted, None
        ip, port = address.split(":")[-2:]
        try:
            conn = socket.create_connection((ip, int(port)), timeout=5)
        except OSError:
            print(f"{name} não atende")
            return
        conn.settimeout(None)
        conn.sendall(f"USER {self.name}\r\n".encode())
        print(f"Conectado a {name}")
        conversation = Conversation(conn, name)
        threading.Thread(target=conversation.listen, args=(lines_of(conn),), daemon=True).start()

    def accept(self):
        while True:
            conn, _ = self.listener.accept()
            threading.Thread(target=self.welcome, args=(conn,), daemon=True).start()

    def welcome(self, conn):
        lines = lines_of(conn)
        try:
            line = next(lines, "")
        except OSError:
            line = ""
        if not line.startswith("USER "):
            conn.close()
            return
        print(f"Conectado a {line[5:]}")
        Conversation(conn, line[5:]).listen(lines)

    def typed(self, line):
        if line == "/list":
            self.tell("LIST")
        elif line.startswith("/chat "):
            self.wanted = line[6:]
            self.tell(f"ADDR {self.wanted}")
        elif not conversations:
            print("Nenhuma conexão P2P ativa")
        elif line == "/bye":
            conversations[0].leave()
        else:
            conversations[0].send(line)

    def run(self):
        for target in (self.keep, self.hear_server, self.accept):
            threading.Thread(target=target, daemon=True).start()
        print("/list, /chat <nome>, /bye, /exit")
        while True:
            line = input()
            if line == "/exit":
                break
            self.typed(line)
        for conversation in list(conversations):
            conversation.leave()
        self.server.close()


def main():
    name = sys.argv[2] if len(sys.argv) > 2 else input("Nome de usuário: ")
    Peer(name, int(sys.argv[1])).run()


main()
