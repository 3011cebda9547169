//! Reverb: each line comes back three times, "OLA!", "Ola!", "ola!", a second apart. Port 7008.
//!
//! The lecture starts a goroutine for each line, which writes, sleeps and writes again. Here an
//! echo that is due later is a row in a queue, and its client is one key in the timer wheel,
//! however many of its lines reverberate: the wheel is lazy, as for the directory's clients. Read
//! next: [`super::broadcast`].

use std::collections::VecDeque;

use super::{Notice, change_case};
use crate::conn_map::ConnMap;
use crate::machine::{Action, Actions, ConnId, Input, Machine, Millis, Typed};
use crate::timer_wheel::TimerWheel;

/// Most echoes of one client that are still to come. The line with which there would be more closes
/// its connection.
pub const ECHOES_MAX: usize = 128;

/// Says everything three times.
#[derive(Debug)]
pub struct Reverb {
    delay_ms: u64,
    clients: ConnMap<Client>,
    /// A key for each client with echoes to come.
    wheel: TimerWheel<ConnId>,
}

#[derive(Debug, Default)]
struct Client {
    /// In the order in which they are due. That is the order in which they are put in, because
    /// each is due the same time after that.
    echoes: VecDeque<Echo>,
    /// It will send nothing more, and is to hear the rest.
    has_ended: bool,
}

#[derive(Debug)]
struct Echo {
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
            Input::Accepted { conn, .. } => self.clients.insert(conn, Client::default()),
            Input::Line { conn, line, .. } => self.on_line(now, conn, line, actions),
            Input::EndOfStream { conn } => {
                if let Some(client) = self.clients.get_mut(conn) {
                    client.has_ended = true;
                }
                self.close_if_done(conn, actions);
            }
            Input::Closed { conn, .. } => {
                self.clients.remove(conn);
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
        Self { delay_ms, clients: ConnMap::default(), wheel: TimerWheel::default() }
    }

    fn on_line(&mut self, now: Millis, conn: ConnId, line: &[u8], actions: &mut Actions<Notice>) {
        let Some(client) = self.clients.get_mut(conn) else { return };
        if client.echoes.len() >= ECHOES_MAX {
            actions.push(Action::Close { conn });
            return;
        }
        say(conn, &change_case(line, str::to_uppercase), actions);
        if client.echoes.is_empty() {
            self.wheel.arm(now, now + self.delay_ms, conn);
        }
        let due = now + self.delay_ms;
        client.echoes.push_back(Echo { due, line: line.to_vec(), loudness: Loudness::Plain });
    }

    fn on_tick(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        while let Some(conn) = self.wheel.pop_due(now) {
            let Some(client) = self.clients.get_mut(conn) else { continue };
            client.reverberate(now, self.delay_ms, conn, actions);
            if let Some(echo) = client.echoes.front() {
                self.wheel.arm(now, echo.due, conn);
            }
            self.close_if_done(conn, actions);
        }
    }

    fn close_if_done(&self, conn: ConnId, actions: &mut Actions<Notice>) {
        let is_done = |client: &Client| client.has_ended && client.echoes.is_empty();
        if self.clients.get(conn).is_some_and(is_done) {
            actions.push(Action::Close { conn });
        }
    }
}

impl Client {
    fn reverberate(
        &mut self,
        now: Millis,
        delay_ms: u64,
        conn: ConnId,
        actions: &mut Actions<Notice>,
    ) {
        while self.echoes.front().is_some_and(|echo| echo.due <= now) {
            let Some(echo) = self.echoes.pop_front() else { return };
            match echo.loudness {
                Loudness::Plain => {
                    say(conn, &echo.line, actions);
                    let (due, loudness) = (now + delay_ms, Loudness::Soft);
                    self.echoes.push_back(Echo { due, loudness, ..echo });
                }
                Loudness::Soft => say(conn, &change_case(&echo.line, str::to_lowercase), actions),
            }
        }
    }
}

fn say(conn: ConnId, line: &[u8], actions: &mut Actions<Notice>) {
    actions.send(conn, |out| {
        out.extend_from_slice(line);
        out.push(b'\n');
    });
}
