//! The drills that only root may run: they make network namespaces, cgroups and mounts, or take
//! rights away.

use crate::list::PLAIN;
use crate::runner::{Drill, Needs};
use crate::{links, logs, memory, several, strangers, talk};

/// Any of them.
const ROOT: Needs = Needs { root: true, ..PLAIN };

/// All of them.
pub const DRILLS: &[Drill] = &[
    Drill {
        id: "D7",
        what: "way to the server cut",
        run: links::cut_from_server,
        figures: &["gone from the server after", "the peer knows after", "back after the mending"],
        needs: Needs { tools: &["ip"], ..ROOT },
        limit_s: 90,
    },
    Drill {
        id: "D8",
        what: "way between peers cut",
        run: links::cut_between_peers,
        figures: &[
            "noticed with text under way after",
            "noticed in silence after",
            "told that text may be lost",
            "expelled by the server",
        ],
        needs: Needs { tools: &["ip"], ..ROOT },
        limit_s: 90,
    },
    Drill {
        id: "D9",
        what: "10 % of all packets lost",
        run: links::ten_percent,
        figures: &[
            "ways with lines doubled or reordered",
            "ways with more lines lost than told",
            "ways that broke, and said so",
            "expelled by the server",
            "all said within",
        ],
        needs: Needs { tools: &["ip", "nft"], ..ROOT },
        limit_s: 180,
    },
    Drill {
        id: "D9B",
        what: "30 % of all packets lost",
        run: links::thirty_percent,
        figures: &[
            "ways with lines doubled or reordered",
            "ways with more lines lost than told",
            "ways that broke, and said so",
            "all back after the loss",
            "all said within",
        ],
        needs: Needs { tools: &["ip", "nft"], ..ROOT },
        limit_s: 180,
    },
    Drill {
        id: "D10",
        what: "much text and /bye over 64 kbit/s",
        run: links::thin_link,
        figures: &["lines arrived, in order", "goodbyes arrived"],
        needs: Needs { tools: &["ip", "tc"], ..ROOT },
        limit_s: 180,
    },
    Drill {
        id: "D13",
        what: "9,000 clients and 900 mute readers in 96 MiB",
        run: memory::small_memory,
        figures: &[
            "the last mute one is gone after",
            "memory grown",
            "longest send queue",
            "LIST p99 of the others",
            "others gone",
            "killed for want of memory",
            "server alive",
        ],
        needs: Needs { connections: 9_901, memory_cgroup: true, tools: &["ss"], ..ROOT },
        limit_s: 90,
    },
    Drill {
        id: "D18",
        what: "100 connections from one address",
        run: strangers::one_address,
        figures: &[
            "let in",
            "the others closed within",
            "another host is served within",
            "after one left, the next is let in",
        ],
        needs: Needs { tools: &["ip"], ..ROOT },
        limit_s: 60,
    },
    Drill {
        id: "D20",
        what: "disk full under the log",
        run: logs::full_disk,
        figures: &[
            "strangers served",
            "LIST p99 of the others",
            "still listed",
            "server alive",
            "told that lines were dropped",
        ],
        needs: Needs { tools: &["mount"], ..ROOT },
        limit_s: 60,
    },
    Drill {
        id: "D25B",
        what: "/bye under a flood, on a thin link",
        run: talk::bye_under_flood_on_a_link,
        figures: &["whole conversations", "flood against each, on average", "exit status"],
        needs: Needs { tools: &["ip", "tc"], ..ROOT },
        limit_s: 180,
    },
    Drill {
        id: "D28",
        what: "one on loopback, one on another host",
        run: links::loopback_and_remote,
        figures: &["calls that came through", "callers marked as not verified"],
        needs: Needs { tools: &["ip"], ..ROOT },
        limit_s: 60,
    },
    Drill {
        id: "D34",
        what: "no privileges",
        run: strangers::no_privileges,
        figures: &["user it runs as", "capabilities", "1,000 clients served within"],
        needs: Needs { tools: &["setpriv"], ..ROOT },
        limit_s: 60,
    },
    Drill {
        id: "D36",
        what: "loss, cuts, stops and kill -9 in turn",
        run: links::chaos,
        figures: &[
            "all back after the last fault",
            "descriptors beyond the clients'",
            "resident memory",
            "panics",
        ],
        needs: Needs { tools: &["ip", "nft"], ..ROOT },
        limit_s: 240,
    },
    Drill {
        id: "K4",
        what: "way from a server to the engine cut",
        run: several::cut_from_engine,
        figures: &[
            "names in LIST without the engine, fewest",
            "listed elsewhere of those cut off",
            "all LISTs agree again within",
            "of two with one name, closed",
            "expelled",
        ],
        needs: Needs { tools: &["ip", "redis-server"], ..ROOT },
        limit_s: 120,
    },
];
