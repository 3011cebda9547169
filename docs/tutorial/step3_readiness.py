"""Step 3: readiness.

    python3 docs/tutorial/step3_readiness.py 127.0.0.1:10000
"""

import selectors
import socket
import sys

from directory import Directory

directory = Directory()
selector = selectors.DefaultSelector()  # epoll on Linux


def accept(listener):
    client, (ip, _) = listener.accept()
    selector.register(client, selectors.EVENT_READ, ip)


def serve(client, ip):
    """One `recv`. It does not block, because the selector said that there is something."""
    try:
        data = client.recv(1024)
        message = data.decode(errors="replace").strip()  # one recv = one message?
        answer = directory.on_line(client, ip, message)
        client.sendall(answer.encode())
    except OSError:
        data = b""  # the connection broke: the client has left
    if not data:
        selector.unregister(client)
        directory.leave(client)
        client.close()


def main():
    host, port = (sys.argv[1:] or ["127.0.0.1:10000"])[0].rsplit(":", 1)
    listener = socket.create_server((host, int(port)))
    print("listening on %s:%d" % listener.getsockname(), flush=True)
    selector.register(listener, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():  # the only call that waits
            if key.fileobj is listener:
                accept(listener)
            else:
                serve(key.fileobj, key.data)


main()
