//! Hundreds of control sequences, by each way from the network and the keyboard to the screen:
//! through the real peer and the view in whole lines, into the parser of a terminal. The parser
//! must find only text.
//!
//! `payloads.txt` has one sequence in each line, with bytes as `\xNN`. The fuzz target `screen`
//! finds others.

use std::net::SocketAddr;

use papo::console::command::CommandReader;
use papo::console::device::Output;
use papo::console::language::Language;
use papo::console::plain::{Plain, Typist};
use papo::console::texts;
use papo::machine::{ConnId, Input, LineEnd, Typed};
use papo::peer::command::Command;
use papo::peer::notice::Notice;
use papo::peer::server::SERVER_DIAL;
use papo::peer::{Peer, Rules};
use papo::wire::name::Name;

use crate::driver::Driver;
use crate::inputs::unescape;
use crate::oracles::screen::{Judge, judge};

/// The first two connections of Ana, in order.
const SERVER: ConnId = ConnId { slot: 0, generation: 1 };
const BRUNO: ConnId = ConnId { slot: 1, generation: 1 };

/// A way of bytes to the screen of Ana.
type Road = fn(&mut Ana, &[u8]);

const ROADS: [(&str, Road); 12] = [
    ("a text", |ana, bytes| ana.hears(BRUNO, bytes)),
    ("a text behind words", |ana, bytes| ana.hears(BRUNO, &[b"oi ", bytes].concat())),
    ("a text that was cut", |ana, bytes| ana.hears_ended(BRUNO, bytes, LineEnd::Cut)),
    ("a caller's name", |ana, bytes| ana.is_called([b"USER Eva", bytes].concat())),
    ("all of a caller's name", |ana, bytes| ana.is_called([b"USER ", bytes].concat())),
    ("a name in LIST", |ana, bytes| {
        ana.types(b"/list");
        ana.hears(SERVER, &[b"LIST Bruno:", bytes, b":Eva"].concat());
    }),
    ("an address", |ana, bytes| {
        ana.types(b"/chat Camila");
        ana.hears(SERVER, &[b"ADDR ", bytes].concat());
        ana.hears(SERVER, b"LIST ");
    }),
    ("a name that somebody typed", |ana, bytes| {
        ana.types(&[b"/chat ", bytes].concat());
        ana.wait(1_000);
        ana.hears(SERVER, b"LIST ");
    }),
    ("a conversation to end", |ana, bytes| ana.types(&[b"/bye ", bytes].concat())),
    ("a message to somebody", |ana, bytes| ana.types(&[b"/msg ", bytes, b" oi"].concat())),
    ("a command", |ana, bytes| ana.types(&[b"/", bytes].concat())),
    ("help on something", |ana, bytes| ana.types(&[b"/help ", bytes].concat())),
];

fn payloads() -> Vec<Vec<u8>> {
    let lines = include_str!("payloads.txt").lines();
    lines.filter(|line| !line.starts_with("# ")).map(unescape).collect()
}

/// Ana's peer and her terminal, in a conversation with Bruno.
struct Ana {
    driver: Driver<Peer>,
    terminal: Plain,
    reader: CommandReader,
    language: Language,
    output: Output,
    /// The number of lines that her screen should have.
    lines: usize,
}

impl Ana {
    fn new(language: Language) -> Self {
        let mut rules = Rules::new(SocketAddr::from(([10, 0, 0, 1], 10_000)), 20_000);
        rules.name = Name::parse(b"Ana").ok();
        rules.verify = false;
        let mut ana = Self {
            driver: Driver::new(Peer::new(rules)),
            terminal: Plain::new(language, Typist::Script),
            reader: CommandReader::new(false),
            language,
            output: Output::default(),
            lines: 0,
        };
        ana.driver.tick();
        ana.driver.answer(SERVER_DIAL);
        ana.wait(300);
        ana.accept();
        ana.hears(BRUNO, b"USER Bruno");
        ana
    }

    fn hears(&mut self, conn: ConnId, line: &[u8]) {
        self.hears_ended(conn, line, LineEnd::Terminator);
    }

    fn hears_ended(&mut self, conn: ConnId, line: &[u8], end: LineEnd) {
        // The loop would have cut the line at a line feed.
        for line in line.split(|&byte| byte == b'\n') {
            self.driver.handle(Input::Line { conn, line, end });
        }
        self.show();
    }

    fn is_called(&mut self, line: Vec<u8>) {
        let stranger = self.accept();
        self.hears(stranger, &line);
        self.hears(stranger, b"oi");
    }

    fn accept(&mut self) -> ConnId {
        let conn = self.driver.accept(([10, 0, 0, 2], 50_000).into(), [10, 0, 0, 3].into());
        self.show();
        conn
    }

    /// Typed bytes go through the terminal, which cuts them into lines.
    fn types(&mut self, bytes: &[u8]) {
        self.terminal.type_bytes(&[bytes, b"\n"].concat());
        while let Some(Typed::Line(line)) = self.terminal.next_typed() {
            let mut outcome = self.reader.read(&line);
            if outcome.command == Some(Command::Names) {
                // The server does not answer.
                self.reader.hear(&Notice::Names(Vec::new()));
                outcome = self.reader.take_message();
            }
            if let Some(answer) = &outcome.answer {
                self.lines += texts::answer(self.language, answer).lines().count();
                self.terminal.answer(answer, &mut self.output);
            }
            if let Some(command) = outcome.command {
                self.driver.handle(Input::Command(&command));
                self.show();
            }
        }
    }

    fn wait(&mut self, millis: u64) {
        self.driver.wait(millis);
        self.show();
    }

    /// Shows the notices of the peer.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all other notices have one line")]
    fn show(&mut self) {
        for notice in self.driver.take_notices() {
            // These notices have more than one line, or none, and no text of a stranger.
            self.lines += match &notice {
                Notice::Welcome { .. } => 2,
                Notice::Conversations(rows) => 1 + rows.len(),
                // For a prompt: a plain terminal has none.
                Notice::Standing { .. } | Notice::Said { .. } | Notice::GoodbyeAnswered { .. } => 0,
                _ => 1,
            };
            self.reader.hear(&notice);
            self.terminal.show(notice, &mut self.output);
        }
    }
}

#[test]
fn no_payload_reaches_the_terminal_as_a_control_sequence() {
    let payloads = payloads();
    assert!(payloads.len() >= 300, "{} payloads: are they all read?", payloads.len());
    for payload in &payloads {
        for (road, walk) in ROADS {
            for language in [Language::Portuguese, Language::English] {
                let mut ana = Ana::new(language);
                walk(&mut ana, payload);
                let shown = payload.escape_ascii();
                assert!(ana.output.errors.is_empty(), "{road}: {shown}");
                let count = ana.output.screen.iter().filter(|&&byte| byte == b'\n').count();
                assert_eq!(count, ana.lines, "{road}: {shown}");
                judge(&ana.output.screen, ana.lines);
            }
        }
    }
}

/// Harmless text arrives on each road, so the roads exist.
#[test]
fn every_road_leads_to_the_screen() {
    for (road, walk) in ROADS {
        let mut ana = Ana::new(Language::English);
        let before = ana.output.screen.len();
        walk(&mut ana, b"Zoe");
        // For an unknown name, the peer asks the server first.
        ana.wait(1_000);
        ana.hears(SERVER, b"LIST ");
        assert!(ana.output.screen.len() > before, "{road} shows nothing");
    }
}

/// The judge must find the control sequences in the payloads themselves.
#[test]
fn the_judge_finds_the_control_sequences_of_the_payloads() {
    let acts = payloads().into_iter().filter(|payload| {
        let mut judge = Judge::default();
        let mut parser = vte::Parser::new();
        // After a string without an end, the next text would be its contents.
        parser.advance(&mut judge, &[payload, &b"oi\x07"[..]].concat());
        judge.acts.len() > 1 || judge.line_ends > 0 || !judge.printed.ends_with("oi")
    });
    let acts = acts.count();
    assert!(acts >= 250, "only {acts} of the payloads do anything to a terminal");
}
