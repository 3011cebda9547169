//! Reverb: each line comes back three times, "OLA!", "Ola!", "ola!", a second apart. Port 7008.
//!
//! The lecture starts a goroutine for each line, which writes, sleeps and writes again. Here a
//! later repetition waits in a queue. Each client has one key in the timer wheel, however many of
//! its lines wait. Read next: [`super::broadcast`].

use std::collections::VecDeque;

use super::{Notice, change_case};
use crate::conn_map::ConnMap;
use crate::machine::{Action, Actions, ConnId, Input, Machine, Millis, Typed};
use crate::timer_wheel::TimerWheel;

/// Most waiting repetitions of one client. A line that would add one more closes its connection.
pub const REPETITIONS_MAX: usize = 128;

/// Sends every line back three times.
#[derive(Debug)]
pub struct Reverb {
    delay_ms: u64,
    queues: ConnMap<Repetitions>,
    /// A key for each client with waiting repetitions.
    wheel: TimerWheel<ConnId>,
}

/// The waiting repetitions of one client.
#[derive(Debug, Default)]
struct Repetitions {
    /// The earliest is first. All delays are the same, so a new one goes to the end.
    repetitions: VecDeque<Repetition>,
    /// The client has ended its stream. It is closed when the queue is empty.
    has_ended: bool,
}

#[derive(Debug)]
struct Repetition {
    due: Millis,
    line: Vec<u8>,
    loudness: Loudness,
}

#[derive(Clone, Copy, Debug)]
enum Loudness {
    Plain,
    Soft,
}

impl Machine for Reverb {
    type Notice = Notice;
    type Command = Typed;

    fn handle(&mut self, now: Millis, input: Input<'_, Typed>, actions: &mut Actions<Notice>) {
        match input {
            Input::Accepted { conn, .. } => self.queues.insert(conn, Repetitions::default()),
            Input::Line { conn, line, .. } => self.on_line(now, conn, line, actions),
            Input::EndOfStream { conn } => {
                if let Some(queue) = self.queues.get_mut(conn) {
                    queue.has_ended = true;
                }
                self.close_if_done(conn, actions);
            }
            Input::Closed { conn, .. } => {
                self.queues.remove(conn);
            }
            Input::Tick => self.on_tick(now, actions),
            Input::Stop => actions.push(Action::Exit { status: 0 }),
            _ => {}
        }
    }

    fn next_deadline(&self) -> Option<Millis> {
        self.wheel.next_deadline()
    }
}

impl Reverb {
    /// Waits `delay_ms` before each repetition.
    #[must_use]
    pub fn new(delay_ms: u64) -> Self {
        Self { delay_ms, queues: ConnMap::default(), wheel: TimerWheel::default() }
    }

    fn on_line(&mut self, now: Millis, conn: ConnId, line: &[u8], actions: &mut Actions<Notice>) {
        let Some(queue) = self.queues.get_mut(conn) else { return };
        if queue.repetitions.len() >= REPETITIONS_MAX {
            actions.push(Action::Close { conn });
            return;
        }
        send_line(conn, &change_case(line, str::to_uppercase), actions);
        let due = now + self.delay_ms;
        if queue.repetitions.is_empty() {
            self.wheel.arm(now, due, conn);
        }
        let (line, loudness) = (line.to_vec(), Loudness::Plain);
        queue.repetitions.push_back(Repetition { due, line, loudness });
    }

    fn on_tick(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        while let Some(conn) = self.wheel.pop_due(now) {
            let Some(queue) = self.queues.get_mut(conn) else { continue };
            queue.repeat(now, self.delay_ms, conn, actions);
            if let Some(next) = queue.repetitions.front() {
                self.wheel.arm(now, next.due, conn);
            }
            self.close_if_done(conn, actions);
        }
    }

    fn close_if_done(&self, conn: ConnId, actions: &mut Actions<Notice>) {
        let is_done = |queue: &Repetitions| queue.has_ended && queue.repetitions.is_empty();
        if self.queues.get(conn).is_some_and(is_done) {
            actions.push(Action::Close { conn });
        }
    }
}

impl Repetitions {
    /// Sends all repetitions that are due.
    fn repeat(&mut self, now: Millis, delay_ms: u64, conn: ConnId, actions: &mut Actions<Notice>) {
        while self.repetitions.front().is_some_and(|front| front.due <= now) {
            let Some(front) = self.repetitions.pop_front() else { return };
            match front.loudness {
                Loudness::Plain => {
                    send_line(conn, &front.line, actions);
                    let (due, loudness) = (now + delay_ms, Loudness::Soft);
                    self.repetitions.push_back(Repetition { due, loudness, ..front });
                }
                Loudness::Soft => {
                    send_line(conn, &change_case(&front.line, str::to_lowercase), actions)
                }
            }
        }
    }
}

fn send_line(conn: ConnId, line: &[u8], actions: &mut Actions<Notice>) {
    actions.send(conn, |out| {
        out.extend_from_slice(line);
        out.push(b'\n');
    });
}
