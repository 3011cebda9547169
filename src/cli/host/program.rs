//! The signals, the log and the service manager of a process, around the event loop of any
//! subcommand.
//!
//! They are no part of the loop, because a program that embeds the loop has its own. Read next:
//! [`run`], the host of a program without a person.

use std::io;
use std::time::Duration;

use mio::Token;

use super::service::Service;
use super::signals::{SIGINT, Signals};
use crate::cli::logging::Log;
use crate::cli::logging::flood::FLOOD_WINDOW_MS;
use crate::event_loop::mio_os::MioOs;
use crate::event_loop::recorder::Recorder;
use crate::event_loop::token::HOST_TOKENS;
use crate::event_loop::{EventLoop, Turn};
use crate::machine::{Machine, Millis};

const SIGNALS: Token = HOST_TOKENS;

/// The token of a peer's resolver.
pub(crate) const RESOLVER: Token = Token(HOST_TOKENS.0 + 1);

/// The first token of the console's sources: those of [`Program`] come before.
pub const CONSOLE_TOKENS: Token = Token(HOST_TOKENS.0 + 2);

/// Signals, log and service manager of one process.
pub struct Program {
    log: Log,
    signals: Signals,
    service: Service,
    /// The machine was asked to stop.
    is_stopping: bool,
}

impl Program {
    /// Catches SIGINT, SIGTERM and SIGHUP, which stop the machine, and SIGUSR2, which makes it
    /// report.
    pub fn start<M: Machine, R: Recorder<M>>(
        event_loop: &EventLoop<M, MioOs, R>,
        log: &Log,
        service: Service,
    ) -> io::Result<Self> {
        let signals = Signals::register(event_loop.registry(), SIGNALS)?;
        Ok(Self { log: log.clone(), signals, service, is_stopping: false })
    }

    /// The log of the process.
    #[must_use]
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// One turn of the loop, and what signals asked for meanwhile. The loop sleeps for `sleep` at
    /// most, and no longer than the log and the service manager allow.
    pub fn turn<M: Machine, R: Recorder<M>>(
        &mut self,
        event_loop: &mut EventLoop<M, MioOs, R>,
        sleep: Option<Duration>,
    ) -> io::Result<Turn> {
        self.turn_with(event_loop, sleep, |_| true)
    }

    /// The same, where `leaves` decides whether a SIGINT stops the machine. A second one while the
    /// machine stops always ends the program.
    pub fn turn_with<M: Machine, R: Recorder<M>>(
        &mut self,
        event_loop: &mut EventLoop<M, MioOs, R>,
        sleep: Option<Duration>,
        leaves: impl FnOnce(Millis) -> bool,
    ) -> io::Result<Turn> {
        let sleeps = [sleep, self.log.may_wait(), self.service.may_wait(event_loop.now())];
        let mut turn = event_loop.turn(sleeps.into_iter().flatten().min())?;
        if self.signals.may_have_come(&turn.host_ready) {
            let asked = self.signals.take(event_loop.registry());
            if asked.report {
                event_loop.report();
            }
            let is_refused =
                asked.stop == Some(SIGINT) && !self.is_stopping && !leaves(event_loop.now());
            if let Some(signal) = asked.stop.filter(|_| !is_refused) {
                if signal == SIGINT {
                    self.log.begin_line();
                }
                // The status that a shell expects of a program that was ended by a signal.
                self.stop(event_loop, &mut turn, u8::try_from(128 + signal).unwrap_or(u8::MAX));
            }
        }
        Ok(turn)
    }

    /// Ends a turn: lets the log catch up, and tells the service manager that the loop has turned.
    /// After the last turn it returns the exit status, and ends the recording and the current
    /// second of the log.
    pub fn end_turn<M: Machine, R: Recorder<M>>(
        &mut self,
        event_loop: &mut EventLoop<M, MioOs, R>,
        turn: &Turn,
    ) -> Option<u8> {
        let now = event_loop.now();
        self.log.catch_up(now);
        self.service.on_turn(now);
        let status = turn.exit?;
        self.service.stopping();
        self.log.catch_up(now + FLOOD_WINDOW_MS);
        event_loop.end_recording();
        Some(status)
    }

    /// Asks the machine to stop. A second call ends the program with `status`.
    pub fn stop<M: Machine, R: Recorder<M>>(
        &mut self,
        event_loop: &mut EventLoop<M, MioOs, R>,
        turn: &mut Turn,
        status: u8,
    ) {
        if std::mem::replace(&mut self.is_stopping, true) {
            turn.exit = turn.exit.or(Some(status));
        } else {
            event_loop.stop();
        }
    }

    /// Tells the service manager that clients can come.
    pub fn tell_ready(&self) {
        self.service.ready();
    }
}

/// Turns the loop until the machine exits, and returns its status. `on_notice` receives each
/// notice, and the recorder.
pub fn run<M: Machine, R: Recorder<M>>(
    event_loop: &mut EventLoop<M, MioOs, R>,
    program: &mut Program,
    on_notice: impl FnMut(M::Notice, &mut R),
) -> io::Result<u8> {
    run_with(event_loop, program, on_notice, |_| ())
}

/// The same, with a call after each turn.
pub fn run_with<M: Machine, R: Recorder<M>>(
    event_loop: &mut EventLoop<M, MioOs, R>,
    program: &mut Program,
    mut on_notice: impl FnMut(M::Notice, &mut R),
    mut after_turn: impl FnMut(&mut EventLoop<M, MioOs, R>),
) -> io::Result<u8> {
    loop {
        let turn = program.turn(event_loop, None)?;
        let (notices, recorder) = event_loop.notices_and_recorder();
        notices.for_each(|notice| on_notice(notice, recorder));
        after_turn(event_loop);
        if let Some(status) = program.end_turn(event_loop, &turn) {
            return Ok(status);
        }
    }
}

#[cfg(all(test, feature = "full"))]
mod tests {
    use super::*;

    /// A recording has the tokens as numbers, and the page of the player says what they are.
    #[test]
    fn the_player_names_the_tokens() {
        let words = include_str!("../../player/words.json");
        for (token, name) in [
            (SIGNALS, "a signal"),
            (RESOLVER, "the lookup of the servers' names"),
            (CONSOLE_TOKENS, "the keyboard (stdin)"),
            (Token(CONSOLE_TOKENS.0 + 1), "the screen (stdout or stderr)"),
            (Token(CONSOLE_TOKENS.0 + 2), "the size of the window"),
        ] {
            let number = token.0 - HOST_TOKENS.0;
            assert!(words.contains(&format!("\"readyHost{number}\": [\"{name}\"")), "{name}");
        }
    }
}
