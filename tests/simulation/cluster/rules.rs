//! The rules of this world, and the mistakes that are planted in it. Read next:
//! [`super::world`], which watches.

use super::model::Slip;

/// A rule.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Rule {
    OneOwner,
    GivenOrMarked,
    TheClaimedStay,
    TheLivingAreListed,
    TheGoneAreNot,
    OneOrder,
    TheEngineAgrees,
    NobodyIsShutOut,
    ListsAreAnswered,
    ServersComeToRest,
}

impl Rule {
    pub(crate) const ALL: [Self; 10] = [
        Self::OneOwner,
        Self::GivenOrMarked,
        Self::TheClaimedStay,
        Self::TheLivingAreListed,
        Self::TheGoneAreNot,
        Self::OneOrder,
        Self::TheEngineAgrees,
        Self::NobodyIsShutOut,
        Self::ListsAreAnswered,
        Self::ServersComeToRest,
    ];

    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::OneOwner => "6 s after the last fault no name is let in at two servers",
            Self::GivenOrMarked => {
                "everybody who is let in has the engine's word, or a mark in the log"
            }
            Self::TheClaimedStay => "nobody loses a name that the engine gave and never took back",
            Self::TheLivingAreListed => {
                "6 s after the last fault everybody who is in is in every LIST"
            }
            Self::TheGoneAreNot => "20 s after the last fault nobody else is in any LIST",
            Self::OneOrder => "all LISTs have one order",
            Self::TheEngineAgrees => {
                "the engine has just the people who are in, each at the server"
            }
            Self::NobodyIsShutOut => "every name that is wanted is somebody's",
            Self::ListsAreAnswered => "a LIST is answered within 2.5 s, with or without the engine",
            Self::ServersComeToRest => "in the end there is a lease, no lag, and nothing to claim",
        }
    }
}

/// A mistake.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Bug {
    /// In a script.
    Script(Slip),
    /// A server that lost its connection does not try the engine again.
    NeverReturns,
    /// LIST waits for the engine.
    ListsWait,
    /// A server that has been without the engine lets nobody in who is called `p0`.
    ShutsOut,
}

/// Each mistake, and a rule that is seen to be broken by it.
pub(crate) const PLANTED: &[(Bug, Rule)] = &[
    (Bug::Script(Slip::LeasesIgnored), Rule::TheClaimedStay),
    (Bug::Script(Slip::GivenTwice), Rule::OneOwner),
    (Bug::Script(Slip::OwnersIgnored), Rule::TheEngineAgrees),
    (Bug::Script(Slip::BuriedAlive), Rule::TheLivingAreListed),
    (Bug::Script(Slip::ReleasesUntold), Rule::TheGoneAreNot),
    (Bug::Script(Slip::RefusalsHidden), Rule::GivenOrMarked),
    (Bug::Script(Slip::RenewalsIgnored), Rule::TheLivingAreListed),
    (Bug::Script(Slip::ReleasesForgotten), Rule::TheGoneAreNot),
    (Bug::Script(Slip::ArrivalsAnew), Rule::OneOrder),
    (Bug::NeverReturns, Rule::ServersComeToRest),
    (Bug::ListsWait, Rule::ListsAreAnswered),
    (Bug::ShutsOut, Rule::NobodyIsShutOut),
];
