//! The notices of a check: its progress, the lines to type, and at the end the findings.
//!
//! Facts only: `console/check` has the words. Read next: [`super::rule`].

use super::rule::Finding;
use crate::directory::notice;
use crate::wire::reply::Edition;

/// Something that the host is to do with a program under test.
#[derive(Clone, Debug)]
pub enum Order {
    /// Start it; end the one that runs in its place.
    Start {
        /// The name that it should use.
        name: String,
    },
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
        /// The name of the other side of the conversation in which it is said.
        to: String,
    },
}

/// A notice of a check to its host.
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
    /// For the program under test.
    Order(Order),
    /// End it: it is started again later, when the system has freed its port.
    End,
    /// All rules are decided.
    Report(Report),
}

/// The findings of a check.
#[derive(Clone, Debug)]
pub struct Report {
    /// One finding for each rule, in the order of the table.
    pub findings: Vec<Finding>,
    /// The edition of the handout that the program under test follows, where that was seen.
    pub edition: Option<Edition>,
    /// How long it took.
    pub elapsed_ms: u64,
}

/// A notice of the meetings of a class to their host.
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
    /// For a program on one of the two seats.
    Order {
        /// Which seat.
        seat: usize,
        /// Which program.
        program: usize,
        /// The order itself.
        order: Order,
    },
    /// End both.
    End,
    /// To the people of the directory by which they meet: nobody looks at it.
    Directory(notice::Notice),
    /// All have met.
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
    /// Whether the text of the caller was shown, and the answer. `None`: one did not register.
    pub heard: Option<(bool, bool)>,
}
