//! The scripts of strangers: clients that are wrong, hostile, or just other people's.
//!
//! Each scene is a row or two of the tables of edge cases; chance chooses the scene, the lines
//! and the pauses. Read next: [`super::workload`], what people type.

use std::net::SocketAddr;

use super::rng::Rng;
use super::script::Step;

/// First lines that are none.
const FIRST_LINES: [&[u8]; 23] = [
    b"\r\n\r\n",
    b"LIST\r\n",
    b"KEEP\r\n",
    b"ADDR Ana\r\n",
    b"USER\r\n",
    b"USER \r\n",
    b"USER Ze\r\n",
    b"USER Ze:\r\n",
    b"USER :20000\r\n",
    b"USER A:B:20000\r\n",
    b"USER Ze:0\r\n",
    b"USER Ze:65536\r\n",
    b"USER Ze:-1\r\n",
    b"USER Ze:+20000\r\n",
    b"USER Ze:20_000\r\n",
    b"USER Ze:2e4\r\n",
    b"USER Jo\xE3o:20000\r\n",
    b"USER Ze\x1b[2J:20000\r\n",
    b"USER \xEF\xBB\xBFZe:20000\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n",
    b"SSH-2.0-OpenSSH_9.6\r\n",
    b"user Ze:20000\r\n",
];

/// Lines of members, right and wrong.
const LINES: [&[u8]; 26] = [
    b"LIST\r\n",
    b"LIST\r\n",
    b"LIST \r\n",
    b"LIST\n",
    b"LIST x\r\n",
    b"list\r\n",
    b"KEEP\r\n",
    b"KEEP\r\nKEEP\r\nKEEP\r\nKEEP\r\n",
    b"KEEP \r\n",
    b"KEEP x\r\n",
    b"KEEPLIST\r\n",
    b"KEEP\r\nLIST\r\n",
    b"ADDR\r\n",
    b"ADDR \r\n",
    b"ADDR a:b\r\n",
    b"ADDR Ninguem\r\n",
    b"ADDR Ana\r\n",
    b"ADDR Ana\r\nLIST\r\nADDR Ninguem\r\nADDR Bruno\r\nLIST\r\n",
    b"USER Outro:20000\r\n",
    b"\r\n",
    b"oi\r\n",
    b"LI\x00ST\r\n",
    b"\xff\xfe\r\n",
    b"LI",
    b"DISC\r\n",
    b"KEEP\r",
];

/// The lines of callers before they have a name.
const FIRST_WORDS: [&[u8]; 10] = [
    b"oi\r\n",
    b"DISC\r\n",
    b"\r\n",
    b"USER\r\n",
    b"USER \r\n",
    b"USER :20000\r\n",
    b"USER Jo\xE3o\r\n",
    b"USER a\x1b[31mb\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"user Naive\r\n",
];

/// The lines of callers once they have one.
const WORDS: [&[u8]; 16] = [
    b"oi\r\n",
    b"tudo bem?\r\n",
    b"oi\n",
    b"\r\n",
    b" DISC\r\n",
    b"DISC \r\n",
    b"DISCO\r\n",
    b"disc\r\n",
    b"USER Outro\r\n",
    b"LIST\r\n",
    b"ol\xE1\r\n",
    b"\x1b[2J\r\n",
    b"um\rdois\r\n",
    b"um\r\ndois\r\ntr\xC3\xAAs\r\n",
    b"metade",
    b"DISC\r\ndepois\r\n",
];

/// Writes one script.
#[derive(Debug)]
pub(crate) struct Author<'a> {
    pub(crate) rng: &'a mut Rng,
    pub(crate) steps: Vec<Step>,
    pub(crate) server: SocketAddr,
    /// Names that people have.
    pub(crate) names: &'a [String],
    /// Where people wait for calls.
    pub(crate) listeners: &'a [SocketAddr],
    /// A name and a port of this client's own.
    pub(crate) name: String,
    pub(crate) port: u16,
}

impl Author<'_> {
    /// One connection to the server, or to a peer, that is wrong from the start or goes wrong.
    pub(crate) fn bother_somebody(&mut self) {
        self.pause(0, 8_000);
        if self.rng.percent(50) {
            self.steps.push(Step::Dial(self.server));
            match self.rng.within(0..8) {
                0 => self.say_one_of(&FIRST_LINES),
                1 => self.never_end_a_line(540),
                2 => self.trickle(),
                3 => self.take_a_name(),
                4 => self.ask_without_keep(),
                5 => self.say_all_at_once(),
                _ => self.misbehave(),
            }
        } else {
            let callee = self.listeners[self.rng.index(self.listeners.len())];
            self.steps.push(Step::Dial(callee));
            match self.rng.within(0..11) {
                8 => self.crowd(callee),
                9 => self.come_by_several_roads(callee),
                10 => self.speak_at_the_last_moment(),
                0 => self.say_one_of(&FIRST_WORDS),
                1 => self.never_end_a_line(70_000),
                2 => self.call_without_line_ends(),
                3 => self.pause(9_000, 12_000),
                4 => self.call_under_a_name(),
                5 => self.say(b"USER Naive\r\noi\r\nDISC\r\ndepois\r\n"),
                _ => self.chatter(),
            }
        }
        self.pause(0, 3_000);
        self.hang_up();
    }

    /// Registers and waits for calls, as other people's programs do.
    pub(crate) fn live_here(&mut self) {
        self.pause(0, 3_000);
        self.steps.push(Step::Dial(self.server));
        self.register();
        for _ in 0..self.rng.within(1..14) {
            self.steps.push(Step::Pause(5_000));
            self.say(b"KEEP\r\n");
            if self.rng.percent(20) {
                self.say(b"LIST\r\n");
            }
            let ears = self.rng.within(0..8);
            self.steps.extend(match ears {
                0 => Some(Step::Deafen),
                1..4 => Some(Step::Listen),
                _ => None,
            });
        }
        if self.rng.percent(50) {
            self.say(b"DISC\r\n");
            self.hang_up();
        }
    }

    /// Asks and asks, and never reads an answer.
    pub(crate) fn flood(&mut self) {
        self.pause(0, 10_000);
        self.steps.extend([Step::Dial(self.server), Step::Deafen]);
        self.register();
        if self.rng.percent(50) {
            self.say(&b"LIST\r\n".repeat(20_000));
        }
        for _ in 0..self.rng.within(1..10) {
            self.steps.push(Step::Pause(5_000));
            self.say(b"KEEP\r\n");
        }
        self.hang_up();
    }

    fn register(&mut self) {
        let user = format!("USER {}:{}\r\n", self.name, self.port);
        self.say(user.as_bytes());
    }

    fn never_end_a_line(&mut self, most: u64) {
        let len = self.rng.within(most / 2..most) as usize;
        self.say(&vec![b'x'; len]);
        self.pause(0, 2_000);
    }

    fn trickle(&mut self) {
        let user = format!("USER {}:{}\r\n", self.name, self.port);
        let pause_ms = self.rng.within(1..1_500);
        for &byte in user.as_bytes() {
            self.say(&[byte]);
            self.steps.push(Step::Pause(pause_ms));
        }
        self.say(b"LIST\r\n");
    }

    fn take_a_name(&mut self) {
        let name = &self.names[self.rng.index(self.names.len())];
        let user = format!("USER {name}:{}\r\nLIST\r\n", self.port);
        self.say(user.as_bytes());
        self.pause(0, 5_000);
        self.say(b"KEEP\r\nLIST\r\n");
    }

    fn ask_without_keep(&mut self) {
        self.register();
        for _ in 0..self.rng.within(4..8) {
            self.steps.push(Step::Pause(2_900));
            self.say(b"LIST\r\n");
        }
    }

    fn say_all_at_once(&mut self) {
        let user = format!("USER {}:{}\r\n", self.name, self.port);
        let lines = [user.as_bytes(), b"LIST\r\nKEEP\r\nADDR Ana\r\nADDR Ninguem\r\nLIST\r\nLI"];
        self.say(&lines.concat());
    }

    fn misbehave(&mut self) {
        self.register();
        for _ in 0..self.rng.within(1..16) {
            self.say_one_of(&LINES);
            self.pause(0, 2_000);
        }
    }

    fn call_without_line_ends(&mut self) {
        for words in [&b"USER Naive"[..], b"oi", b"DISC"] {
            self.say(words);
            self.pause(1_100, 2_000);
        }
    }

    fn call_under_a_name(&mut self) {
        let name = &self.names[self.rng.index(self.names.len())];
        let user = format!("USER {name}\r\noi\r\n");
        self.say(user.as_bytes());
        self.pause(0, 5_000);
    }

    fn chatter(&mut self) {
        let named: &[u8] =
            self.rng.pick(&[b"USER Naive\r\n", b"USER Naive:20000\r\n", b"USER Bia\n"]);
        self.say(named);
        for _ in 0..self.rng.within(1..10) {
            self.say_one_of(&WORDS);
            self.pause(0, 1_500);
        }
        if self.rng.percent(20) {
            self.say(&b"y".repeat(6_000));
            self.say(b"\r\nfim\r\n");
        }
    }

    /// More and more calls, and not a word.
    fn crowd(&mut self, callee: SocketAddr) {
        for _ in 0..self.rng.within(10..24) {
            self.steps.push(Step::Dial(callee));
            self.pause(0, 300);
        }
    }

    /// Several connections, one name: one conversation.
    fn come_by_several_roads(&mut self, callee: SocketAddr) {
        self.say(b"USER Naive\r\n");
        for _ in 0..self.rng.within(1..4) {
            self.pause(0, 1_500);
            self.steps.push(Step::Dial(callee));
            self.say(b"USER Naive\r\n");
            self.say_one_of(&WORDS);
        }
        self.pause(0, 2_000);
        self.say_one_of(&[b"DISC\r\n", b"DISC", b"oi\r\n"]);
        self.pause(0, 2_000);
    }

    /// The name comes when patience ends, or a little before or after.
    fn speak_at_the_last_moment(&mut self) {
        self.pause(8_600, 10_100);
        self.say_one_of(&[b"USER Naive\r\n", b"USER Naive", b"USER Naive\r", b"oi"]);
        self.pause(0, 2_000);
    }

    fn hang_up(&mut self) {
        let step = match self.rng.within(0..4) {
            0 => Step::HalfClose,
            1 => Step::Abort,
            _ => Step::Close,
        };
        self.steps.push(step);
    }

    fn say(&mut self, bytes: &[u8]) {
        self.steps.push(Step::Say(bytes.to_vec()));
    }

    fn say_one_of(&mut self, lines: &[&[u8]]) {
        let line = self.rng.pick(lines);
        self.say(line);
    }

    fn pause(&mut self, least_ms: u64, most_ms: u64) {
        let pause_ms = self.rng.within(least_ms..most_ms);
        self.steps.push(Step::Pause(pause_ms));
    }
}
