//! The host around the event loop of any subcommand: signals, the log, the service manager.
//!
//! It is here and not in the loop because an embedding program has its own. Read next:
//! [`run`], the host of a program without a person.

use std::io;
use std::time::Duration;

use mio::Token;

use super::log_flood::FLOOD_WINDOW_MS;
use super::log_setup::Log;
use super::service::Service;
use super::signals::Signals;
use crate::event_loop::mio_os::MioOs;
use crate::event_loop::recorder::Recorder;
use crate::event_loop::token::HOST_TOKENS;
use crate::event_loop::{EventLoop, Turn};
use crate::machine::{Machine, Millis};

const SIGNALS: Token = HOST_TOKENS;

/// The recorder of a loop that is recorded where `--record` asks for it, and not otherwise. (The
/// server has two types of loop instead, because its speed is compared with that of others.)
#[cfg(feature = "full")]
pub(super) type MayRecord = Option<super::recording::FileRecording>;
#[cfg(all(not(feature = "full"), feature = "peer"))]
pub(super) type MayRecord = crate::event_loop::recorder::Unrecorded;

/// The first token of the console's sources: those of [`Program`] come before.
pub const CONSOLE_TOKENS: Token = Token(HOST_TOKENS.0 + 1);

/// Signals, log and service manager of one process.
pub struct Program {
    log: Log,
    signals: Signals,
    service: Service,
    /// The machine was asked to end.
    is_stopping: bool,
}

impl Program {
    /// Takes SIGINT, SIGTERM and SIGHUP for a wish to end, and SIGUSR2 for one to report.
    ///
    /// # Errors
    ///
    /// If the system does not let us catch them.
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

    /// How long the loop may sleep before something here is due.
    #[must_use]
    pub fn timeout(&self, now: Millis) -> Option<Duration> {
        [self.log.may_wait(), self.service.may_wait(now)].into_iter().flatten().min()
    }

    /// Does what signals have asked for.
    pub fn on_signals<M: Machine, R: Recorder<M>>(
        &mut self,
        event_loop: &mut EventLoop<M, MioOs, R>,
        turn: &mut Turn,
    ) {
        if self.signals.may_have_come(&turn.host_ready) {
            let asked = self.signals.take(event_loop.registry());
            if asked.report {
                event_loop.report();
            }
            if let Some(signal) = asked.stop {
                // The status that a shell expects of a program that was ended by a signal.
                self.stop(event_loop, turn, u8::try_from(128 + signal).unwrap_or(u8::MAX));
            }
        }
    }

    /// Lets the log catch up, and tells the service manager that the loop has turned. The last
    /// thing of each turn.
    pub fn end_turn(&mut self, now: Millis) {
        self.log.catch_up(now);
        self.service.on_turn(now);
    }

    /// Asks the machine to end. The second time there is no more asking: the program ends with
    /// `status`.
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

    /// The end: the second of the log that has begun ends here.
    pub fn end(&self, now: Millis) {
        self.service.stopping();
        self.log.catch_up(now + FLOOD_WINDOW_MS);
    }
}

/// Turns until the machine wants to exit, and returns the status it wants. `tell` is for what the
/// machine tells; the recorder is there to be told of it.
///
/// # Errors
///
/// Those of [`EventLoop::turn`].
pub fn run<M: Machine, R: Recorder<M>>(
    event_loop: &mut EventLoop<M, MioOs, R>,
    program: &mut Program,
    tell: impl FnMut(M::Notice, &mut R),
) -> io::Result<u8> {
    run_with(event_loop, program, tell, |_| ())
}

/// The same for a host that does something more behind each turn.
///
/// # Errors
///
/// Those of [`EventLoop::turn`].
pub fn run_with<M: Machine, R: Recorder<M>>(
    event_loop: &mut EventLoop<M, MioOs, R>,
    program: &mut Program,
    mut tell: impl FnMut(M::Notice, &mut R),
    mut behind_turn: impl FnMut(&mut EventLoop<M, MioOs, R>),
) -> io::Result<u8> {
    loop {
        let mut turn = event_loop.turn(program.timeout(event_loop.now()))?;
        program.on_signals(event_loop, &mut turn);
        let (notices, recorder) = event_loop.notices_and_recorder();
        notices.for_each(|notice| tell(notice, recorder));
        behind_turn(event_loop);
        program.end_turn(event_loop.now());
        if let Some(status) = turn.exit {
            program.end(event_loop.now());
            event_loop.end_recording();
            return Ok(status);
        }
    }
}
