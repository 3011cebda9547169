//! Models of other people's programs read the bytes of our peer: its name and its texts. None shows
//! DISC as a text, unless it does not know DISC.

use std::net::SocketAddr;

use papo::machine::{Action, ConnId, Input};
use papo::peer::command::Command;
use papo::peer::server::SERVER_DIAL;
use papo::peer::{Peer, Rules};
use papo::wire::name::Name;
use papo::wire::reply::Edition;

use super::habits::{A, AtDisc, B, C, D, E, F, G, H, Habits, Heard, Reading, text};
use super::tape::Tape;
use crate::driver::Driver;

pub fn check(bytes: &[u8]) {
    let mut tape = Tape::new(bytes);
    let habits = [A, B, C, D, E, F, G, H][tape.below(8)];
    let we_call = tape.flag();
    let mut ana = if we_call { Ana::calling(habits) } else { Ana::called(habits) };
    let mut texts = Vec::new();
    while !tape.is_empty() {
        let typed = plain_text(tape.chunk());
        if !typed.is_empty() {
            ana.driver.handle(Input::Command(&Command::Say(typed.clone().into_bytes())));
        }
        if !typed.is_empty() && typed != "DISC" && !typed.starts_with("USER ") {
            texts.push(typed);
        }
        ana.driver.wait(u64::from(tape.byte()));
    }
    ana.driver.handle(Input::Command(&Command::Bye(None)));
    ana.driver.wait(1_000);
    judge(habits, we_call, &ana.writes(), &texts);
}

/// Checks what the person at the other program sees. Each of `writes` arrives in one `recv`.
fn judge(habits: Habits, we_call: bool, mut writes: &[String], texts: &[String]) {
    if we_call {
        let (name, rest) = writes.split_first().expect("a name");
        let shown = name.trim().strip_prefix("USER ").unwrap_or(name);
        assert_eq!(shown, "Ana", "as other people's programs read it");
        writes = rest;
    }
    if habits.edition == "2024" {
        let (goodbye, rest) = writes.split_last().expect("a goodbye");
        let heard = match habits.at_disc {
            AtDisc::Ends | AtDisc::EndsAtPrefix => Heard::Goodbye,
            AtDisc::EndsAtBareWord | AtDisc::Shows => text("DISC"),
        };
        assert_eq!(habits.take(goodbye), [heard], "a goodbye comes alone: {goodbye:?}");
        writes = rest;
    }
    assert_eq!(writes.concat(), texts.iter().map(|text| format!("{text}\r\n")).collect::<String>());
    let heard: Vec<_> = writes.iter().flat_map(|write| habits.take(write)).collect();
    match habits.reading {
        Reading::CutAt(_) => {
            let expected: Vec<_> = texts.iter().map(|text| as_text(habits, text)).collect();
            assert_eq!(heard, expected, "{habits:?}");
        }
        Reading::Chunk => {
            let goodbyes = heard.iter().filter(|heard| **heard == Heard::Goodbye).count();
            let like_one = texts.iter().filter(|text| as_text(habits, text) == Heard::Goodbye);
            assert!(goodbyes <= like_one.count(), "{habits:?} took {writes:?} for a goodbye");
        }
    }
}

/// A text of ours as this program reads it. Some texts are read as DISC.
fn as_text(habits: Habits, said: &str) -> Heard {
    let is_goodbye = match habits.at_disc {
        AtDisc::Ends => said.trim() == "DISC",
        AtDisc::EndsAtPrefix => said.starts_with("DISC"),
        AtDisc::EndsAtBareWord | AtDisc::Shows => false,
    };
    if is_goodbye { Heard::Goodbye } else { text(said) }
}

/// A line without a line end or a command, short enough for one `recv`.
fn plain_text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes).replace(['\0', '\r', '\n'], "");
    text.trim_start_matches('/').to_string()
}

/// Our peer, in a conversation with Bruno.
struct Ana {
    driver: Driver<Peer>,
    bruno: ConnId,
}

impl Ana {
    /// Ana has called Bruno.
    fn calling(habits: Habits) -> Self {
        let (mut driver, server) = registered(habits);
        driver.handle(Input::Command(&Command::Chat(b"Bruno".to_vec())));
        driver.line(server, b"ADDR 10.0.0.2:21500");
        let (dial, ..) = driver.dials[0];
        Self { bruno: driver.answer(dial), driver }
    }

    /// Bruno has called Ana.
    fn called(habits: Habits) -> Self {
        let (mut driver, _) = registered(habits);
        let bruno = driver.accept(([10, 0, 0, 2], 50_000).into(), [10, 0, 0, 3].into());
        driver.line(bruno, b"USER Bruno");
        Self { driver, bruno }
    }

    /// The bytes that were sent to Bruno. Those of one time leave in one write.
    fn writes(&mut self) -> Vec<String> {
        let bruno = self.bruno;
        let is_said =
            |action: &Action<_>| matches!(action, Action::Send { conn, .. } if *conn == bruno);
        let log = self.driver.take_log();
        let said: Vec<_> = log.into_iter().filter(|done| is_said(&done.action)).collect();
        let turns = said.chunk_by(|one, other| one.at == other.at);
        let bytes = turns.map(|turn| turn.iter().flat_map(|done| done.bytes.clone()).collect());
        bytes.map(|bytes| String::from_utf8(bytes).expect("strict UTF-8")).collect()
    }
}

/// A registered peer and its connection to the server.
fn registered(habits: Habits) -> (Driver<Peer>, ConnId) {
    let mut rules = Rules::new(SocketAddr::from(([10, 0, 0, 1], 10_000)), 20_000);
    rules.name = Name::parse(b"Ana").ok();
    rules.verify = false;
    if habits.edition == "2026" {
        rules.edition = Some(Edition::Of2026);
    }
    let mut driver = Driver::new(Peer::new(rules));
    driver.tick();
    let server = driver.answer(SERVER_DIAL);
    driver.wait(300);
    (driver, server)
}
