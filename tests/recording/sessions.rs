//! The contents of recordings of real sessions.

use std::process::Stdio;

use super::schema::{self, STEPS, WORDS, count_of, text, unescaped};
use super::{checked, end};
use crate::support::{Folder, Process, Raw, Server, eventually};

/// One server and two peers, from the first USER to the last DISC.
#[test]
fn the_server_and_both_peers_record_one_session() {
    let folder = Folder::new("session");
    let [at_server, at_ana, at_bruno] =
        ["server", "ana", "bruno"].map(|name| folder.file(&format!("{name}.jsonl")));
    let mut server = Server::start_with(&["--record", &at_server]);
    let mut ana = server.peer("Ana", &["--record", &at_ana]);
    let mut bruno = server.peer("Bruno", &["--record", &at_bruno]);
    bruno.type_text("/list\n/chat Ana\n");
    ana.expect_screen("Connected to Bruno");
    bruno.type_text("Olá, \"Ana\"\\\n");
    ana.expect_screen("Olá");
    bruno.type_text("/exit\n");
    assert_eq!(bruno.wait(), 0);
    server.process.expect_log("event=leave name=\"Bruno\"");
    end(&mut ana);
    server.process.expect_log("event=leave name=\"Ana\"");
    end(&mut server.process);

    let [server, ana, bruno] = [at_server, at_ana, at_bruno].map(checked);
    assert_eq!(
        [&server, &ana, &bruno].map(|it| &*it.process),
        ["server", "peer Ana", "peer Bruno"]
    );
    let said = b"Ol\xc3\xa1, \"Ana\"\\\r\n";
    let all_bytes = |steps: Vec<schema::Object>| {
        let with_bytes = steps.iter().filter(|it| it.contains_key("bytes"));
        with_bytes.map(|it| unescaped(text(it, "bytes"))).collect::<Vec<_>>()
    };
    assert!(all_bytes(bruno.steps("key")).concat().ends_with(b"\\\n/exit\n"));
    assert!(bruno.steps("typed").iter().any(|it| text(it, "text") == "Olá, \"Ana\"\\"));
    assert!(all_bytes(bruno.steps("action send")).contains(&said.to_vec()));
    assert!(all_bytes(bruno.steps("write")).contains(&said.to_vec()));
    assert!(all_bytes(ana.steps("read")).concat().windows(said.len()).any(|it| it == said));
    assert!(all_bytes(ana.steps("line")).contains(&said[..said.len() - 2].to_vec()));
    assert!(ana.steps("screen").iter().any(|it| text(it, "text").contains("Bruno: Olá")));
    assert!(server.steps("notice").iter().any(|it| text(it, "text").contains("event=join")));
    assert_eq!(server.have_been_online, ["Ana", "Bruno"].map(str::to_string).into());
    assert!(server.online.is_empty() && server.gaps == 0);
}

/// A KEEP changes the time at which a client expires, and not its key in the wheel.
#[test]
fn a_keep_moves_no_key_of_the_wheel() {
    let folder = Folder::new("wheel");
    let file = folder.file("server.jsonl");
    let mut server = Server::start_with(&["--record", &file]);
    let mut raw = server.join("Ana", 20_000);
    server.process.expect_log("event=join");
    raw.send("KEEP\r\nLIST\r\n");
    assert_eq!(raw.line(), "LIST ");
    end(&mut server.process);
    let checked = checked(&file);
    assert_eq!(checked.armed.len(), 1, "{:?}", checked.armed);
    let text = std::fs::read_to_string(&file).expect("readable");
    assert_eq!(text.matches("\"armed\"").count(), 1);
    assert!(!text.contains("\"disarmed\""), "it is in the wheel until its time");
}

#[test]
fn every_byte_is_in_the_recording() {
    let folder = Folder::new("bytes");
    let file = folder.file("echo.jsonl");
    let (mut echo, mut raw) = echo(&["--record", &file]);
    let strange = "\u{202e}olá\u{200b}\u{feff}🦀 <script>alert(1)</script> \\x41 \\\\r";
    let sent = [(0..=255).collect::<Vec<u8>>(), strange.as_bytes().to_vec()].concat();
    raw.send_bytes(&sent);
    let mut back = vec![0; sent.len()];
    std::io::Read::read_exact(&mut raw.stream, &mut back).expect("an echo");
    raw.send_bytes(&[b'x'; 5000]);
    std::io::Read::read_exact(&mut raw.stream, &mut [0; 5000]).expect("an echo");
    end(&mut echo);
    let checked = checked(&file);
    assert_eq!(checked.process, "lab echo");
    for kind in ["read", "bytes", "action send", "write"] {
        let steps = checked.steps(kind);
        let steps = steps.iter().filter(|it| it.contains_key("bytes"));
        let bytes: Vec<_> = steps.clone().flat_map(|it| unescaped(text(it, "bytes"))).collect();
        assert!(bytes.starts_with(&sent), "{kind}: {}", bytes.escape_ascii());
        let counts: u64 = steps.clone().map(|it| count_of(it, "count")).sum();
        assert_eq!(counts, sent.len() as u64 + 5000, "{kind}");
        assert!(steps.clone().any(|it| it.contains_key("cut")), "{kind}: 5000 bytes are cut");
    }
}

/// The client does not read, so the kernel takes nothing more.
#[test]
fn a_backlog_is_recorded() {
    let folder = Folder::new("backlog");
    let file = folder.file("echo.jsonl");
    let (mut echo, _) = echo(&["--record", &file]);
    let address = echo.log().iter().find_map(|line| line.rsplit(' ').next()?.parse().ok());
    let mut raw = Raw::connect_narrow(address.expect("its address"));
    raw.stream.set_nonblocking(true).expect("non-blocking");
    let mut is_full = || std::io::Write::write(&mut raw.stream, &[b'x'; 65_536]).is_err();
    eventually("echo takes no more", || {
        is_full() && {
            std::thread::park_timeout(std::time::Duration::from_millis(50));
            is_full()
        }
    });
    end(&mut echo);
    let checked = checked(&file);
    assert!(checked.steps("write").iter().any(|it| count_of(it, "backlog") > 0));
    assert!(checked.steps("input backlog").iter().any(|it| count_of(it, "backlog") > 0));
}

#[test]
fn hostile_names_and_texts_are_only_data() {
    let folder = Folder::new("hostile");
    let file = folder.file("server.jsonl");
    let mut server = Server::start_with(&["--record", &file]);
    let names = ["<script>alert(1)</script>", "\"},{\"gap\"}", "\\u0000\\", "</pre>&lt;"];
    let people = names.map(|name| server.join(name, 20_000));
    names.iter().for_each(|_| drop(server.process.expect_log("event=join")));
    server.connect().send_bytes(b"USER \xff\"\x1b[2J\r\n");
    server.process.expect_log("event=refuse");
    drop(people);
    names.iter().for_each(|_| drop(server.process.expect_log("event=leave")));
    end(&mut server.process);
    let checked = checked(&file);
    assert_eq!(checked.gaps, 0);
    let lines: Vec<_> =
        checked.steps("line").iter().map(|it| unescaped(text(it, "bytes"))).collect();
    for name in names {
        assert!(lines.contains(&format!("USER {name}:20000").into_bytes()), "{name}: {lines:?}");
    }
}

/// The document and the check have the same words, and its examples keep the schema.
#[test]
fn the_document_has_every_word_of_the_schema() {
    let document = include_str!("../../docs/RECORDING.md");
    for (name, (needed, possible)) in STEPS {
        let name = name.trim_start_matches("action ").trim_start_matches("input ");
        assert!(document.contains(&format!("`\"{name}\"`")), "step {name}");
        for key in needed.iter().chain(*possible).filter(|key| **key != "cut") {
            let is_there = [format!("`{key}`"), format!("\"{key}\":"), format!("`{key}:")]
                .iter()
                .any(|it| document.contains(it));
            assert!(is_there, "key {key}");
        }
    }
    for word in WORDS.iter().flat_map(|(_, words)| *words) {
        assert!(document.contains(&format!("`\"{word}\"`")), "{word}");
    }
    let examples = document.split("```json\n").skip(1).map(|it| it.split("```").next());
    let examples: Vec<_> = examples.flatten().map(|it| it.replace('\n', "")).collect();
    assert_eq!(examples.len(), 3, "a header, a turn and a gap");
    schema::check(&(examples.join("\n") + "\n"));
}

/// A running `papo lab echo`, and a client of it.
pub(super) fn echo(options: &[&str]) -> (Process, Raw) {
    let arguments = [&["lab", "echo", "--listen", "127.0.0.1:0"], options].concat();
    let mut process = Process::start_with(&arguments, Stdio::null());
    let line = process.expect_log(" listens on ");
    let address = line.rsplit(' ').next().and_then(|text| text.parse().ok());
    (process, Raw::connect(address.expect("its address")))
}
