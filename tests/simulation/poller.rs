//! The poller of a simulated process: which events it reports, and when.
//!
//! It reports changes, once: by the rules of epoll(7), or (`EMPTIES` is false) by those of mio on
//! poll(2). It reports them in any order, and sometimes not all at once. Read next:
//! [`super::kernel`].

use std::io::{self, ErrorKind};

use papo::event_loop::os::{EVENTS_PER_TURN, Readiness};
use papo::event_loop::token::HOST_TOKENS;
use papo::machine::{ConnId, slot_number};

use super::kernel::{FIRST_CONNECTION, SimOs, Slot};
use super::link::{PollState, Sock};

impl<const EMPTIES: bool> SimOs<EMPTIES> {
    /// The sockets that the loop watches, with the machine's ids.
    pub(crate) fn watched(&self) -> impl Iterator<Item = (ConnId, Sock)> {
        let conn = |(index, slot): (usize, &Slot)| {
            let number = slot_number(index);
            slot.sock.map(|sock| (ConnId { slot: number, generation: slot.generation }, sock))
        };
        self.slots.iter().enumerate().filter_map(conn)
    }

    /// Whether there is an event to report.
    pub(crate) fn has_events(&self) -> bool {
        self.listener_event().is_some()
            || self.watched().any(|(_, sock)| self.event(sock).is_some())
    }

    /// The readiness of a socket that the poller has reported and will not report again.
    pub(crate) fn reported(&self, sock: Sock) -> Readiness {
        let level = self.network.links[sock.link].level(sock.side);
        if self.event(sock).is_some() { Readiness::default() } else { level }
    }

    /// Whether reported callers still wait.
    pub(crate) fn has_reported_callers(&self) -> bool {
        !self.network.backlogs[self.node].is_empty() && self.listener_event().is_none()
    }

    /// Wakes up and reports events.
    pub(super) fn poll_once(&mut self, ready: &mut Vec<Readiness>) -> io::Result<()> {
        let (began, now) = (self.at, self.network.schedule.now);
        self.at = self.at.max(now);
        let network = &mut self.network;
        let until = match self.stopped_at.take() {
            None => now,
            // SIGCONT interrupts a wait, as a signal does.
            Some(_) if network.rng.percent(40) => return Err(ErrorKind::Interrupted.into()),
            // It was stopped after the wait, and before it read the clock.
            Some(stopped_at) if network.rng.percent(50) => stopped_at,
            Some(_) => now,
        };
        self.interrupted()?;
        self.polled_at = began;
        self.note_known();
        let is_overfull = self.network.rng.chance(self.network.conditions.overfull_percent);
        let mut events = self.collect_events(until);
        self.defer_some(&mut events, is_overfull);
        for event in &events {
            if let Some(poll_state) = self.poll_state(event.token) {
                poll_state.mark_reported(*event);
            }
        }
        self.add_spurious(&mut events);
        if is_overfull {
            let host = Readiness { token: HOST_TOKENS.0, readable: true, ..Readiness::default() };
            events.resize(EVENTS_PER_TURN, host);
        }
        self.shuffle(&mut events);
        ready.append(&mut events);
        Ok(())
    }

    fn event(&self, sock: Sock) -> Option<Readiness> {
        let link = &self.network.links[sock.link];
        link.ends[sock.side as usize].poll_state.event(link.level(sock.side), EMPTIES)
    }

    fn listener_event(&self) -> Option<Readiness> {
        let readable = !self.network.backlogs[self.node].is_empty();
        let level = Readiness { readable, ..Readiness::default() };
        self.network.listener_polls[self.node].event(level, EMPTIES)
    }

    fn poll_state(&mut self, token: usize) -> Option<&mut PollState> {
        if token == 0 {
            return Some(&mut self.network.listener_polls[self.node]);
        }
        let sock = self.slots.get(token - FIRST_CONNECTION)?.sock?;
        Some(&mut self.network.links[sock.link].end(sock.side).poll_state)
    }

    /// All events up to this time.
    fn collect_events(&mut self, until: u64) -> Vec<Readiness> {
        let mut events = Vec::new();
        if let Some(listener_event) = self.listener_event() {
            events.push(listener_event);
        }
        for (index, slot) in self.slots.iter().enumerate() {
            let event = slot.sock.and_then(|sock| self.event(sock));
            let token = index + FIRST_CONNECTION;
            events.extend(event.map(|event| Readiness { token, ..event }));
        }
        events.retain(|event| {
            let since = self.poll_state(event.token).and_then(|poll_state| poll_state.edge);
            since.is_none_or(|since| since <= until)
        });
        events
    }

    /// Leaves out some events that came after the process had gone to sleep. If the poll is
    /// overfull, it leaves out any.
    fn defer_some(&mut self, events: &mut Vec<Readiness>, is_overfull: bool) {
        let polled_at = self.polled_at;
        events.retain(|event| {
            let is_late = self.network.rng.percent(if is_overfull { 50 } else { 20 });
            let since = self.poll_state(event.token).and_then(|poll_state| poll_state.edge);
            let may_wait = is_overfull || since.is_some_and(|since| since > polled_at);
            !(is_late && may_wait)
        });
    }

    fn shuffle(&mut self, events: &mut [Readiness]) {
        for end in (1..events.len()).rev() {
            events.swap(end, self.network.rng.index(end + 1));
        }
    }

    /// A source that is reported and not ready.
    fn add_spurious(&mut self, events: &mut Vec<Readiness>) {
        let network = &mut self.network;
        if network.rng.chance(network.conditions.spurious_percent) && !self.slots.is_empty() {
            let index = network.rng.index(self.slots.len());
            let token = index + FIRST_CONNECTION;
            let is_new = events.iter().all(|event| event.token != token);
            if is_new && self.slots[index].sock.is_some() {
                let (readable, writable) = (true, true);
                events.push(Readiness { token, readable, writable, ..Readiness::default() });
            }
        }
    }

    /// Notes which input the process can know of from now on.
    fn note_known(&mut self) {
        for slot in &self.slots {
            let Some(sock) = slot.sock else { continue };
            let end = self.network.links[sock.link].end(sock.side);
            if end.unread_since.is_some_and(|since| since <= self.polled_at) {
                end.known_since.get_or_insert(self.at);
            }
        }
    }
}
