//! The poller of a simulated process: what it tells of its sockets, and when.
//!
//! It tells of changes, once: by the rules of epoll(7), or (`EMPTIES` is false) by those of mio on
//! poll(2). It tells them in any order, and now and then not all at once. Read next:
//! [`super::kernel`], where the calls are.

use std::io::{self, ErrorKind};

use papo::event_loop::os::{EVENTS_PER_TURN, Readiness};
use papo::event_loop::token::HOST_TOKENS;
use papo::machine::{ConnId, slot_number};

use super::kernel::{FIRST_CONNECTION, SimOs, Slot};
use super::link::{Alarm, Sock};

impl<const EMPTIES: bool> SimOs<EMPTIES> {
    /// The sockets that the loop watches, each with what a machine must know it by.
    pub(crate) fn watched(&self) -> impl Iterator<Item = (ConnId, Sock)> {
        let conn = |(index, slot): (usize, &Slot)| {
            let number = slot_number(index);
            slot.sock.map(|sock| (ConnId { slot: number, generation: slot.generation }, sock))
        };
        self.slots.iter().enumerate().filter_map(conn)
    }

    /// Whether the poller has something to tell.
    pub(crate) fn has_news(&self) -> bool {
        self.knock().is_some() || self.watched().any(|(_, sock)| self.news(sock).is_some())
    }

    /// The readiness of a socket that the poller will not tell again, because it has told it.
    pub(crate) fn told(&self, sock: Sock) -> Readiness {
        let level = self.network.links[sock.link].level(sock.side);
        if self.news(sock).is_some() { Readiness::default() } else { level }
    }

    /// Whether callers wait of whom the poller has told.
    pub(crate) fn has_told_of_callers(&self) -> bool {
        !self.network.backlogs[self.node].is_empty() && self.knock().is_none()
    }

    /// Wakes up and says what is ready.
    pub(super) fn poll_once(&mut self, ready: &mut Vec<Readiness>) -> io::Result<()> {
        let (began, now) = (self.at, self.network.agenda.now);
        self.at = self.at.max(now);
        let network = &mut self.network;
        let until = match self.stopped_at.take() {
            None => now,
            // Being let go on interrupts a wait, as a signal does.
            Some(_) if network.rng.percent(40) => return Err(ErrorKind::Interrupted.into()),
            // It was stopped behind the wait, before it looked at the clock.
            Some(stopped_at) if network.rng.percent(50) => stopped_at,
            Some(_) => now,
        };
        self.interrupted()?;
        self.polled_at = began;
        self.note_known();
        let is_crowded = self.network.weather.is_crowded(&mut self.network.rng);
        let mut events = self.gather(until);
        self.thin_out(&mut events, is_crowded);
        for event in &events {
            if let Some(alarm) = self.alarm(event.token) {
                alarm.tell(*event);
            }
        }
        self.mislead(&mut events);
        if is_crowded {
            let host = Readiness { token: HOST_TOKENS.0, readable: true, ..Readiness::default() };
            events.resize(EVENTS_PER_TURN, host);
        }
        self.shuffle(&mut events);
        ready.append(&mut events);
        Ok(())
    }

    fn news(&self, sock: Sock) -> Option<Readiness> {
        let link = &self.network.links[sock.link];
        link.ends[sock.side as usize].alarm.due(link.level(sock.side), EMPTIES)
    }

    fn knock(&self) -> Option<Readiness> {
        let readable = !self.network.backlogs[self.node].is_empty();
        let level = Readiness { readable, ..Readiness::default() };
        self.network.knocks[self.node].due(level, EMPTIES)
    }

    fn alarm(&mut self, token: usize) -> Option<&mut Alarm> {
        if token == 0 {
            return Some(&mut self.network.knocks[self.node]);
        }
        let sock = self.slots.get(token - FIRST_CONNECTION)?.sock?;
        Some(&mut self.network.links[sock.link].end(sock.side).alarm)
    }

    /// All that the poller has to tell of what happened until then.
    fn gather(&mut self, until: u64) -> Vec<Readiness> {
        let mut events = Vec::new();
        if let Some(knock) = self.knock() {
            events.push(knock);
        }
        for (index, slot) in self.slots.iter().enumerate() {
            let news = slot.sock.and_then(|sock| self.news(sock));
            let token = index + FIRST_CONNECTION;
            events.extend(news.map(|news| Readiness { token, ..news }));
        }
        events.retain(|event| {
            let since = self.alarm(event.token).and_then(|alarm| alarm.edge);
            since.is_none_or(|since| since <= until)
        });
        events
    }

    /// Leaves out some of what came after the process had gone to sleep; in a crowd, of anything.
    fn thin_out(&mut self, events: &mut Vec<Readiness>, is_crowded: bool) {
        let polled_at = self.polled_at;
        events.retain(|event| {
            let is_late = self.network.rng.percent(if is_crowded { 50 } else { 20 });
            let since = self.alarm(event.token).and_then(|alarm| alarm.edge);
            let may_wait = is_crowded || since.is_some_and(|since| since > polled_at);
            !(is_late && may_wait)
        });
    }

    fn shuffle(&mut self, events: &mut [Readiness]) {
        for end in (1..events.len()).rev() {
            events.swap(end, self.network.rng.index(end + 1));
        }
    }

    /// A source that is said to be ready and is not.
    fn mislead(&mut self, events: &mut Vec<Readiness>) {
        let network = &mut self.network;
        if network.weather.misleads(&mut network.rng) && !self.slots.is_empty() {
            let index = network.rng.index(self.slots.len());
            let token = index + FIRST_CONNECTION;
            let is_new = events.iter().all(|event| event.token != token);
            if is_new && self.slots[index].sock.is_some() {
                let (readable, writable) = (true, true);
                events.push(Readiness { token, readable, writable, ..Readiness::default() });
            }
        }
    }

    /// Notes what the process can know of from now on, whether it was told or not.
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
