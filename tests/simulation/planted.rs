//! Bugs put in on purpose: what the watchers must find, or they watch nothing.
//!
//! Each is a mistake that somebody could make. Those of machines, and of what lies between them
//! and the loop, are planted around the machine and cost no change to the program. Those of the
//! loop itself are patches of the program: `tests/traps`. Read next: [`super::sabotage`], which
//! does what stands here.

use super::watch::rule::Rule;

/// A mistake.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Bug {
    // In the server.
    /// Silent clients go after 14.9 seconds.
    ExpiresEarly,
    /// Silent clients go after 15.9 seconds.
    ExpiresLate,
    /// No ADDR is answered.
    AddrUnanswered,
    /// `LIST` without its blank where nobody else is there.
    EmptyListWithoutBlank,
    /// A client that is in the wrong stays.
    NobodyIsTurnedAway,
    /// In the server and in peers: nobody notices that a connection has broken.
    BreaksUnheard,
    // In the peer, towards its person.
    /// A call goes to the port beside the right one.
    CallsElsewhere,
    /// A caller is called back.
    CallsBack,
    /// A call fails under another name.
    FailsUnderAnotherName,
    /// The end of a failed call is lost.
    FailedCallForgotten,
    /// A reply goes to the target.
    ReplyToTarget,
    /// A word that is no command is said as text.
    UnknownIsText,
    /// The screen never shows the target.
    TargetNotShown,
    /// Every caller is said to be somebody else.
    DoubtsEverybody,
    /// One of the lines that may be lost is not counted.
    LossPlayedDown,
    // In the peer, towards other peers.
    /// Lines end with LF alone.
    LfOnly,
    /// Calls begin without a name.
    CallsWithoutName,
    /// Every seventh text is forgotten.
    TextForgotten,
    /// DISC is answered with DISC.
    DiscAnswered,
    /// A certain text cuts the connection.
    CutsOnText,
    /// Callers that say no name, or nothing at all, stay; so do partners that have no goodbye.
    NobodyIsCutOff,
    /// The process ends when it is told to, whoever it talks to.
    ExitsWithoutGoodbye,
    /// The process does not end.
    NeverExits,
    /// The process ends with an error though nothing is wrong.
    ExitsWithError,
    // In the peer, towards the server.
    /// USER is said again with each KEEP.
    UserTwice,
    /// KEEP every 5.3 seconds.
    KeepTooRare,
    /// LIST with each KEEP.
    AsksUnasked,
    /// It does not come back when the server does.
    NeverReturns,
    /// It wakes up twenty times a second.
    NeverSleeps,
    /// Its deadline is always now.
    DeadlineStands,
    // Between the loop and the machine.
    /// An unterminated rest is thrown away at the end of the stream.
    LastLineLost,
    /// Every twentieth line is thrown away.
    LinesLost,
    /// Each sent text leaves twice.
    SaysTwice,
    /// Pending bytes are told even where there are none.
    PendingAlways,
    /// The end of a connection is told twice.
    ClosedTwice,
    /// A line is handed over behind the end of its connection.
    LineBehindEnd,
    /// The next typed line is handed over, wanted or not.
    TypedUnasked,
    /// Half-closing cuts the connection.
    NoDrain,
    /// A connection that is to be left alone is read.
    NeverPauses,
    /// Each notice is thrown away.
    ShowsNothing,
}

impl Bug {
    /// The interval by which the server counts: three of them are the expiry.
    pub(crate) fn server_interval_ms(bug: Option<Self>) -> u64 {
        match bug {
            Some(Self::ExpiresEarly) => 4_966,
            Some(Self::ExpiresLate) => 5_300,
            Some(_) | None => 5_000,
        }
    }

    /// The interval in which peers say KEEP.
    pub(crate) fn keep_interval_ms(bug: Option<Self>) -> u64 {
        if bug == Some(Self::KeepTooRare) { 5_300 } else { 5_000 }
    }
}

/// Each bug, and the rules that are seen to be broken by it.
pub(crate) const PLANTED: &[(Bug, &[Rule])] = &[
    (Bug::ExpiresEarly, &[Rule::NobodyGoesWithoutReason]),
    (Bug::ExpiresLate, &[Rule::SilentOnesExpire]),
    (Bug::AddrUnanswered, &[Rule::EveryQuestionIsAnswered]),
    (Bug::EmptyListWithoutBlank, &[Rule::RepliesAreDue]),
    (Bug::NobodyIsTurnedAway, &[Rule::WhoMustGoGoes]),
    (Bug::BreaksUnheard, &[Rule::RosterIsWhoIsThere, Rule::ScreenShowsWhatHappened]),
    (Bug::CallsElsewhere, &[Rule::CallsGoToWhoWasAskedFor]),
    (Bug::CallsBack, &[Rule::NobodyIsCalledUnasked]),
    (Bug::FailsUnderAnotherName, &[Rule::CallsEndUnderTheirName]),
    (Bug::FailedCallForgotten, &[Rule::QuestionsEndInTime]),
    (Bug::ReplyToTarget, &[Rule::RepliesGoToWhoWroteLast]),
    (Bug::UnknownIsText, &[Rule::UnknownIsNeverSaid]),
    (Bug::TargetNotShown, &[Rule::TargetIsShown]),
    (Bug::DoubtsEverybody, &[Rule::ConfirmedNamesAreNotDoubted]),
    (Bug::LossPlayedDown, &[Rule::LostLinesAreTold, Rule::LossesAreCounted]),
    (Bug::LfOnly, &[Rule::LinesEndWithCrLf]),
    (Bug::CallsWithoutName, &[Rule::NameComesFirst]),
    (Bug::TextForgotten, &[Rule::TypedIsSaid, Rule::GoodbyeComesLast]),
    (Bug::DiscAnswered, &[Rule::NothingBehindGoodbye]),
    (Bug::CutsOnText, &[Rule::TalksEndWithGoodbye]),
    (
        Bug::NobodyIsCutOff,
        &[Rule::NamelessAreCutOff, Rule::NamelessHaveTenSeconds, Rule::GoodbyesEnd],
    ),
    (Bug::ExitsWithoutGoodbye, &[Rule::LeavingSaysGoodbye]),
    (Bug::NeverExits, &[Rule::LeavingEnds]),
    (Bug::ExitsWithError, &[Rule::OnlyScriptsFail]),
    (Bug::UserTwice, &[Rule::UserComesFirst]),
    (Bug::KeepTooRare, &[Rule::KeepComesInTime]),
    (Bug::AsksUnasked, &[Rule::NothingIsAskedUnasked]),
    (Bug::NeverReturns, &[Rule::TheLivingAreOnline]),
    (Bug::NeverSleeps, &[Rule::WhoHasNothingToDoSleeps]),
    (Bug::DeadlineStands, &[Rule::TickMovesTheDeadline]),
    (Bug::LastLineLost, &[Rule::EndComesLast]),
    (Bug::LinesLost, &[Rule::LinesAreThoseOfTheBytes]),
    (Bug::SaysTwice, &[Rule::BytesArriveAsSaid]),
    (Bug::PendingAlways, &[Rule::PendingIsToldOnce]),
    (Bug::ClosedTwice, &[Rule::ClosedOnce]),
    (Bug::LineBehindEnd, &[Rule::LinesNeedAConnection]),
    (Bug::TypedUnasked, &[Rule::CallsEndBeforeTheNextLine]),
    (Bug::NoDrain, &[Rule::EverythingIsDelivered]),
    (Bug::NeverPauses, &[Rule::PausedIsLeftAlone]),
    (Bug::ShowsNothing, &[Rule::NoticesReachTheHost]),
];

/// Rules that only a bug of the loop breaks, each with a patch of `tests/traps` that does.
pub(crate) const PATCHES: &[(&str, Rule)] = &[
    ("edge-once", Rule::NoEdgeIsLost),
    ("left-over", Rule::EverybodyTakesTurns),
    ("no-descriptors", Rule::NobodySpins),
    ("settle-early", Rule::RemovalComesLast),
    ("tick-first", Rule::WhoIsHeardIsNotExpired),
    ("read-error", Rule::NobodyTalksToTheDead),
];
