//! The rules of several servers, and the bugs that are planted to show that they can fail. Read
//! next: [`super::watch`], which checks them.

use crate::watch::rule::rules;

rules! {
    "owners" {
        OneOwner => "6 s after the last fault no name is registered at two servers",
        GivenOrMarked => "everybody who registers has the name from the engine, or a line in the log",
        TheClaimedStay => "nobody loses a name that the engine gave and did not take back",
        TheEngineAgrees => "the engine has exactly the registered people, each at the right server",
        NobodyIsShutOut => "every wanted name is registered",
    }
    "lists" {
        TheLivingAreListed => "6 s after the last fault every registered person is in every LIST",
        TheGoneAreNot => "20 s after the last fault nobody else is in any LIST",
        OneOrder => "all LISTs have the same order",
        ListsAreAnswered => "a LIST is answered within 2.5 s, with or without the engine",
    }
    "rest" {
        ServersComeToRest => "in the end every server has a lease, no lag and no open claim",
    }
}

/// A mistake.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Bug {
    /// A claim ignores the lease of the owner, and the change is not in the stream.
    GivenTwice,
    /// A release is not in the stream.
    ReleaseNotInStream,
    /// A refused name is answered like a given one.
    RefusalHidden,
    /// A server that lost its connection never reaches the engine again.
    NeverReturns,
    /// A server without the engine does not answer LIST.
    ListWaits,
}

/// Each bug, and a rule that it breaks.
pub(crate) const PLANTED: [(Bug, Rule); 5] = [
    (Bug::GivenTwice, Rule::OneOwner),
    (Bug::RefusalHidden, Rule::GivenOrMarked),
    (Bug::ReleaseNotInStream, Rule::TheGoneAreNot),
    (Bug::ListWaits, Rule::ListsAreAnswered),
    (Bug::NeverReturns, Rule::ServersComeToRest),
];
