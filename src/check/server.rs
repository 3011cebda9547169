//! The rules that a server is held against.
//!
//! Data. `console/check` has the sentences of the handout and the advice for each. Read first:
//! [`super::step`].

use super::rule::Level::{Must, Should};
use super::rule::Rule;
use super::rule::Stage::{Alone, Rough, Together, Watched};
use super::step::RuleStep::{
    Abort, Ask, Begin, Close, Dial, Drip, Ends, Expires, HalfClose, Hear, Keep, Mark, NoAnswer,
    Pause, Pieces, Quiet, Say, Serves, StaysOpen, Unanswered, Unlisted,
};
use super::step::{RuleStep, Want};

/// How long silence is watched where silence is right, in milliseconds: an answer without a line
/// end is told after 300.
const QUIET_MS: u64 = 600;

/// When KEEP is said by the one who says it once: late enough that an expiry 15 s after USER can be
/// told from one 15 s after KEEP.
const ONE_KEEP_MS: u64 = 1_500;

/// How long somebody who says KEEP must stay: longer than 15 s after USER.
const STAYS_MS: u64 = 17_000;

const SOME_LIST: Want = Want::List { with: &[], without: &[] };

/// The end of every rough rule: a new client is served.
macro_rules! rough {
    ($($step:expr),* $(,)?) => {
        &[
            $($step,)*
            Serves,
            Dial(7),
            Say(7, "USER {7}:{p7}\r\n"),
            Ask(7, Want::List { with: &[], without: &[] }),
        ]
    };
}

const fn rule(
    id: &'static str,
    level: super::rule::Level,
    stage: super::rule::Stage,
    steps: &'static [RuleStep],
) -> Rule {
    Rule { id, level, stage, steps }
}

/// All rules, in the order of the report.
pub static RULES: &[Rule] = &[
    rule(
        "connect",
        Must,
        Alone,
        // Without USER: its name could still be in the list that the next rule wants empty.
        &[Dial(0), Quiet(0, 400)],
    ),
    rule(
        "list-empty",
        Should,
        Alone,
        &[Dial(0), Say(0, "USER {0}:{p0}\r\n"), Begin, Ask(0, Want::EmptyList)],
    ),
    rule(
        "clients",
        Must,
        Alone,
        &[
            Dial(0),
            Say(0, "USER {0}:{p0}\r\n"),
            Dial(1),
            Dial(2),
            Say(2, "USER {2}:{p2}\r\n"),
            Begin,
            // Wire 1 says nothing: it must keep nobody waiting.
            Ask(2, Want::List { with: &["{0}"], without: &[] }),
            Ask(0, Want::List { with: &["{2}"], without: &[] }),
        ],
    ),
    rule(
        "user",
        Must,
        Together,
        &[
            Dial(0),
            Say(0, "USER {0}:{p0}\r\n"),
            Dial(1),
            Say(1, "USER {1}:{p1}\r\n"),
            Begin,
            Ask(1, Want::List { with: &["{0}"], without: &[] }),
        ],
    ),
    rule(
        "list-self",
        Must,
        Together,
        &[
            Dial(0),
            Say(0, "USER {0}:{p0}\r\n"),
            Dial(1),
            Say(1, "USER {1}:{p1}\r\n"),
            Ask(1, Want::List { with: &["{0}"], without: &[] }),
            Begin,
            Ask(1, Want::List { with: &["{0}"], without: &["{1}"] }),
            Ask(0, Want::List { with: &["{1}"], without: &["{0}"] }),
        ],
    ),
    rule(
        "list-within",
        Must,
        Together,
        &[
            Dial(0),
            Say(0, "USER {1}Maria:{p0}\r\n"),
            Dial(1),
            Say(1, "USER {1}:{p1}\r\n"),
            Begin,
            Ask(1, Want::List { with: &["{1}Maria"], without: &[] }),
        ],
    ),
    rule(
        "list-form",
        Must,
        Together,
        &[
            Dial(0),
            Say(0, "USER {0}:{p0}\r\n"),
            Dial(1),
            Say(1, "USER {1}:{p1}\r\n"),
            Dial(2),
            Say(2, "USER {2}:{p2}\r\n"),
            Ask(2, SOME_LIST),
            Begin,
            Ask(2, Want::ListForm),
        ],
    ),
    rule(
        "addr",
        Must,
        Together,
        &[
            Dial(0),
            Say(0, "USER {0}:{p0}\r\n"),
            Dial(1),
            Say(1, "USER {1}:{p1}\r\n"),
            Begin,
            Ask(1, Want::Addr(0)),
            Ask(0, Want::Addr(1)),
        ],
    ),
    rule(
        "addr-unknown",
        Must,
        Together,
        &[
            Dial(0),
            Say(0, "USER {0}:{p0}\r\n"),
            Ask(0, SOME_LIST),
            Begin,
            Say(0, "ADDR {1}\r\n"),
            Unanswered(0, QUIET_MS),
            Ask(0, SOME_LIST),
        ],
    ),
    rule(
        "keep-silent",
        Must,
        Together,
        &[
            Dial(0),
            Say(0, "USER {0}:{p0}\r\n"),
            Pause(200),
            Begin,
            Say(0, "KEEP\r\n"),
            Quiet(0, QUIET_MS),
        ],
    ),
    rule("unasked", Must, Watched, &[]),
    rule("line-end", Must, Watched, &[]),
    rule("edition", Must, Watched, &[]),
    rule(
        "together",
        Must,
        Together,
        &[
            Dial(1),
            Say(1, "USER {1}:{p1}\r\n"),
            Ask(1, Want::Addr(1)),
            Dial(0),
            Begin,
            Say(0, "USER {0}:{p0}\r\nKEEP\r\nLIST\r\nADDR {1}\r\n"),
            Hear(0, Want::List { with: &["{1}"], without: &[] }),
            Hear(0, Want::Addr(1)),
            Say(0, "LIST\r\nLIST\r\nKEEP\r\nLIST\r\nADDR {1}\r\n"),
            Hear(0, SOME_LIST),
            Hear(0, SOME_LIST),
            Hear(0, SOME_LIST),
            Hear(0, Want::Addr(1)),
        ],
    ),
    rule(
        "pieces",
        Must,
        Together,
        &[
            Dial(1),
            Say(1, "USER {1}:{p1}\r\n"),
            Ask(1, Want::Addr(1)),
            Dial(0),
            Begin,
            Drip(0, "USER {0}:{p0}\r\n"),
            Drip(0, "ADDR {1}\r\n"),
            Hear(0, Want::Addr(1)),
        ],
    ),
    rule(
        "cut-end",
        Must,
        Together,
        &[
            Dial(1),
            Say(1, "USER {1}:{p1}\r\n"),
            Ask(1, Want::Addr(1)),
            Dial(0),
            Begin,
            Pieces(0, &["USER {0}:{p0}\r", "\n"], 80),
            Pieces(0, &["ADDR {1}\r", "\nLIST\r", "\n"], 80),
            Hear(0, Want::Addr(1)),
            Hear(0, Want::List { with: &["{1}"], without: &[] }),
        ],
    ),
    rule(
        "cut-letter",
        Must,
        Together,
        &[
            Dial(1),
            Say(1, "USER {1}:{p1}\r\n"),
            Ask(1, Want::Addr(1)),
            Dial(0),
            Begin,
            Pieces(0, &["USER {0}Jo{c3}", "{a3}o:{p0}\r\n"], 80),
            Ask(1, Want::List { with: &["{0}João"], without: &[] }),
        ],
    ),
    rule(
        "name-blank",
        Must,
        Together,
        &[
            Dial(0),
            Say(0, "USER {0} do pneu:{p0}\r\n"),
            Dial(1),
            Say(1, "USER {1}:{p1}\r\n"),
            Begin,
            Ask(1, Want::List { with: &["{0} do pneu"], without: &[] }),
            Ask(1, Want::AddrOf("{0} do pneu", 0)),
        ],
    ),
    rule(
        "name-accent",
        Must,
        Together,
        &[
            Dial(0),
            Say(0, "USER {0}ÇãoÉ:{p0}\r\n"),
            Dial(1),
            Say(1, "USER {1}:{p1}\r\n"),
            Begin,
            Ask(1, Want::List { with: &["{0}ÇãoÉ"], without: &[] }),
            Ask(1, Want::AddrOf("{0}ÇãoÉ", 0)),
        ],
    ),
    rule(
        "duplicate",
        Should,
        Together,
        &[
            Dial(0),
            Say(0, "USER {0}:{p0}\r\n"),
            Dial(1),
            Say(1, "USER {1}:{p1}\r\n"),
            Ask(1, Want::Addr(0)),
            Dial(2),
            Begin,
            Say(2, "USER {0}:{p2}\r\n"),
            Pause(300),
            Ask(1, Want::Addr(0)),
            Ends(2, 1_000),
        ],
    ),
    rule(
        "duplicate-end",
        Should,
        Together,
        &[
            Dial(0),
            Say(0, "USER {0}:{p0}\r\n"),
            Dial(1),
            Say(1, "USER {1}:{p1}\r\n"),
            Ask(1, Want::Addr(0)),
            Dial(2),
            Begin,
            Say(2, "USER {0}:{p2}\r\n"),
            Pause(200),
            Close(2),
            Pause(300),
            Ask(1, Want::List { with: &["{0}"], without: &[] }),
            Ask(1, Want::Addr(0)),
        ],
    ),
    rule(
        "gone",
        Must,
        Together,
        &[
            Dial(0),
            Say(0, "USER {0}:{p0}\r\n"),
            Dial(1),
            Say(1, "USER {1}:{p1}\r\n"),
            Ask(1, Want::List { with: &["{0}"], without: &[] }),
            Keep(1),
            Begin,
            Close(0),
            Mark,
            Unlisted { who: "{0}", asker: 1, waits: false },
        ],
    ),
    rule(
        "name-free",
        Should,
        Together,
        &[
            Dial(0),
            Say(0, "USER {0}:{p0}\r\n"),
            Dial(1),
            Say(1, "USER {1}:{p1}\r\n"),
            Ask(1, Want::List { with: &["{0}"], without: &[] }),
            Keep(1),
            Close(0),
            Mark,
            Unlisted { who: "{0}", asker: 1, waits: false },
            Dial(2),
            Begin,
            Say(2, "USER {0}:{p2}\r\n"),
            Ask(1, Want::AddrOf("{0}", 2)),
        ],
    ),
    rule(
        "expiry",
        Must,
        Together,
        &[Dial(0), Say(0, "USER {0}:{p0}\r\n"), Mark, Begin, Expires { wire: 0, asks: false }],
    ),
    rule(
        "expiry-list",
        Must,
        Together,
        &[
            Dial(1),
            Say(1, "USER {1}:{p1}\r\n"),
            Keep(1),
            Dial(0),
            Say(0, "USER {0}:{p0}\r\n"),
            Mark,
            Ask(1, Want::List { with: &["{0}"], without: &[] }),
            Begin,
            Unlisted { who: "{0}", asker: 1, waits: true },
        ],
    ),
    rule(
        "keep",
        Must,
        Together,
        &[
            Dial(0),
            Say(0, "USER {0}:{p0}\r\n"),
            Mark,
            Keep(0),
            Dial(1),
            Say(1, "USER {1}:{p1}\r\n"),
            Keep(1),
            Begin,
            StaysOpen(0, STAYS_MS),
            Ask(1, Want::List { with: &["{0}"], without: &[] }),
        ],
    ),
    rule(
        "keep-renews",
        Must,
        Together,
        &[
            Dial(0),
            Say(0, "USER {0}:{p0}\r\n"),
            Pause(ONE_KEEP_MS),
            Say(0, "KEEP\r\n"),
            Mark,
            Begin,
            Expires { wire: 0, asks: false },
        ],
    ),
    rule(
        "only-keep",
        Must,
        Together,
        &[Dial(0), Say(0, "USER {0}:{p0}\r\n"), Mark, Begin, Expires { wire: 0, asks: true }],
    ),
    rule("nobody", Should, Together, &[Dial(0), Mark, Begin, Expires { wire: 0, asks: false }]),
    rule(
        "user-first",
        Should,
        Together,
        &[
            Dial(1),
            Say(1, "USER {1}:{p1}\r\n"),
            Ask(1, SOME_LIST),
            Dial(0),
            Begin,
            Say(0, "LIST\r\n"),
            NoAnswer(0, QUIET_MS),
        ],
    ),
    rule(
        "half-close",
        Should,
        Together,
        &[
            Dial(1),
            Say(1, "USER {1}:{p1}\r\n"),
            Ask(1, SOME_LIST),
            Dial(0),
            Begin,
            Say(0, "USER {0}:{p0}\r\n"),
            Pause(100),
            Say(0, "ADDR {1}\r\n"),
            HalfClose(0),
            Hear(0, Want::Addr(1)),
            Ends(0, 2_000),
        ],
    ),
    rule(
        "unknown",
        Should,
        Rough,
        rough![
            Dial(0),
            Say(0, "USER {0}:{p0}\r\n"),
            Ask(0, SOME_LIST),
            Begin,
            Say(0, "OI TUDO BEM\r\n"),
            NoAnswer(0, 400),
        ],
    ),
    rule(
        "glued",
        Should,
        Rough,
        rough![
            Dial(0),
            Say(0, "USER {0}:{p0}\r\n"),
            Ask(0, SOME_LIST),
            Begin,
            Say(0, "KEEPLIST\r\n"),
            NoAnswer(0, 400),
        ],
    ),
    rule(
        "bad-user",
        Should,
        Rough,
        rough![
            Dial(0),
            Begin,
            Say(0, "USER {0}\r\n"),
            NoAnswer(0, 350),
            Dial(1),
            Say(1, "USER {1}:porta\r\n"),
            Dial(2),
            Say(2, "USER\r\n"),
            Pause(50),
            Dial(3),
            Say(3, "USER {3}:{p3}\r\n"),
            Ask(3, Want::List { with: &[], without: &["{0}", "{1}"] }),
        ],
    ),
    rule(
        "bytes",
        Must,
        Rough,
        rough![
            Dial(0),
            Begin,
            Say(0, "{ff}\r\n"),
            Dial(1),
            Say(1, "USER {1}:{p1}\r\n"),
            Pause(60),
            Say(1, "ADDR {ff}\r\n"),
            Pause(60),
        ],
    ),
    rule(
        "abrupt",
        Must,
        Rough,
        rough![
            Dial(0),
            Begin,
            Abort(0),
            Dial(1),
            Say(1, "USER {1}:{p1}\r\n"),
            Pause(60),
            Say(1, "LIST\r\nLIST\r\nLIST\r\nLI"),
            Abort(1),
            Dial(2),
            Say(2, "US"),
            Close(2),
            Pause(60),
        ],
    ),
    rule(
        "endless",
        Must,
        Rough,
        rough![
            Dial(0),
            Say(0, "USER {0}:{p0}\r\n"),
            Pause(60),
            Begin,
            // No line end follows.
            Say(0, "{long}"),
            Pause(60),
        ],
    ),
];
