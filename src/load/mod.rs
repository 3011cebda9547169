//! The load generator: many clients of one directory, which check every answer.
//!
//! It is a machine on the same loop as [`crate::directory`] and [`crate::peer`], so it measures
//! what this program's own clients would see. [`schedule`] has the times of operations,
//! [`expectation`] the right answers, [`tally`] the counts. Must never know a socket, or the words
//! of its notices.
//!
//! One exception to the rules of machines: a machine has the time in whole milliseconds, and an
//! answer on a local network takes fifty microseconds. So this machine has a stopwatch, a function
//! that it reads once for each input. The stopwatch is used for the figures of the report, and for
//! the operations of a fixed rate. Read next: `src/cli/load.rs`, which starts it.

mod asking;
mod clients;
mod expectation;
pub mod notice;
pub mod rules;
pub mod schedule;
pub mod tally;

use std::convert::Infallible;
use std::io::ErrorKind;

use crate::machine::{Action, Actions, ConnId, DialId, Input, LineEnd, Machine, Millis};
use crate::wire::request::Request;

use clients::{Clients, OpenQuestion};
use expectation::{Expectation, Question};
use notice::{Failure, Notice};
use rules::{Mix, Rules};
use schedule::{Pace, Schedule};
use tally::Tally;

/// Most dials at once: a listener's backlog has a limit.
pub const DIALS_AT_ONCE_MAX: usize = 128;

/// Most unanswered questions of one connection. They and their answers fit into the buffers of both
/// sides, so the two can never wait for each other to read.
pub const UNANSWERED_MAX: usize = 1024;

/// How long the clients may make no progress while they register, in milliseconds.
pub const REGISTER_WITHIN_MS: u64 = 10_000;

/// How long answers may take after the last question, in milliseconds.
pub const DRAIN_WITHIN_MS: u64 = 2_000;

/// How often progress is shown, in milliseconds.
pub const PROGRESS_EVERY_MS: u64 = 1_000;

/// How many wrong answers are shown. All are counted.
pub const WRONG_SHOWN_MAX: u64 = 5;

/// The load generator. `W` reads a stopwatch in microseconds, which never goes back.
#[derive(Debug)]
pub struct Load<W> {
    rules: Rules,
    stopwatch: W,
    /// The time of the current input, by both clocks.
    now: Millis,
    now_us: u64,
    state: LoadState,
    clients: Clients,
    expectation: Expectation,
    schedule: Schedule,
    tally: Tally,
    progress_at: Millis,
    ticked_at: Millis,
}

/// ```text
/// Fresh ──first tick──► Registering ──all are──► Running
///                                                   │ time is up
///                           Over ◄──all answered── Draining
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum LoadState {
    /// Nothing has happened yet.
    Fresh,
    /// Clients connect and send USER. The run fails at this time, unless another client registers.
    Registering { give_up_at: Millis },
    /// Operations are counted.
    Running { until: Millis },
    /// No more questions are sent, and answers still come.
    Draining { until: Millis },
    /// The report is shown.
    Over,
}

impl<W: Fn() -> u64> Machine for Load<W> {
    type Notice = Notice;
    type Command = Infallible;

    fn handle(&mut self, now: Millis, input: Input<'_, Infallible>, actions: &mut Actions<Notice>) {
        self.now = now;
        self.now_us = (self.stopwatch)();
        match input {
            Input::Dialed { dial, result: Ok(conn) } => self.on_open(dial, conn, actions),
            Input::Dialed { result: Err(error), .. } => self.on_dial_failed(error, actions),
            Input::Line { conn, line, end } => self.on_line(conn, line, end, actions),
            Input::EndOfStream { conn } => {
                actions.push(Action::Close { conn });
                self.on_gone(conn, actions);
            }
            Input::Closed { conn, .. } => self.on_gone(conn, actions),
            Input::Stop => self.on_stop(actions),
            Input::Tick => self.on_tick(actions),
            // It has no listener, and needs no part of a line.
            Input::Accepted { .. }
            | Input::Pending { .. }
            | Input::Bytes { .. }
            | Input::Datagram { .. }
            | Input::Backlog { .. }
            | Input::Drained { .. }
            | Input::Report(_)
            | Input::OutputFull(_) => {}
            Input::Command(never) => match *never {},
        }
        self.ask_what_is_due(actions);
    }

    fn next_deadline(&self) -> Option<Millis> {
        let (state_ends, asks) = match self.state {
            LoadState::Fresh => return Some(self.ticked_at),
            LoadState::Registering { give_up_at } => (give_up_at, None),
            LoadState::Running { until } => (until, self.schedule.next_due()),
            LoadState::Draining { until } => (until, None),
            LoadState::Over => return None,
        };
        let keep = self.clients.next_keep();
        let wanted = [Some(state_ends), Some(self.progress_at), asks, keep];
        // An operation may become due by the stopwatch after the tick of the same millisecond.
        wanted.into_iter().flatten().min().map(|at| at.max(self.ticked_at + 1))
    }
}

impl<W: Fn() -> u64> Load<W> {
    /// A run that begins at its first tick.
    #[must_use]
    pub fn new(rules: Rules, stopwatch: W) -> Self {
        assert!((1..=schedule::NUMBERS).contains(&rules.clients), "as many as there are names");
        let depth = if let Pace::Pipeline(depth) = rules.pace { depth } else { 1 };
        assert!((1..=UNANSWERED_MAX).contains(&depth), "both sides' buffers bound the depth");
        Self {
            stopwatch,
            now: Millis(0),
            now_us: 0,
            state: LoadState::Fresh,
            clients: Clients::new(rules.clients, rules.keep_interval_ms),
            expectation: Expectation::new(&rules),
            schedule: Schedule::new(rules.pace, rules.seed),
            tally: Tally::default(),
            progress_at: Millis(PROGRESS_EVERY_MS),
            ticked_at: Millis(0),
            rules,
        }
    }

    fn on_open(&mut self, dial: DialId, conn: ConnId, actions: &mut Actions<Notice>) {
        if self.state == LoadState::Over {
            actions.push(Action::Abort { conn });
            return;
        }
        let client = self.clients.opened(dial, conn);
        let since_us = self.clients.dialed_at_us(client);
        if self.rules.mix != Mix::Churn {
            self.clients.begin_keeping(self.now, client);
        }
        let number = self.clients.number(client);
        actions.send(conn, |out| self.expectation.encode_user(number, out));
        self.ask(client, Question::Addr(number), since_us, actions);
    }

    /// A server without a place for a client accepts it and resets it at once.
    fn on_dial_failed(&mut self, error: ErrorKind, actions: &mut Actions<Notice>) {
        let is_registering = matches!(self.state, LoadState::Registering { .. });
        let why = if is_registering && error == ErrorKind::ConnectionReset {
            Failure::TurnedAway { registered: self.clients.registered }
        } else {
            Failure::CannotConnect { connected: self.clients.connected(), error }
        };
        self.fail(why, actions);
    }

    fn on_line(&mut self, conn: ConnId, line: &[u8], end: LineEnd, actions: &mut Actions<Notice>) {
        // A client that is not in the table has left, or is counted as lost.
        let Some(client) = self.clients.of(conn) else { return };
        let asked = self.clients.take_asked(client);
        let question = asked.map(|asked| asked.question);
        let is_whole = end == LineEnd::Terminator;
        if !(is_whole && self.expectation.is_right(client, question, line)) {
            self.tally.wrong += 1;
            if self.tally.wrong <= WRONG_SHOWN_MAX {
                actions.show(Notice::Wrong {
                    asked: question.map(|question| self.expectation.words(question)),
                    line: line.to_vec(),
                });
            }
        }
        if let Some(asked) = asked {
            self.on_answered(client, conn, asked, actions);
        }
    }

    fn on_answered(
        &mut self,
        client: usize,
        conn: ConnId,
        asked: OpenQuestion,
        actions: &mut Actions<Notice>,
    ) {
        match self.state {
            LoadState::Fresh => {}
            LoadState::Registering { .. } => self.on_registered(actions),
            LoadState::Running { .. } if self.rules.mix == Mix::Churn => {
                self.tally.answered(self.now_us, asked.since_us);
                self.clients.leave(client);
                actions.push(Action::Close { conn });
                match self.rules.pace {
                    Pace::Pipeline(_) => self.connect(client, self.now_us, actions),
                    Pace::Rate(_) => self.clients.rest(client),
                }
            }
            LoadState::Running { .. } => {
                self.tally.answered(self.now_us, asked.since_us);
                self.ask_next_batch(client, actions);
            }
            LoadState::Draining { .. } => {
                // The questions after a run of KEEPs are no operations.
                if self.rules.mix != Mix::Keep {
                    self.tally.answered(self.now_us, asked.since_us);
                }
                self.end_if_drained(actions);
            }
            LoadState::Over => {}
        }
    }

    fn on_registered(&mut self, actions: &mut Actions<Notice>) {
        self.state = LoadState::Registering { give_up_at: self.now + REGISTER_WITHIN_MS };
        self.clients.registered += 1;
        if self.clients.registered == self.rules.clients {
            actions.show(Notice::Registered { clients: self.rules.clients });
            self.begin(actions);
        } else {
            self.dial_more(actions);
        }
    }

    /// Begins to count, when all clients are registered.
    fn begin(&mut self, actions: &mut Actions<Notice>) {
        self.state = LoadState::Running { until: self.now + self.rules.run_ms };
        self.progress_at = self.now + PROGRESS_EVERY_MS;
        self.tally.begin(self.now_us);
        self.schedule.begin(self.now, self.now_us);
        self.clients.spread_keeps(self.now);
        match self.rules.mix {
            Mix::Keep => {}
            Mix::Churn => self.wake_resting(actions),
            Mix::Lookup | Mix::List => {
                for client in 0..self.rules.clients {
                    self.ask_next_batch(client, actions);
                }
            }
        }
    }

    /// The server has closed a connection.
    fn on_gone(&mut self, conn: ConnId, actions: &mut Actions<Notice>) {
        let Some(client) = self.clients.of(conn) else { return };
        let unanswered = self.clients.leave(client);
        match self.state {
            LoadState::Fresh => {}
            LoadState::Registering { .. } => {
                let registered = self.clients.registered;
                self.fail(Failure::TurnedAway { registered }, actions);
            }
            LoadState::Running { .. } | LoadState::Draining { .. } => {
                self.tally.lost += 1;
                self.tally.unanswered += unanswered as u64;
                let all_lost = self.clients.connected() == 0;
                if self.rules.mix == Mix::Churn {
                    self.clients.rest(client);
                } else if all_lost {
                    self.fail(Failure::AllLost, actions);
                }
                self.end_if_drained(actions);
            }
            LoadState::Over => {}
        }
    }

    fn on_stop(&mut self, actions: &mut Actions<Notice>) {
        match self.state {
            LoadState::Running { .. } => self.drain(actions),
            LoadState::Fresh | LoadState::Registering { .. } => {
                self.fail(Failure::Stopped, actions)
            }
            LoadState::Draining { .. } | LoadState::Over => self.end(actions),
        }
    }

    fn on_tick(&mut self, actions: &mut Actions<Notice>) {
        self.ticked_at = self.now;
        match self.state {
            // The mix `churn` needs no registered clients.
            LoadState::Fresh if self.rules.mix == Mix::Churn => self.begin(actions),
            LoadState::Fresh => {
                self.state = LoadState::Registering { give_up_at: self.now + REGISTER_WITHIN_MS };
                self.dial_more(actions);
            }
            LoadState::Registering { give_up_at } if self.now >= give_up_at => {
                let registered = self.clients.registered;
                self.fail(Failure::NoAnswer { registered }, actions);
            }
            LoadState::Running { until } if self.now >= until => self.drain(actions),
            LoadState::Draining { until } if self.now >= until => self.end(actions),
            LoadState::Running { .. } => self.wake_resting(actions),
            LoadState::Registering { .. } | LoadState::Draining { .. } | LoadState::Over => {}
        }
        self.send_keeps(actions);
        if self.state != LoadState::Over && self.now >= self.progress_at {
            self.progress_at = self.now + PROGRESS_EVERY_MS;
            let registered = self.clients.registered;
            actions.show(Notice::Progress(self.tally.progress(
                self.now_us,
                registered,
                self.rules.mix,
            )));
        }
    }

    fn send_keeps(&mut self, actions: &mut Actions<Notice>) {
        while let Some(conn) = self.clients.next_to_keep(self.now) {
            actions.send(conn, |out| Request::Keep.encode(out));
            if matches!(self.state, LoadState::Running { .. }) {
                self.tally.keeps += 1;
            }
        }
    }

    /// Ends the run. After a run of KEEPs each client asks for itself once: the server has lost the
    /// name of a client whose KEEP it missed.
    fn drain(&mut self, actions: &mut Actions<Notice>) {
        self.state = LoadState::Draining { until: self.now + DRAIN_WITHIN_MS };
        self.tally.ended_us = self.now_us;
        if self.rules.mix == Mix::Keep {
            for client in 0..self.rules.clients {
                let question = Question::Addr(self.clients.number(client));
                self.ask(client, question, self.now_us, actions);
            }
        }
        self.end_if_drained(actions);
    }

    fn end_if_drained(&mut self, actions: &mut Actions<Notice>) {
        if matches!(self.state, LoadState::Draining { .. }) && self.clients.is_quiet() {
            self.end(actions);
        }
    }

    fn end(&mut self, actions: &mut Actions<Notice>) {
        if self.state == LoadState::Over {
            return;
        }
        self.state = LoadState::Over;
        self.tally.unanswered += self.clients.all_unanswered() as u64;
        let report = self.tally.report(&self.rules);
        let status = u8::from(report.mistakes() > 0);
        actions.show(Notice::Report(Box::new(report)));
        actions.push(Action::Exit { status });
    }

    /// Ends the run with an error. The figures so far are shown too.
    fn fail(&mut self, why: Failure, actions: &mut Actions<Notice>) {
        if self.state == LoadState::Over {
            return;
        }
        actions.show(Notice::Failed(why));
        let has_begun =
            matches!(self.state, LoadState::Running { .. } | LoadState::Draining { .. });
        if has_begun {
            self.tally.ended_us = self.now_us;
            self.tally.unanswered += self.clients.all_unanswered() as u64;
            actions.show(Notice::Report(Box::new(self.tally.report(&self.rules))));
        }
        self.state = LoadState::Over;
        actions.push(Action::Exit { status: 1 });
    }
}
