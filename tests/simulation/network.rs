//! The network: what a kernel does when a program uses a socket.
//!
//! [`super::kernel`] offers this to an event loop. Read next: [`super::segments`], the other half.

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::faults::Conditions;
use super::link::{End, Link, PollState, Side, Sock, SockState};
use super::pipe::Payload;
use super::rng::Rng;
use super::schedule::{NodeId, Schedule};

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Place {
    /// The computer, with the address 10.0.0.`host`. Two nodes may share one.
    pub(crate) host: u8,
    pub(crate) port: u16,
}

/// All links, listeners and backlogs.
#[derive(Debug)]
pub(crate) struct Network {
    pub(crate) schedule: Schedule,
    pub(crate) conditions: Conditions,
    pub(crate) links: Vec<Link>,
    pub(crate) places: Vec<Place>,
    pub(crate) listeners: BTreeMap<Place, NodeId>,
    /// For each node, the connections that wait to be accepted.
    pub(crate) backlogs: Vec<VecDeque<Sock>>,
    /// For each node, what the poller must report of its listener.
    pub(crate) listener_polls: Vec<PollState>,
    pub(crate) rng: Rng,
    next_port: u16,
}

pub(crate) fn host_ip(host: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(10, 0, 0, host))
}

/// An empty network, for a process between two turns.
impl Default for Network {
    fn default() -> Self {
        Self::new(Vec::new(), Conditions::calm(), Rng::new(0))
    }
}

impl Network {
    pub(crate) fn new(places: Vec<Place>, conditions: Conditions, rng: Rng) -> Self {
        let nodes = places.len();
        Self {
            schedule: Schedule::new(nodes),
            conditions,
            links: Vec::new(),
            places,
            listeners: BTreeMap::new(),
            backlogs: vec![VecDeque::new(); nodes],
            listener_polls: vec![PollState::default(); nodes],
            rng,
            next_port: 40_000,
        }
    }

    pub(crate) fn listen(&mut self, node: NodeId) {
        self.listeners.insert(self.places[node], node);
        // Nothing was reported of a new socket yet.
        self.listener_polls[node] = PollState::default();
    }

    /// Starts to connect. [`Network::state`] has the result.
    pub(crate) fn dial(&mut self, node: NodeId, to: SocketAddr) -> Sock {
        let Place { host, .. } = self.places[node];
        let from_ip = if to.ip().is_loopback() { to.ip() } else { host_ip(host) };
        self.next_port = if self.next_port < 60_000 { self.next_port + 1 } else { 40_000 };
        let from = SocketAddr::new(from_ip, self.next_port);
        let path = self.conditions.draw_path(&mut self.rng);
        let mut link = Link::new(from, to, path);
        link.ends[0].node = Some(node);
        self.links.push(link);
        let sock = Sock { link: self.links.len() - 1, side: Side::Dialer };
        if !self.rng.percent(self.conditions.unreachable_percent) {
            self.send_segment(sock, Payload::Syn);
        } else if self.rng.percent(70) {
            self.links[sock.link].break_end(sock.side, ErrorKind::HostUnreachable);
            self.wake(sock);
        }
        // In the other cases no answer ever comes.
        sock
    }

    pub(crate) fn state(&self, sock: Sock) -> SockState {
        self.links[sock.link].ends[sock.side as usize].state
    }

    /// Reads like read(2): some bytes, none at the end of the stream, or an error. `by_edges`: a
    /// read that does not fill the buffer has emptied the socket, and later bytes are a new edge.
    pub(crate) fn read(
        &mut self,
        sock: Sock,
        buffer: &mut [u8],
        by_edges: bool,
    ) -> io::Result<usize> {
        let now = self.schedule.now;
        let link = &mut self.links[sock.link];
        if link.inbox(sock.side).arrived.is_empty() {
            return read_without_input(link.end(sock.side));
        }
        let inbox = link.inbox(sock.side);
        let most = inbox.readable().min(buffer.len());
        let some = self.conditions.cut_call(most, &mut self.rng);
        for (byte, arrived) in buffer.iter_mut().zip(inbox.take(some)) {
            *byte = arrived;
        }
        let has_more = !inbox.arrived.is_empty();
        inbox.send_unsent(now, &mut self.rng);
        let end = link.end(sock.side);
        if some < most && by_edges {
            // As if the rest had arrived just now.
            end.poll_state.set_edge(now);
            (end.unread_since, end.known_since) = (Some(now), None);
        }
        if !has_more {
            (end.unread_since, end.known_since) = (None, None);
        }
        self.plan(sock.other());
        Ok(some)
    }

    /// Shuts down writing.
    pub(crate) fn half_close(&mut self, sock: Sock) {
        let now = self.schedule.now;
        let out = self.links[sock.link].out(sock.side);
        out.end();
        out.send_unsent(now, &mut self.rng);
        self.plan(sock);
    }

    /// Closes like close(2). With unread input, the queued output is discarded.
    pub(crate) fn close(&mut self, sock: Sock) {
        let link = &mut self.links[sock.link];
        let before = std::mem::replace(&mut link.end(sock.side).state, SockState::Closed);
        if before == SockState::Open {
            if link.inbox(sock.side).arrived.is_empty() {
                self.half_close(sock);
            } else {
                link.out(sock.side).discard_unsent();
                self.send_segment(sock, Payload::Reset);
            }
        }
    }

    /// Closes with a reset, and discards the queued output.
    pub(crate) fn reset(&mut self, sock: Sock) {
        let link = &mut self.links[sock.link];
        let before = std::mem::replace(&mut link.end(sock.side).state, SockState::Closed);
        if before == SockState::Open {
            link.out(sock.side).discard_unsent();
            self.send_segment(sock, Payload::Reset);
        }
    }

    /// Writes like write(2): some bytes, or an error.
    pub(crate) fn write(&mut self, sock: Sock, bytes: &[u8]) -> io::Result<usize> {
        let now = self.schedule.now;
        let link = &mut self.links[sock.link];
        let end = link.end(sock.side);
        if let SockState::Broken(kind) = end.state {
            let is_told = std::mem::replace(&mut end.is_error_reported, true);
            return Err(if is_told { ErrorKind::BrokenPipe } else { kind }.into());
        }
        if link.out(sock.side).has_ended() {
            return Err(ErrorKind::BrokenPipe.into());
        }
        let room = link.out(sock.side).room();
        if room == 0 {
            let end = link.end(sock.side);
            end.wants_room = true;
            end.poll_state.rearm();
            return Err(ErrorKind::WouldBlock.into());
        }
        let some = self.conditions.cut_call(room.min(bytes.len()), &mut self.rng);
        let out = link.out(sock.side);
        out.write(now, &bytes[..some]);
        out.send_unsent(now, &mut self.rng);
        self.plan(sock);
        Ok(some)
    }
}

/// The result of a read without input. An error is reported once.
fn read_without_input(end: &mut End) -> io::Result<usize> {
    match (end.state, end.fin_arrived) {
        (SockState::Broken(kind), _) if !std::mem::replace(&mut end.is_error_reported, true) => {
            Err(kind.into())
        }
        (SockState::Broken(_), _) | (_, true) => Ok(0),
        (_, false) => {
            end.poll_state.rearm();
            Err(ErrorKind::WouldBlock.into())
        }
    }
}
