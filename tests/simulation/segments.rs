//! How segments travel: what happens in kernels and on wires while programs sleep.
//!
//! The other half of [`super::network`]. Nothing here is asked for by a program; it happens when
//! its time on the agenda has come, or when a fault strikes.

use std::io::ErrorKind;
use std::net::IpAddr;

use super::agenda::{Event, NEVER, NodeId};
use super::link::{Link, Side, Sock, Standing};
use super::network::{Network, Place};
use super::pipe::Payload;

/// TCP_USER_TIMEOUT: sent data must be acknowledged within this.
const USER_TIMEOUT_MS: u64 = 14_000;

/// Keepalive 10/5/3: an idle way that is gone is noticed after this.
const KEEPALIVE_MS: u64 = 25_000;

impl Network {
    /// The bytes that one end has sent may have arrived at the other.
    pub(crate) fn on_arrival(&mut self, from: Sock) {
        let now = self.agenda.now;
        self.links[from.link].out(from.side).arrival_planned = false;
        while let Some(payload) = self.links[from.link].out(from.side).pop_arrived(now) {
            self.deliver(from, payload);
        }
        // Every segment in one direction also acknowledges the other one.
        self.acknowledge(from.other());
        self.acknowledge(from);
        self.plan(from);
    }

    /// Acknowledges what this end has sent, if the way back is open.
    fn acknowledge(&mut self, sock: Sock) {
        let now = self.agenda.now;
        let link = &mut self.links[sock.link];
        let way_back_open = !link.inbox(sock.side).is_holed(now);
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
        match (payload, link.end(to.side).standing) {
            (Payload::Syn, _) => self.on_syn(to),
            (Payload::SynAck, Standing::Opening) => {
                link.end(to.side).standing = Standing::Open;
                self.wake(to);
                self.fly(to, Payload::Ack);
            }
            (Payload::Ack, Standing::Opening) => self.on_established(to),
            (Payload::Bytes(bytes), Standing::Open) => {
                let inbox = link.inbox(to.side);
                inbox.arrived.extend(bytes);
                if inbox.urgent.is_none() && self.weather.is_urgent(&mut self.rng) {
                    inbox.urgent = Some(inbox.arrived.len());
                }
                let now = self.agenda.now;
                link.end(to.side).unread_since.get_or_insert(now);
                self.wake(to);
            }
            (Payload::Fin, Standing::Open) => {
                link.end(to.side).fin_arrived = true;
                self.wake(to);
            }
            (Payload::Reset, Standing::Opening | Standing::Open) => self.on_reset(to),
            (Payload::Reset, Standing::Closed | Standing::Broken(_)) => link.out(to.side).purge(),
            (Payload::SynAck | Payload::Bytes(_), _) => {
                link.out(to.side).purge();
                self.fly(to, Payload::Reset);
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
        let node = self.listeners.get(&(host, link.to.port())).copied();
        let refused = self.weather.refused(&mut self.rng);
        match node.filter(|_| !refused) {
            Some(node) => {
                link.end(to.side).node = Some(node);
                self.fly(to, Payload::SynAck);
            }
            None => self.fly(to, Payload::Reset),
        }
    }

    fn on_established(&mut self, to: Sock) {
        let link = &mut self.links[to.link];
        let node = link.end(to.side).node.expect("known since the SYN");
        if self.is_listening(node) {
            self.links[to.link].end(to.side).standing = Standing::Open;
            self.backlogs[node].push_back(to);
            let now = self.agenda.now;
            self.knocks[node].ring(now);
            self.wake(to);
        } else {
            self.links[to.link].end(to.side).standing = Standing::Closed;
            self.fly(to, Payload::Reset);
        }
    }

    fn on_reset(&mut self, to: Sock) {
        let link = &mut self.links[to.link];
        let kind = match link.end(to.side).standing {
            Standing::Opening => ErrorKind::ConnectionRefused,
            Standing::Open | Standing::Broken(_) | Standing::Closed => ErrorKind::ConnectionReset,
        };
        link.break_end(to.side, kind);
        self.wake(to);
    }

    /// Looks whether what an end sent was acknowledged in time.
    pub(crate) fn on_overdue(&mut self, sock: Sock) {
        let now = self.agenda.now;
        let link = &mut self.links[sock.link];
        let out = link.out(sock.side);
        out.overdue_planned = false;
        let is_stuck = out.unacked > 0 && now >= out.stuck_since + USER_TIMEOUT_MS;
        if is_stuck && link.end(sock.side).standing == Standing::Open {
            link.break_end(sock.side, ErrorKind::TimedOut);
            self.wake(sock);
            self.agenda.plan_in(KEEPALIVE_MS, Event::Probe(sock.other()));
        }
        self.plan(sock);
    }

    /// Looks whether the other end is still there.
    pub(crate) fn on_probe(&mut self, sock: Sock) {
        let now = self.agenda.now;
        let link = &mut self.links[sock.link];
        if link.end(sock.side).standing != Standing::Open {
            return;
        }
        let gone = |since: u64, until: u64| now < until && now >= since + KEEPALIVE_MS;
        let way_gone = link.pipes.iter().any(|pipe| gone(pipe.hole_since, pipe.hole_until));
        let other = link.end(sock.other().side).standing;
        let other_gone = matches!(other, Standing::Broken(_) | Standing::Closed);
        if way_gone {
            link.break_end(sock.side, ErrorKind::TimedOut);
            self.wake(sock);
        } else if other_gone && link.inbox(sock.side).is_quiet() && !link.end(sock.side).fin_arrived
        {
            self.on_reset(sock);
        }
    }

    /// Nothing gets through from this end until then.
    pub(crate) fn open_hole(&mut self, sock: Sock, until: u64) {
        let now = self.agenda.now;
        let link = &mut self.links[sock.link];
        link.out(sock.side).open_hole(now, until);
        if until != NEVER {
            self.agenda.plan(until, Event::Arrival(sock));
        }
        for side in [Side::Dialer, Side::Listener] {
            let probed = Sock { link: sock.link, side };
            self.agenda.plan_in(KEEPALIVE_MS, Event::Probe(probed));
        }
    }

    /// The way from this end is a good one from now on.
    pub(crate) fn mend(&mut self, sock: Sock) {
        let now = self.agenda.now;
        let out = self.links[sock.link].out(sock.side);
        out.mend(now);
        out.pump(now, &mut self.rng);
        if std::mem::take(&mut self.links[sock.link].end(sock.side).wants_room) {
            self.wake(sock);
        }
        self.agenda.plan(now, Event::Arrival(sock));
        self.agenda.plan_in(KEEPALIVE_MS / 2, Event::Probe(sock));
        self.agenda.plan_in(KEEPALIVE_MS / 2, Event::Probe(sock.other()));
    }

    /// Something on the way resets a link.
    pub(crate) fn cut(&mut self, link: usize) {
        for side in [Side::Dialer, Side::Listener] {
            if self.links[link].end(side).standing == Standing::Open {
                self.on_reset(Sock { link, side });
            }
        }
    }

    /// The process of `node` is gone; its kernel is not.
    pub(crate) fn stop_listening(&mut self, node: NodeId) {
        let Place { host, port } = self.places[node];
        if self.listeners.get(&(host, port)) == Some(&node) {
            self.listeners.remove(&(host, port));
        }
        while let Some(sock) = self.backlogs[node].pop_front() {
            self.links[sock.link].end(sock.side).standing = Standing::Closed;
            self.fly(sock, Payload::Reset);
        }
    }

    fn is_listening(&self, node: NodeId) -> bool {
        let Place { host, port } = self.places[node];
        self.listeners.get(&(host, port)) == Some(&node)
    }

    pub(crate) fn fly(&mut self, sock: Sock, payload: Payload) {
        let now = self.agenda.now;
        self.links[sock.link].out(sock.side).fly(now, &mut self.rng, payload);
        self.plan(sock);
    }

    /// Plans the next looks at what this end has sent.
    pub(crate) fn plan(&mut self, sock: Sock) {
        let link = &mut self.links[sock.link];
        let is_open = link.end(sock.side).standing == Standing::Open;
        let out = link.out(sock.side);
        let arrival = out.next_arrival().filter(|&at| at != NEVER && !out.arrival_planned);
        if let Some(at) = arrival {
            out.arrival_planned = true;
            self.agenda.plan(at, Event::Arrival(sock));
        }
        if is_open && out.unacked > 0 && !out.overdue_planned {
            out.overdue_planned = true;
            self.agenda.plan(out.stuck_since + USER_TIMEOUT_MS, Event::Overdue(sock));
        }
    }

    /// Something has changed at this end: its program is to be told.
    pub(crate) fn wake(&mut self, sock: Sock) {
        let now = self.agenda.now;
        let end = self.links[sock.link].end(sock.side);
        end.alarm.ring(now);
        if let Some(node) = end.node {
            let late_ms = self.weather.draw_lateness(&mut self.rng);
            self.agenda.wake(node, now + late_ms);
        }
    }
}

fn dialer(link: &Link) -> NodeId {
    link.ends[0].node.expect("somebody dialed")
}
