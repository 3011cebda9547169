//! The rules that a peer is held against.
//!
//! Data. The checker is the server, and all the other people. `console/check` has the sentences
//! of the handout and the advice for each. Read first: [`super::step`].

use crate::wire::reply::Edition;

use super::rule::Rule;
use super::step::RuleStep::{
    Abort, Answer, Asked, Begin, Called, Close, Dial, Drain, Drip, Ends, Exits, Fresh, HalfClose,
    Hear, Keeps, NoDisc, NotToldServer, Online, Pause, Pieces, Registered, Runs, Say, Shown,
    StaysOpen, StillShows, Type, Usable,
};
use super::step::{Answers, AskedOfServer, Typing, Want};

/// How long the other side may take to close.
const CLOSES_MS: u64 = 3_000;

/// How long a program may take to end.
const EXITS_MS: u64 = 5_000;

/// The program asks for LIST when it is told to, and shows somebody who has just come online.
macro_rules! usable {
    ($($step:expr),* $(,)?) => {
        &[$($step,)* Online(6), Usable, StillShows("{6}")]
    };
}

/// Somebody calls the program, says who it is, and then these steps follow.
macro_rules! called_in {
    ($($step:expr),* $(,)?) => {
        &[Runs, Online(0), Dial(0), Say(0, "USER {0}\r\n"), Pause(300), $($step,)*]
    };
}

/// The program calls somebody, and then these steps follow.
macro_rules! calls_out {
    ($($step:expr),* $(,)?) => {
        &[
            Runs,
            Online(0),
            Type(Typing::Chat("{0}")),
            Asked(AskedOfServer::Addr("{0}")),
            Called(0),
            // Its first line has a rule of its own.
            Pause(400),
            Drain(0),
            $($step,)*
        ]
    };
}

/// All rules, in the order of the report. Each begins with a program that runs and talks to nobody.
pub static RULES: &[Rule] = &[
    Rule::must("register").alone(&[Begin, Fresh, Registered]),
    Rule::must("listens").rough(&[Fresh, Begin, Dial(0), Pause(100)]),
    Rule::must("keep-idle").rough(&[Runs, Begin, Keeps { periods: 3, talk: None }]),
    Rule::must("ask-list").rough(&[
        Runs,
        Online(0),
        Begin,
        Type(Typing::List),
        Asked(AskedOfServer::List),
    ]),
    Rule::must("show-list").rough(&[
        Runs,
        Online(0),
        Online(1),
        Type(Typing::List),
        Asked(AskedOfServer::List),
        Begin,
        Shown("{0}"),
        Shown("{1}"),
    ]),
    Rule::must("empty-list").rough(usable![
        Runs,
        Type(Typing::List),
        Asked(AskedOfServer::List),
        Pause(300),
        Begin
    ]),
    Rule::must("cut-list").rough(&[
        Runs,
        Online(0),
        Online(1),
        Answer(Answers::Dripped),
        Type(Typing::List),
        Asked(AskedOfServer::List),
        Begin,
        Shown("{0}"),
        Shown("{1}"),
    ]),
    Rule::must("ask-addr").rough(&[
        Runs,
        Online(0),
        Begin,
        Type(Typing::Chat("{0}")),
        Asked(AskedOfServer::Addr("{0}")),
    ]),
    Rule::must("call").rough(&[
        Runs,
        Online(0),
        Type(Typing::Chat("{0}")),
        Asked(AskedOfServer::Addr("{0}")),
        Begin,
        Called(0),
    ]),
    Rule::must("cut-addr").rough(&[
        Runs,
        Online(0),
        Answer(Answers::CutAtEnd),
        Type(Typing::Chat("{0}")),
        Asked(AskedOfServer::Addr("{0}")),
        Begin,
        Called(0),
        // The rest of the answer belongs to this rule, and not to the next.
        Pause(300),
    ]),
    Rule::must("call-user").rough(&[
        Runs,
        Online(0),
        Type(Typing::Chat("{0}")),
        Called(0),
        Begin,
        Hear(0, Want::User),
    ]),
    Rule::must("say").rough(calls_out![
        Begin,
        Type(Typing::Text("Oi, {0}! tudo bem? {m}")),
        Hear(0, Want::Text("Oi, {0}! tudo bem? {m}")),
    ]),
    // Anew: after a conversation has ended, a program may want a moment before it takes what
    // is typed for somebody else.
    Rule::must("answer").rough(&[
        Fresh,
        Pause(250),
        Online(0),
        Dial(0),
        Say(0, "USER {0}\r\n"),
        Pause(300),
        Begin,
        Type(Typing::Text("Oi, sou eu {m}")),
        Hear(0, Want::Text("Oi, sou eu {m}")),
    ]),
    Rule::must("text").rough(called_in![Begin, Say(0, "Oi! {m}\r\n"), Shown("Oi! {m}")]),
    Rule::must("text-back").rough(calls_out![Begin, Say(0, "Oi! {m}\r\n"), Shown("Oi! {m}")]),
    Rule::must("text-pieces").rough(called_in![
        Begin,
        Drip(0, "pedacos-{m}\r\n"),
        Shown("pedacos-{m}")
    ]),
    Rule::must("text-letter").rough(called_in![
        Begin,
        Pieces(0, &["cora{c3}", "{a3}o-{m}\r\n"], 150),
        Shown("coraão-{m}"),
    ]),
    Rule::must("text-long").rough(called_in![
        Begin,
        Say(0, "{lines}fim-{m}\r\n"),
        // The lines in which a read of 1024 bytes ends, each time inside a letter.
        Shown("{line10}"),
        Shown("{line20}"),
        Shown("{line31}"),
        Shown("{line41}"),
        Shown("fim-{m}"),
    ]),
    Rule::must("keep-talking").rough(called_in![Begin, Keeps { periods: 2, talk: Some(0) }]),
    Rule::must("disc").only_in(Edition::Of2024).rough(called_in![
        Begin,
        Say(0, "DISC\r\n"),
        Ends(0, CLOSES_MS),
    ]),
    Rule::should("disc-echo").only_in(Edition::Of2024).rough(called_in![
        Say(0, "DISC\r\n"),
        Ends(0, CLOSES_MS),
        Begin,
        NoDisc(0),
    ]),
    Rule::must("disc-glued").only_in(Edition::Of2024).rough(called_in![
        Begin,
        Say(0, "tchau-{m}\r\nDISC\r\n"),
        Ends(0, CLOSES_MS),
        Shown("tchau-{m}"),
    ]),
    Rule::must("disc-pieces").only_in(Edition::Of2024).rough(called_in![
        Begin,
        Pieces(0, &["DI", "SC\r", "\n"], 150),
        Ends(0, CLOSES_MS),
    ]),
    Rule::must("disc-word").only_in(Edition::Of2024).rough(called_in![
        Begin,
        Say(0, "DISCO voador {m}\r\n"),
        Shown("DISCO voador {m}"),
        StaysOpen(0, 500),
    ]),
    Rule::must("user-glued").only_in(Edition::Of2024).rough(&[
        Runs,
        Online(0),
        Dial(0),
        Begin,
        Say(0, "USER {0}\r\nDISC\r\n"),
        Ends(0, CLOSES_MS),
    ]),
    Rule::must("bye").only_in(Edition::Of2024).rough(calls_out![
        Begin,
        Type(Typing::Bye),
        Hear(0, Want::Disc),
    ]),
    Rule::must("bye-closes").only_in(Edition::Of2024).rough(calls_out![
        Type(Typing::Bye),
        Hear(0, Want::Disc),
        HalfClose(0),
        Begin,
        Ends(0, CLOSES_MS),
    ]),
    Rule::must("bye-quiet").only_in(Edition::Of2026).rough(calls_out![
        Begin,
        Type(Typing::Bye),
        Ends(0, CLOSES_MS),
        NoDisc(0),
    ]),
    Rule::must("end").rough(called_in![
        Begin,
        Close(0),
        Pause(400),
        Online(6),
        Usable,
        StillShows("{6}"),
    ]),
    Rule::must("reset").rough(called_in![
        Begin,
        Say(0, "Oi-{m}\r\n"),
        Pause(200),
        Abort(0),
        Pause(400),
        Online(6),
        Usable,
        StillShows("{6}"),
    ]),
    Rule::must("two").rough(called_in![
        Online(1),
        Begin,
        Dial(1),
        Say(1, "USER {1}\r\n"),
        Pause(300),
        Say(0, "de uma {m}\r\n"),
        Say(1, "de outra {m}\r\n"),
        Shown("de uma {m}"),
        Shown("de outra {m}"),
    ]),
    Rule::must("silent-caller").rough(&[
        Runs,
        Dial(1),
        Pause(300),
        Begin,
        Online(0),
        Dial(0),
        Say(0, "USER {0}\r\n"),
        Pause(300),
        Say(0, "Oi! {m}\r\n"),
        Shown("Oi! {m}"),
    ]),
    Rule::must("vanished").rough(usable![
        Runs,
        Online(0),
        Answer(Answers::Vanished),
        Type(Typing::Chat("{0}")),
        Asked(AskedOfServer::Addr("{0}")),
        Pause(600),
        Begin,
    ]),
    Rule::must("unknown-name").rough(usable![
        Runs,
        Type(Typing::Chat("Ninguem{m}")),
        Asked(AskedOfServer::Addr("Ninguem{m}")),
        Pause(1_500),
        Begin,
    ]),
    Rule::must("nowhere").rough(&[
        Runs,
        Begin,
        Type(Typing::Text("sem conversa {m}")),
        Pause(400),
        // The question for LIST shows that the text before it was dealt with.
        Usable,
        NotToldServer,
    ]),
    Rule::must("instruction-end").watched(),
    Rule::should("text-end").watched(),
    Rule::must("only-instructions").watched(),
    Rule::must("calls-edition").watched(),
    Rule::must("exit-disc").only_in(Edition::Of2024).rough(called_in![
        Begin,
        Type(Typing::Exit),
        Hear(0, Want::Disc),
    ]),
    Rule::must("exit").rough(called_in![
        Begin,
        Type(Typing::Exit),
        Exits(EXITS_MS),
        Ends(0, CLOSES_MS)
    ]),
];
