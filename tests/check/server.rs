//! Servers: a correct one, this program's own, and many with one mistake each.

use super::classmates::{Checking, Server, Variant, has_python, not_held, repeat_if_late};
use crate::support;

const VARIANTS: &[Variant] = &[
    Variant {
        name: "answers without a line end",
        changes: &[(r#"(text + "\r\n")"#, "text")],
        rule: "line-end",
        verdict: "broken",
    },
    Variant {
        name: "answers that end in LF alone",
        changes: &[(r#"(text + "\r\n")"#, r#"(text + "\n")"#)],
        rule: "line-end",
        verdict: "broken",
    },
    Variant {
        name: "one recv is one message",
        changes: &[(
            r#"while b"\r\n" in buffer:
                    line, buffer = buffer.split(b"\r\n", 1)"#,
            r#"if buffer:
                    line, buffer = buffer.strip(), b"""#,
        )],
        rule: "together",
        verdict: "broken",
    },
    Variant {
        name: "what has no line end yet is forgotten",
        changes: &[("buffer += data", "buffer = data")],
        rule: "pieces",
        verdict: "broken",
    },
    Variant {
        name: "each piece is stripped",
        changes: &[("data = self.conn.recv(4096)", "data = self.conn.recv(4096).rstrip(b\"\\r\")")],
        rule: "cut-end",
        verdict: "broken",
    },
    Variant {
        name: "each piece is decoded alone",
        changes: &[("buffer += data", r#"buffer += data.decode("utf-8", "ignore").encode()"#)],
        rule: "cut-letter",
        verdict: "broken",
    },
    Variant {
        name: "LIST has the asker in it",
        changes: &[(" if name != self.name]", "]")],
        rule: "list-self",
        verdict: "broken",
    },
    Variant {
        name: "the asker is cut out of the text",
        changes: &[
            (" if name != self.name]", "]"),
            (r#"":".join(others))"#, r#"":".join(others).replace(self.name, "").strip(":"))"#),
        ],
        rule: "list-within",
        verdict: "broken",
    },
    Variant {
        name: "an empty LIST without its blank",
        changes: &[(
            r#"self.send("LIST " + ":".join(others))"#,
            r#"self.send(("LIST " + ":".join(others)).strip())"#,
        )],
        rule: "list-empty",
        verdict: "weak",
    },
    Variant {
        name: "an empty LIST is not answered",
        changes: &[(
            r#"self.send("LIST " + ":".join(others))"#,
            r#"others and self.send("LIST " + ":".join(others))"#,
        )],
        rule: "list-empty",
        verdict: "weak",
    },
    Variant {
        name: "commas between names",
        changes: &[(r#"":".join(others)"#, r#"",".join(others)"#)],
        rule: "list-form",
        verdict: "broken",
    },
    Variant {
        name: "a blank behind each colon",
        changes: &[(r#"":".join(others)"#, r#"": ".join(others)"#)],
        rule: "list-form",
        verdict: "weak",
    },
    Variant {
        name: "ADDR has the port from which the client connected",
        changes: &[("{found.ip}:{found.port}", "{found.ip}:{found.conn.getpeername()[1]}")],
        rule: "addr",
        verdict: "broken",
    },
    Variant {
        name: "an unknown ADDR is answered in words",
        changes: &[(
            r#"self.send(f"ADDR {found.ip}:{found.port}")"#,
            r#"self.send(f"ADDR {found.ip}:{found.port}")
        else:
            self.send("usuario desconhecido")"#,
        )],
        rule: "addr-unknown",
        verdict: "weak",
    },
    Variant {
        name: "an unknown ADDR is answered with an address",
        changes: &[(
            r#"self.send(f"ADDR {found.ip}:{found.port}")"#,
            r#"self.send(f"ADDR {found.ip}:{found.port}")
        else:
            self.send("ADDR 0.0.0.0:0")"#,
        )],
        rule: "addr-unknown",
        verdict: "broken",
    },
    Variant {
        name: "KEEP is answered",
        changes: &[("self.keep()\n", "self.keep()\n            self.send(\"OK\")\n")],
        rule: "keep-silent",
        verdict: "broken",
    },
    Variant {
        name: "a greeting",
        changes: &[("buffer = b\"\"\n", "buffer = b\"\"\n        self.send(\"BEM-VINDO\")\n")],
        rule: "connect",
        verdict: "broken",
    },
    Variant {
        name: "USER is confirmed",
        changes: &[(
            "return word == \"USER\" and self.register(rest)",
            "return word == \"USER\" and self.register(rest) and not self.send(\"OK\")",
        )],
        rule: "unasked",
        verdict: "broken",
    },
    Variant {
        name: "one client at a time",
        changes: &[(
            "threading.Thread(target=serve, args=(client,), daemon=True).start()",
            "serve(client)",
        )],
        rule: "clients",
        verdict: "broken",
    },
    Variant {
        name: "a name is cut at its blank",
        changes: &[(
            "name, colon, port = rest.rpartition(\":\")",
            "name, colon, port = rest.rpartition(\":\")\n        name = name.split(\" \")[0]",
        )],
        rule: "name-blank",
        verdict: "broken",
    },
    Variant {
        name: "names in ASCII only",
        changes: &[(r#"line.decode("utf-8")"#, r#"line.decode("ascii")"#)],
        rule: "name-accent",
        verdict: "broken",
    },
    Variant {
        name: "a duplicate takes the name over",
        changes: &[("            if name in users:\n                return False\n", "")],
        rule: "duplicate",
        verdict: "weak",
    },
    Variant {
        name: "the end of a duplicate removes the first",
        changes: &[
            (
                "            if users.get(self.name) is self:\n                del users[self.name]",
                "            users.pop(self.name, None)",
            ),
            (
                "            if name in users:\n                return False\n            self.name",
                "            if name in users:\n                self.name = name\n                return True\n            self.name",
            ),
        ],
        rule: "duplicate-end",
        verdict: "weak",
    },
    Variant {
        name: "who has left stays in the list",
        changes: &[
            ("                del users[self.name]\n", "                pass\n"),
            ("                    del users[client.name]\n", "                    pass\n"),
        ],
        rule: "gone",
        verdict: "broken",
    },
    Variant {
        name: "no expiry",
        changes: &[("KEEP_TIMEOUT = 15", "KEEP_TIMEOUT = 1e9")],
        rule: "expiry",
        verdict: "broken",
    },
    Variant {
        name: "expiry after 12 s",
        changes: &[("KEEP_TIMEOUT = 15", "KEEP_TIMEOUT = 12")],
        rule: "expiry",
        verdict: "broken",
    },
    Variant {
        name: "expiry after 17 s",
        changes: &[("KEEP_TIMEOUT = 15", "KEEP_TIMEOUT = 17")],
        rule: "expiry",
        verdict: "weak",
    },
    Variant {
        name: "closed, and still in the list",
        changes: &[
            ("                    del users[client.name]\n", "                    pass\n"),
            (
                "            if users.get(self.name) is self:\n                del users[self.name]",
                "            pass",
            ),
        ],
        rule: "expiry-list",
        verdict: "broken",
    },
    Variant {
        name: "any instruction renews",
        changes: &[(
            "        word, _, rest = line.partition(\" \")",
            "        self.last_keep = time.monotonic()\n        word, _, rest = line.partition(\" \")",
        )],
        rule: "only-keep",
        verdict: "broken",
    },
    Variant {
        name: "KEEP renews nothing",
        changes: &[(
            "    def keep(self):\n        self.last_keep = time.monotonic()",
            "    def keep(self):\n        pass",
        )],
        rule: "keep-renews",
        verdict: "broken",
    },
    Variant {
        name: "who says nothing stays for ever",
        changes: &[(
            "if now - c.last_keep > KEEP_TIMEOUT]",
            "if c.name and now - c.last_keep > KEEP_TIMEOUT]",
        )],
        rule: "nobody",
        verdict: "weak",
    },
    Variant {
        name: "LIST is answered before USER",
        changes: &[(
            "        if self.name is None:",
            "        if self.name is None and line != \"LIST\":",
        )],
        rule: "user-first",
        verdict: "weak",
    },
    Variant {
        name: "an error text",
        changes: &[(
            "            self.addr(rest)\n",
            "            self.addr(rest)\n        else:\n            self.send(\"ERRO\")\n",
        )],
        rule: "unknown",
        verdict: "weak",
    },
    Variant {
        name: "a word is looked for at the end of a line",
        changes: &[("if line == \"LIST\":", "if line.endswith(\"LIST\"):")],
        rule: "glued",
        verdict: "weak",
    },
    Variant {
        name: "a USER without a port ends the server",
        changes: &[
            (
                "        if not colon or not name or \":\" in name or not port.isdigit():\n            return False\n",
                "",
            ),
            (
                "    client.serve()\n",
                "    try:\n        client.serve()\n    except ValueError:\n        import os\n        os._exit(1)\n",
            ),
        ],
        rule: "bad-user",
        verdict: "broken",
    },
    Variant {
        name: "bytes that are no UTF-8 end the server",
        changes: &[(
            "except (OSError, UnicodeDecodeError):\n            pass",
            "except OSError:\n            pass\n        except UnicodeDecodeError:\n            import os\n            os._exit(1)",
        )],
        rule: "bytes",
        verdict: "broken",
    },
];

#[test]
fn every_mistake_of_a_server_is_caught_by_the_rule_meant_for_it() {
    if !has_python() {
        return;
    }
    let running = VARIANTS.iter().map(|variant| {
        let server = Server::start(variant.changes);
        let address = server.address.clone();
        let check = Checking::start(&["server", &address, "--only", variant.rule, "--json"]);
        (variant, server, check)
    });
    // All at once: most of the time they wait for 15 s to pass.
    let running: Vec<_> = running.collect();
    let mut missed = Vec::new();
    for (variant, _server, check) in running {
        let found = check.finish();
        let verdict = found.verdict(variant.rule);
        if verdict != variant.verdict {
            missed.push(format!("{}: {verdict}: {}", variant.name, found.text));
        }
        let status = if variant.verdict == "broken" { 1 } else { 0 };
        assert_eq!(found.status, Some(status), "{}: {}", variant.name, found.text);
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn a_correct_server_of_a_student_passes_whole() {
    if !has_python() {
        return;
    }
    let server = Server::start(&[]);
    let arguments = ["server", &server.address, "--json"];
    let found = repeat_if_late(Checking::start(&arguments), &arguments);
    assert_eq!(not_held(&found), [], "{}", found.text);
    assert_eq!(found.status, Some(0));
}

#[test]
fn this_programs_own_server_passes_whole_in_both_editions() {
    let running = ["2024", "2026"].map(|edition| {
        let server = support::Server::start_with(&["--edition", edition]);
        let address = server.address.to_string();
        let check = Checking::start(&["server", &address, "--edition", edition, "--json"]);
        (edition, server, check)
    });
    for (edition, server, check) in running {
        let address = server.address.to_string();
        let arguments = ["server", &address, "--edition", edition, "--json"];
        let found = repeat_if_late(check, &arguments);
        assert_eq!(not_held(&found), [], "{}", found.text);
        assert_eq!(found.json()["edition"].get::<String>().map(String::as_str), Some(edition));
    }
}

#[test]
fn the_form_of_the_other_edition_is_a_mistake_only_where_an_edition_is_asked_for() {
    let server = support::Server::start_with(&["--edition", "2026"]);
    let address = server.address.to_string();
    let asked = ["server", &address, "--edition", "2024", "--only", "edition", "--json"];
    assert_eq!(Checking::start(&asked).finish().verdict("edition"), "broken");
    let either = ["server", &address, "--only", "edition", "--json"];
    assert_eq!(Checking::start(&either).finish().verdict("edition"), "held");
}

#[test]
fn where_others_are_online_the_empty_list_cannot_be_tried() {
    let server = support::Server::start();
    let _ana = server.join("Ana", 20_000);
    let address = server.address.to_string();
    let found = Checking::start(&["server", &address, "--only", "list-empty", "--json"]).finish();
    assert_eq!(found.verdict("list-empty"), "untried", "{}", found.text);
}

/// A server that sends bytes without end, and no line, does not stop the check.
#[test]
fn a_flood_without_a_line_end_is_no_silence() {
    if !has_python() {
        return;
    }
    let flood = (
        "buffer = b\"\"\n",
        "buffer = b\"\"\n        while True: self.conn.sendall(b\"x\" * 65536)\n",
    );
    let server = Server::start(&[flood]);
    let found = Checking::start(&["server", &server.address, "--json"]).finish();
    assert_eq!(found.verdict("connect"), "broken", "{}", found.text);
    assert_eq!(found.verdict("list-self"), "untried", "{}", found.text);
    assert!(found.text.len() < 100_000, "a report is bounded: {} bytes", found.text.len());
}
