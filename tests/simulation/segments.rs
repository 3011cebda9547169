//! How segments travel while programs sleep: the other half of [`super::network`].
//!
//! No program calls these functions. They run when their event is due, or when a fault happens.

use std::io::ErrorKind;
use std::net::IpAddr;

use super::link::{Link, Side, Sock, SockState};
use super::network::{Network, Place};
use super::pipe::Payload;
use super::schedule::{Event, NEVER, NodeId};

/// TCP_USER_TIMEOUT: sent bytes must be acknowledged within this.
const USER_TIMEOUT_MS: u64 = 14_000;

/// TCP keepalive 10/5/3: a dead idle connection is noticed after this.
const KEEPALIVE_MS: u64 = 25_000;

impl Network {
    /// Bytes from this end may have arrived at the other.
    pub(crate) fn on_arrival(&mut self, from: Sock) {
        let now = self.schedule.now;
        self.links[from.link].out(from.side).arrival_planned = false;
        while let Some(payload) = self.links[from.link].out(from.side).pop_arrived(now) {
            self.deliver(from, payload);
        }
        // Every segment also acknowledges the other direction.
        self.acknowledge(from.other());
        self.acknowledge(from);
        self.plan(from);
    }

    /// Acknowledges the output of this end, if the other direction is open.
    fn acknowledge(&mut self, sock: Sock) {
        let now = self.schedule.now;
        let link = &mut self.links[sock.link];
        let way_back_open = !link.inbox(sock.side).is_blackholed(now);
        if way_back_open && link.out(sock.side).acknowledge(now) {
            let wants_room = std::mem::take(&mut link.end(sock.side).wants_room);
            if wants_room {
                self.wake(sock);
            }
        }
    }

    fn deliver(&mut self, from: Sock, payload: Payload) {
        let to = from.other();
        let link = &mut self.links[from.link];
        match (payload, link.end(to.side).state) {
            (Payload::Syn, _) => self.on_syn(to),
            (Payload::SynAck, SockState::Opening) => {
                link.end(to.side).state = SockState::Open;
                self.wake(to);
                self.send_segment(to, Payload::Ack);
            }
            (Payload::Ack, SockState::Opening) => self.on_established(to),
            (Payload::Bytes(bytes), SockState::Open) => {
                let inbox = link.inbox(to.side);
                inbox.arrived.extend(bytes);
                if inbox.urgent.is_none() && self.rng.chance(self.conditions.urgent_percent) {
                    inbox.urgent = Some(inbox.arrived.len());
                }
                let now = self.schedule.now;
                link.end(to.side).unread_since.get_or_insert(now);
                self.wake(to);
            }
            (Payload::Fin, SockState::Open) => {
                link.end(to.side).fin_arrived = true;
                self.wake(to);
            }
            (Payload::Reset, SockState::Opening | SockState::Open) => self.on_reset(to),
            (Payload::Reset, SockState::Closed | SockState::Broken(_)) => {
                link.out(to.side).discard_unsent()
            }
            (Payload::SynAck | Payload::Bytes(_), _) => {
                link.out(to.side).discard_unsent();
                self.send_segment(to, Payload::Reset);
            }
            (Payload::Fin | Payload::Ack, _) => {}
        }
    }

    fn on_syn(&mut self, to: Sock) {
        let link = &mut self.links[to.link];
        let host = match link.to.ip() {
            IpAddr::V4(ip) if ip.is_loopback() => self.places[dialer(link)].host,
            IpAddr::V4(ip) => ip.octets()[3],
            IpAddr::V6(_) => 0,
        };
        let node = self.listeners.get(&Place { host, port: link.to.port() }).copied();
        let refused = self.rng.percent(self.conditions.refused_percent);
        match node.filter(|_| !refused) {
            Some(node) => {
                link.end(to.side).node = Some(node);
                self.send_segment(to, Payload::SynAck);
            }
            None => self.send_segment(to, Payload::Reset),
        }
    }

    fn on_established(&mut self, to: Sock) {
        let link = &mut self.links[to.link];
        let node = link.end(to.side).node.expect("known since the SYN");
        if self.is_listening(node) {
            self.links[to.link].end(to.side).state = SockState::Open;
            self.backlogs[node].push_back(to);
            let now = self.schedule.now;
            self.listener_polls[node].set_edge(now);
            self.wake(to);
        } else {
            self.links[to.link].end(to.side).state = SockState::Closed;
            self.send_segment(to, Payload::Reset);
        }
    }

    fn on_reset(&mut self, to: Sock) {
        let link = &mut self.links[to.link];
        let kind = match link.end(to.side).state {
            SockState::Opening => ErrorKind::ConnectionRefused,
            SockState::Open | SockState::Broken(_) | SockState::Closed => {
                ErrorKind::ConnectionReset
            }
        };
        link.break_end(to.side, kind);
        self.wake(to);
    }

    /// Checks TCP_USER_TIMEOUT.
    pub(crate) fn on_overdue(&mut self, sock: Sock) {
        let now = self.schedule.now;
        let link = &mut self.links[sock.link];
        let out = link.out(sock.side);
        out.overdue_planned = false;
        let is_stuck = out.unacked > 0 && now >= out.stuck_since + USER_TIMEOUT_MS;
        if is_stuck && link.end(sock.side).state == SockState::Open {
            link.break_end(sock.side, ErrorKind::TimedOut);
            self.wake(sock);
            self.schedule.plan_in(KEEPALIVE_MS, Event::Probe(sock.other()));
        }
        self.plan(sock);
    }

    /// Checks keepalive.
    pub(crate) fn on_probe(&mut self, sock: Sock) {
        let now = self.schedule.now;
        let link = &mut self.links[sock.link];
        if link.end(sock.side).state != SockState::Open {
            return;
        }
        let gone = |since: u64, until: u64| now < until && now >= since + KEEPALIVE_MS;
        let way_gone =
            link.pipes.iter().any(|pipe| gone(pipe.blackhole_since, pipe.blackhole_until));
        let other = link.end(sock.other().side).state;
        let other_gone = matches!(other, SockState::Broken(_) | SockState::Closed);
        if way_gone {
            link.break_end(sock.side, ErrorKind::TimedOut);
            self.wake(sock);
        } else if other_gone && link.inbox(sock.side).is_quiet() && !link.end(sock.side).fin_arrived
        {
            self.on_reset(sock);
        }
    }

    /// Nothing passes from this end until then.
    fn open_blackhole(&mut self, sock: Sock, until: u64) {
        let now = self.schedule.now;
        let link = &mut self.links[sock.link];
        link.out(sock.side).open_blackhole(now, until);
        if until != NEVER {
            self.schedule.plan(until, Event::Arrival(sock));
        }
        for side in [Side::Dialer, Side::Listener] {
            let probed = Sock { link: sock.link, side };
            self.schedule.plan_in(KEEPALIVE_MS, Event::Probe(probed));
        }
    }

    /// The same from one end or both. `which`: 0 is the listener, 1 the dialer, 2 both.
    pub(crate) fn open_blackholes(&mut self, link: usize, which: u64, until: u64) {
        if which != 0 {
            self.open_blackhole(Sock { link, side: Side::Dialer }, until);
        }
        if which != 1 {
            self.open_blackhole(Sock { link, side: Side::Listener }, until);
        }
    }

    /// All links are good from now on.
    pub(crate) fn repair_all(&mut self) {
        for link in 0..self.links.len() {
            self.repair(Sock { link, side: Side::Dialer });
            self.repair(Sock { link, side: Side::Listener });
        }
    }

    fn repair(&mut self, sock: Sock) {
        let now = self.schedule.now;
        let out = self.links[sock.link].out(sock.side);
        out.repair(now);
        out.send_unsent(now, &mut self.rng);
        if std::mem::take(&mut self.links[sock.link].end(sock.side).wants_room) {
            self.wake(sock);
        }
        self.schedule.plan(now, Event::Arrival(sock));
        self.schedule.plan_in(KEEPALIVE_MS / 2, Event::Probe(sock));
        self.schedule.plan_in(KEEPALIVE_MS / 2, Event::Probe(sock.other()));
    }

    pub(crate) fn cut(&mut self, link: usize) {
        for side in [Side::Dialer, Side::Listener] {
            if self.links[link].end(side).state == SockState::Open {
                self.on_reset(Sock { link, side });
            }
        }
    }

    /// The process of `node` has ended, and its kernel refuses callers.
    pub(crate) fn stop_listening(&mut self, node: NodeId) {
        if self.is_listening(node) {
            self.listeners.remove(&self.places[node]);
        }
        while let Some(sock) = self.backlogs[node].pop_front() {
            self.links[sock.link].end(sock.side).state = SockState::Closed;
            self.send_segment(sock, Payload::Reset);
        }
    }

    fn is_listening(&self, node: NodeId) -> bool {
        self.listeners.get(&self.places[node]) == Some(&node)
    }

    pub(crate) fn send_segment(&mut self, sock: Sock, payload: Payload) {
        let now = self.schedule.now;
        self.links[sock.link].out(sock.side).send_segment(now, &mut self.rng, payload);
        self.plan(sock);
    }

    /// Plans the next events of this end's output.
    pub(crate) fn plan(&mut self, sock: Sock) {
        let link = &mut self.links[sock.link];
        let is_open = link.end(sock.side).state == SockState::Open;
        let out = link.out(sock.side);
        let arrival = out.next_arrival().filter(|&at| at != NEVER && !out.arrival_planned);
        if let Some(at) = arrival {
            out.arrival_planned = true;
            self.schedule.plan(at, Event::Arrival(sock));
        }
        if is_open && out.unacked > 0 && !out.overdue_planned {
            out.overdue_planned = true;
            self.schedule.plan(out.stuck_since + USER_TIMEOUT_MS, Event::Overdue(sock));
        }
    }

    /// Something has changed at this end: its program wakes up.
    pub(crate) fn wake(&mut self, sock: Sock) {
        let now = self.schedule.now;
        let end = self.links[sock.link].end(sock.side);
        end.poll_state.set_edge(now);
        if let Some(node) = end.node {
            let late_ms = self.rng.within(0..self.conditions.late_ms_max + 1);
            self.schedule.wake(node, now + late_ms);
        }
    }
}

fn dialer(link: &Link) -> NodeId {
    link.ends[0].node.expect("a link has a dialer")
}
