//! One TCP connection, as the kernels of its two computers know it: two ends and two pipes.
//!
//! It does what Linux does, as measured for this project: closing with unread input discards the
//! queued output and resets the other side, which can still read what had arrived. Read next:
//! [`super::network`], which moves segments.

use std::io::ErrorKind;
use std::net::SocketAddr;

use papo::event_loop::os::Readiness;

use super::pipe::{Path, Pipe};
use super::schedule::NodeId;

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Side {
    Dialer,
    Listener,
}

/// One end of one link: a program's descriptor.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Sock {
    pub(crate) link: usize,
    pub(crate) side: Side,
}

impl Sock {
    pub(crate) fn other(self) -> Self {
        let side = match self.side {
            Side::Dialer => Side::Listener,
            Side::Listener => Side::Dialer,
        };
        Self { link: self.link, side }
    }
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum SockState {
    /// The dial is in progress, or the connection is not accepted yet.
    #[default]
    Opening,
    Open,
    /// Broken. The program gets the error when it next reads or writes.
    Broken(ErrorKind),
    /// The program has closed it. The kernel may still send queued bytes.
    Closed,
}

/// The changes of one source that a poller must report.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PollState {
    /// The time of the first change that was not reported yet.
    pub(crate) edge: Option<u64>,
    /// By the rules of poll(2): reported, and silent until a call would block.
    pub(crate) is_in_reported: bool,
    pub(crate) is_out_reported: bool,
}

impl PollState {
    pub(crate) fn set_edge(&mut self, now: u64) {
        self.edge.get_or_insert(now);
    }

    /// A call would have blocked: the next change is reported again.
    pub(crate) fn rearm(&mut self) {
        (self.is_in_reported, self.is_out_reported) = (false, false);
    }

    /// The event that the poller reports if `level` is the state. `by_edges`: by the rules of epoll(7).
    pub(crate) fn event(&self, level: Readiness, by_edges: bool) -> Option<Readiness> {
        let is_in = level.readable || level.read_closed;
        let is_out = level.writable || level.write_closed;
        if by_edges {
            return (self.edge.is_some() && (is_in || is_out)).then_some(level);
        }
        let (wants_in, wants_out) =
            (is_in && !self.is_in_reported, is_out && !self.is_out_reported);
        let readable = level.readable && wants_in;
        let writable = level.writable && wants_out;
        (wants_in || wants_out).then_some(Readiness { readable, writable, ..level })
    }

    pub(crate) fn mark_reported(&mut self, reported: Readiness) {
        self.edge = None;
        self.is_in_reported |= reported.readable;
        self.is_out_reported |= reported.writable;
    }
}

#[derive(Debug, Default)]
pub(crate) struct End {
    /// The owner. At the listener's end it is known from the SYN on.
    pub(crate) node: Option<NodeId>,
    pub(crate) state: SockState,
    /// The FIN of the other side has arrived.
    pub(crate) fin_arrived: bool,
    /// A write found no room.
    pub(crate) wants_room: bool,
    /// The program has got the error, which is reported once.
    pub(crate) is_error_reported: bool,
    pub(crate) poll_state: PollState,
    /// Since when input waits, and when the program first polled after that.
    pub(crate) unread_since: Option<u64>,
    pub(crate) known_since: Option<u64>,
}

/// One TCP connection, or the attempt at one.
#[derive(Debug)]
pub(crate) struct Link {
    /// The dialer's address, as the listener sees it.
    pub(crate) from: SocketAddr,
    /// The dialed address.
    pub(crate) to: SocketAddr,
    pub(crate) ends: [End; 2],
    /// The pipe out of each end.
    pub(crate) pipes: [Pipe; 2],
}

impl Link {
    pub(crate) fn new(from: SocketAddr, to: SocketAddr, path: Path) -> Self {
        let pipes = [Pipe::new(path), Pipe::new(path)];
        Self { from, to, ends: Default::default(), pipes }
    }

    pub(crate) fn end(&mut self, side: Side) -> &mut End {
        &mut self.ends[side as usize]
    }

    /// The pipe out of this end.
    pub(crate) fn out(&mut self, side: Side) -> &mut Pipe {
        &mut self.pipes[side as usize]
    }

    /// The pipe into this end.
    pub(crate) fn inbox(&mut self, side: Side) -> &mut Pipe {
        &mut self.pipes[1 - side as usize]
    }

    /// Breaks one end with an error. Its queued output is lost.
    pub(crate) fn break_end(&mut self, side: Side, kind: ErrorKind) {
        self.end(side).state = SockState::Broken(kind);
        self.out(side).discard_unsent();
    }

    /// The state of one end, as poll(2) reports it.
    pub(crate) fn level(&self, side: Side) -> Readiness {
        let (end, out) = (&self.ends[side as usize], &self.pipes[side as usize]);
        let inbox = &self.pipes[1 - side as usize];
        let is_broken = matches!(end.state, SockState::Broken(_));
        if end.state != SockState::Open && !is_broken {
            return Readiness::default();
        }
        let is_over = is_broken || (end.fin_arrived && out.has_ended());
        Readiness {
            token: 0,
            readable: !inbox.arrived.is_empty() || end.fin_arrived || is_broken,
            writable: out.room() > 0 || is_broken,
            read_closed: end.fin_arrived || is_broken,
            write_closed: is_over,
            error: is_broken && !end.is_error_reported,
            priority: inbox.urgent.is_some(),
        }
    }
}
