//! Daytime (RFC 867): every client that connects gets the date and time. Port 13 in the RFC, 13000
//! here.
//!
//! With a delay it is the lecture's exercise. In the lecture one slow answer makes all other
//! clients wait, and the remedy is a goroutine for each client. Here a waiting client is a key
//! in a timer wheel, and ten thousand of them wait side by side in one thread (see
//! [`crate::timer_wheel`]). Read next: [`super::reverb`].

use tz::{DateTime, TimeZone};

use super::lingering_close::LingeringCloses;
use super::source_filter::SourceFilter;
use super::{Notice, WallClock};
use crate::conn_map::ConnMap;
use crate::machine::{Action, Actions, ConnId, Input, Machine, Millis, Typed};
use crate::timer_wheel::TimerWheel;

const DAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

#[rustfmt::skip]
const MONTHS: [&str; 12] = [
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
];

/// Sends the time in a zone.
#[derive(Debug)]
pub struct Daytime<C> {
    clock: C,
    zone: TimeZone,
    delay_ms: u64,
    sources: SourceFilter,
    /// The clients that wait for an answer, and when each gets it.
    waiting: ConnMap<Millis>,
    /// A key for each of them.
    wheel: TimerWheel<ConnId>,
    lingering: LingeringCloses,
}

impl<C: WallClock> Machine for Daytime<C> {
    type Notice = Notice;
    type Command = Typed;

    fn handle(&mut self, now: Millis, input: Input<'_, Typed>, actions: &mut Actions<Notice>) {
        match input {
            Input::Accepted { conn, .. } if self.delay_ms == 0 => self.answer(now, conn, actions),
            Input::Accepted { conn, .. } => {
                let at = now + self.delay_ms;
                self.waiting.insert(conn, at);
                self.wheel.arm(now, at, conn);
            }
            // "The data in the received datagram is ignored."
            Input::Datagram { from, .. } if self.sources.may_answer(now, from) => {
                let text = self.text();
                actions.send_to(from, |out| out.extend_from_slice(text.as_bytes()));
            }
            Input::EndOfStream { conn } if self.delay_ms == 0 => {
                actions.push(Action::Close { conn });
            }
            Input::Backlog { conn, bytes } => self.lingering.on_backlog(now, conn, bytes),
            Input::Closed { conn, .. } => {
                self.waiting.remove(conn);
                self.lingering.on_closed(conn);
            }
            Input::Tick => self.on_tick(now, actions),
            Input::Stop => actions.push(Action::Exit { status: 0 }),
            // "Any data received is thrown away." With a delay, a client that has ended its stream
            // still waits for its answer.
            _ => {}
        }
    }

    fn next_deadline(&self) -> Option<Millis> {
        let deadlines = [self.wheel.next_deadline(), self.lingering.next_deadline()];
        deadlines.into_iter().flatten().min()
    }
}

impl<C: WallClock> Daytime<C> {
    /// Answers after `delay_ms` with the time of `clock` in `zone`. `sources` decides which
    /// datagrams are answered.
    #[must_use]
    pub fn new(clock: C, zone: TimeZone, delay_ms: u64, sources: SourceFilter) -> Self {
        let (waiting, wheel, lingering) = Default::default();
        Self { clock, zone, delay_ms, sources, waiting, wheel, lingering }
    }

    fn on_tick(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        while let Some(conn) = self.wheel.pop_expired(now, |conn| self.waiting.get(*conn).copied())
        {
            self.waiting.remove(conn);
            self.answer(now, conn, actions);
        }
        self.lingering.tick(now, actions);
    }

    fn answer(&mut self, now: Millis, conn: ConnId, actions: &mut Actions<Notice>) {
        let text = self.text();
        actions.send(conn, |out| out.extend_from_slice(text.as_bytes()));
        self.lingering.begin(now, conn, actions);
    }

    /// The RFC's popular form, `Tuesday, February 22, 1982 17:37:43-PST`.
    fn text(&self) -> String {
        let seconds = self.clock.unix_seconds();
        let Ok(now) = DateTime::from_timespec(seconds, 0, self.zone.as_ref()) else {
            return format!("{seconds} seconds since 1970-UTC\r\n");
        };
        let day = DAYS[usize::from(now.week_day())];
        let month = MONTHS[usize::from(now.month()) - 1];
        let (date, year) = (now.month_day(), now.year());
        let (hour, minute, second) = (now.hour(), now.minute(), now.second());
        let zone = now.local_time_type().time_zone_designation();
        // Some zones have a number for a name, with its sign: São Paulo is "-03".
        let dash = if zone.starts_with(['-', '+']) { "" } else { "-" };
        format!("{day}, {month} {date}, {year} {hour:02}:{minute:02}:{second:02}{dash}{zone}\r\n")
    }
}
