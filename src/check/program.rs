//! The peer under test, and the server that the checker plays for it.
//!
//! The server answers every question as a server should, whichever rule is being tried, because a
//! program may ask at any time. The questions are kept for the rules. Read next:
//! [`super::peer_steps`].

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use crate::machine::{Actions, Millis};
use crate::wire::reply::Edition;

use super::evidence::{Evidence, Sample};
use super::notice::Notice;
use super::rule::{Fault, Seen};
use super::screen::Screen;
use super::step::Answers;
use super::transcript::{Event, SERVER, Transcript};
use super::wires::{Heard, HeardEnd, Wire, WireState};

/// How long a person may take to type what the host would type at once.
const BY_HAND_MS: u64 = 90_000;

/// Most questions and KEEPs that are kept.
pub(super) const REQUESTS_MAX: usize = 1000;

/// The time between two bytes of a dripped answer.
const DRIP_MS: u64 = 3;

/// The time between the two parts of a cut answer.
const CUT_MS: u64 = 120;

/// How long Linux keeps the port of a connection that this side closed first (TIME-WAIT: 60 s),
/// and some seconds more.
const TIME_WAIT_MS: u64 = 66_000;

/// A reserved port, on which no program listens.
const NOBODYS_PORT: u16 = 1;

/// The peer under test.
#[derive(Debug)]
pub(super) struct TestedProgram {
    /// Where the played server listens.
    pub(super) listening: SocketAddr,
    /// Where the played people listen.
    people: SocketAddr,
    /// The name that it should register.
    pub(super) wanted_name: String,
    /// How many lines a person types to log in.
    pub(super) logins: usize,
    /// A person starts it and types, and the check does not see its screen and its end.
    pub(super) is_by_hand: bool,
    pub(super) state: Running,
    /// Its connection to the server.
    pub(super) server: Wire,
    pub(super) user: Option<User>,
    /// The fault in its USER, if there is one.
    pub(super) bad_user: Option<Fault>,
    /// Its LIST and ADDR lines that no step has taken yet.
    pub(super) asked: VecDeque<Vec<u8>>,
    pub(super) keeps: Vec<Millis>,
    /// The other people online: their wires and their names.
    pub(super) online: Vec<(usize, String)>,
    pub(super) answers: Answers,
    /// The edition in which ADDR is answered.
    pub(super) edition: Edition,
    /// The pieces of answers, and when each is due.
    later: VecDeque<(Millis, Vec<u8>)>,
    pub(super) screen: Screen,
    /// The port in its last USER.
    last_port: Option<u16>,
    /// Two runs had the same port.
    is_port_fixed: bool,
    /// When it closed a connection before the checker did. The system then keeps its port for
    /// [`TIME_WAIT_MS`].
    pub(super) closed_at: Option<Millis>,
    /// The wires whose addresses it has asked for and not called since.
    pub(super) expected: VecDeque<usize>,
}

/// Whether the program runs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Running {
    /// The next rule starts it.
    No,
    Since(Millis),
    Ended,
}

/// The contents of a USER.
#[derive(Clone, Debug)]
pub(super) struct User {
    pub(super) name: Vec<u8>,
    pub(super) port: u16,
    pub(super) at: Millis,
}

impl TestedProgram {
    pub(super) fn new(
        listening: SocketAddr,
        people: SocketAddr,
        name: String,
        logins: usize,
        by_hand: bool,
    ) -> Self {
        Self {
            listening,
            people,
            wanted_name: name,
            logins,
            is_by_hand: by_hand,
            state: Running::No,
            server: Wire::default(),
            user: None,
            bad_user: None,
            asked: VecDeque::new(),
            keeps: Vec::new(),
            online: Vec::new(),
            answers: Answers::Whole,
            edition: Edition::Of2024,
            later: VecDeque::new(),
            screen: Screen::default(),
            last_port: None,
            is_port_fixed: false,
            closed_at: None,
            expected: VecDeque::new(),
        }
    }

    /// When it can be started. Few programs set SO_REUSEADDR, so one with a fixed port may have to
    /// wait for the port.
    pub(super) fn may_start_at(&self) -> Millis {
        match self.closed_at {
            Some(at) if self.is_port_fixed => at + TIME_WAIT_MS,
            _ => Millis(0),
        }
    }

    /// Begins another run.
    pub(super) fn begin(&mut self, now: Millis) {
        self.state = Running::Since(now);
        self.closed_at = None;
        self.server = Wire::default();
        (self.user, self.bad_user) = (None, None);
        self.keeps.clear();
        self.later.clear();
        self.tidy_up();
        self.screen = Screen::new(now);
    }

    /// Clears everything that belongs to one rule.
    pub(super) fn tidy_up(&mut self) {
        self.asked.clear();
        self.online.clear();
        self.expected.clear();
        self.answers = Answers::Whole;
        self.screen.clear();
    }

    /// Where the program listens, with the port of its USER.
    pub(super) fn address(&self) -> Option<SocketAddr> {
        let ip = match self.listening.ip() {
            ip if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
            ip => ip,
        };
        self.user.as_ref().map(|user| SocketAddr::new(ip, user.port))
    }

    /// Whether its connection to the server is open.
    pub(super) fn is_connected(&self) -> bool {
        self.server.state == WireState::Open
    }

    /// The fault if it has ended, with the last line on its screen, which often is an exception.
    pub(super) fn ended(&self) -> Option<Fault> {
        let has_ended = self.state == Running::Ended;
        has_ended.then(|| Fault::new(Seen::Ended).about(&self.screen.last_line()))
    }

    /// The fault if it has ended or has no connection to the server.
    pub(super) fn lost(&self) -> Option<Fault> {
        let is_lost = || (!self.is_connected()).then(|| Fault::new(Seen::LostServer));
        self.ended().or_else(is_lost)
    }

    /// The given time, or more where a person has to type.
    pub(super) fn within_ms(&self, ms: u64) -> u64 {
        if self.is_by_hand { BY_HAND_MS } else { ms }
    }

    /// Answers the program's lines, and sends the pieces of answers that are due.
    pub(super) fn serve(
        &mut self,
        now: Millis,
        evidence: &mut Evidence,
        transcript: &mut Transcript,
        actions: &mut Actions<Notice>,
    ) {
        self.server.settle(now);
        while let Some(heard) = self.server.next_line() {
            evidence.note_end(SERVER, &heard);
            if let Some(answer) = self.hear(now, &heard, evidence) {
                self.plan(now, &answer);
            }
        }
        while self.later.front().is_some_and(|(at, _)| now >= *at) {
            let Some((_, piece)) = self.later.pop_front() else { break };
            if let Some(conn) = self.server.open_conn() {
                actions.send(conn, |out| out.extend_from_slice(&piece));
                transcript.push(now, SERVER, Event::Sent, &piece);
            }
        }
    }

    /// When [`TestedProgram::serve`] has something to do without new bytes.
    pub(super) fn next_deadline(&self) -> Option<Millis> {
        let piece = self.later.front().map(|(at, _)| *at);
        self.server.rest_at().into_iter().chain(piece).min()
    }

    fn hear(&mut self, now: Millis, heard: &Heard, evidence: &mut Evidence) -> Option<Vec<u8>> {
        let line = &heard.line[..];
        if self.user.is_none() {
            self.register(now, heard);
            return None;
        }
        if line == b"KEEP" {
            if self.keeps.len() < REQUESTS_MAX {
                self.keeps.push(heard.at);
            }
            return None;
        }
        if line == b"LIST" {
            self.note_asked(line);
            let names: Vec<_> = self.online.iter().map(|(_, name)| &name[..]).collect();
            return Some(format!("LIST {}\r\n", names.join(":")).into_bytes());
        }
        if let Some(name) = line.strip_prefix(b"ADDR ") {
            self.note_asked(line);
            return self.addr(name);
        }
        if !line.is_empty() {
            let fault = || Fault::new(Seen::Spoke).about(line);
            let sample = || Sample::new(fault(), SERVER, heard.at, line);
            evidence.stray_to_server.get_or_insert_with(sample);
        }
        None
    }

    fn note_asked(&mut self, line: &[u8]) {
        if self.asked.len() < REQUESTS_MAX {
            self.asked.push_back(line.to_vec());
        }
    }

    fn register(&mut self, now: Millis, heard: &Heard) {
        let line = &heard.line[..];
        let bad = |seen| Fault::new(seen).about(line);
        let parsed = line.strip_prefix(b"USER ").and_then(|rest| {
            let colon = rest.iter().rposition(|&byte| byte == b':')?;
            let (name, port) = (&rest[..colon], &rest[colon + 1..]);
            let port_of = std::str::from_utf8(port).ok()?.trim().parse::<u16>().ok()?;
            (port_of > 0 && !name.is_empty() && !name.contains(&b':'))
                .then_some((name, port, port_of))
        });
        let Some((name, port, port_of)) = parsed else {
            self.bad_user.get_or_insert(bad(Seen::BadUser));
            return;
        };
        if name.trim_ascii() != name || port.trim_ascii() != port {
            self.bad_user.get_or_insert(bad(Seen::Spaced).weak());
        }
        if heard.end == HeardEnd::Rest {
            self.bad_user.get_or_insert(bad(Seen::Unended).after(line.len() as u64));
        }
        self.is_port_fixed |= self.last_port == Some(port_of);
        self.last_port = Some(port_of);
        self.user = Some(User { name: name.trim_ascii().to_vec(), port: port_of, at: now });
    }

    fn addr(&mut self, name: &[u8]) -> Option<Vec<u8>> {
        let text = String::from_utf8_lossy(name).into_owned();
        let own = self.user.as_ref().is_some_and(|user| user.name == name);
        let wire = self.online.iter().find(|(_, of)| of.as_bytes() == name).map(|(wire, _)| *wire);
        let port = match (own, wire, self.answers) {
            (true, ..) => self.user.as_ref()?.port,
            (false, None, _) => return None,
            (false, Some(_), Answers::Vanished) => NOBODYS_PORT,
            (false, Some(wire), _) => {
                self.expected.push_back(wire);
                self.people.port()
            }
        };
        let ip = self.address()?.ip();
        let prefix = match self.edition {
            Edition::Of2024 => String::new(),
            Edition::Of2026 => format!("{text}:"),
        };
        Some(format!("ADDR {prefix}{ip}:{port}\r\n").into_bytes())
    }

    /// Cuts an answer into pieces, and plans when each is sent.
    fn plan(&mut self, now: Millis, answer: &[u8]) {
        let end = answer.len() - 1;
        let start = self.later.back().map_or(now, |(at, _)| *at);
        match self.answers {
            Answers::Whole | Answers::Vanished => self.later.push_back((start, answer.to_vec())),
            Answers::CutAtEnd => {
                self.later.push_back((start, answer[..end].to_vec()));
                self.later.push_back((start + CUT_MS, answer[end..].to_vec()));
            }
            Answers::Dripped => {
                for (at, byte) in (0..).zip(answer) {
                    self.later.push_back((start + at * DRIP_MS, vec![*byte]));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_played_server_answers_as_a_server_should() {
        let listening = "127.0.0.1:7".parse().expect("an address");
        let mut program = TestedProgram::new(listening, listening, "Zeca".to_string(), 0, false);
        let mut evidence = Evidence::default();
        let mut say = |program: &mut TestedProgram, line: &[u8]| {
            let heard =
                Heard { at: Millis(1), line: line.to_vec(), end: HeardEnd::CrLf, is_owed: false };
            let answer = program.hear(Millis(1), &heard, &mut evidence);
            answer.map(|bytes| String::from_utf8(bytes).expect("text"))
        };
        assert_eq!(say(&mut program, b"USER Zeca:5"), None);
        program.online.push((0, "Ana".to_string()));
        assert_eq!(say(&mut program, b"LIST").as_deref(), Some("LIST Ana\r\n"));
        assert_eq!(say(&mut program, b"ADDR Ana").as_deref(), Some("ADDR 127.0.0.1:7\r\n"));
        assert_eq!(say(&mut program, b"ADDR Zeca").as_deref(), Some("ADDR 127.0.0.1:5\r\n"));
        assert_eq!(say(&mut program, b"ADDR Bruno"), None);
        program.edition = Edition::Of2026;
        assert_eq!(say(&mut program, b"ADDR Ana").as_deref(), Some("ADDR Ana:127.0.0.1:7\r\n"));
        assert_eq!(say(&mut program, b"KEEPLIST"), None);
        assert!(evidence.stray_to_server.is_some());
    }
}
