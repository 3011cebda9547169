//! The driver of a lone machine: the least that a loop must do for it, and the watchers beside it.
//!
//! Read next: [`super::server`] and [`super::peer`], which decide what happens.

use std::collections::VecDeque;
use std::io::ErrorKind;
use std::net::SocketAddr;

use papo::buffers::lines::LineBuffer;
use papo::directory::notice::Notice;
use papo::machine::{
    Action, Actions, CloseReason, ConnId, DialId, Framing, Input, LineLimit, Machine, Millis, Typed,
};

use super::super::any_machine::{AnyMachine, AnyNotice, bytes_of};
use super::super::link::{Side, Sock};
use super::super::logged::{LogEntry, OwnedInput};
use super::super::planted::PlantedMachine;
use super::super::schedule::NodeId;
use super::super::watch::{Role, Watch};
use super::super::world::SERVER;
use super::peer::FakeServer;
use super::tape::Tape;

/// A machine, its connections and its watchers.
pub(super) struct Lone {
    pub(super) node: NodeId,
    pub(super) machine: PlantedMachine,
    pub(super) watch: Watch,
    actions: Actions<AnyNotice>,
    pub(super) now: Millis,
    pub(super) conns: Vec<Conn>,
    /// How many connections there have been, and the one that closed last.
    opened: u32,
    pub(super) closed: Option<ConnId>,
    pub(super) dials: Vec<(DialId, SocketAddr, LineLimit)>,
    pub(super) typed: VecDeque<Typed>,
    /// The inputs that follow from the machine's own actions, in the order of these.
    following: VecDeque<OwnedInput>,
    /// For a peer.
    pub(super) server: FakeServer,
    pub(super) exit: Option<u8>,
}

#[derive(Debug)]
pub(super) struct Conn {
    pub(super) id: ConnId,
    pub(super) sock: Sock,
    pub(super) inbound: LineBuffer,
    /// It leads from a peer to its server.
    pub(super) is_server: bool,
    /// The other side sends nothing more.
    pub(super) has_ended: bool,
    /// The other side reads nothing.
    pub(super) is_stalled: bool,
    pub(super) unsent: usize,
    /// The number of unsent bytes that was reported to the machine.
    reported: usize,
    /// It closes when everything is sent.
    is_closing: bool,
    /// It closes at the end of the turn.
    pub(super) closes: Option<CloseReason>,
}

impl Conn {
    pub(super) fn is_read(&self) -> bool {
        self.closes.is_none() && !self.is_closing
    }
}

impl Lone {
    pub(super) fn new(node: NodeId, machine: AnyMachine, watch: Watch, now: Millis) -> Self {
        Self {
            node,
            machine: PlantedMachine::new(machine, None),
            watch,
            actions: Actions::default(),
            now,
            conns: Vec::new(),
            opened: 0,
            closed: None,
            dials: Vec::new(),
            typed: VecDeque::new(),
            following: VecDeque::new(),
            server: FakeServer::default(),
            exit: None,
        }
    }

    pub(super) fn open(&mut self, side: Side, limit: LineLimit, is_server: bool) -> ConnId {
        self.opened += 1;
        let is_free = |slot: &u32| self.conns.iter().all(|conn| conn.id.slot != *slot);
        let slot = (0..).find(is_free).expect("there are more slots than connections");
        let id = ConnId { slot, generation: self.opened };
        let sock = Sock { link: self.opened as usize, side };
        self.watch.see(self.node, LogEntry::Opened(id, sock));
        self.conns.push(Conn {
            id,
            sock,
            inbound: LineBuffer::new(limit),
            is_server,
            has_ended: false,
            is_stalled: false,
            unsent: 0,
            reported: 0,
            is_closing: false,
            closes: None,
        });
        id
    }

    /// Time passes. Ticks come exactly when the machine wants them.
    pub(super) fn wait(&mut self, millis: u64) {
        let end = self.now + millis;
        self.settle();
        while let Some(at) = self.machine.next_deadline().filter(|&at| at <= end) {
            if self.exit.is_some() {
                return;
            }
            self.now = self.now.max(at);
            self.tick();
        }
        self.now = end;
        self.check_time();
    }

    pub(super) fn tick(&mut self) {
        self.feed(Input::Tick);
        self.settle();
        let next = self.machine.next_deadline();
        let is_ahead = self.exit.is_some() || next.is_none_or(|next| next > self.now);
        assert!(is_ahead, "after a tick the deadline is in the future");
    }

    /// Bytes arrive: lines, and the beginning of the next one.
    pub(super) fn read(&mut self, place: usize, bytes: &[u8]) {
        let (id, sock) = (self.conns[place].id, self.conns[place].sock);
        self.watch.streams.sent(sock.other(), bytes);
        self.watch.on_read(sock, bytes);
        let mut fresh = bytes;
        while self.conn(id).is_read() {
            let conn = self.conn(id);
            let Ok((used, line)) = conn.inbound.next_line(fresh) else {
                conn.closes = Some(CloseReason::LineTooLong);
                return;
            };
            let Some((line, end)) = line.map(|line| (line.bytes.to_vec(), line.end)) else { break };
            fresh = &fresh[used..];
            self.feed(Input::Line { conn: id, line: &line, end });
        }
        let conn = self.conn(id);
        if conn.is_read() && !conn.inbound.pending().is_empty() {
            let line = conn.inbound.pending().to_vec();
            self.feed(Input::Pending { conn: id, line: &line });
        }
    }

    /// The stream of one connection ends.
    pub(super) fn end_stream(&mut self, place: usize) {
        let conn = &mut self.conns[place];
        let id = conn.id;
        conn.has_ended = true;
        if let Some((rest, end)) = conn.inbound.take_rest() {
            self.feed(Input::Line { conn: id, line: &rest, end });
        }
        if self.conn(id).is_read() {
            self.feed(Input::EndOfStream { conn: id });
        }
    }

    pub(super) fn break_one(&mut self, tape: &mut Tape<'_>, place: usize) {
        let reason = match tape.below(4) {
            0 => CloseReason::LineTooLong,
            1 => CloseReason::SlowReader,
            _ => CloseReason::Failed(ErrorKind::ConnectionReset),
        };
        self.conns[place].closes.get_or_insert(reason);
    }

    /// The other side stops reading, or reads some of what waits.
    pub(super) fn stall_or_take(&mut self, tape: &mut Tape<'_>) {
        if self.conns.is_empty() {
            return;
        }
        let place = tape.below(self.conns.len());
        let conn = &mut self.conns[place];
        if conn.is_stalled {
            conn.unsent -= conn.unsent.min(usize::from(tape.byte()) * 16);
            conn.is_stalled = conn.unsent > 0;
        } else {
            conn.is_stalled = true;
        }
    }

    /// A connection that is read, if there is one.
    pub(super) fn choose(&self, tape: &mut Tape<'_>, is_meant: fn(&Conn) -> bool) -> Option<usize> {
        let is_open = |conn: &Conn| conn.is_read() && !conn.has_ended && is_meant(conn);
        let places = (0..self.conns.len()).filter(|&place| is_open(&self.conns[place]));
        let places: Vec<_> = places.collect();
        (!places.is_empty()).then(|| places[tape.below(places.len())])
    }

    /// The end of a turn.
    pub(super) fn settle(&mut self) {
        while self.exit.is_none() {
            let any = self.hand_over_typed() | self.report_backlog() | self.close_one();
            if !any {
                break;
            }
        }
        self.watch.after_turn(self.node, self.now, &self.machine);
        self.watch.assert_unbroken();
    }

    fn hand_over_typed(&mut self) -> bool {
        if !self.machine.accepts_command() {
            return false;
        }
        let Some(typed) = self.typed.pop_front() else { return false };
        self.feed(Input::Command(&typed));
        true
    }

    fn report_backlog(&mut self) -> bool {
        let is_unreported = |conn: &Conn| conn.reported != conn.unsent;
        let Some(conn) = self.conns.iter_mut().find(|it| is_unreported(it)) else { return false };
        conn.reported = conn.unsent;
        let (conn, bytes) = (conn.id, conn.unsent);
        self.feed(Input::Backlog { conn, bytes });
        true
    }

    fn close_one(&mut self) -> bool {
        let is_over = |it: &Conn| it.closes.is_some() || (it.is_closing && it.unsent == 0);
        let Some(place) = self.conns.iter().position(is_over) else { return false };
        let conn = self.conns.remove(place);
        self.closed = Some(conn.id);
        if conn.is_server {
            self.server.questions.clear();
        }
        self.watch.streams.written_all_but(conn.sock, conn.unsent);
        self.watch.see(self.node, LogEntry::Removed(conn.id));
        let reason = conn.closes.unwrap_or(CloseReason::Asked);
        self.feed(Input::Closed { conn: conn.id, reason });
        true
    }

    /// The watchers see all that one input leads to before the next input, as in the log of a
    /// loop.
    pub(super) fn feed(&mut self, input: Input<'_, Typed>) {
        self.hand_over(input);
        while let Some(next) = self.following.pop_front() {
            self.hand_over(next.input());
        }
    }

    fn hand_over(&mut self, input: Input<'_, Typed>) {
        self.watch.now = self.now.0;
        // A directory answers at once, whatever waits: its watcher need not know of a backlog.
        if self.node != SERVER || !matches!(input, Input::Backlog { .. }) {
            self.watch.on_input(self.node, self.now, &input);
        }
        self.watch.assert_unbroken();
        self.machine.handle(self.now, input, &mut self.actions);
        let mut online = None;
        while let Some(action) = self.actions.pop() {
            let bytes = bytes_of(&action, &self.actions).to_vec();
            if let Action::Dial { to, .. } = action {
                self.server.on_dial(&mut self.watch, to);
            }
            self.watch.on_action(self.node, self.now, &action, &bytes);
            self.watch.assert_unbroken();
            self.perform(&action, &bytes);
            if let Action::Show(AnyNotice::Directory(
                Notice::Joined { online: count, .. } | Notice::Left { online: count, .. },
            )) = action
            {
                online = Some(count);
            }
        }
        self.watch.on_handled(self.node, self.now, None);
        self.watch.assert_unbroken();
        if let (Some(online), AnyMachine::Directory(directory)) = (online, self.machine.machine()) {
            assert_eq!(online, directory.roster().len(), "the last notice has the right count");
        }
    }

    fn perform(&mut self, action: &Action<AnyNotice>, bytes: &[u8]) {
        match *action {
            Action::Send { conn, .. } => {
                self.send(conn, bytes.len());
                if self.conn(conn).is_server {
                    self.server.on_request(self.now, bytes);
                }
            }
            Action::SendShared { conn, ref shared } => {
                self.send(conn, shared.bytes.len() - shared.skip.len());
            }
            Action::EndLine { conn } => {
                if let Some((rest, end)) = self.conn(conn).inbound.take_rest() {
                    self.following.push_back(OwnedInput::Line(conn, rest, end));
                }
            }
            Action::HalfClose { conn } => assert!(self.conn(conn).closes.is_none()),
            Action::Close { conn } => self.conn(conn).is_closing = true,
            Action::Abort { conn } | Action::Reset { conn } => {
                self.conn(conn).closes.get_or_insert(CloseReason::Asked);
            }
            Action::Dial { dial, to, framing: Framing::Lines(limit), .. } => {
                self.dials.push((dial, to, limit));
            }
            Action::Abandon { dial } => {
                let count = self.dials.len();
                self.dials.retain(|&(other, ..)| other != dial);
                if self.dials.len() < count {
                    let result = Err(ErrorKind::TimedOut);
                    self.following.push_back(OwnedInput::Plain(Input::Dialed { dial, result }));
                }
            }
            Action::Show(_) => {}
            Action::Exit { status } => self.exit = Some(status),
            _ => panic!("{action:?} is not for a machine of lines"),
        }
    }

    fn send(&mut self, conn: ConnId, bytes: usize) {
        let conn = self.conn(conn);
        conn.unsent += if conn.is_stalled { bytes } else { 0 };
    }

    #[track_caller]
    pub(super) fn conn(&mut self, id: ConnId) -> &mut Conn {
        let conn = self.conns.iter_mut().find(|conn| conn.id == id);
        conn.expect("an action is for an open connection")
    }

    pub(super) fn check_time(&mut self) {
        let result = match &mut self.watch.roles[self.node] {
            _ if self.exit.is_some() => Ok(()),
            Role::Directory => self.watch.directory.check_expiry(self.now, 0),
            Role::Peer(peer, duties) => {
                peer.check_time(self.now).and_then(|()| duties.check(self.now, peer.exiting_since))
            }
            Role::Stranger => Ok(()),
        };
        self.watch.judge(result);
        self.watch.assert_unbroken();
    }
}
