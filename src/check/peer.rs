//! The rules that a peer is held against.
//!
//! Data. The checker plays the server and all other people. `console/check` has the sentences of
//! the handout and the advice for each. Read first: [`super::step`].

use crate::wire::reply::Edition;

use super::rule::Rule;
use super::step::RuleStep::{
    self, Abort, Answer, Asked, Called, Close, Dial, Drain, Drip, Ends, Exits, Fresh, HalfClose,
    Hear, Keeps, NoDisc, NotSentToServer, Online, Pause, Pieces, Registered, Runs, Say, Shown,
    StaysOpen, StillShows, Type, Usable,
};
use super::step::{Answers, Typing, Want};

/// How long the other side may take to close.
const CLOSES_MS: u64 = 3_000;

/// How long a program may take to end.
const EXITS_MS: u64 = 5_000;

/// The program asks for LIST when its user tells it to, and shows a person who has just come
/// online.
const STILL_USABLE: &[RuleStep] = &[Online(6), Usable, StillShows("{6}")];

/// A person of the checker calls the program and sends USER.
const CALLED_IN: &[RuleStep] = &[Runs, Online(0), Dial(0), Say(0, "USER {0}\r\n"), Pause(300)];

/// The program calls a person of the checker. Its first line has a rule of its own.
const CALLS_OUT: &[RuleStep] = &[
    Runs,
    Online(0),
    Type(Typing::Chat("{0}")),
    Asked("ADDR {0}"),
    Called(0),
    Pause(400),
    Drain(0),
];

/// All rules, in the order of the report. Each begins with a program without a conversation.
pub static RULES: &[Rule] = &[
    Rule::must("register").alone().tries(&[Fresh, Registered]),
    Rule::must("listens").given(&[Fresh]).tries(&[Dial(0), Pause(100)]),
    Rule::must("keep-idle").given(&[Runs]).tries(&[Keeps { periods: 3, talk: None }]),
    Rule::must("ask-list").given(&[Runs, Online(0)]).tries(&[Type(Typing::List), Asked("LIST")]),
    Rule::must("show-list")
        .given(&[Runs, Online(0), Online(1), Type(Typing::List), Asked("LIST")])
        .tries(&[Shown("{0}"), Shown("{1}")]),
    Rule::must("empty-list")
        .given(&[Runs, Type(Typing::List), Asked("LIST"), Pause(300)])
        .tries(STILL_USABLE),
    Rule::must("cut-list")
        .given(&[
            Runs,
            Online(0),
            Online(1),
            Answer(Answers::Dripped),
            Type(Typing::List),
            Asked("LIST"),
        ])
        .tries(&[Shown("{0}"), Shown("{1}")]),
    Rule::must("ask-addr")
        .given(&[Runs, Online(0)])
        .tries(&[Type(Typing::Chat("{0}")), Asked("ADDR {0}")]),
    Rule::must("call")
        .given(&[Runs, Online(0), Type(Typing::Chat("{0}")), Asked("ADDR {0}")])
        .tries(&[Called(0)]),
    Rule::must("cut-addr")
        .given(&[
            Runs,
            Online(0),
            Answer(Answers::CutAtEnd),
            Type(Typing::Chat("{0}")),
            Asked("ADDR {0}"),
        ])
        .tries(&[
            Called(0),
            // The rest of the answer belongs to this rule, and not to the next.
            Pause(300),
        ]),
    Rule::must("call-user")
        .given(&[Runs, Online(0), Type(Typing::Chat("{0}")), Called(0)])
        .tries(&[Hear(0, Want::User)]),
    Rule::must("say").given(CALLS_OUT).tries(&[
        Type(Typing::Text("Oi, {0}! tudo bem? {m}")),
        Hear(0, Want::Text("Oi, {0}! tudo bem? {m}")),
    ]),
    // A new start: after the end of a conversation, a program may for a moment refuse text for
    // somebody else.
    Rule::must("answer")
        .given(&[Fresh, Pause(250), Online(0), Dial(0), Say(0, "USER {0}\r\n"), Pause(300)])
        .tries(&[Type(Typing::Text("Oi, sou eu {m}")), Hear(0, Want::Text("Oi, sou eu {m}"))]),
    Rule::must("text").given(CALLED_IN).tries(&[Say(0, "Oi! {m}\r\n"), Shown("Oi! {m}")]),
    Rule::must("text-back").given(CALLS_OUT).tries(&[Say(0, "Oi! {m}\r\n"), Shown("Oi! {m}")]),
    Rule::must("text-pieces")
        .given(CALLED_IN)
        .tries(&[Drip(0, "pedacos-{m}\r\n"), Shown("pedacos-{m}")]),
    Rule::must("text-letter")
        .given(CALLED_IN)
        .tries(&[Pieces(0, &["cora{c3}", "{a3}o-{m}\r\n"], 150), Shown("coraão-{m}")]),
    Rule::must("text-long").given(CALLED_IN).tries(&[
        Say(0, "{lines}fim-{m}\r\n"),
        // The lines in which a read of 1024 bytes ends, each time inside a letter.
        Shown("{line10}"),
        Shown("{line20}"),
        Shown("{line31}"),
        Shown("{line41}"),
        Shown("fim-{m}"),
    ]),
    Rule::must("keep-talking").given(CALLED_IN).tries(&[Keeps { periods: 2, talk: Some(0) }]),
    Rule::must("disc")
        .only_in(Edition::Of2024)
        .given(CALLED_IN)
        .tries(&[Say(0, "DISC\r\n"), Ends(0, CLOSES_MS)]),
    Rule::should("disc-echo")
        .only_in(Edition::Of2024)
        .given(&[
            Runs,
            Online(0),
            Dial(0),
            Say(0, "USER {0}\r\n"),
            Pause(300),
            Say(0, "DISC\r\n"),
            Ends(0, CLOSES_MS),
        ])
        .tries(&[NoDisc(0)]),
    Rule::must("disc-glued").only_in(Edition::Of2024).given(CALLED_IN).tries(&[
        Say(0, "tchau-{m}\r\nDISC\r\n"),
        Ends(0, CLOSES_MS),
        Shown("tchau-{m}"),
    ]),
    Rule::must("disc-pieces")
        .only_in(Edition::Of2024)
        .given(CALLED_IN)
        .tries(&[Pieces(0, &["DI", "SC\r", "\n"], 150), Ends(0, CLOSES_MS)]),
    Rule::must("disc-word").only_in(Edition::Of2024).given(CALLED_IN).tries(&[
        Say(0, "DISCO voador {m}\r\n"),
        Shown("DISCO voador {m}"),
        StaysOpen(0, 500),
    ]),
    Rule::must("user-glued")
        .only_in(Edition::Of2024)
        .given(&[Runs, Online(0), Dial(0)])
        .tries(&[Say(0, "USER {0}\r\nDISC\r\n"), Ends(0, CLOSES_MS)]),
    Rule::must("bye")
        .only_in(Edition::Of2024)
        .given(CALLS_OUT)
        .tries(&[Type(Typing::Bye), Hear(0, Want::Disc)]),
    Rule::must("bye-closes")
        .only_in(Edition::Of2024)
        .given(&[
            Runs,
            Online(0),
            Type(Typing::Chat("{0}")),
            Asked("ADDR {0}"),
            Called(0),
            Pause(400),
            Drain(0),
            Type(Typing::Bye),
            Hear(0, Want::Disc),
            HalfClose(0),
        ])
        .tries(&[Ends(0, CLOSES_MS)]),
    Rule::must("bye-quiet").only_in(Edition::Of2026).given(CALLS_OUT).tries(&[
        Type(Typing::Bye),
        Ends(0, CLOSES_MS),
        NoDisc(0),
    ]),
    Rule::must("end").given(CALLED_IN).tries(&[
        Close(0),
        Pause(400),
        Online(6),
        Usable,
        StillShows("{6}"),
    ]),
    Rule::must("reset").given(CALLED_IN).tries(&[
        Say(0, "Oi-{m}\r\n"),
        Pause(200),
        Abort(0),
        Pause(400),
        Online(6),
        Usable,
        StillShows("{6}"),
    ]),
    Rule::must("two").given(CALLED_IN).tries(&[
        Online(1),
        Dial(1),
        Say(1, "USER {1}\r\n"),
        Pause(300),
        Say(0, "de uma {m}\r\n"),
        Say(1, "de outra {m}\r\n"),
        Shown("de uma {m}"),
        Shown("de outra {m}"),
    ]),
    Rule::must("silent-caller").given(&[Runs, Dial(1), Pause(300)]).tries(&[
        Online(0),
        Dial(0),
        Say(0, "USER {0}\r\n"),
        Pause(300),
        Say(0, "Oi! {m}\r\n"),
        Shown("Oi! {m}"),
    ]),
    Rule::must("vanished")
        .given(&[
            Runs,
            Online(0),
            Answer(Answers::Vanished),
            Type(Typing::Chat("{0}")),
            Asked("ADDR {0}"),
            Pause(600),
        ])
        .tries(STILL_USABLE),
    Rule::must("unknown-name")
        .given(&[Runs, Type(Typing::Chat("Ninguem{m}")), Asked("ADDR Ninguem{m}"), Pause(1_500)])
        .tries(STILL_USABLE),
    Rule::must("nowhere").given(&[Runs]).tries(&[
        Type(Typing::Text("sem conversa {m}")),
        Pause(400),
        // A program that asks for LIST has read the text before it.
        Usable,
        NotSentToServer,
    ]),
    // Rules without steps: the lines that came while all others were tried decide.
    Rule::must("instruction-end"),
    Rule::should("text-end"),
    Rule::must("only-instructions"),
    Rule::must("calls-edition"),
    Rule::must("exit-disc")
        .only_in(Edition::Of2024)
        .given(CALLED_IN)
        .tries(&[Type(Typing::Exit), Hear(0, Want::Disc)]),
    Rule::must("exit").given(CALLED_IN).tries(&[
        Type(Typing::Exit),
        Exits(EXITS_MS),
        Ends(0, CLOSES_MS),
    ]),
];
