//! Watches the event loop between its kernel and its machine.
//!
//! It reads the log of each process. Read next: [`super`].

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::time::Duration;

use papo::event_loop::READ_BYTES_PER_TURN;
use papo::event_loop::connection::OUTPUT_SOFT_BYTES;
use papo::event_loop::listener::ACCEPT_PAUSE_MS;
use papo::event_loop::os::Readiness;
use papo::machine::{Action, ConnId, Input, LineEnd, Typed};

use super::super::any_machine::AnyNotice;
use super::super::link::Sock;
use super::super::logged::LogEntry;
use super::super::schedule::NodeId;
use super::rule::Rule;
use super::{Role, Violation, Watch, hold};

/// Most reads of one connection in a turn: one from the list of pending reads, and one for an
/// event.
const READS_A_TURN: usize = 2;

/// Most callers accepted in a turn.
const ACCEPTS_A_TURN: usize = 64;

/// So many turns in a row may do nothing without sleep.
const IDLE_TURNS_MAX: usize = 8;

#[derive(Debug)]
pub(crate) struct Desc {
    pub(crate) sock: Sock,
    /// The machine knows it.
    is_open: bool,
    is_paused: bool,
    /// The machine has closed it.
    is_closing: bool,
    /// A read has returned the end or an error.
    has_ended: bool,
    is_removed: bool,
    /// Unsent output in bytes, as reported to the machine.
    backlog: usize,
    reads: usize,
    bytes: usize,
}

impl Desc {
    fn is_paused_or_full(&self) -> bool {
        self.is_paused || self.backlog >= OUTPUT_SOFT_BYTES
    }

    fn may_be_unread(&self) -> bool {
        self.is_paused_or_full() || self.is_closing || self.has_ended
    }
}

/// The event loop of one process.
#[derive(Debug, Default)]
pub(crate) struct LoopWatch {
    pub(crate) streams: BTreeMap<ConnId, Desc>,
    accepts: usize,
    /// Inputs, writes and callers in this turn.
    progress: usize,
    idle_turns: usize,
    /// A stream was closed in this turn.
    has_removed: bool,
    /// The machine has asked to exit.
    pub(super) has_exited: bool,
    /// Notices that the host has not taken yet.
    notices_due: usize,
}

impl LoopWatch {
    fn desc(&mut self, conn: ConnId) -> Option<&mut Desc> {
        self.streams.get_mut(&conn)
    }

    fn begin(&mut self, may_sleep: bool) -> Result<(), Violation> {
        let is_idle = std::mem::take(&mut self.progress) == 0 && !may_sleep;
        self.idle_turns = if is_idle { self.idle_turns + 1 } else { 0 };
        self.accepts = 0;
        self.has_removed = false;
        for desc in self.streams.values_mut() {
            (desc.reads, desc.bytes) = (0, 0);
        }
        let found = || format!("{} turns in a row", self.idle_turns);
        hold(self.idle_turns <= IDLE_TURNS_MAX, Rule::NoBusyLoop, found)
    }

    fn accepts(&mut self) -> Result<(), Violation> {
        self.accepts += 1;
        self.progress += 1;
        let found = || format!("{} callers in one turn", self.accepts);
        // Without descriptors, as many again are refused.
        hold(self.accepts <= 2 * ACCEPTS_A_TURN, Rule::ReadBudget, found)
    }

    fn opens(&mut self, conn: ConnId, sock: Sock) {
        let desc = Desc {
            sock,
            is_open: false,
            is_paused: false,
            is_closing: false,
            has_ended: false,
            is_removed: false,
            backlog: 0,
            reads: 0,
            bytes: 0,
        };
        self.streams.insert(conn, desc);
    }

    fn reads(&mut self, conn: ConnId, got: &Result<Vec<u8>, ErrorKind>) -> Result<(), Violation> {
        hold(!self.has_removed, Rule::RemovalAfterReads, || format!("{conn:?} was read after it"))?;
        let Some(desc) = self.streams.get_mut(&conn) else { return Ok(()) };
        desc.reads += 1;
        desc.bytes += got.as_ref().map_or(0, Vec::len);
        desc.has_ended |= match got {
            Ok(bytes) => bytes.is_empty(),
            Err(kind) => !matches!(kind, ErrorKind::WouldBlock | ErrorKind::Interrupted),
        };
        self.progress += usize::from(*got != Err(ErrorKind::WouldBlock));
        let (reads, bytes) = (desc.reads, desc.bytes);
        hold(!desc.is_paused_or_full(), Rule::PausedNotRead, || format!("{conn:?} was read"))?;
        let is_fair = reads <= READS_A_TURN && bytes <= READS_A_TURN * READ_BYTES_PER_TURN;
        let found = || format!("{conn:?}: {reads} reads, {bytes} bytes in one turn");
        hold(is_fair, Rule::ReadBudget, found)
    }

    fn removes(&mut self, conn: ConnId) {
        self.has_removed = true;
        self.change(conn, |desc| desc.is_removed = true);
        // A failed dial: no machine knew it.
        self.streams.retain(|_, desc| desc.is_open || !desc.is_removed);
    }

    pub(super) fn on_input(&mut self, input: &Input<'_, Typed>) -> Result<(), Violation> {
        self.progress += 1;
        match *input {
            Input::Accepted { conn, .. } | Input::Dialed { result: Ok(conn), .. } => {
                let is_known = self.desc(conn).is_some();
                self.change(conn, |desc| desc.is_open = true);
                return hold(is_known, Rule::InputOnOpenConnection, || format!("{conn:?}"));
            }
            Input::Line { conn, end: LineEnd::Terminator, .. } => {
                let is_paused = self.desc(conn).is_some_and(|desc| desc.is_paused);
                let found = || format!("a line of {conn:?}");
                return hold(!is_paused, Rule::PausedNotRead, found);
            }
            Input::Backlog { conn, bytes } => self.change(conn, |desc| desc.backlog = bytes),
            Input::Closed { conn, .. } => {
                let removed = self.streams.remove(&conn);
                let is_right = removed.is_some_and(|desc| desc.is_open && desc.is_removed);
                let found = || format!("{conn:?} was not open, or still is");
                return hold(is_right, Rule::ClosedOnce, found);
            }
            _ => {}
        }
        Ok(())
    }

    fn on_action(&mut self, action: &Action<AnyNotice>) {
        match *action {
            Action::Pause { conn } => self.change(conn, |desc| desc.is_paused = true),
            Action::Resume { conn } => self.change(conn, |desc| desc.is_paused = false),
            Action::Close { conn } | Action::Abort { conn } | Action::Reset { conn } => {
                self.change(conn, |desc| desc.is_closing = true);
            }
            Action::Show(_) => self.notices_due += 1,
            Action::Exit { .. } => self.has_exited = true,
            _ => {}
        }
    }

    fn change(&mut self, conn: ConnId, change: impl FnOnce(&mut Desc)) {
        if let Some(desc) = self.desc(conn) {
            change(desc);
        }
    }

    /// The machine knows of every closed connection.
    fn end_turn(&self) -> Result<(), Violation> {
        let unreported = self.streams.iter().find(|(_, desc)| desc.is_removed);
        let found = || format!("the machine does not know of it: {unreported:?}");
        hold(unreported.is_none(), Rule::ClosedOnce, found)
    }

    /// The loop goes to sleep. `reported`: what the poller will not report again.
    fn sleeps(&self, conn: ConnId, reported: Readiness) -> Result<(), Violation> {
        let Some(desc) = self.streams.get(&conn) else { return Ok(()) };
        let found = || format!("{conn:?}: {reported:?}, {desc:?}");
        let can_read = reported.readable || reported.read_closed;
        let can_write = reported.writable && (desc.backlog > 0 || !desc.is_open);
        let is_forgotten = (can_read && !desc.may_be_unread()) || can_write;
        hold(!is_forgotten, Rule::NoLostEdge, found)
    }
}

impl Watch {
    /// One entry of the log of a process.
    pub(crate) fn see(&mut self, node: NodeId, entry: LogEntry) {
        let watch = &mut self.loops[node];
        let result = match entry {
            LogEntry::Polled { may_sleep } => {
                self.note(node, format_args!("polls, may sleep: {may_sleep}"));
                self.loops[node].begin(may_sleep)
            }
            LogEntry::Accepted => watch.accepts(),
            LogEntry::Opened(conn, sock) => return watch.opens(conn, sock),
            LogEntry::Read(conn, sock, got) => {
                self.note_read(node, conn, &got);
                let result = self.loops[node].reads(conn, &got);
                self.on_read(sock, got.as_deref().unwrap_or_default());
                result
            }
            LogEntry::Wrote(sock, bytes) => {
                watch.progress += 1;
                self.streams.written(sock, &bytes)
            }
            // The waiting bytes are discarded.
            LogEntry::WriteFailed(conn) => return watch.change(conn, |desc| desc.backlog = 0),
            LogEntry::CutUnread(conn, since) => {
                let is_excused = watch.desc(conn).is_none_or(|desc| desc.is_paused_or_full());
                match self.roles[node] {
                    Role::Directory if !is_excused => self.directory.cuts_unread(conn, since),
                    _ => return,
                }
            }
            LogEntry::Removed(conn) => return watch.removes(conn),
            LogEntry::Input(now, input) => return self.on_input(node, now, &input.input()),
            LogEntry::Action(now, action, bytes) => {
                watch.on_action(&action);
                return self.on_action(node, now, &action, &bytes);
            }
            LogEntry::Handled(now, next) => return self.on_handled(node, now, next),
        };
        self.judge(result);
    }

    fn note_read(&mut self, node: NodeId, conn: ConnId, got: &Result<Vec<u8>, ErrorKind>) {
        let (slot, generation) = (conn.slot, conn.generation);
        let got = got.as_ref().map(Vec::len);
        self.note(node, format_args!("reads {slot}.{generation}: {got:?}"));
    }

    /// The host has taken so many notices.
    pub(crate) fn on_shown(&mut self, node: NodeId, count: usize) {
        let due = std::mem::take(&mut self.loops[node].notices_due);
        let found = || format!("{count} of {due}");
        self.judge(hold(count == due, Rule::NoticesReachHost, found));
        let result = self.loops[node].end_turn();
        self.judge(result);
    }

    pub(crate) fn on_sleep(&mut self, node: NodeId, conn: ConnId, reported: Readiness) {
        let result = self.loops[node].sleeps(conn, reported);
        self.judge(result);
    }

    /// `has_reported`: callers wait, and the poller has reported them.
    pub(crate) fn on_listener_sleep(&mut self, timeout: Option<Duration>, has_reported: bool) {
        // Without descriptors the listener is not used for a while.
        let is_long = timeout.is_none_or(|it| it > Duration::from_millis(ACCEPT_PAUSE_MS));
        let found = || format!("callers wait for {timeout:?}");
        self.judge(hold(!(has_reported && is_long), Rule::NoLostEdge, found));
    }
}
