//! The rules of several servers, and the bugs that are planted to show that they can fail. Read
//! next: [`super::watch`], which checks them.

use crate::watch::rule::rules;

rules! {
    "owners" {
        OneOwner => "6 s after the last fault no name is registered at two servers",
        ClaimedOrLogged => "a registered name comes from the engine, or is in the log as unclaimed",
        ClaimedNamesStay => "nobody loses a name that the engine gave and did not take back",
        EngineAgrees => "the engine has exactly the registered people, each at the right server",
        WantedNamesRegistered => "every wanted name is registered",
    }
    "lists" {
        LivePeopleListed => "6 s after the last fault every registered person is in every LIST",
        GonePeopleNotListed => "20 s after the last fault nobody else is in any LIST",
        OneOrder => "all LISTs have the same order",
        ListAnswered => "a LIST is answered within 2.5 s, with or without the engine",
    }
    "rest" {
        ServersSettle => "in the end every server has a lease, no lag and no open claim",
    }
}

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
    (Bug::RefusalHidden, Rule::ClaimedOrLogged),
    (Bug::ReleaseNotInStream, Rule::GonePeopleNotListed),
    (Bug::ListWaits, Rule::ListAnswered),
    (Bug::NeverReturns, Rule::ServersSettle),
];
