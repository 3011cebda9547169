//! The notices of a check: progress, orders for the host, and the findings.
//!
//! No sentences: `console/check` has them. Read next: [`super::rule`].

use super::rule::Finding;
use crate::directory::notice;
use crate::wire::reply::Edition;

/// An order to the host about a program under test.
#[derive(Clone, Debug)]
pub enum Order {
    /// Start it. If a program runs in its place, end that first.
    Start {
        /// The name that it should register.
        name: String,
    },
    /// Type a line of the login into it.
    LogIn {
        /// The index of the line.
        line: usize,
        /// The name that it should register.
        name: String,
    },
    /// Type something into it.
    Type {
        /// `list`, `chat`, `text`, `bye` or `exit`.
        what: &'static str,
        /// The name, or the text.
        text: String,
        /// The name of the other side of the conversation.
        to: String,
    },
}

/// A notice of a check to its host.
#[derive(Clone, Debug)]
pub enum Notice {
    /// Once a second.
    Progress {
        /// How many rules are decided.
        done: usize,
        /// How many rules there are.
        total: usize,
        /// A rule that is being tried.
        rule: &'static str,
    },
    /// An order about the program under test.
    Order(Order),
    /// End the program. It is started again when the system has freed its port.
    End,
    /// All rules are decided.
    Report(Report),
}

/// The findings of a check.
#[derive(Clone, Debug)]
pub struct Report {
    /// One finding for each rule, in the order of the table.
    pub findings: Vec<Finding>,
    /// The edition of the handout that the program under test follows, if it showed one.
    pub edition: Option<Edition>,
    /// How long the check took.
    pub elapsed_ms: u64,
}

/// A notice of the meetings of a class to their host.
#[derive(Clone, Debug)]
pub enum PairsNotice {
    /// Once a second.
    Progress {
        /// How many meetings are over.
        done: usize,
        /// How many meetings there are.
        total: usize,
        /// One of the programs that meet.
        one: usize,
        /// The other.
        other: usize,
    },
    /// An order about a program on one of the two seats.
    Order {
        /// The index of the seat.
        seat: usize,
        /// The index of the program.
        program: usize,
        /// The order itself.
        order: Order,
    },
    /// End both programs.
    End,
    /// A notice of the directory inside, which the host ignores.
    Directory(notice::Notice),
    /// All meetings are over.
    Report(Vec<Met>),
}

impl From<notice::Notice> for PairsNotice {
    fn from(notice: notice::Notice) -> Self {
        Self::Directory(notice)
    }
}

/// The result of one program calling another.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Met {
    /// The program that called.
    pub caller: usize,
    /// The program that was called.
    pub called: usize,
    /// Whether the caller's text was shown, and the answer. `None`: one of them did not register.
    pub heard: Option<(bool, bool)>,
}
