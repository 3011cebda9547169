//! Every rule that the watchers hold the program to, in words.
//!
//! [`super::super::planted`] names for each what breaks it, to show that its breach is seen.

/// Writes the rules down once: their names, all of them, and what they say.
macro_rules! rules {
    ($($name:ident => $text:literal,)*) => {
        /// A rule.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub(crate) enum Rule {
            $($name,)*
        }

        impl Rule {
            pub(crate) const ALL: &[Self] = &[$(Self::$name,)*];

            pub(crate) fn text(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

rules! {
    // Streams.
    BytesArriveAsSaid => "what leaves, and is read, is what was said, once and in order",
    LinesAreThoseOfTheBytes => "lines are handed over as they were read",
    EndComesLast => "the end of a stream comes after all its lines",
    PendingIsToldOnce => "what is pending is told as it was read",
    LinesNeedAConnection => "lines come on open connections",
    ClosedOnce => "every connection is closed exactly once",
    TickMovesTheDeadline => "after a tick the next deadline lies ahead",
    // The loop.
    NoEdgeIsLost => "a loop that goes to sleep will be told of all that can be read or written",
    EverybodyTakesTurns => "no connection is read beyond its budget",
    NobodySpins => "turns without sleep have something to do",
    RemovalComesLast => "a connection is removed behind all reading",
    PausedIsLeftAlone => "a connection that is held back is not read",
    NoticesReachTheHost => "the host gets all that is to be shown",
    // The server.
    RosterIsWhoIsThere => "the roster names those that have registered and are still there",
    RepliesAreDue => "the server answers what was asked, in order",
    EveryQuestionIsAnswered => "every question to the server is answered",
    NobodyGoesWithoutReason => "nobody is sent away without a reason",
    WhoIsHeardIsNotExpired => "no client expires while its bytes wait to be read",
    WhoMustGoGoes => "a client that must go is sent away at once",
    SilentOnesExpire => "silent clients are gone after 15.5 s",
    // A peer and its person.
    ScreenShowsWhatHappened => "the screen shows what happened, and only that",
    TargetIsShown => "what is typed goes to the person that the screen shows",
    RepliesGoToWhoWroteLast => "a reply goes to the person that wrote last, or to nobody",
    UnknownIsNeverSaid => "what looks like a command is never said",
    CallsGoToWhoWasAskedFor => "a call goes to the person that was asked for",
    NobodyIsCalledUnasked => "nobody is called unasked",
    CallsEndUnderTheirName => "a call ends as the one that was asked for",
    CallsEndBeforeTheNextLine => "every call ends before the next line is typed",
    QuestionsEndInTime => "every call and question ends within 8.5 s",
    ConfirmedNamesAreNotDoubted => "a name that the server confirms is not doubted",
    LostLinesAreTold => "what never left is told to be undelivered",
    LossesAreCounted => "no more lines are lost with a connection than are told",
    // A peer and other peers.
    LinesEndWithCrLf => "every line that we send ends with CR LF",
    NameComesFirst => "a caller says its name first",
    TypedIsSaid => "what is typed is said, once, in order, to whom it was meant for",
    GoodbyeComesLast => "a goodbye comes behind all that was typed before it",
    NothingBehindGoodbye => "nothing is said behind a goodbye",
    TalksEndWithGoodbye => "a talk ends only with a goodbye or its connection",
    NamelessAreCutOff => "a caller that does not say a name first is cut off",
    NamelessHaveTenSeconds => "a caller that says nothing in 10 s is cut off",
    GoodbyesEnd => "a goodbye takes at most 30 s once all was taken",
    LeavingSaysGoodbye => "a peer that leaves in order says goodbye to everybody",
    LeavingEnds => "leaving takes at most 30 s",
    OnlyScriptsFail => "only a script's peer ends with an error",
    // A peer and the server.
    UserComesFirst => "USER comes first, and once, with the own name",
    KeepComesInTime => "KEEP comes every 5 s, give or take 0.2 s",
    NothingIsAskedUnasked => "the server is asked only what somebody wants to know",
    // At the end.
    TheLivingAreOnline => "20 s after the faults the living are online",
    TheDeadAreGone => "20 s after the faults the dead are gone",
    NobodyTalksToTheDead => "26 s after the faults nobody talks to the dead",
    EverythingIsDelivered => "without faults every talk is delivered to its end",
    WhoHasNothingToDoSleeps => "a process that has nothing to do sleeps",
}
