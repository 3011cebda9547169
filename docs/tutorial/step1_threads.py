"""Step 1: a thread for each client.

    python3 docs/tutorial/step1_threads.py 127.0.0.1:10000
"""

import socket
import sys
import threading

from directory import Directory

directory = Directory()
lock = threading.Lock()  # all threads share the directory


def serve(client, ip):
    """The life of one client. `recv` blocks, and only this thread waits."""
    try:
        while data := client.recv(1024):
            message = data.decode(errors="replace").strip()  # one recv = one message?
            with lock:
                answer = directory.on_line(client, ip, message)
            client.sendall(answer.encode())
    except OSError:
        pass  # the connection broke: the client has left
    with lock:
        directory.leave(client)
    client.close()


def main():
    host, port = (sys.argv[1:] or ["127.0.0.1:10000"])[0].rsplit(":", 1)
    listener = socket.create_server((host, int(port)))
    print("listening on %s:%d" % listener.getsockname(), flush=True)
    while True:
        client, (ip, _) = listener.accept()
        threading.Thread(target=serve, args=(client, ip), daemon=True).start()


main()
