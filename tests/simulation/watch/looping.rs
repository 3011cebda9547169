//! Watches the loop itself, between its kernel and its machine: nothing that comes is left
//! lying, nobody waits for long, and nothing leaves twice.
//!
//! Fed from the diary of each process. Read next: [`super`].

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::time::Duration;

use papo::event_loop::READ_BYTES_PER_TURN;
use papo::event_loop::connection::OUTPUT_SOFT_BYTES;
use papo::event_loop::listener::ACCEPT_PAUSE_MS;
use papo::event_loop::os::Readiness;
use papo::machine::{Action, ConnId, Input, LineEnd, Typed};

use super::super::agenda::NodeId;
use super::super::brain::Told;
use super::super::link::Sock;
use super::super::witness::Seen;
use super::rule::Rule;
use super::{Violation, Watch, hold};

/// Most reads of one connection in a turn: what was left over, and an event.
const READS_A_TURN: usize = 2;

/// Most callers accepted in a turn.
const ACCEPTS_A_TURN: usize = 64;

/// So many turns without sleep may bring nothing to pass.
const IDLE_TURNS_MAX: usize = 8;

/// One stream of a process.
#[derive(Debug)]
pub(crate) struct Desc {
    pub(crate) sock: Sock,
    /// The machine knows it.
    is_open: bool,
    is_paused: bool,
    /// The machine wants no more input.
    is_closing: bool,
    /// The end was read, or an error.
    has_ended: bool,
    /// It was given back.
    is_removed: bool,
    /// Output that the kernel did not take, as the machine was told.
    backlog: usize,
    reads: usize,
    bytes: usize,
}

impl Desc {
    fn is_held_back(&self) -> bool {
        self.is_paused || self.backlog >= OUTPUT_SOFT_BYTES
    }

    fn may_be_unread(&self) -> bool {
        self.is_held_back() || self.is_closing || self.has_ended
    }
}

/// The steps of one process in this turn, and before.
#[derive(Debug, Default)]
pub(crate) struct LoopWatch {
    pub(crate) streams: BTreeMap<ConnId, Desc>,
    accepts: usize,
    /// Inputs, bytes and callers in this turn.
    progress: usize,
    idle_turns: usize,
    /// Something was removed in this turn.
    has_removed: bool,
    /// The machine wants the process to end.
    pub(super) has_exited: bool,
    /// Notices that were asked for and not taken by the host yet.
    owed_notices: usize,
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
        hold(self.idle_turns <= IDLE_TURNS_MAX, Rule::NobodySpins, found)
    }

    fn accepts(&mut self) -> Result<(), Violation> {
        self.accepts += 1;
        self.progress += 1;
        let found = || format!("{} callers in one turn", self.accepts);
        // While there are no descriptors, so many more are turned away.
        hold(self.accepts <= 2 * ACCEPTS_A_TURN, Rule::EverybodyTakesTurns, found)
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
        hold(!self.has_removed, Rule::RemovalComesLast, || format!("{conn:?} was read behind it"))?;
        let Some(desc) = self.streams.get_mut(&conn) else { return Ok(()) };
        desc.reads += 1;
        desc.bytes += got.as_ref().map_or(0, Vec::len);
        desc.has_ended |= match got {
            Ok(bytes) => bytes.is_empty(),
            Err(kind) => !matches!(kind, ErrorKind::WouldBlock | ErrorKind::Interrupted),
        };
        self.progress += usize::from(*got != Err(ErrorKind::WouldBlock));
        let (reads, bytes) = (desc.reads, desc.bytes);
        hold(!desc.is_held_back(), Rule::PausedIsLeftAlone, || format!("{conn:?} was read"))?;
        let is_fair = reads <= READS_A_TURN && bytes <= READS_A_TURN * READ_BYTES_PER_TURN;
        let found = || format!("{conn:?}: {reads} reads, {bytes} bytes in one turn");
        hold(is_fair, Rule::EverybodyTakesTurns, found)
    }

    fn removes(&mut self, conn: ConnId) {
        self.has_removed = true;
        self.change(conn, |desc| desc.is_removed = true);
        // A dial that came to nothing: no machine knew it.
        self.streams.retain(|_, desc| desc.is_open || !desc.is_removed);
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "nothing follows from the others")]
    fn hears(&mut self, input: &Input<'_, Typed>) -> Result<(), Violation> {
        self.progress += 1;
        match *input {
            Input::Accepted { conn, .. } | Input::Dialed { result: Ok(conn), .. } => {
                let is_known = self.desc(conn).is_some();
                self.change(conn, |desc| desc.is_open = true);
                return hold(is_known, Rule::LinesNeedAConnection, || format!("{conn:?}"));
            }
            Input::Line { conn, end: LineEnd::Terminator, .. } => {
                let is_paused = self.desc(conn).is_some_and(|desc| desc.is_paused);
                let found = || format!("a line of {conn:?}");
                return hold(!is_paused, Rule::PausedIsLeftAlone, found);
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

    #[expect(clippy::wildcard_enum_match_arm, reason = "nothing follows from the others")]
    fn wants(&mut self, action: &Action<Told>) {
        match *action {
            Action::Pause { conn } => self.change(conn, |desc| desc.is_paused = true),
            Action::Resume { conn } => self.change(conn, |desc| desc.is_paused = false),
            Action::Close { conn } | Action::Abort { conn } | Action::Reset { conn } => {
                self.change(conn, |desc| desc.is_closing = true);
            }
            Action::Show(_) => self.owed_notices += 1,
            Action::Exit { .. } => self.has_exited = true,
            _ => {}
        }
    }

    fn change(&mut self, conn: ConnId, change: impl FnOnce(&mut Desc)) {
        if let Some(desc) = self.desc(conn) {
            change(desc);
        }
    }

    /// The machine was told of every connection that is gone.
    fn end_turn(&self) -> Result<(), Violation> {
        let untold = self.streams.iter().find(|(_, desc)| desc.is_removed);
        let found = || format!("{:?} was removed without a word", untold.map(|(conn, _)| conn));
        hold(untold.is_none(), Rule::ClosedOnce, found)
    }

    /// The loop goes to sleep. `told`: what the poller will not tell of this stream again.
    fn sleeps(&self, conn: ConnId, told: Readiness) -> Result<(), Violation> {
        let Some(desc) = self.streams.get(&conn) else { return Ok(()) };
        let found = || format!("{conn:?}: {told:?}, {desc:?}");
        let can_read = told.readable || told.read_closed;
        let can_write = told.writable && (desc.backlog > 0 || !desc.is_open);
        let is_forgotten = (can_read && !desc.may_be_unread()) || can_write;
        hold(!is_forgotten, Rule::NoEdgeIsLost, found)
    }
}

impl Watch {
    /// One entry of the diary of a process.
    pub(crate) fn see(&mut self, node: NodeId, seen: Seen) {
        let watch = &mut self.loops[node];
        let result = match seen {
            Seen::Polled { may_sleep } => {
                self.note(node, format_args!("polls, may sleep: {may_sleep}"));
                self.loops[node].begin(may_sleep)
            }
            Seen::Accepted => watch.accepts(),
            Seen::Opened(conn, sock) => {
                watch.opens(conn, sock);
                Ok(())
            }
            Seen::Read(conn, sock, got) => {
                self.note_read(node, conn, &got);
                let watch = &mut self.loops[node];
                let result = watch.reads(conn, &got);
                self.on_read(sock, got.as_deref().unwrap_or_default());
                result
            }
            Seen::Wrote(sock, bytes) => {
                watch.progress += 1;
                self.streams.wrote(sock, &bytes)
            }
            Seen::WriteFailed(conn) => {
                // The waiting bytes are forgotten.
                watch.change(conn, |desc| desc.backlog = 0);
                Ok(())
            }
            Seen::CutUnread(conn, since) => {
                let is_excused = watch.desc(conn).is_none_or(|desc| desc.is_held_back());
                if is_excused { Ok(()) } else { self.on_unread(node, conn, since) }
            }
            Seen::Removed(conn) => {
                watch.removes(conn);
                Ok(())
            }
            Seen::Heard(now, kept) => {
                self.on_input(node, now, &kept.input());
                Ok(())
            }
            Seen::Wants(now, action, bytes) => {
                watch.wants(&action);
                self.on_action(node, now, &action, &bytes);
                Ok(())
            }
            Seen::Handled(now, next) => {
                self.on_handled(node, now, next);
                Ok(())
            }
        };
        self.judge(result);
    }

    fn note_read(&mut self, node: NodeId, conn: ConnId, got: &Result<Vec<u8>, ErrorKind>) {
        let (slot, generation) = (conn.slot, conn.generation);
        let got = got.as_ref().map(Vec::len);
        self.note(node, format_args!("reads {slot}.{generation}: {got:?}"));
    }

    /// The host took so many notices.
    pub(crate) fn on_shown(&mut self, node: NodeId, count: usize) {
        let owed = std::mem::take(&mut self.loops[node].owed_notices);
        let found = || format!("{count} of {owed}");
        self.judge(hold(count == owed, Rule::NoticesReachTheHost, found));
        let result = self.loops[node].end_turn();
        self.judge(result);
    }

    pub(crate) fn on_sleep(&mut self, node: NodeId, conn: ConnId, told: Readiness) {
        let result = self.loops[node].sleeps(conn, told);
        self.judge(result);
    }

    /// `has_told`: callers wait, and the poller has told of them.
    pub(crate) fn on_listener_sleep(&mut self, timeout: Option<Duration>, has_told: bool) {
        // Without descriptors the listener is left alone for a while.
        let is_long = timeout.is_none_or(|it| it > Duration::from_millis(ACCEPT_PAUSE_MS));
        let found = || format!("callers wait for {timeout:?}");
        self.judge(hold(!(has_told && is_long), Rule::NoEdgeIsLost, found));
    }

    pub(super) fn loop_hears(&mut self, node: NodeId, input: &Input<'_, Typed>) {
        let result = self.loops[node].hears(input);
        self.judge(result);
    }
}
