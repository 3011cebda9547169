//! The notices of the load generator. [`crate::console`] has the words.

use std::io::ErrorKind;

use super::rules::Mix;
use super::schedule::Pace;

/// A notice of the load generator.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// All clients are registered, and the run begins.
    Registered {
        /// How many clients.
        clients: usize,
    },
    /// The progress, once a second.
    Progress(Progress),
    /// A wrong answer. Only the first few are shown.
    Wrong {
        /// The question. `None`: nothing was asked.
        asked: Option<String>,
        /// The line that came.
        line: Vec<u8>,
    },
    /// The run ended too early.
    Failed(Failure),
    /// The result.
    Report(Box<Report>),
}

/// Why a run ended too early.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Failure {
    /// A connection could not be opened.
    CannotConnect {
        /// How many connections were opened.
        connected: usize,
        /// The reason that the operating system gives.
        error: ErrorKind,
    },
    /// The server closed a connection before it was registered.
    TurnedAway {
        /// How many clients had registered.
        registered: usize,
    },
    /// The server sends no answer.
    NoAnswer {
        /// How many clients had registered.
        registered: usize,
    },
    /// The server has closed all connections.
    AllLost,
    /// A signal came before the run began.
    Stopped,
}

/// The progress of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// How many clients have registered.
    pub registered: usize,
    /// The time since the run began. `None`: clients still register.
    pub seconds: Option<f64>,
    /// Operations a second since the last progress notice.
    pub per_second: f64,
    /// Wrong answers and lost connections so far.
    pub mistakes: u64,
    /// The latency of all operations so far. `None`: there is none.
    pub latency: Option<Latency>,
}

/// How long answers took, in microseconds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Latency {
    /// Half of the answers were faster.
    pub p50_us: u64,
    /// 99 of 100 answers were faster.
    pub p99_us: u64,
    /// 999 of 1000 answers were faster.
    pub p99_9_us: u64,
    /// The slowest answer.
    pub max_us: u64,
}

/// The results of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The operations of the clients.
    pub mix: Mix,
    /// How many clients there were.
    pub clients: usize,
    /// How fast they asked.
    pub pace: Pace,
    /// The time from the first to the last operation.
    pub seconds: f64,
    /// Operations that ended; KEEPs that were sent, with the mix `keep`.
    pub operations: u64,
    /// Operations a second.
    pub per_second: f64,
    /// Wrong answers, and lines that were not asked for.
    pub wrong: u64,
    /// Connections that the server ended.
    pub lost: u64,
    /// Questions that were never answered.
    pub unanswered: u64,
    /// Operations of a fixed rate that were sent late.
    pub late: u64,
    /// The latency. `None`: there was no answer, because KEEP has none.
    pub latency: Option<Latency>,
}

impl Report {
    /// The mistakes of the server.
    #[must_use]
    pub fn mistakes(&self) -> u64 {
        self.wrong + self.lost + self.unanswered
    }
}
