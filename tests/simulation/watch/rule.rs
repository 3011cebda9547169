//! The rules that the watchers check, in words, each under the name of its watcher.
//!
//! A watcher is a file, and [`super::super::planted`] has a bug for each. Read next: [`super`].

/// Declares a `Rule` with all rules, the text of each, and the watcher that checks it.
macro_rules! rules {
    ($($watcher:literal { $($name:ident => $text:literal,)* })*) => {
        /// A rule.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub(crate) enum Rule {
            $($($name,)*)*
        }

        impl Rule {
            pub(crate) const ALL: &[Self] = &[$($(Self::$name,)*)*];

            /// All watchers.
            pub(crate) const WATCHERS: &[&str] = &[$($watcher,)*];

            pub(crate) fn text(self) -> &'static str {
                match self {
                    $($(Self::$name => $text,)*)*
                }
            }

            pub(crate) fn watcher(self) -> &'static str {
                match self {
                    $($(Self::$name => $watcher,)*)*
                }
            }
        }
    };
}

pub(crate) use rules;

rules! {
    // Bytes and lines.
    "streams" {
        BytesArriveAsSaid => "bytes leave and arrive as they were sent: once and in order",
        LinesAreThoseOfTheBytes => "each line is handed over as it was read",
        EndComesLast => "the end of a stream is reported after all its lines",
        PendingIsToldOnce => "an unfinished line is handed over as it was read",
    }
    // The event loop.
    "looping" {
        LinesNeedAConnection => "input comes only from connections that are open",
        ClosedOnce => "the end of a connection is reported exactly once",
        NoEdgeIsLost => "a loop that goes to sleep gets an event for all that it can read or write",
        EverybodyTakesTurns => "no connection is read beyond its budget in one turn",
        NobodySpins => "a turn without sleep has something to do",
        RemovalComesLast => "in a turn no connection is read after one was removed",
        PausedIsLeftAlone => "a paused connection is not read",
        NoticesReachTheHost => "the host gets every notice",
    }
    "passing" {
        TickMovesTheDeadline => "after a tick the next deadline is in the future",
    }
    // The server.
    "server" {
        RosterIsWhoIsThere => "the roster has exactly the clients that registered and are connected",
        RepliesAreDue => "the server sends the replies that were asked for, in order",
        EveryQuestionIsAnswered => "the server answers every request",
        NobodyGoesWithoutReason => "the server closes no client without a reason",
        WhoIsHeardIsNotExpired => "no client expires while its bytes wait to be read",
        WhoMustGoGoes => "the server closes a client that broke a rule at once",
        SilentOnesExpire => "a silent client is gone after 15.5 s",
    }
    // A peer and its person.
    "peer" {
        ScreenShowsWhatHappened => "the screen shows what happened, and nothing else",
        LostLinesAreTold => "lines that never left are reported as undelivered",
        NamelessAreCutOff => "a caller whose first line is not USER is cut off",
        LeavingSaysGoodbye => "a peer that exits sends DISC to every partner",
        NothingIsAskedUnasked => "the peer asks the server only what is needed",
    }
    "typing" {
        TargetIsShown => "a text goes to the target that the screen shows",
        RepliesGoToWhoWroteLast => "a reply goes to the last person who wrote, or to nobody",
        UnknownIsNeverSaid => "an unknown command is never sent as text",
        CallsEndBeforeTheNextLine => "a call ends before the next typed line is accepted",
    }
    "telling" {
        CallsGoToWhoWasAskedFor => "a call goes to an address of the wanted person",
        NobodyIsCalledUnasked => "the peer calls nobody unasked",
        CallsEndUnderTheirName => "the result of a call names the wanted person",
        ConfirmedNamesAreNotDoubted => "a name that the server confirms is not marked",
    }
    "losses" {
        LossesAreCounted => "of the lines that a broken connection lost, all are counted",
    }
    // A peer and other peers.
    "links" {
        LinesEndWithCrLf => "every line that we send ends with CR LF",
        NameComesFirst => "a caller sends its name first",
        TypedIsSaid => "a typed text is sent once, in order, to the right person",
        GoodbyeComesLast => "DISC is sent after all texts that were typed before it",
        NothingBehindGoodbye => "nothing is sent after DISC",
        TalksEndWithGoodbye => "a conversation ends only with DISC or with its connection",
        NamelessHaveTenSeconds => "a caller that sends nothing for 10 s is cut off",
        GoodbyesEnd => "once all output is out, a connection with DISC closes within 30 s",
    }
    // A peer, its server and its process.
    "keeping" {
        UserComesFirst => "USER is sent first and once, with the peer's own name",
        KeepComesInTime => "KEEP is sent every 5 s, 0.2 s early or late",
        QuestionsEndInTime => "every call and question ends within 8.5 s",
        LeavingEnds => "an exit takes at most 30 s",
        OnlyScriptsFail => "only the peer of a script exits with an error",
    }
    // After the last fault.
    "endings" {
        TheLivingAreOnline => "20 s after the faults every live peer is online",
        TheDeadAreGone => "20 s after the faults no dead peer is online",
        NobodyTalksToTheDead => "26 s after the faults no conversation is with a dead peer",
        EverythingIsDelivered => "without faults every text is delivered",
        WhoHasNothingToDoSleeps => "a process that has nothing to do sleeps",
    }
}
