//! What a check tells: how far it is, what is to be typed, and in the end the findings.
//!
//! Facts only: `console/check` has the words. Read next: [`super::rule`].

use super::rule::Finding;
use crate::wire::reply::Edition;

/// What a check tells its host.
#[derive(Clone, Debug)]
pub enum Notice {
    /// Once a second, for whoever waits.
    Progress {
        /// How many rules are decided.
        done: usize,
        /// How many there are.
        total: usize,
        /// One that is being tried.
        rule: &'static str,
    },
    /// Start the program under test; end the one that runs.
    Start {
        /// The name that it should use.
        name: String,
    },
    /// End it: it is started again later, when the system has freed its port.
    End,
    /// Type a line of the login into it.
    LogIn {
        /// Which line.
        line: usize,
        /// The name that it should use.
        name: String,
    },
    /// Type something into it.
    Type {
        /// `list`, `chat`, `text`, `bye` or `exit`.
        what: &'static str,
        /// The name, or the text.
        text: String,
        /// To whom the conversation is in which it is said.
        to: String,
    },
    /// All rules are decided.
    Report(Report),
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Report {
    /// One finding for each rule, in the order of the table.
    pub findings: Vec<Finding>,
    /// The edition of the handout that the program under test follows, where that was seen.
    pub edition: Option<Edition>,
    /// How long it took.
    pub elapsed_ms: u64,
}

/// What the meetings of a class tell their host.
#[derive(Clone, Debug)]
pub enum PairsNotice {
    /// Once a second, for whoever waits.
    Progress {
        /// How many meetings are over.
        done: usize,
        /// How many there are.
        total: usize,
        /// One of the programs that meet.
        one: usize,
        /// The other.
        other: usize,
    },
    /// Start a program on this seat.
    Start {
        /// Which of the two seats.
        seat: usize,
        /// Which program.
        program: usize,
        /// The name that it should use.
        name: String,
    },
    /// Type a line of its login.
    LogIn {
        /// Which of the two seats.
        seat: usize,
        /// Which program.
        program: usize,
        /// Which line.
        line: usize,
        /// The name that it should use.
        name: String,
    },
    /// Type something into it.
    Type {
        /// Which of the two seats.
        seat: usize,
        /// Which program.
        program: usize,
        /// `chat`, `text` or `bye`.
        what: &'static str,
        /// The name, or the text.
        text: String,
        /// The name of the other.
        to: String,
    },
    /// End both.
    End,
    /// All have met.
    Report(Vec<Met>),
}

/// What became of one program calling another.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Met {
    /// Who called.
    pub caller: usize,
    /// Whom.
    pub called: usize,
    /// Whether the text of the caller was shown, and the answer. `None`: one did not register.
    pub heard: Option<(bool, bool)>,
}
