//! The rules that a server is held against.
//!
//! Data. `console/check` has the sentences of the handout and the advice for each. Read first:
//! [`super::step`].

use super::rule::Rule;
use super::step::RuleStep::{
    self, Abort, Ask, Close, Dial, Drip, Ends, Expires, HalfClose, Hear, Keep, Mark, NoAnswer,
    Pause, Pieces, Quiet, Register, Say, StaysOpen, Unanswered, Unlisted,
};
use super::step::Want::{self, Addr, AddrOf, EmptyList, ListForm};
use super::step::listed;

/// How long silence is awaited where silence is right, in milliseconds. An answer without a line
/// end counts as a line after 300.
const QUIET_MS: u64 = 600;

/// When the client of the rule "keep-renews" sends its one KEEP: late enough that an expiry 15 s
/// after USER differs from one 15 s after KEEP.
const ONE_KEEP_MS: u64 = 1_500;

/// How long a client that sends KEEP must stay: longer than 15 s after USER.
const STAYS_MS: u64 = 17_000;

const SOME_LIST: Want = listed(&[]);

/// A new client is served.
const SERVES: &[RuleStep] = &[Register(7), Ask(7, SOME_LIST)];

/// All rules, in the order of the report.
pub static RULES: &[Rule] = &[
    // It sends no USER, because its name could still be in the list that the next rule wants empty.
    Rule::must("connect").alone().tries(&[Dial(0), Quiet(0, 400)]),
    Rule::should("list-empty").alone().given(&[Register(0)]).tries(&[Ask(0, EmptyList)]),
    Rule::must("clients").alone().given(&[Register(0), Dial(1), Register(2)]).tries(&[
        // Wire 1 sends nothing, and no other client may have to wait for it.
        Ask(2, listed(&["{0}"])),
        Ask(0, listed(&["{2}"])),
    ]),
    Rule::must("user").given(&[Register(0), Register(1)]).tries(&[Ask(1, listed(&["{0}"]))]),
    Rule::must("list-self").given(&[Register(0), Register(1), Ask(1, listed(&["{0}"]))]).tries(&[
        Ask(1, Want::List { with: &["{0}"], without: &["{1}"] }),
        Ask(0, Want::List { with: &["{1}"], without: &["{0}"] }),
    ]),
    Rule::must("list-within")
        .given(&[Dial(0), Say(0, "USER {1}Maria:{p0}\r\n"), Register(1)])
        .tries(&[Ask(1, listed(&["{1}Maria"]))]),
    Rule::must("list-form")
        .given(&[Register(0), Register(1), Register(2), Ask(2, SOME_LIST)])
        .tries(&[Ask(2, ListForm)]),
    Rule::must("addr")
        .given(&[Register(0), Register(1)])
        .tries(&[Ask(1, Addr(0)), Ask(0, Addr(1))]),
    Rule::must("addr-unknown").given(&[Register(0), Ask(0, SOME_LIST)]).tries(&[
        Say(0, "ADDR {1}\r\n"),
        Unanswered(0, QUIET_MS),
        Ask(0, SOME_LIST),
    ]),
    Rule::must("keep-silent")
        .given(&[Register(0), Pause(200)])
        .tries(&[Say(0, "KEEP\r\n"), Quiet(0, QUIET_MS)]),
    // Rules without steps: the lines that came while all others were tried decide.
    Rule::must("unasked"),
    Rule::must("line-end"),
    Rule::must("edition"),
    Rule::must("together").given(&[Register(1), Ask(1, Addr(1)), Dial(0)]).tries(&[
        Say(0, "USER {0}:{p0}\r\nKEEP\r\nLIST\r\nADDR {1}\r\n"),
        Hear(0, listed(&["{1}"])),
        Hear(0, Addr(1)),
        Say(0, "LIST\r\nLIST\r\nKEEP\r\nLIST\r\nADDR {1}\r\n"),
        Hear(0, SOME_LIST),
        Hear(0, SOME_LIST),
        Hear(0, SOME_LIST),
        Hear(0, Addr(1)),
    ]),
    Rule::must("pieces").given(&[Register(1), Ask(1, Addr(1)), Dial(0)]).tries(&[
        Drip(0, "USER {0}:{p0}\r\n"),
        Drip(0, "ADDR {1}\r\n"),
        Hear(0, Addr(1)),
    ]),
    Rule::must("cut-end").given(&[Register(1), Ask(1, Addr(1)), Dial(0)]).tries(&[
        Pieces(0, &["USER {0}:{p0}\r", "\n"], 80),
        Pieces(0, &["ADDR {1}\r", "\nLIST\r", "\n"], 80),
        Hear(0, Addr(1)),
        Hear(0, listed(&["{1}"])),
    ]),
    Rule::must("cut-letter").given(&[Register(1), Ask(1, Addr(1)), Dial(0)]).tries(&[
        Pieces(0, &["USER {0}Jo{c3}", "{a3}o:{p0}\r\n"], 80),
        Ask(1, listed(&["{0}João"])),
    ]),
    Rule::must("name-blank")
        .given(&[Dial(0), Say(0, "USER {0} do pneu:{p0}\r\n"), Register(1)])
        .tries(&[Ask(1, listed(&["{0} do pneu"])), Ask(1, AddrOf("{0} do pneu", 0))]),
    Rule::must("name-accent")
        .given(&[Dial(0), Say(0, "USER {0}ÇãoÉ:{p0}\r\n"), Register(1)])
        .tries(&[Ask(1, listed(&["{0}ÇãoÉ"])), Ask(1, AddrOf("{0}ÇãoÉ", 0))]),
    Rule::should("duplicate")
        .given(&[Register(0), Register(1), Ask(1, Addr(0)), Dial(2)])
        .tries(&[Say(2, "USER {0}:{p2}\r\n"), Pause(300), Ask(1, Addr(0)), Ends(2, 1_000)]),
    Rule::should("duplicate-end")
        .given(&[Register(0), Register(1), Ask(1, Addr(0)), Dial(2)])
        .tries(&[
            Say(2, "USER {0}:{p2}\r\n"),
            Pause(200),
            Close(2),
            Pause(300),
            Ask(1, listed(&["{0}"])),
            Ask(1, Addr(0)),
        ]),
    Rule::must("gone")
        .given(&[Register(0), Register(1), Ask(1, listed(&["{0}"])), Keep(1)])
        .tries(&[Close(0), Mark, Unlisted { who: "{0}", asker: 1, waits: false }]),
    Rule::should("name-free")
        .given(&[
            Register(0),
            Register(1),
            Ask(1, listed(&["{0}"])),
            Keep(1),
            Close(0),
            Mark,
            Unlisted { who: "{0}", asker: 1, waits: false },
            Dial(2),
        ])
        .tries(&[Say(2, "USER {0}:{p2}\r\n"), Ask(1, AddrOf("{0}", 2))]),
    Rule::must("expiry").given(&[Register(0), Mark]).tries(&[Expires { wire: 0, asks: false }]),
    Rule::must("expiry-list")
        .given(&[Register(1), Keep(1), Register(0), Mark, Ask(1, listed(&["{0}"]))])
        .tries(&[Unlisted { who: "{0}", asker: 1, waits: true }]),
    Rule::must("keep")
        .given(&[Register(0), Mark, Keep(0), Register(1), Keep(1)])
        .tries(&[StaysOpen(0, STAYS_MS), Ask(1, listed(&["{0}"]))]),
    Rule::must("keep-renews")
        .given(&[Register(0), Pause(ONE_KEEP_MS), Say(0, "KEEP\r\n"), Mark])
        .tries(&[Expires { wire: 0, asks: false }]),
    Rule::must("only-keep").given(&[Register(0), Mark]).tries(&[Expires { wire: 0, asks: true }]),
    Rule::should("nobody").given(&[Dial(0), Mark]).tries(&[Expires { wire: 0, asks: false }]),
    Rule::should("user-first")
        .given(&[Register(1), Ask(1, SOME_LIST), Dial(0)])
        .tries(&[Say(0, "LIST\r\n"), NoAnswer(0, QUIET_MS)]),
    Rule::should("half-close").given(&[Register(1), Ask(1, SOME_LIST), Dial(0)]).tries(&[
        Say(0, "USER {0}:{p0}\r\n"),
        Pause(100),
        Say(0, "ADDR {1}\r\n"),
        HalfClose(0),
        Hear(0, Addr(1)),
        Ends(0, 2_000),
    ]),
    Rule::should("unknown")
        .rough(SERVES)
        .given(&[Register(0), Ask(0, SOME_LIST)])
        .tries(&[Say(0, "OI TUDO BEM\r\n"), NoAnswer(0, 400)]),
    Rule::should("glued")
        .rough(SERVES)
        .given(&[Register(0), Ask(0, SOME_LIST)])
        .tries(&[Say(0, "KEEPLIST\r\n"), NoAnswer(0, 400)]),
    Rule::should("bad-user").rough(SERVES).given(&[Dial(0)]).tries(&[
        Say(0, "USER {0}\r\n"),
        NoAnswer(0, 350),
        Dial(1),
        Say(1, "USER {1}:porta\r\n"),
        Dial(2),
        Say(2, "USER\r\n"),
        Pause(50),
        Register(3),
        Ask(3, Want::List { with: &[], without: &["{0}", "{1}"] }),
    ]),
    Rule::must("bytes").rough(SERVES).given(&[Dial(0)]).tries(&[
        Say(0, "{ff}\r\n"),
        Register(1),
        Pause(60),
        Say(1, "ADDR {ff}\r\n"),
        Pause(60),
    ]),
    Rule::must("abrupt").rough(SERVES).given(&[Dial(0)]).tries(&[
        Abort(0),
        Register(1),
        Pause(60),
        Say(1, "LIST\r\nLIST\r\nLIST\r\nLI"),
        Abort(1),
        Dial(2),
        Say(2, "US"),
        Close(2),
        Pause(60),
    ]),
    Rule::must("endless").rough(SERVES).given(&[Register(0), Pause(60)]).tries(&[
        // No line end follows.
        Say(0, "{long}"),
        Pause(60),
    ]),
];
