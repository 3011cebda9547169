//! The notices of the load generator. Facts only: [`crate::console`] has the words.

use std::io::ErrorKind;

use super::rules::Mix;
use super::schedule::Pace;

/// Something to show.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// All clients are registered, and it counts from now on.
    Registered {
        /// How many.
        clients: usize,
    },
    /// About once a second.
    Progress(Progress),
    /// An answer is not what it had to be. Only the first few are shown.
    Wrong {
        /// The question. `None`: nothing was asked.
        asked: Option<String>,
        /// The line that came.
        line: Vec<u8>,
    },
    /// It is over before its time.
    Failed(Failure),
    /// The result.
    Report(Box<Report>),
}

/// Why a run ended before its time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Failure {
    /// A connection could not be opened.
    CannotConnect {
        /// How many could.
        connected: usize,
        /// The reason that the operating system gives.
        error: ErrorKind,
    },
    /// The server closed a connection that was about to register.
    TurnedAway {
        /// How many had registered.
        registered: usize,
    },
    /// The server answers nothing.
    NoAnswer {
        /// How many had registered.
        registered: usize,
    },
    /// The server has closed all connections.
    AllLost,
    /// By a signal, before it began.
    Stopped,
}

/// How it goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// How many clients have registered.
    pub registered: usize,
    /// Since it began to count. `None`: it does not yet.
    pub seconds: Option<f64>,
    /// Operations a second since the last of these.
    pub per_second: f64,
    /// Wrong answers and lost connections so far.
    pub mistakes: u64,
    /// Of all operations so far, where they have one.
    pub latency: Option<Latency>,
}

/// How long answers took, in microseconds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Latency {
    /// Half of them were faster.
    pub p50_us: u64,
    /// 99 of 100 were faster.
    pub p99_us: u64,
    /// 999 of 1000 were faster.
    pub p99_9_us: u64,
    /// The slowest.
    pub max_us: u64,
}

/// The results of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The operations of the clients.
    pub mix: Mix,
    /// How many there were.
    pub clients: usize,
    /// How fast they asked.
    pub pace: Pace,
    /// How long it counted.
    pub seconds: f64,
    /// Operations that came to their end; KEEPs said, where nothing else was.
    pub operations: u64,
    /// The same, a second.
    pub per_second: f64,
    /// Answers that were not what they had to be, or that nobody had asked for.
    pub wrong: u64,
    /// Connections that the server ended.
    pub lost: u64,
    /// Questions that were never answered.
    pub unanswered: u64,
    /// Operations of a fixed rate that were sent late.
    pub late: u64,
    /// `None` where nothing is answered: KEEP.
    pub latency: Option<Latency>,
}

impl Report {
    /// The mistakes of the server.
    #[must_use]
    pub fn mistakes(&self) -> u64 {
        self.wrong + self.lost + self.unanswered
    }
}
