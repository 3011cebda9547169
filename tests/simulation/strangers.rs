//! The scripts of strangers: broken, hostile, or other people's clients.
//!
//! Each scene is an edge case. The scene, its lines and its pauses are random. Read next:
//! [`super::workload`], the lines that people type.

use std::net::SocketAddr;

use super::rng::Rng;
use super::script::Step;

/// First lines that are not a good USER.
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

/// Lines of registered clients, right and wrong.
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

/// First lines of callers that are not a good USER.
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

/// Lines of callers after USER.
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
pub(crate) struct ScriptWriter<'a> {
    pub(crate) rng: &'a mut Rng,
    pub(crate) steps: Vec<Step>,
    pub(crate) server: SocketAddr,
    /// The names of peers and of registered strangers.
    pub(crate) names: &'a [String],
    /// The listeners of peers.
    pub(crate) listeners: &'a [SocketAddr],
    /// The client's own name and port.
    pub(crate) name: String,
    pub(crate) port: u16,
}

impl ScriptWriter<'_> {
    /// One connection to the server or to a peer that breaks a rule sooner or later.
    pub(crate) fn disturb_somebody(&mut self) {
        self.pause(0, 8_000);
        if self.rng.percent(50) {
            self.steps.push(Step::Dial(self.server));
            match self.rng.within(0..8) {
                0 => self.send_one_of(&FIRST_LINES),
                1 => self.never_end_a_line(540),
                2 => self.send_byte_by_byte(),
                3 => self.take_a_name(),
                4 => self.ask_without_keep(),
                5 => self.send_all_at_once(),
                _ => self.misbehave(),
            }
        } else {
            let callee = self.listeners[self.rng.index(self.listeners.len())];
            self.steps.push(Step::Dial(callee));
            match self.rng.within(0..11) {
                8 => self.open_many(callee),
                9 => self.open_several(callee),
                10 => self.register_late(),
                0 => self.send_one_of(&FIRST_WORDS),
                1 => self.never_end_a_line(70_000),
                2 => self.call_without_line_ends(),
                3 => self.pause(9_000, 12_000),
                4 => self.call_under_a_name(),
                5 => self.send(b"USER Naive\r\noi\r\nDISC\r\ndepois\r\n"),
                _ => self.send_lines(),
            }
        }
        self.pause(0, 3_000);
        self.close();
    }

    /// Registers and waits for calls, as other people's programs do.
    pub(crate) fn register_and_wait(&mut self) {
        self.pause(0, 3_000);
        self.steps.push(Step::Dial(self.server));
        self.register();
        for _ in 0..self.rng.within(1..14) {
            self.steps.push(Step::Pause(5_000));
            self.send(b"KEEP\r\n");
            if self.rng.percent(20) {
                self.send(b"LIST\r\n");
            }
            let receivers = self.rng.within(0..8);
            self.steps.extend(match receivers {
                0 => Some(Step::StopReading),
                1..4 => Some(Step::ResumeReading),
                _ => None,
            });
        }
        if self.rng.percent(50) {
            self.send(b"DISC\r\n");
            self.close();
        }
    }

    /// Sends many requests and never reads an answer.
    pub(crate) fn flood(&mut self) {
        self.pause(0, 10_000);
        self.steps.extend([Step::Dial(self.server), Step::StopReading]);
        self.register();
        if self.rng.percent(50) {
            self.send(&b"LIST\r\n".repeat(20_000));
        }
        for _ in 0..self.rng.within(1..10) {
            self.steps.push(Step::Pause(5_000));
            self.send(b"KEEP\r\n");
        }
        self.close();
    }

    fn register(&mut self) {
        let user = format!("USER {}:{}\r\n", self.name, self.port);
        self.send(user.as_bytes());
    }

    fn never_end_a_line(&mut self, most: u64) {
        let len = self.rng.within(most / 2..most) as usize;
        self.send(&vec![b'x'; len]);
        self.pause(0, 2_000);
    }

    fn send_byte_by_byte(&mut self) {
        let user = format!("USER {}:{}\r\n", self.name, self.port);
        let pause_ms = self.rng.within(1..1_500);
        for &byte in user.as_bytes() {
            self.send(&[byte]);
            self.steps.push(Step::Pause(pause_ms));
        }
        self.send(b"LIST\r\n");
    }

    fn take_a_name(&mut self) {
        let name = &self.names[self.rng.index(self.names.len())];
        let user = format!("USER {name}:{}\r\nLIST\r\n", self.port);
        self.send(user.as_bytes());
        self.pause(0, 5_000);
        self.send(b"KEEP\r\nLIST\r\n");
    }

    fn ask_without_keep(&mut self) {
        self.register();
        for _ in 0..self.rng.within(4..8) {
            self.steps.push(Step::Pause(2_900));
            self.send(b"LIST\r\n");
        }
    }

    fn send_all_at_once(&mut self) {
        let user = format!("USER {}:{}\r\n", self.name, self.port);
        let lines = [user.as_bytes(), b"LIST\r\nKEEP\r\nADDR Ana\r\nADDR Ninguem\r\nLIST\r\nLI"];
        self.send(&lines.concat());
    }

    fn misbehave(&mut self) {
        self.register();
        for _ in 0..self.rng.within(1..16) {
            self.send_one_of(&LINES);
            self.pause(0, 2_000);
        }
    }

    fn call_without_line_ends(&mut self) {
        for words in [&b"USER Naive"[..], b"oi", b"DISC"] {
            self.send(words);
            self.pause(1_100, 2_000);
        }
    }

    fn call_under_a_name(&mut self) {
        let name = &self.names[self.rng.index(self.names.len())];
        let user = format!("USER {name}\r\noi\r\n");
        self.send(user.as_bytes());
        self.pause(0, 5_000);
    }

    fn send_lines(&mut self) {
        let named: &[u8] =
            self.rng.pick(&[b"USER Naive\r\n", b"USER Naive:20000\r\n", b"USER Bia\n"]);
        self.send(named);
        for _ in 0..self.rng.within(1..10) {
            self.send_one_of(&WORDS);
            self.pause(0, 1_500);
        }
        if self.rng.percent(20) {
            self.send(&b"y".repeat(6_000));
            self.send(b"\r\nfim\r\n");
        }
    }

    /// Many calls that send nothing.
    fn open_many(&mut self, callee: SocketAddr) {
        for _ in 0..self.rng.within(10..24) {
            self.steps.push(Step::Dial(callee));
            self.pause(0, 300);
        }
    }

    /// Several connections with one name: one conversation.
    fn open_several(&mut self, callee: SocketAddr) {
        self.send(b"USER Naive\r\n");
        for _ in 0..self.rng.within(1..4) {
            self.pause(0, 1_500);
            self.steps.push(Step::Dial(callee));
            self.send(b"USER Naive\r\n");
            self.send_one_of(&WORDS);
        }
        self.pause(0, 2_000);
        self.send_one_of(&[b"DISC\r\n", b"DISC", b"oi\r\n"]);
        self.pause(0, 2_000);
    }

    /// USER comes shortly before or after the 10 s for it are over.
    fn register_late(&mut self) {
        self.pause(8_600, 10_100);
        self.send_one_of(&[b"USER Naive\r\n", b"USER Naive", b"USER Naive\r", b"oi"]);
        self.pause(0, 2_000);
    }

    fn close(&mut self) {
        let step = match self.rng.within(0..4) {
            0 => Step::HalfClose,
            1 => Step::Abort,
            _ => Step::Close,
        };
        self.steps.push(step);
    }

    fn send(&mut self, bytes: &[u8]) {
        self.steps.push(Step::Send(bytes.to_vec()));
    }

    fn send_one_of(&mut self, lines: &[&[u8]]) {
        let line = self.rng.pick(lines);
        self.send(line);
    }

    fn pause(&mut self, least_ms: u64, most_ms: u64) {
        let pause_ms = self.rng.within(least_ms..most_ms);
        self.steps.push(Step::Pause(pause_ms));
    }
}
