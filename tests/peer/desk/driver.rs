//! The driver of a [`Desk`]: what `src/event_loop` does with sockets, in few lines.

use std::io::ErrorKind;
use std::net::SocketAddr;

use papo::machine::{
    Action, CloseReason, ConnId, DialId, Framing, Input, LineEnd, LineLimit, Machine,
};
use papo::peer::command::Command;
use papo::peer::notice::Notice;

use super::super::brief::{brief, brief_answer};
use super::Desk;

/// One connection, as a driver knows it.
pub(super) struct Cable {
    pub(super) label: String,
    pub(super) conn: ConnId,
    /// Bytes of a line that has not ended.
    pub(super) unended: Vec<u8>,
    /// Does not take what is sent.
    pub(super) is_stalled: bool,
    pub(super) unsent: usize,
    /// How many unsent bytes the peer was told of.
    pub(super) told: usize,
    /// The reason with which it closes at the end of the turn.
    pub(super) closes: Option<CloseReason>,
    /// Closes when nothing is unsent.
    pub(super) closes_when_sent: bool,
}

impl Desk {
    #[track_caller]
    pub(super) fn tick(&mut self) {
        self.feed(Input::Tick);
        self.settle();
        let lies_ahead = self.peer.next_deadline().is_none_or(|at| at > self.now);
        assert!(self.exited || lies_ahead, "after a tick the next deadline lies ahead");
    }

    pub(super) fn feed(&mut self, input: Input<'_, Command>) {
        self.peer.handle(self.now, input, &mut self.actions);
        while let Some(action) = self.actions.pop() {
            self.perform(action);
        }
    }

    /// The end of a turn, and what follows from it.
    pub(super) fn settle(&mut self) {
        loop {
            self.hand_over_typed();
            self.tell_backlogs();
            let closes = |cable: &Cable| Some((cable.conn, cable.closes?));
            if let Some((conn, reason)) = self.cables.iter().find_map(closes) {
                self.cables.retain(|cable| cable.conn != conn);
                self.feed(Input::Closed { conn, reason });
            } else if self.exited || self.typed.is_empty() || !self.peer.accepts_command() {
                return;
            }
        }
    }

    pub(super) fn hand_over_typed(&mut self) {
        while !self.exited && self.peer.accepts_command() {
            match self.typed.pop_front() {
                Some(Some(line)) => self.read(&line),
                Some(None) => self.feed(Input::Command(&Command::InputEnded)),
                None => return,
            }
        }
    }

    /// As a terminal does: a line is a command, or is answered without the peer.
    fn read(&mut self, line: &[u8]) {
        let outcome = self.reader.read(line);
        self.log.extend(outcome.answer.as_ref().map(brief_answer));
        if let Some(command) = outcome.command {
            self.feed(Input::Command(&command));
        }
    }

    pub(super) fn tell_backlogs(&mut self) {
        let conns: Vec<_> = self.cables.iter().map(|cable| cable.conn).collect();
        for conn in conns {
            let cable = self.cable(conn);
            let bytes = cable.unsent;
            if cable.closes_when_sent && bytes == 0 {
                cable.closes = cable.closes.or(Some(CloseReason::Asked));
            }
            if std::mem::replace(&mut cable.told, bytes) != bytes {
                self.feed(Input::Backlog { conn, bytes });
            }
        }
    }

    pub(super) fn perform(&mut self, action: Action<Notice>) {
        if let Action::Show(notice) = &action {
            self.reader.hear(notice);
        }
        match action {
            Action::Send { conn, span } => {
                let bytes = self.actions.bytes(&span).to_vec();
                self.send(conn, &bytes);
            }
            Action::SendShared { .. } => panic!("a peer shares nothing"),
            Action::Reset { .. } => panic!("a peer ends in order"),
            Action::EndLine { conn } => self.end_line(conn),
            Action::HalfClose { conn } => self.note(conn, "half-closed"),
            Action::Close { conn } => {
                self.note(conn, "closed");
                self.with(conn, |cable| cable.closes_when_sent = true);
            }
            Action::Abort { conn } => {
                self.note(conn, "aborted");
                self.with(conn, |cable| cable.closes = cable.closes.or(Some(CloseReason::Asked)));
            }
            Action::Dial { dial, to, framing: Framing::Lines(limit), .. } => {
                self.dial(dial, to, limit);
            }
            Action::Dial { framing: Framing::Raw, .. }
            | Action::SendTo { .. }
            | Action::CutLines { .. }
            | Action::AwaitDrain { .. } => panic!("a peer speaks in lines"),
            Action::Pause { conn } => self.note(conn, "paused"),
            Action::Resume { conn } => self.note(conn, "resumed"),
            Action::Abandon { dial } => self.abandon(dial),
            // Nothing that is said: `standing.rs` looks at these.
            Action::Show(Notice::Standing(standing)) => self.standing = standing,
            Action::Show(Notice::Said { to, text }) => self.said.push((to.label, text)),
            Action::Show(Notice::GoodbyeAnswered { who }) => self.answered.push(who.label),
            Action::Show(Notice::GoodbyeTaken { who }) => self.taken.push(who.label),
            Action::Show(notice) => self.log.push(brief(&notice)),
            Action::Exit { status } => self.exit(status),
        }
    }

    pub(super) fn send(&mut self, conn: ConnId, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        for line in text.split_inclusive("\r\n") {
            let line = line.strip_suffix("\r\n").map_or(format!("{line}..."), str::to_string);
            self.note(conn, &format!("> {line}"));
        }
        let length = bytes.len();
        self.with(conn, |cable| cable.unsent += if cable.is_stalled { length } else { 0 });
    }

    pub(super) fn dial(&mut self, dial: DialId, to: SocketAddr, limit: LineLimit) {
        self.log.push(format!("dial {to}"));
        self.last_limit = Some(limit);
        self.dials.push((dial, to));
    }

    pub(super) fn abandon(&mut self, dial: DialId) {
        let Some(place) = self.dials.iter().position(|(other, _)| *other == dial) else { return };
        let (dial, to) = self.dials.remove(place);
        self.log.push(format!("give up {to}"));
        let result = Err(ErrorKind::TimedOut);
        self.feed(Input::Dialed { dial, result });
    }

    pub(super) fn exit(&mut self, status: u8) {
        if !self.exited {
            self.log.push(format!("exit {status}"));
        }
        self.exited = true;
    }

    pub(super) fn end_line(&mut self, conn: ConnId) {
        let line = std::mem::take(&mut self.cable(conn).unended);
        if !line.is_empty() {
            self.feed(Input::Line { conn, line: &line, end: LineEnd::Rest });
        }
    }

    pub(super) fn plug_in(&mut self, label: &str) -> ConnId {
        assert!(!self.is_open(label), "two connections called {label}");
        let is_free = |slot: &usize| self.cables.iter().all(|it| it.conn.slot as usize != *slot);
        let slot = (0..).find(is_free).expect("there are enough");
        if slot == self.generations.len() {
            self.generations.push(0);
        }
        self.generations[slot] += 1;
        let slot_number = u32::try_from(slot).expect("few connections");
        let conn = ConnId { slot: slot_number, generation: self.generations[slot] };
        self.cables.push(Cable::new(label, conn));
        conn
    }

    #[track_caller]
    pub(super) fn take_dial(&mut self, to: &str) -> DialId {
        let to: SocketAddr = to.parse().expect("an address");
        let place = self.dials.iter().position(|(_, other)| *other == to);
        self.dials.remove(place.unwrap_or_else(|| panic!("nobody calls {to}: {:?}", self.log))).0
    }

    #[track_caller]
    pub(super) fn conn(&self, label: &str) -> ConnId {
        let cable = self.cables.iter().find(|cable| cable.label == label);
        cable.unwrap_or_else(|| panic!("no connection {label}; log: {:?}", self.log)).conn
    }

    #[track_caller]
    pub(super) fn cable(&mut self, conn: ConnId) -> &mut Cable {
        self.cables.iter_mut().find(|cable| cable.conn == conn).expect("it is open")
    }

    /// An action for a connection that is gone reaches nobody, as in the loop.
    pub(super) fn with(&mut self, conn: ConnId, act: impl FnOnce(&mut Cable)) {
        if let Some(cable) = self.cables.iter_mut().find(|cable| cable.conn == conn) {
            act(cable);
        }
    }

    pub(super) fn note(&mut self, conn: ConnId, what: &str) {
        if let Some(cable) = self.cables.iter().find(|cable| cable.conn == conn) {
            self.log.push(format!("{} {what}", cable.label));
        }
    }
}

impl Cable {
    fn new(label: &str, conn: ConnId) -> Self {
        Self {
            label: label.to_string(),
            conn,
            unended: Vec::new(),
            is_stalled: false,
            unsent: 0,
            told: 0,
            closes: None,
            closes_when_sent: false,
        }
    }

    pub(super) fn is_heard(&self) -> bool {
        self.closes.is_none() && !self.closes_when_sent
    }
}
