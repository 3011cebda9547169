//! Peers: a correct one, this program's own, and many with one mistake each.

use super::classmates::{Checking, Variant, changed, has_python, not_held};

/// How many checks run at once: each has a process of its own, and the times of KEEPs are measured.
const AT_ONCE: usize = 50;

const VARIANTS: &[Variant] = &[
    Variant {
        name: "instructions to the server without a line end",
        changes: &[(r#"(line + "\r\n").encode()"#, "line.encode()")],
        rule: "register",
        verdict: "broken",
    },
    Variant {
        name: "instructions that end in LF alone",
        changes: &[(r#"(line + "\r\n").encode()"#, r#"(line + "\n").encode()"#)],
        rule: "instruction-end",
        verdict: "broken",
    },
    Variant {
        name: "USER without a port",
        changes: &[("USER {name}:{self.listener.getsockname()[1]}", "USER {name}")],
        rule: "register",
        verdict: "broken",
    },
    Variant {
        name: "it listens a second after it said so",
        changes: &[("self.listener.listen()", "threading.Timer(1, self.listener.listen).start()")],
        rule: "listens",
        verdict: "broken",
    },
    Variant {
        name: "no KEEP while idle",
        changes: &[("time.sleep(KEEP_EVERY)", "time.sleep(1 if conversations else 1000)")],
        rule: "keep-idle",
        verdict: "broken",
    },
    Variant {
        name: "KEEP every 9 s",
        changes: &[("KEEP_EVERY = 5", "KEEP_EVERY = 9")],
        rule: "keep-idle",
        verdict: "weak",
    },
    Variant {
        name: "no KEEP while talking",
        changes: &[(
            "            time.sleep(KEEP_EVERY)\n",
            "            time.sleep(KEEP_EVERY)\n            while conversations: time.sleep(0.1)\n",
        )],
        rule: "keep-talking",
        verdict: "broken",
    },
    Variant {
        name: "KEEP is glued to the next KEEP",
        changes: &[(r#"self.tell("KEEP")"#, r#"self.tell("KEEPKEEP")"#)],
        rule: "keep-idle",
        verdict: "broken",
    },
    Variant {
        name: "LIST is not sent",
        changes: &[(r#"self.tell("LIST")"#, "pass")],
        rule: "ask-list",
        verdict: "broken",
    },
    Variant {
        name: "the list is not shown",
        changes: &[(r#"", ".join(names))"#, "len(names))")],
        rule: "show-list",
        verdict: "broken",
    },
    Variant {
        name: "an empty list is too short",
        changes: &[(
            "                    names = [",
            "                    rest[0]\n                    names = [",
        )],
        rule: "empty-list",
        verdict: "broken",
    },
    Variant {
        name: "one recv is one message of the server",
        changes: &[(
            "for line in lines_of(self.server):",
            "while line := self.server.recv(1024).decode().strip():",
        )],
        rule: "cut-list",
        verdict: "broken",
    },
    Variant {
        name: "the last byte that came decides",
        changes: &[(
            "for line in lines_of(self.server):",
            r#"while line := self.server.recv(1024).decode():
                if not line.endswith("\n"): continue"#,
        )],
        rule: "cut-addr",
        verdict: "broken",
    },
    Variant {
        name: "a name in small letters",
        changes: &[(r#"f"ADDR {self.wanted}""#, r#"f"ADDR {self.wanted.lower()}""#)],
        rule: "ask-addr",
        verdict: "broken",
    },
    Variant {
        name: "it calls its own port",
        changes: &[(
            "(ip, int(port)), timeout=5",
            "(ip, self.listener.getsockname()[1]), timeout=5",
        )],
        rule: "call",
        verdict: "broken",
    },
    Variant {
        name: "no USER for the one who is called",
        changes: &[(
            r#"        conn.sendall(f"USER {self.name}\r\n".encode())
"#,
            "",
        )],
        rule: "call-user",
        verdict: "broken",
    },
    Variant {
        name: "USER with a port for the one who is called",
        changes: &[(r#"f"USER {self.name}\r\n""#, r#"f"USER {self.name}:1\r\n""#)],
        rule: "call-user",
        verdict: "broken",
    },
    Variant {
        name: "the own name in front of each text",
        changes: &[(
            "conversations[0].send(line)",
            r#"conversations[0].send(f"{self.name}: {line}")"#,
        )],
        rule: "say",
        verdict: "broken",
    },
    Variant {
        name: "a caller is only read",
        changes: &[(
            "        Conversation(conn, line[5:]).listen(lines)",
            "        caller = Conversation(conn, line[5:])\n        conversations.remove(caller)\n        caller.listen(lines)",
        )],
        rule: "answer",
        verdict: "broken",
    },
    Variant {
        name: "a caller is not read",
        changes: &[(
            "        Conversation(conn, line[5:]).listen(lines)",
            "        Conversation(conn, line[5:])\n        time.sleep(1000)",
        )],
        rule: "text",
        verdict: "broken",
    },
    Variant {
        name: "who was called is not read",
        changes: &[(
            "        threading.Thread(target=conversation.listen, args=(lines_of(conn),), daemon=True).start()\n",
            "",
        )],
        rule: "text-back",
        verdict: "broken",
    },
    Variant {
        name: "one recv is one text",
        changes: &[(
            r#"        buffer += data
        while b"\r\n" in buffer:
            line, buffer = buffer.split(b"\r\n", 1)
            yield line.decode("utf-8", "replace")"#,
            r#"        yield data.decode("utf-8", "replace").strip()"#,
        )],
        rule: "text-pieces",
        verdict: "broken",
    },
    Variant {
        name: "each piece is decoded alone",
        changes: &[("buffer += data", r#"buffer += data.decode("utf-8", "ignore").encode()"#)],
        rule: "text-letter",
        verdict: "broken",
    },
    Variant {
        name: "one recv of 1024 bytes is whole letters",
        changes: &[("buffer += data", r#"buffer += data.decode("utf-8").encode()"#)],
        rule: "text-long",
        verdict: "broken",
    },
    Variant {
        name: "DISC is a text",
        changes: &[(r#"if line == "DISC":"#, r#"if line == "DISC\r\n":"#)],
        rule: "disc",
        verdict: "broken",
    },
    Variant {
        name: "DISC is answered by DISC",
        changes: &[(
            r#"                if line == "DISC":
"#,
            r#"                if line == "DISC":
                    self.send("DISC")
"#,
        )],
        rule: "disc-echo",
        verdict: "weak",
    },
    Variant {
        name: "one recv is one text, and DISC alone a goodbye",
        changes: &[(
            r#"        buffer += data
        while b"\r\n" in buffer:
            line, buffer = buffer.split(b"\r\n", 1)
            yield line.decode("utf-8", "replace")"#,
            r#"        yield data.decode("utf-8", "replace").strip()"#,
        )],
        rule: "disc-glued",
        verdict: "broken",
    },
    Variant {
        name: "what has no line end yet is forgotten",
        changes: &[("buffer += data", "buffer = data")],
        rule: "disc-pieces",
        verdict: "broken",
    },
    Variant {
        name: "DISC is looked for at the beginning",
        changes: &[(r#"if line == "DISC":"#, r#"if line.startswith("DISC"):"#)],
        rule: "disc-word",
        verdict: "broken",
    },
    Variant {
        name: "the recv of USER loses what follows",
        changes: &[(
            r#"line = next(lines, "")"#,
            r#"line = conn.recv(1024).decode().split("\r\n")[0]"#,
        )],
        rule: "user-glued",
        verdict: "broken",
    },
    Variant {
        name: "no DISC before the end",
        changes: &[(r#"self.send("DISC")"#, "pass")],
        rule: "bye",
        verdict: "broken",
    },
    Variant {
        name: "it says DISC and never closes",
        changes: &[(
            r#"            self.conn.shutdown(SHUT)
        except OSError:
            pass
        self.conn.close()"#,
            r#"            # Without this, Python itself would close it.
            globals().setdefault("kept", []).append(self)
        except OSError:
            pass"#,
        )],
        rule: "bye-closes",
        verdict: "broken",
    },
    Variant {
        name: "a connection that is lost ends the program",
        changes: &[(
            "        self.close()\n\n    def close(self):",
            "        self.close()\n        import os; os._exit(0)\n\n    def close(self):",
        )],
        rule: "end",
        verdict: "broken",
    },
    Variant {
        name: "one conversation at a time",
        changes: &[(
            "threading.Thread(target=self.welcome, args=(conn,), daemon=True).start()",
            "self.welcome(conn)",
        )],
        rule: "two",
        verdict: "broken",
    },
    Variant {
        name: "a silent caller keeps the others waiting",
        changes: &[(
            "            threading.Thread(target=self.welcome, args=(conn,), daemon=True).start()",
            "            first = conn.recv(9, socket.MSG_PEEK)\n            threading.Thread(target=self.welcome, args=(conn,), daemon=True).start()",
        )],
        rule: "silent-caller",
        verdict: "broken",
    },
    Variant {
        name: "a refused call is an exception",
        changes: &[
            (
                r#"        except OSError:
            print(f"{name} não atende")
            return"#,
                "        except ValueError:\n            return",
            ),
            (
                "                    self.call(rest)\n        except OSError:",
                "                    self.call(rest)\n        except ValueError:",
            ),
        ],
        rule: "vanished",
        verdict: "broken",
    },
    Variant {
        name: "the answer to ADDR is waited for",
        changes: &[(
            r#"            self.tell(f"ADDR {self.wanted}")"#,
            r#"            self.tell(f"ADDR {self.wanted}")
            while self.wanted: time.sleep(0.05)"#,
        )],
        rule: "unknown-name",
        verdict: "broken",
    },
    Variant {
        name: "text without a conversation goes to the server",
        changes: &[(r#"print("Nenhuma conexão P2P ativa")"#, "self.tell(line)")],
        rule: "nowhere",
        verdict: "broken",
    },
    Variant {
        name: "texts without a line end",
        changes: &[(
            r#"self.conn.sendall((text + "\r\n").encode())"#,
            r#"self.conn.sendall((text + ("\r\n" if text == "DISC" else "")).encode())"#,
        )],
        rule: "text-end",
        verdict: "weak",
    },
    Variant {
        name: "leaving the program says no DISC",
        changes: &[("            conversation.leave()", "            conversation.close()")],
        rule: "exit-disc",
        verdict: "broken",
    },
    Variant {
        name: "a thread keeps the program alive",
        changes: &[(
            "threading.Thread(target=target, daemon=True)",
            "threading.Thread(target=target)",
        )],
        rule: "exit",
        verdict: "broken",
    },
];

/// A check of a peer with these changes.
fn check(changes: &[(&str, &str)], options: &[&str]) -> Checking {
    let program = changed("peer.py", changes);
    let mut arguments = vec!["peer", "--port", "0", "--login", "{name}", "--json"];
    arguments.extend_from_slice(options);
    arguments.extend_from_slice(&["--", "python3", "-c", &program, "{port}"]);
    Checking::start(&arguments)
}

#[test]
fn every_mistake_of_a_peer_is_caught_by_the_rule_meant_for_it() {
    if !has_python() {
        return;
    }
    let mut missed = Vec::new();
    for variants in VARIANTS.chunks(AT_ONCE) {
        let running = variants.iter().map(|it| (it, check(it.changes, &["--only", it.rule])));
        let running: Vec<_> = running.collect();
        for (variant, checking) in running {
            let found = checking.finish();
            let verdict = found.verdict(variant.rule);
            let status = i32::from(variant.verdict == "broken");
            if verdict != variant.verdict || found.status != Some(status) {
                missed.push(format!("{}: {verdict}: {}", variant.name, found.text));
            }
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn a_correct_peer_of_a_student_and_this_programs_own_pass_whole() {
    let papo = env!("CARGO_BIN_EXE_papo");
    let own = |rules: &String| {
        let words = ["peer", "--port", "0", "--json", "--only", rules, "--", papo, "peer"];
        Checking::start(&[&words[..], &["{name}", "--server", "127.0.0.1:{port}"]].concat())
    };
    let of_a_student = |rules: &String| check(&[], &["--only", rules]);
    let parts = rules_in_parts();
    let mut running: Vec<_> = parts.iter().map(own).collect();
    if has_python() {
        running.extend(parts.iter().map(of_a_student));
    }
    for checking in running {
        let found = checking.finish();
        let mut not_held = not_held(&found);
        // One rule is of the 2026 edition.
        not_held.retain(|(rule, verdict)| (&rule[..], &verdict[..]) != ("bye-quiet", "untried"));
        assert_eq!(not_held, [], "{}", found.text);
        assert_eq!(found.status, Some(0));
    }
}

/// All rules for a peer, divided among checks that run at the same time: one check tries them one
/// after another, which takes 45 seconds.
fn rules_in_parts() -> [String; 5] {
    let list = Checking::start(&["peer", "--list"]).finish().text;
    let rules: Vec<_> = list.lines().filter(|line| !line.starts_with(' ')).collect();
    assert!(rules.len() > 40, "{list}");
    let names = rules.iter().map(|row| row.split(' ').next().unwrap_or_default());
    std::array::from_fn(|part| names.clone().skip(part).step_by(5).collect::<Vec<_>>().join(","))
}

#[test]
fn the_edition_of_a_peer_is_found_out() {
    if !has_python() {
        return;
    }
    let three_fields =
        [(r#"ip, port = address.split(":")[-2:]"#, r#"_, ip, port = address.split(":")"#)];
    let found = check(&three_fields, &["--only", "call,call-user"]).finish();
    assert_eq!(found.json()["edition"].get::<String>().map(String::as_str), Some("2026"));
    assert_eq!(not_held(&found), [], "{}", found.text);
    let asked = check(&three_fields, &["--only", "call", "--edition", "2024"]).finish();
    assert_eq!(asked.verdict("call"), "broken");
}

#[test]
fn a_program_that_does_nothing_is_said_to_hold_nothing() {
    let words = ["peer", "--port", "0", "--json", "--", "sh", "-c", "echo hello"];
    let found = Checking::start(&words).finish();
    assert_eq!(found.status, Some(1));
    assert!(found.verdicts().iter().all(|(_, verdict)| verdict != "held"), "{}", found.text);
}

/// The whole process group ends with the check.
#[test]
fn nothing_that_the_program_started_outlives_the_check() {
    let marker = format!("{}", 3_000_000 + std::process::id());
    let script = format!("sleep {marker} & exec sleep {marker}");
    let words = ["peer", "--port", "0", "--only", "register", "--json", "--", "sh", "-c", &script];
    let found = Checking::start(&words).finish();
    assert_eq!(found.verdict("register"), "broken");
    let pattern = format!("^sleep {marker}");
    let alive = std::process::Command::new("pgrep").args(["-f", &pattern]).output();
    if let Ok(alive) = alive {
        assert_eq!(String::from_utf8_lossy(&alive.stdout), "");
    }
}

#[test]
fn a_program_that_floods_its_screen_is_given_up_in_time() {
    let words = ["peer", "--port", "0", "--only", "register", "--json", "--", "yes", "\x1b[2J"];
    let found = Checking::start(&words).finish();
    assert_eq!(found.verdict("register"), "broken");
    assert!(!found.text.contains('\x1b'), "what it wrote is harmless: {}", found.text);
    assert!(found.text.len() < 10_000, "{}", found.text);
}
