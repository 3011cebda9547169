//! Bugs put in on purpose: what the watchers must find, or they watch nothing.
//!
//! Each is a mistake that somebody could make, planted where it costs no change to the program:
//! around the machine, in its rules, or in the driver. Read next: [`super::sabotage`], which
//! does it.

use super::watch::rule::Rule;

/// A mistake.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Bug {
    // In the server.
    /// Silent clients go after 14.9 seconds.
    ExpiresEarly,
    /// Silent clients go after 15.9 seconds.
    ExpiresLate,
    /// Its deadline is never armed again, so nobody silent ever goes.
    NeverExpires,
    /// LIST keeps a client alive as KEEP does.
    ListRenews,
    /// Who takes a name in use gets rid of its holder.
    NewcomerEvictsHolder,
    /// One client's bad line closes another client.
    BadLineClosesAnother,
    /// A reset connection stays in the roster.
    RosterKeepsTheReset,
    /// LIST names the asker too.
    ListIncludesAsker,
    /// `LIST` without its blank where nobody else is there.
    EmptyListWithoutBlank,
    /// ADDR tells where somebody was who has left.
    AddrForTheDead,
    /// A reply waits until the next one overtakes it.
    RepliesSwapped,
    // In the peer, towards its person.
    /// The end of a broken connection does not end the conversation.
    LossNotTold,
    /// A second USER changes the name.
    SecondUserRenames,
    /// The fence is taken for answered when it is sent: late answers meet other questions.
    LateAddrTaken,
    /// Who calls is called back.
    CallsBack,
    /// A call fails under another name.
    FailsUnderAnotherName,
    /// A reply goes to the target.
    ReplyToTarget,
    /// What is no command is said as text.
    UnknownIsText,
    /// The screen shows the target that was there before.
    TargetShownLate,
    /// `/next` goes to who wrote last, and not to who waits longest.
    NextIsNewest,
    /// The end of a failed call is lost.
    FailedCallForgotten,
    /// Every caller is said to be somebody else.
    DoubtsEverybody,
    /// Lines that never left are not spoken of.
    LossHushedUp,
    /// One of the lines that may be lost is not counted.
    LossPlayedDown,
    // In the peer, towards other peers.
    /// Lines end with LF alone.
    LfOnly,
    /// Calls begin without a name.
    CallsWithoutName,
    /// Text goes to who called last.
    TextToNewcomer,
    /// The last text is said again once a backlog is gone.
    TextTwice,
    /// Every seventh text is forgotten.
    TextForgotten,
    /// DISC is answered with DISC.
    DiscAnswered,
    /// A certain text cuts the connection.
    CutsOnText,
    /// Callers that do not say a name stay.
    NamelessStay,
    /// Callers that say nothing stay.
    SilentCallersStay,
    /// Who does not answer a goodbye is waited for, for ever.
    GoodbyeNeverEnds,
    /// The process ends when it is told to, whoever it talks to.
    ExitsWithoutGoodbye,
    /// The process does not end.
    NeverExits,
    /// The process ends with an error though nothing is wrong.
    ExitsWithError,
    // In the peer, towards the server.
    /// USER is said again with each KEEP.
    UserTwice,
    /// KEEP waits while a call is under way.
    KeepWaitsForDial,
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
    // In the driver.
    /// The tick comes before what has arrived is read.
    TimersBeforeReading,
    /// An unterminated rest is thrown away at the end of the stream.
    LastLineLost,
    /// What was read behind too much output is thrown away.
    HeldLinesLost,
    /// What the kernel does not take at once is thrown away.
    PartialWriteLost,
    /// What a machine says to a connection that is gone reaches its successor.
    GenerationIgnored,
    /// Pending bytes are told even where there are none.
    PendingAlways,
    /// The end of a connection is told twice.
    ClosedTwice,
    /// A line is handed over behind the end of its connection.
    LineBehindEnd,
    /// Errors of reading are taken for nothing to read.
    ErrorsIgnored,
    /// The next typed line is handed over, wanted or not.
    TypedUnasked,
    /// Half-closing cuts the connection.
    NoDrain,
    /// Closing does not wait until all output is out.
    CloseCuts,
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

/// Each bug, and a rule that is seen to be broken by it. Every rule stands here but one, which
/// has a test of its own in [`super::endings`].
pub(crate) const PLANTED: [(Bug, Rule); 56] = [
    (Bug::ExpiresEarly, Rule::NobodyGoesWithoutReason),
    (Bug::ExpiresLate, Rule::SilentOnesExpire),
    (Bug::NeverExpires, Rule::SilentOnesExpire),
    (Bug::ListRenews, Rule::SilentOnesExpire),
    (Bug::NewcomerEvictsHolder, Rule::NobodyGoesWithoutReason),
    (Bug::BadLineClosesAnother, Rule::WhoMustGoGoes),
    (Bug::RosterKeepsTheReset, Rule::RosterIsWhoIsThere),
    (Bug::ListIncludesAsker, Rule::RepliesAreDue),
    (Bug::EmptyListWithoutBlank, Rule::RepliesAreDue),
    (Bug::AddrForTheDead, Rule::RepliesAreDue),
    (Bug::RepliesSwapped, Rule::EveryQuestionIsAnswered),
    (Bug::LossNotTold, Rule::ScreenShowsWhatHappened),
    (Bug::SecondUserRenames, Rule::ScreenShowsWhatHappened),
    (Bug::ReplyToTarget, Rule::RepliesGoToWhoWroteLast),
    (Bug::UnknownIsText, Rule::UnknownIsNeverSaid),
    (Bug::TargetShownLate, Rule::TargetIsShown),
    (Bug::NextIsNewest, Rule::ScreenShowsWhatHappened),
    (Bug::LateAddrTaken, Rule::CallsGoToWhoWasAskedFor),
    (Bug::CallsBack, Rule::NobodyIsCalledUnasked),
    (Bug::FailsUnderAnotherName, Rule::CallsEndUnderTheirName),
    (Bug::FailedCallForgotten, Rule::QuestionsEndInTime),
    (Bug::DoubtsEverybody, Rule::ConfirmedNamesAreNotDoubted),
    (Bug::LossHushedUp, Rule::LostLinesAreTold),
    (Bug::LossPlayedDown, Rule::LossesAreCounted),
    (Bug::LfOnly, Rule::LinesEndWithCrLf),
    (Bug::CallsWithoutName, Rule::NameComesFirst),
    (Bug::TextToNewcomer, Rule::TypedIsSaid),
    (Bug::TextTwice, Rule::TypedIsSaid),
    (Bug::TextForgotten, Rule::GoodbyeComesLast),
    (Bug::DiscAnswered, Rule::NothingBehindGoodbye),
    (Bug::CutsOnText, Rule::TalksEndWithGoodbye),
    (Bug::NamelessStay, Rule::NamelessAreCutOff),
    (Bug::SilentCallersStay, Rule::NamelessHaveTenSeconds),
    (Bug::GoodbyeNeverEnds, Rule::GoodbyesEnd),
    (Bug::ExitsWithoutGoodbye, Rule::LeavingSaysGoodbye),
    (Bug::NeverExits, Rule::LeavingEnds),
    (Bug::ExitsWithError, Rule::OnlyScriptsFail),
    (Bug::UserTwice, Rule::UserComesFirst),
    (Bug::KeepWaitsForDial, Rule::KeepComesInTime),
    (Bug::KeepTooRare, Rule::KeepComesInTime),
    (Bug::AsksUnasked, Rule::NothingIsAskedUnasked),
    (Bug::NeverReturns, Rule::TheLivingAreOnline),
    (Bug::NeverSleeps, Rule::WhoHasNothingToDoSleeps),
    (Bug::DeadlineStands, Rule::TickMovesTheDeadline),
    (Bug::TimersBeforeReading, Rule::WhoIsHeardIsNotExpired),
    (Bug::LastLineLost, Rule::EndComesLast),
    (Bug::HeldLinesLost, Rule::LinesAreThoseOfTheBytes),
    (Bug::PartialWriteLost, Rule::BytesArriveAsSaid),
    (Bug::GenerationIgnored, Rule::BytesArriveAsSaid),
    (Bug::PendingAlways, Rule::PendingIsToldOnce),
    (Bug::ClosedTwice, Rule::ClosedOnce),
    (Bug::LineBehindEnd, Rule::LinesNeedAConnection),
    (Bug::ErrorsIgnored, Rule::NobodyTalksToTheDead),
    (Bug::TypedUnasked, Rule::CallsEndBeforeTheNextLine),
    (Bug::NoDrain, Rule::EverythingIsDelivered),
    (Bug::CloseCuts, Rule::EverythingIsDelivered),
];
