//! The network: what a kernel does with a socket when its program asks.
//!
//! [`super::kernel`] offers this to an event loop. Nothing about lines or machines. Read next:
//! [`super::segments`], the other half.

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::agenda::{Agenda, NodeId};
use super::faults::Weather;
use super::link::{Alarm, End, Link, Side, Sock, Standing};
use super::pipe::Payload;
use super::rng::Rng;

/// Where a node stands in the world.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// The computer: its address is 10.0.0.`host`. Two nodes may share one.
    pub(crate) host: u8,
    /// Where it listens, if it does.
    pub(crate) port: u16,
}

/// All links, listeners and kernels.
#[derive(Debug)]
pub(crate) struct Network {
    pub(crate) agenda: Agenda,
    pub(crate) weather: Weather,
    pub(crate) links: Vec<Link>,
    pub(crate) places: Vec<Place>,
    pub(crate) listeners: BTreeMap<(u8, u16), NodeId>,
    /// Connections that wait to be accepted, for each node.
    pub(crate) backlogs: Vec<VecDeque<Sock>>,
    /// The readiness of each node's listener that it is to be told.
    pub(crate) knocks: Vec<Alarm>,
    pub(crate) rng: Rng,
    next_port: u16,
}

pub(crate) fn host_ip(host: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(10, 0, 0, host))
}

/// Nothing at all: what a process sees that does not run.
impl Default for Network {
    fn default() -> Self {
        Self::new(Vec::new(), Weather::calm(), Rng::new(0))
    }
}

impl Network {
    pub(crate) fn new(places: Vec<Place>, weather: Weather, rng: Rng) -> Self {
        let nodes = places.len();
        Self {
            agenda: Agenda::new(nodes),
            weather,
            links: Vec::new(),
            places,
            listeners: BTreeMap::new(),
            backlogs: vec![VecDeque::new(); nodes],
            knocks: vec![Alarm::default(); nodes],
            rng,
            next_port: 40_000,
        }
    }

    pub(crate) fn place(&self, node: NodeId) -> Place {
        self.places[node]
    }

    pub(crate) fn listen(&mut self, node: NodeId) {
        let Place { host, port } = self.places[node];
        self.listeners.insert((host, port), node);
        // Of a new socket nothing was told yet.
        self.knocks[node] = Alarm::default();
    }

    /// Starts to connect. The result shows in [`Network::standing`].
    pub(crate) fn dial(&mut self, node: NodeId, to: SocketAddr) -> Sock {
        let Place { host, .. } = self.places[node];
        let from_ip = if to.ip().is_loopback() { to.ip() } else { host_ip(host) };
        self.next_port = if self.next_port < 60_000 { self.next_port + 1 } else { 40_000 };
        let from = SocketAddr::new(from_ip, self.next_port);
        let path = self.weather.draw_path(&mut self.rng);
        let mut link = Link::new(from, to, path);
        link.ends[0].node = Some(node);
        self.links.push(link);
        let sock = Sock { link: self.links.len() - 1, side: Side::Dialer };
        if !self.weather.unreachable(&mut self.rng) {
            self.fly(sock, Payload::Syn);
        } else if self.rng.percent(70) {
            self.links[sock.link].break_end(sock.side, ErrorKind::HostUnreachable);
            self.wake(sock);
        }
        // Or nobody ever answers.
        sock
    }

    pub(crate) fn accept(&mut self, node: NodeId) -> Option<Sock> {
        self.backlogs[node].pop_front()
    }

    pub(crate) fn standing(&self, sock: Sock) -> Standing {
        self.links[sock.link].ends[sock.side as usize].standing
    }

    /// Reads like read(2): some bytes, none at the end of the stream, or an error. `by_edges`: a
    /// read that does not fill the buffer has emptied the socket, and what comes later is a new
    /// edge.
    pub(crate) fn read(
        &mut self,
        sock: Sock,
        buffer: &mut [u8],
        by_edges: bool,
    ) -> io::Result<usize> {
        let now = self.agenda.now;
        let link = &mut self.links[sock.link];
        if link.inbox(sock.side).arrived.is_empty() {
            return at_the_end(link.end(sock.side));
        }
        let inbox = link.inbox(sock.side);
        let most = inbox.readable().min(buffer.len());
        let some = self.weather.cut_call(most, &mut self.rng);
        for (byte, arrived) in buffer.iter_mut().zip(inbox.take(some)) {
            *byte = arrived;
        }
        let has_more = !inbox.arrived.is_empty();
        inbox.pump(now, &mut self.rng);
        let end = link.end(sock.side);
        if some < most && by_edges {
            // As if the rest had come right behind.
            end.alarm.ring(now);
            (end.unread_since, end.known_since) = (Some(now), None);
        }
        if !has_more {
            (end.unread_since, end.known_since) = (None, None);
        }
        self.plan(sock.other());
        Ok(some)
    }

    /// Says that nothing more will be written.
    pub(crate) fn half_close(&mut self, sock: Sock) {
        let now = self.agenda.now;
        let out = self.links[sock.link].out(sock.side);
        out.end();
        out.pump(now, &mut self.rng);
        self.plan(sock);
    }

    /// Closes. With unread input, or before the dial is through, what is queued is destroyed.
    pub(crate) fn close(&mut self, sock: Sock) {
        let link = &mut self.links[sock.link];
        let before = std::mem::replace(&mut link.end(sock.side).standing, Standing::Closed);
        if before == Standing::Open {
            if link.inbox(sock.side).arrived.is_empty() {
                self.half_close(sock);
            } else {
                link.out(sock.side).purge();
                self.fly(sock, Payload::Reset);
            }
        }
    }

    /// Writes like write(2): some bytes, or an error.
    pub(crate) fn write(&mut self, sock: Sock, bytes: &[u8]) -> io::Result<usize> {
        let now = self.agenda.now;
        let link = &mut self.links[sock.link];
        let end = link.end(sock.side);
        if let Standing::Broken(kind) = end.standing {
            let is_told = std::mem::replace(&mut end.is_error_told, true);
            return Err(if is_told { ErrorKind::BrokenPipe } else { kind }.into());
        }
        if link.out(sock.side).has_ended() {
            return Err(ErrorKind::BrokenPipe.into());
        }
        let room = link.out(sock.side).room();
        if room == 0 {
            let end = link.end(sock.side);
            end.wants_room = true;
            end.alarm.arm();
            return Err(ErrorKind::WouldBlock.into());
        }
        let some = self.weather.cut_call(room.min(bytes.len()), &mut self.rng);
        let out = link.out(sock.side);
        out.write(now, &bytes[..some]);
        out.pump(now, &mut self.rng);
        self.plan(sock);
        Ok(some)
    }
}

/// The result of a read where nothing is left to read. An error is told once.
fn at_the_end(end: &mut End) -> io::Result<usize> {
    match (end.standing, end.fin_arrived) {
        (Standing::Broken(kind), _) if !std::mem::replace(&mut end.is_error_told, true) => {
            Err(kind.into())
        }
        (Standing::Broken(_), _) | (_, true) => Ok(0),
        (_, false) => {
            end.alarm.arm();
            Err(ErrorKind::WouldBlock.into())
        }
    }
}
