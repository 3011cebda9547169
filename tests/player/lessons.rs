//! The sessions of `docs/pages`: each is recorded on real sockets, and teaches one thing.
//!
//! The introductions name a moment by its steps, and not by the number of its turn, so that a new
//! recording does not change them. Read next: [`super::pages`].

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::thread::park_timeout;
use std::time::Duration;

use crate::support::pty::{PAPO, Pty};
use crate::support::{Folder, Process, Raw, Server};

/// A page of `docs/pages`.
pub(super) struct Lesson {
    /// The name of its file, without the ending.
    pub(super) name: &'static str,
    pub(super) introduction: &'static str,
    /// Plays the session, and leaves recordings with these names in a folder.
    pub(super) play: fn(&Folder),
    pub(super) recordings: &'static [&'static str],
}

pub(super) const LESSONS: [Lesson; 4] = [
    Lesson {
        name: "conversation",
        introduction: include_str!("../../src/cli/demo/introduction.json"),
        play: conversation,
        recordings: &["server.jsonl", "ana.jsonl", "bruno.jsonl", "camila.jsonl"],
    },
    Lesson {
        name: "half-a-line",
        introduction: include_str!("half-a-line.json"),
        play: half_a_line,
        recordings: &["server.jsonl", "bruno.jsonl"],
    },
    Lesson {
        name: "slow-reader",
        introduction: include_str!("slow-reader.json"),
        play: slow_reader,
        recordings: &["echo.jsonl"],
    },
    Lesson {
        name: "lazy-timer",
        introduction: include_str!("lazy-timer.json"),
        play: lazy_timer,
        recordings: &["server.jsonl", "bruno.jsonl"],
    },
];

/// The bytes that the slow client writes at once.
const WRITE_BYTES: usize = 48 * 1024;

/// Long enough to be visible in the recording, and for bytes to be read alone.
const MOMENT: Duration = Duration::from_millis(400);

fn recorded_server(folder: &Folder) -> Server {
    Server::start_with(&["--record", &folder.file("server.jsonl")])
}

fn recorded_peer(folder: &Folder, name: &str, server: SocketAddr) -> Process {
    let (file, server) = (format!("{}.jsonl", name.to_lowercase()), server.to_string());
    let recording = folder.file(&file);
    let options = ["--lang", "pt", "--server", &server, "--record", &recording];
    Process::start(&[&["peer", name][..], &options].concat())
}

fn end(mut process: Process) {
    process.signal("TERM");
    process.wait();
}

/// The handout's table, slow enough for KEEPs between its lines.
fn conversation(folder: &Folder) {
    let recordings = folder.to_str().expect("UTF-8").to_string();
    let mut demo = Pty::start(PAPO, &["demo", "--lang", "pt", "--record", &recordings], 80, 150)
        .expect("setsid");
    // Each comes within the patience of one wait.
    for text in ["USER Ana", "USER Bruno", "USER Camila", "Ana, Bruno", "Oi Bruno!", "DISC"] {
        demo.expect(text);
    }
    demo.expect("Alguém aí?");
    demo.expect("Tudo aconteceu");
}

/// Ana's program sends KEEP and LIST in pieces, and Bruno is served meanwhile.
fn half_a_line(folder: &Folder) {
    let mut server = recorded_server(folder);
    let mut bruno = recorded_peer(folder, "Bruno", server.address);
    server.process.expect_log("event=join name=\"Bruno\"");
    let mut ana = Raw::connect(server.address);
    for (piece, screen) in [
        ("USER Ana:20000\r\nKE", "Ativos (além de você): Ana"),
        ("EP\r\nLI", "Ativos (além de você): Ana"),
        ("ST\r\n", ""),
    ] {
        ana.send(piece);
        park_timeout(MOMENT);
        if !screen.is_empty() {
            bruno.type_text("/list\n");
            bruno.expect_screen(screen);
            park_timeout(MOMENT);
        }
    }
    assert_eq!(ana.line(), "LIST Bruno");
    bruno.type_text("/exit\n");
    bruno.wait();
    end(server.process);
}

/// A client writes much to the echo service and reads nothing. Another client is served meanwhile.
/// Then the first one reads.
fn slow_reader(folder: &Folder) {
    let recording = folder.file("echo.jsonl");
    let arguments = ["lab", "echo", "--listen", "127.0.0.1:0", "--record", &recording];
    let mut echo = Process::start_with(&arguments, std::process::Stdio::null());
    let line = echo.expect_log(" listens on ");
    let address: SocketAddr = line.rsplit(' ').next().and_then(|it| it.parse().ok()).expect("one");
    let mut slow = Raw::connect_narrow(address);
    slow.stream.set_nonblocking(true).expect("it does not wait");
    let letters = "abcdefghijklmnopqrstuvwxyz\n".repeat(40_000);
    let mut sent = 0;
    let mut quick = Raw::connect(address);
    for round in 0..9 {
        sent += write_some(&slow, &letters.as_bytes()[sent..]);
        if round % 4 == 3 {
            quick.send("oi\n");
            assert_eq!(quick.line_or_end().as_deref(), Some("oi\n"));
        }
        park_timeout(MOMENT / 4);
    }
    slow.half_close();
    slow.stream.set_nonblocking(false).expect("it waits");
    let mut back = Vec::new();
    slow.stream.read_to_end(&mut back).expect("all of it comes back");
    assert_eq!(back.len(), sent, "nothing is lost");
    drop(quick);
    end(echo);
}

/// One write of as much as the kernel takes.
fn write_some(raw: &Raw, bytes: &[u8]) -> usize {
    (&raw.stream).write(&bytes[..bytes.len().min(WRITE_BYTES)]).unwrap_or(0)
}

/// Bruno's program sends KEEP, and Ana's sends nothing after USER, for more than sixteen seconds.
fn lazy_timer(folder: &Folder) {
    let mut server = recorded_server(folder);
    let mut bruno = recorded_peer(folder, "Bruno", server.address);
    server.process.expect_log("event=join name=\"Bruno\"");
    // So that the two keys do not come out in one turn.
    park_timeout(Duration::from_secs(2));
    let mut ana = Raw::connect(server.address);
    ana.send("USER Ana:20000\r\n");
    // The deadline, and the time of three KEEPs more.
    assert!(ana.wait_closed() >= Duration::from_secs(15));
    park_timeout(Duration::from_secs(6));
    bruno.type_text("/exit\n");
    bruno.wait();
    end(server.process);
}
