"""The directory: it knows who is online. It knows the protocol, and no socket.

Steps 1 to 3 use it. Its twin in Rust is directory.rs, and the real one is src/directory/mod.rs.
"""


class Directory:
    def __init__(self):
        self.online = {}  # the key of a connection -> (name, "ip:port")

    def on_line(self, key, ip, line):
        """Does what one line asks for. Returns the answer: "" where the protocol has none."""
        word, _, rest = line.partition(" ")
        if word == "USER":
            name, _, port = rest.rpartition(":")
            self.online[key] = (name, f"{ip}:{port}")
            print(name, "is online", flush=True)
        elif word == "LIST":
            others = [name for other, (name, _) in self.online.items() if other != key]
            return "LIST " + ":".join(others) + "\r\n"
        elif word == "ADDR":
            for name, address in self.online.values():
                if name == rest:
                    return f"ADDR {address}\r\n"
        return ""  # KEEP, and an ADDR for a name that nobody has

    def leave(self, key):
        name, _ = self.online.pop(key, (None, None))
        if name is not None:
            print(name, "has left", flush=True)
