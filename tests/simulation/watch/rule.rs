//! The rules that the watchers check, in words, each under the name of its watcher.
//!
//! A watcher is a file, and [`super::super::planted`] has a bug for each. Read next: [`super`].

/// Declares a `Rule` with all rules, the text of each, and the watcher that checks it.
macro_rules! rules {
    ($($watcher:literal { $($name:ident => $text:literal,)* })*) => {
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub(crate) enum Rule {
            $($($name,)*)*
        }

        impl Rule {
            pub(crate) const ALL: &[Self] = &[$($(Self::$name,)*)*];

            pub(crate) fn text(self) -> &'static str {
                match self {
                    $($(Self::$name => $text,)*)*
                }
            }

            fn watcher(self) -> &'static str {
                match self {
                    $($(Self::$name => $watcher,)*)*
                }
            }

            /// The watchers without a planted bug.
            pub(crate) fn watchers_without<B>(planted: &[(B, Self)]) -> Vec<&'static str> {
                let mut watchers = vec![$($watcher,)*];
                watchers.retain(|it| planted.iter().all(|(_, rule)| rule.watcher() != *it));
                watchers
            }
        }
    };
}

pub(crate) use rules;

rules! {
    // Bytes and lines.
    "streams" {
        BytesInOrder => "bytes leave and arrive as they were sent: once and in order",
        LinesMatchBytes => "each line is handed over as it was read",
        EndAfterLines => "the end of a stream is reported after all its lines",
        PendingMatchesBytes => "an unfinished line is handed over as it was read",
    }
    // The event loop.
    "event_loop" {
        InputOnOpenConnection => "input comes only from connections that are open",
        ClosedOnce => "the end of a connection is reported exactly once",
        NoLostEdge => "a loop that goes to sleep gets an event for all that it can read or write",
        ReadBudget => "no connection is read beyond its budget in one turn",
        NoBusyLoop => "a turn without sleep has something to do",
        RemovalAfterReads => "in a turn no connection is read after one was removed",
        PausedNotRead => "a paused connection is not read",
        NoticesReachHost => "the host gets every notice",
    }
    "seam" {
        TickMovesDeadline => "after a tick the next deadline is in the future",
    }
    // The server.
    "server" {
        RosterMatchesClients => "the roster has exactly the registered clients",
        RepliesMatchRequests => "the server sends the replies that were asked for, in order",
        EveryRequestAnswered => "the server answers every request",
        ClosedForReason => "the server closes no client without a reason",
        NoExpiryWithUnreadInput => "no client expires while its bytes wait to be read",
        OffenderClosed => "the server closes a client that broke a rule at once",
        SilentClientExpires => "a silent client is gone after 15.5 s",
    }
    // A peer and its person.
    "peer" {
        ScreenMatchesEvents => "the screen shows what happened, and nothing else",
        UnsentLinesReported => "lines that never left are reported as undelivered",
        BadCallerCut => "a caller whose first line is not USER is cut off",
        ExitSendsDisc => "a peer that exits sends DISC to every partner",
        NoUnaskedRequest => "the peer asks the server only what is needed",
    }
    "typing" {
        TargetShown => "a text goes to the target that the screen shows",
        ReplyToLastWriter => "a reply goes to the last person who wrote, or to nobody",
        UnknownCommandNotSent => "an unknown command is never sent as text",
        CallEndsBeforeNextLine => "a call ends before the next typed line is accepted",
    }
    "dispatch" {
        CallToWantedPerson => "a call goes to an address of the wanted person",
        NoUnaskedCall => "the peer calls nobody unasked",
        CallResultNamesPerson => "the result of a call names the wanted person",
        ConfirmedNameNotMarked => "a name that the server confirms is not marked",
    }
    "losses" {
        LostLinesCounted => "of the lines that a broken connection lost, all are counted",
    }
    // A peer and other peers.
    "conn_state" {
        LineEndsWithCrLf => "every line that we send ends with CR LF",
        CallerSendsUser => "a caller sends its name first",
        TypedTextSent => "a typed text is sent once, in order, to the right person",
        DiscAfterTexts => "DISC is sent after all texts that were typed before it",
        NothingAfterDisc => "nothing is sent after DISC",
        ConversationEndsWithDisc => "a conversation ends only with DISC or with its connection",
        SilentCallerCut => "a caller that sends nothing for 10 s is cut off",
        DiscCompletes => "once all output is out, a connection with DISC closes within 30 s",
    }
    // A peer, its server and its process.
    "duties" {
        UserFirst => "USER is sent first and once, with the peer's own name",
        KeepInTime => "KEEP is sent every 5 s, 0.2 s early or late",
        QuestionEndsInTime => "every call and question ends within 8.5 s",
        ExitInTime => "an exit takes at most 30 s",
        OnlyScriptsFail => "only the peer of a script exits with an error",
    }
    // After the last fault.
    "timed_checks" {
        LivePeersOnline => "20 s after the faults every live peer is online",
        DeadPeersGone => "20 s after the faults no dead peer is online",
        NoConversationWithDead => "26 s after the faults no conversation is with a dead peer",
        TextsDelivered => "without faults every text is delivered",
        IdleProcessSleeps => "a process that has nothing to do sleeps",
    }
}
