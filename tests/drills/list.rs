//! The drills that need no root, by number, with the figures that each of them must report.
//!
//! J are the cases of a fault script from outside, D the drills of `docs/RELIABILITY.md`, K those of
//! several servers that share names. D35, other people's programs, is `tests/interop`. The drills that
//! need root are in `list_for_root.rs`.

use crate::runner::{Drill, Needs};
use crate::{descriptors, liveness, load, logs, memory, screens, several, strangers, talk};

/// Any drill: not in the short run, side by side with others.
pub const PLAIN: Needs = Needs {
    quick: false,
    alone: false,
    root: false,
    tools: &[],
    connections: 0,
    memory_cgroup: false,
};
/// Also in the short run.
const QUICK: Needs = Needs { quick: true, ..PLAIN };
/// At full length nothing else may run beside it.
const ALONE: Needs = Needs { alone: true, ..PLAIN };
/// Both.
const QUICK_ALONE: Needs = Needs { quick: true, ..ALONE };

/// The needs of drills of several servers.
pub const ENGINE: &[&str] = &["redis-server"];

/// The figures of a drill in which descriptors run out.
pub const PRESS: &[&str] = &[
    "processor under pressure",
    "log lines of one kind under pressure",
    "LIST p99 of those inside",
    "of those inside, gone",
    "longest until one is sent away",
    "sent away",
    "a free place is taken within",
    "the newcomer stays",
];
/// The figures of a drill with a stopped server.
pub const STOP: &[&str] = &["expelled", "still listed", "LIST p99 a second later"];
/// The figures of a drill with clients that do not read.
pub const MUTE: &[&str] = &[
    "the last mute one is gone after",
    "memory grown",
    "longest send queue",
    "LIST p99 of the others",
    "others gone",
];
/// The figures of a drill with clients that come and go.
pub const CHURN: &[&str] = &[
    "memory grown after warming up",
    "descriptors left behind",
    "others gone",
    "a newcomer is served within",
];
/// The figures of a drill in which the server is restarted.
pub const RESTART: &[&str] = &[
    "binds at the first attempt",
    "slowest start",
    "all listed again within",
    "most attempts of one client",
];
/// The figures of a drill with silent clients.
pub const EXPIRY: &[&str] = &[
    "silent clients gone",
    "first gone after its last word",
    "last gone after its last word",
    "others gone",
    "stopped process gone",
];

/// All of them.
pub const DRILLS: &[Drill] = &[
    Drill {
        id: "J1",
        what: "descriptors: 30 users, 64 descriptors, 200 more",
        run: descriptors::small_limit,
        figures: PRESS,
        needs: Needs { tools: &["prlimit"], ..QUICK },
        limit_s: 60,
    },
    Drill {
        id: "J2",
        what: "server stopped for 20 s with 300 users",
        run: liveness::stopped_server_of_300,
        figures: STOP,
        needs: QUICK,
        limit_s: 60,
    },
    Drill {
        id: "J3",
        what: "200 mute readers",
        run: memory::mute_readers,
        figures: MUTE,
        needs: Needs { tools: &["ss"], ..QUICK },
        limit_s: 60,
    },
    Drill {
        id: "J4",
        what: "20,000 connections of churn",
        run: load::small_churn,
        figures: CHURN,
        needs: QUICK,
        limit_s: 90,
    },
    Drill {
        id: "J5",
        what: "kill -9 and restart on the same port, five times",
        run: load::five_restarts,
        figures: RESTART,
        needs: QUICK,
        limit_s: 60,
    },
    Drill {
        id: "J6",
        what: "9,000 idle users",
        run: memory::idle_users,
        figures: &["gone", "resident before anybody came", "resident with all of them", "for each"],
        needs: Needs { connections: 9_000, ..QUICK },
        limit_s: 60,
    },
    Drill {
        id: "D1",
        what: "10,000 clients who send KEEP",
        run: load::ten_thousand,
        figures: &[
            "false expiries",
            "resident memory",
            "processor at 2000 KEEP/s",
            "LIST p99",
            "listed",
        ],
        needs: Needs { connections: 10_001, ..ALONE },
        limit_s: 150,
    },
    Drill {
        id: "D2",
        what: "2,000 connections in one burst",
        run: load::burst,
        figures: &["all registered within", "turned away"],
        needs: QUICK_ALONE,
        limit_s: 60,
    },
    Drill {
        id: "D3",
        what: "server killed and restarted",
        run: load::restarts,
        figures: RESTART,
        needs: Needs { connections: 9_901, ..ALONE },
        limit_s: 180,
    },
    Drill {
        id: "D4",
        what: "server stopped for 20 s",
        run: liveness::stopped_server,
        figures: STOP,
        needs: PLAIN,
        limit_s: 60,
    },
    Drill {
        id: "D5",
        what: "clients gone silent",
        run: liveness::silent_clients,
        figures: EXPIRY,
        needs: Needs { connections: 9_000, ..QUICK },
        limit_s: 90,
    },
    Drill {
        id: "D6",
        what: "client killed",
        run: liveness::killed_client,
        figures: &["slowest to be gone"],
        needs: QUICK,
        limit_s: 60,
    },
    Drill {
        id: "D11",
        what: "descriptors taken away from a running server",
        run: descriptors::lowered_limit,
        figures: PRESS,
        needs: Needs { tools: &["prlimit"], ..QUICK },
        limit_s: 60,
    },
    Drill {
        id: "D12",
        what: "descriptors run out in a peer",
        run: descriptors::small_limit_in_a_peer,
        figures: &[
            "processor of the peer",
            "/list is answered within",
            "the conversation goes on within",
            "peer still alive",
        ],
        needs: Needs { tools: &["prlimit"], ..QUICK },
        limit_s: 60,
    },
    Drill {
        id: "D14",
        what: "all abuse in 256 MiB of address space",
        run: memory::small_address_space,
        figures: &["server alive", "others gone", "all abuse gone within"],
        needs: Needs { connections: 5_000, tools: &["prlimit"], ..PLAIN },
        limit_s: 120,
    },
    Drill {
        id: "D15",
        what: "connections that dribble",
        run: liveness::dribblers,
        figures: &[
            "a newcomer is served within",
            "closed",
            "first closed after",
            "last closed after",
        ],
        needs: Needs { connections: 5_001, ..QUICK },
        limit_s: 60,
    },
    Drill {
        id: "D16",
        what: "lines without an end",
        run: memory::line_bombs,
        figures: &[
            "taken from one before the end",
            "closed within",
            "memory grown",
            "processor a second later",
        ],
        needs: QUICK,
        limit_s: 60,
    },
    Drill {
        id: "D17",
        what: "one client asks LIST all the time",
        run: load::loud_client,
        figures: &[
            "the loud client got",
            "LIST p99 of the others",
            "times what it was",
            "others gone",
        ],
        needs: QUICK_ALONE,
        limit_s: 60,
    },
    Drill {
        id: "D19",
        what: "other protocols on the port",
        run: strangers::other_protocols,
        figures: &["closed within", "refusals in the log", "panics", "server alive"],
        needs: QUICK,
        limit_s: 60,
    },
    Drill {
        id: "D21",
        what: "nobody reads the log",
        run: logs::stopped_reader,
        figures: &[
            "strangers served",
            "LIST p99 of the others",
            "still listed",
            "server alive",
            "log kept for the reader",
        ],
        needs: QUICK,
        limit_s: 90,
    },
    Drill {
        id: "D22",
        what: "terminal takes no output, under a flood",
        run: screens::blocked_terminal,
        figures: &[
            "expelled",
            "flood",
            "memory grown",
            "told of lines not shown within",
            "/list is answered within",
        ],
        needs: Needs { tools: &["setsid"], ..QUICK },
        limit_s: 120,
    },
    Drill {
        id: "D23",
        what: "Ctrl-Z and fg",
        run: screens::suspended,
        figures: &["taken for gone meanwhile", "registered again within", "exit status"],
        needs: Needs { tools: &["setsid", "bash"], ..PLAIN },
        limit_s: 120,
    },
    Drill {
        id: "D24",
        what: "wall clock jumps a day",
        run: liveness::jumping_clock,
        figures: &[
            "silent clients gone",
            "first gone after its last word",
            "last gone after its last word",
            "others gone",
            "stopped process gone",
            "different days in the log",
        ],
        needs: Needs { tools: &["faketime"], ..PLAIN },
        limit_s: 90,
    },
    Drill {
        id: "D25",
        what: "/bye under a flood",
        run: talk::bye_under_flood,
        figures: &["whole conversations", "flood against each, on average", "exit status"],
        needs: QUICK,
        limit_s: 120,
    },
    Drill {
        id: "D26",
        what: "dials that could meet themselves",
        run: talk::self_connect,
        figures: &["conversations with oneself", "failures told", "exit status"],
        needs: QUICK,
        limit_s: 120,
    },
    Drill {
        id: "D27",
        what: "both call at once",
        run: talk::both_at_once,
        figures: &[
            "rounds with one conversation",
            "rounds with text lost or doubled",
            "rounds with a goodbye",
        ],
        needs: QUICK,
        limit_s: 150,
    },
    Drill {
        id: "D29",
        what: "churn",
        run: load::churn,
        figures: CHURN,
        needs: ALONE,
        limit_s: 240,
    },
    Drill {
        id: "D30",
        what: "hostile text on a terminal",
        run: screens::hostile_text,
        figures: &["payloads shown", "characters that act", "of those, seen in the payloads"],
        needs: Needs { tools: &["setsid"], ..QUICK },
        limit_s: 60,
    },
    Drill {
        id: "D31",
        what: "terminal left as it was",
        run: screens::terminal_left_as_it_was,
        figures: &["ended", "terminal as it was"],
        needs: Needs { tools: &["setsid"], ..QUICK },
        limit_s: 90,
    },
    Drill {
        id: "D32",
        what: "idle cost",
        run: liveness::idle,
        figures: &[
            "wake-ups with nobody there",
            "processor with nobody there",
            "wake-ups with 100 clients",
        ],
        needs: QUICK,
        limit_s: 150,
    },
    Drill {
        id: "D33",
        what: "SIGTERM under load",
        run: load::orderly_end,
        figures: &["ends within", "exit status", "clients who saw the end"],
        needs: Needs { connections: 10_000, ..QUICK_ALONE },
        limit_s: 60,
    },
    Drill {
        id: "K1",
        what: "one of three servers with 3,000 people killed",
        run: several::killed_server,
        figures: &[
            "claimed again through others within",
            "names in LIST meanwhile, fewest",
            "listed when its lease has ended",
            "owned by the server that is gone",
        ],
        needs: Needs { connections: 3_010, tools: ENGINE, ..ALONE },
        limit_s: 120,
    },
    Drill {
        id: "K2",
        what: "one of two servers stopped for 20 s",
        run: several::stopped_server,
        figures: &[
            "listed elsewhere while it stands still",
            "listed elsewhere again within",
            "expelled",
        ],
        needs: Needs { connections: 1_010, tools: ENGINE, ..PLAIN },
        limit_s: 120,
    },
    Drill {
        id: "K3",
        what: "the engine of two servers killed and started again",
        run: several::killed_engine,
        figures: &[
            "names in LIST meanwhile, fewest",
            "a newcomer without engine is let in after",
            "with its data: all claimed again within",
            "without: all claimed again within",
            "expelled",
        ],
        needs: Needs { connections: 1_010, tools: ENGINE, ..PLAIN },
        limit_s: 120,
    },
    Drill {
        id: "K5",
        what: "names wanted at three servers, which have faults",
        run: several::churn_of_names,
        figures: &[
            "names taken",
            "names owned twice",
            "people missing from a LIST, or too many",
            "people whom the engine lacks",
        ],
        needs: Needs { connections: 3_000, tools: ENGINE, ..ALONE },
        limit_s: 120,
    },
];
