//! Two ends and the two pipes between them: what the kernels of two computers know about one
//! TCP connection.
//!
//! Follows what Linux does where the books leave it open, as measured for this project: closing
//! with unread input destroys what is queued and resets the other side, which still reads what
//! had arrived. Nothing about programs. Read next: [`super::network`], which moves segments.

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};

use papo::event_loop::os::Readiness;

use super::agenda::NodeId;
use super::pipe::{Path, Pipe};

/// One of the two ends.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Side {
    Dialer,
    Listener,
}

/// One end of one link: what a program holds as a descriptor.
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

/// How an end stands to its program.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Standing {
    /// The dial is under way; or, at the listener's end, not accepted yet.
    Opening,
    Open,
    /// Broken; the program is told when it next reads or writes.
    Broken(ErrorKind),
    /// The program has closed it. The kernel may still send what was queued.
    Closed,
}

/// The readiness of one source.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Alarm {
    /// An edge: something has changed at this time, and the program was not told yet.
    pub(crate) edge: Option<u64>,
    /// A poller of poll(2)'s kind has told this, and keeps quiet until a call would block.
    pub(crate) has_told_in: bool,
    pub(crate) has_told_out: bool,
}

impl Alarm {
    pub(crate) fn ring(&mut self, now: u64) {
        self.edge.get_or_insert(now);
    }

    /// A call would have blocked: from now on the next change is told again.
    pub(crate) fn arm(&mut self) {
        (self.has_told_in, self.has_told_out) = (false, false);
    }

    /// The readiness that the poller tells of the state `level`. `by_edges`: as epoll(7) does.
    pub(crate) fn due(&self, level: Readiness, by_edges: bool) -> Option<Readiness> {
        let is_in = level.readable || level.read_closed;
        let is_out = level.writable || level.write_closed;
        if by_edges {
            return (self.edge.is_some() && (is_in || is_out)).then_some(level);
        }
        let (wants_in, wants_out) = (is_in && !self.has_told_in, is_out && !self.has_told_out);
        let readable = level.readable && wants_in;
        let writable = level.writable && wants_out;
        (wants_in || wants_out).then_some(Readiness { readable, writable, ..level })
    }

    pub(crate) fn tell(&mut self, told: Readiness) {
        self.edge = None;
        self.has_told_in |= told.readable;
        self.has_told_out |= told.writable;
    }
}

/// One end.
#[derive(Debug)]
pub(crate) struct End {
    /// The owner. At the listener's end it is known from the first segment on.
    pub(crate) node: Option<NodeId>,
    pub(crate) standing: Standing,
    /// The FIN of the other side has arrived.
    pub(crate) fin_arrived: bool,
    /// The program wanted to write more than there was room for.
    pub(crate) wants_room: bool,
    /// The program was told of the error: that happens once.
    pub(crate) is_error_told: bool,
    pub(crate) alarm: Alarm,
    /// Since when something waits to be read, and when the program has first polled since then.
    pub(crate) unread_since: Option<u64>,
    pub(crate) known_since: Option<u64>,
}

/// One TCP connection, or the attempt at one.
#[derive(Debug)]
pub(crate) struct Link {
    /// Where the dial came from, as the listener sees it.
    pub(crate) from: SocketAddr,
    /// Where it went to.
    pub(crate) to: SocketAddr,
    /// The address of the listener's that was reached.
    pub(crate) reached: IpAddr,
    pub(crate) ends: [End; 2],
    /// The way from each end.
    pub(crate) pipes: [Pipe; 2],
}

impl Link {
    pub(crate) fn new(from: SocketAddr, to: SocketAddr, path: Path) -> Self {
        let end = || End {
            node: None,
            standing: Standing::Opening,
            fin_arrived: false,
            wants_room: false,
            is_error_told: false,
            alarm: Alarm::default(),
            unread_since: None,
            known_since: None,
        };
        Self {
            from,
            to,
            reached: to.ip(),
            ends: [end(), end()],
            pipes: [Pipe::new(path), Pipe::new(path)],
        }
    }

    pub(crate) fn end(&mut self, side: Side) -> &mut End {
        &mut self.ends[side as usize]
    }

    /// The way out of this end.
    pub(crate) fn out(&mut self, side: Side) -> &mut Pipe {
        &mut self.pipes[side as usize]
    }

    /// The way into this end.
    pub(crate) fn inbox(&mut self, side: Side) -> &mut Pipe {
        &mut self.pipes[1 - side as usize]
    }

    /// Breaks one end: its program will be told `kind`, and what it had queued is lost.
    pub(crate) fn break_end(&mut self, side: Side, kind: ErrorKind) {
        self.end(side).standing = Standing::Broken(kind);
        self.out(side).purge();
    }

    /// How things are at one end, as poll(2) would say.
    pub(crate) fn level(&self, side: Side) -> Readiness {
        let (end, out) = (&self.ends[side as usize], &self.pipes[side as usize]);
        let inbox = &self.pipes[1 - side as usize];
        let is_broken = matches!(end.standing, Standing::Broken(_));
        if end.standing != Standing::Open && !is_broken {
            return Readiness::default();
        }
        let is_over = is_broken || (end.fin_arrived && out.has_ended());
        Readiness {
            token: 0,
            readable: !inbox.arrived.is_empty() || end.fin_arrived || is_broken,
            writable: out.room() > 0 || is_broken,
            read_closed: end.fin_arrived || is_broken,
            write_closed: is_over,
            error: is_broken && !end.is_error_told,
            priority: inbox.urgent.is_some(),
        }
    }
}
