"""Step 2: one thread that blocks.

    python3 docs/tutorial/step2_one_thread.py 127.0.0.1:10000
"""

import socket
import sys

from directory import Directory

directory = Directory()  # no lock: one thread, one owner


def serve(client, ip):
    """The life of one client. `recv` blocks, and everybody else waits."""
    try:
        while data := client.recv(1024):
            message = data.decode(errors="replace").strip()  # one recv = one message?
            answer = directory.on_line(client, ip, message)
            client.sendall(answer.encode())
    except OSError:
        pass  # the connection broke: the client has left
    directory.leave(client)
    client.close()


def main():
    host, port = (sys.argv[1:] or ["127.0.0.1:10000"])[0].rsplit(":", 1)
    listener = socket.create_server((host, int(port)))
    print("listening on %s:%d" % listener.getsockname(), flush=True)
    while True:
        client, (ip, _) = listener.accept()
        serve(client, ip)


main()
