//! Two ends and the two pipes between them: what the kernels of two computers know about one
//! TCP connection.
//!
//! Follows what Linux does where the books leave it open, as measured for this project: closing
//! with unread input destroys what is queued and resets the other side, which still reads what
//! had arrived. Nothing about programs. Read next: [`super::network`], which moves segments.

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};

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

/// One end.
#[derive(Debug)]
pub(crate) struct End {
    /// Whose it is. At the listener's end, from the first segment on.
    pub(crate) node: Option<NodeId>,
    pub(crate) standing: Standing,
    /// The FIN of the other side has arrived.
    pub(crate) fin_arrived: bool,
    /// The program wanted to write more than there was room for.
    pub(crate) wants_room: bool,
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
    /// What each end sends.
    pub(crate) pipes: [Pipe; 2],
}

impl Link {
    pub(crate) fn new(from: SocketAddr, to: SocketAddr, path: Path) -> Self {
        let end = || End {
            node: None,
            standing: Standing::Opening,
            fin_arrived: false,
            wants_room: false,
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

    /// What this end sends.
    pub(crate) fn out(&mut self, side: Side) -> &mut Pipe {
        &mut self.pipes[side as usize]
    }

    /// What this end receives.
    pub(crate) fn inbox(&mut self, side: Side) -> &mut Pipe {
        &mut self.pipes[1 - side as usize]
    }

    /// Breaks one end: its program will be told `kind`, and what it had queued is lost.
    pub(crate) fn break_end(&mut self, side: Side, kind: ErrorKind) {
        self.end(side).standing = Standing::Broken(kind);
        self.out(side).purge();
    }
}
