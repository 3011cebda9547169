//! What our peer says, read by models of other people's programs: they read its name and its
//! texts, and none shows its goodbye as a text unless it knows none.

use std::net::SocketAddr;

use papo::machine::{Action, Actions, ConnId, DialId, Input, LineEnd, Machine, Millis};
use papo::peer::command::Command;
use papo::peer::notice::Notice;
use papo::peer::registration::SERVER_DIAL;
use papo::peer::{Peer, Rules};
use papo::wire::name::Name;
use papo::wire::reply::Edition;

use super::habits::{A, AtDisc, B, C, D, E, F, G, H, Habits, Heard, Reading, text};
use super::tape::Tape;

const SERVER: ConnId = ConnId { slot: 0, generation: 0 };
const OTHER: ConnId = ConnId { slot: 1, generation: 0 };

pub fn check(bytes: &[u8]) {
    let mut tape = Tape::new(bytes);
    let habits = [A, B, C, D, E, F, G, H][tape.below(8)];
    let we_call = tape.flag();
    let mut ana = Ana::new(habits);
    if we_call {
        ana.calls()
    } else {
        ana.is_called()
    }
    let mut texts = Vec::new();
    while !tape.is_empty() {
        let typed = plain_text(tape.chunk());
        if !typed.is_empty() {
            ana.feed(Input::Command(&Command::Say(typed.clone().into_bytes())));
        }
        if !typed.is_empty() && typed != "DISC" && !typed.starts_with("USER ") {
            texts.push(typed);
        }
        ana.wait(u64::from(tape.byte()));
    }
    ana.feed(Input::Command(&Command::Bye(None)));
    ana.wait(1_000);
    judge(habits, we_call, &ana.writes(), &texts);
}

/// What reaches the person at the other program: `writes` arrive as they left, one `recv` each.
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

/// A text of ours as this program takes it when it comes alone: some are taken for a goodbye.
fn as_text(habits: Habits, said: &str) -> Heard {
    let is_goodbye = match habits.at_disc {
        AtDisc::Ends => said.trim() == "DISC",
        AtDisc::EndsAtPrefix => said.starts_with("DISC"),
        AtDisc::EndsAtBareWord | AtDisc::Shows => false,
    };
    if is_goodbye { Heard::Goodbye } else { text(said) }
}

/// A line without ends in it, no command, and short enough for one `recv`.
fn plain_text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes).replace(['\0', '\r', '\n'], "");
    text.trim_start_matches('/').to_string()
}

/// Our peer, in a conversation with Bruno.
struct Ana {
    peer: Peer,
    actions: Actions<Notice>,
    now: Millis,
    dialed: Option<DialId>,
    /// What was said to Bruno, and when. What is said at one time leaves in one write.
    said: Vec<(Millis, Vec<u8>)>,
}

impl Ana {
    fn new(habits: Habits) -> Self {
        let mut rules = Rules::new(SocketAddr::from(([10, 0, 0, 1], 10_000)), 20_000);
        rules.name = Name::parse(b"Ana").ok();
        rules.verify = false;
        if habits.edition == "2026" {
            rules.edition = Some(Edition::Of2026);
        }
        let (peer, actions, said) = (Peer::new(rules), Actions::default(), Vec::new());
        let mut ana = Self { peer, actions, now: Millis(0), dialed: None, said };
        ana.feed(Input::Tick);
        ana.feed(Input::Dialed { dial: SERVER_DIAL, result: Ok(SERVER) });
        ana.wait(300);
        ana
    }

    fn calls(&mut self) {
        let end = LineEnd::Terminator;
        self.feed(Input::Command(&Command::Chat(b"Bruno".to_vec())));
        let line = b"ADDR 10.0.0.2:21500";
        self.feed(Input::Line { conn: SERVER, line, end });
        let dial = self.dialed.take().expect("a call");
        self.feed(Input::Dialed { dial, result: Ok(OTHER) });
    }

    fn is_called(&mut self) {
        let from = SocketAddr::from(([10, 0, 0, 2], 50_000));
        self.feed(Input::Accepted {
            listener: papo::machine::ListenerId(0),
            conn: OTHER,
            from,
            reached: [10, 0, 0, 3].into(),
        });
        let end = LineEnd::Terminator;
        self.feed(Input::Line { conn: OTHER, line: b"USER Bruno", end });
    }

    fn wait(&mut self, millis: u64) {
        let end = self.now + millis;
        while let Some(at) = self.peer.next_deadline().filter(|&at| at <= end) {
            self.now = self.now.max(at);
            self.feed(Input::Tick);
        }
        self.now = end;
    }

    fn feed(&mut self, input: Input<'_, Command>) {
        self.peer.handle(self.now, input, &mut self.actions);
        while let Some(action) = self.actions.pop() {
            if let Action::Send { conn: OTHER, span } = &action {
                self.said.push((self.now, self.actions.bytes(span).to_vec()));
            }
            if let Action::Dial { dial, .. } = action {
                self.dialed = Some(dial);
            }
        }
    }

    fn writes(&self) -> Vec<String> {
        let turns = self.said.chunk_by(|(one, _), (other, _)| one == other);
        let bytes = turns.map(|turn| turn.iter().flat_map(|(_, bytes)| bytes.clone()).collect());
        bytes.map(|bytes| String::from_utf8(bytes).expect("strict UTF-8")).collect()
    }
}
