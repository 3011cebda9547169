//! The lines that people type, and when.
//!
//! Every text is unique, so that the watchers can tell one from another. Read next:
//! [`super::world`], where they are typed.

use super::rng::Rng;

/// So many of a hundred lines are text. The next are calls.
const CHAT: u64 = 42;

#[derive(Debug)]
pub(crate) struct Person {
    name: String,
    /// The number of texts so far.
    texts: u32,
    /// The longest pause between two lines.
    pace_ms: u64,
    /// Types almost only text, fast and long.
    pastes: bool,
}

/// Lines with a wrong or surprising meaning.
const NONSENSE: [&str; 24] = [
    "/chat a:b",
    "/chat",
    "/msg",
    "/msg Ana",
    "/msg Davi Luiz",
    "/list x",
    "/bye Ninguem",
    "/help",
    "/help /chat",
    "/help nada",
    "/",
    "",
    "//chat Ana",
    " /list",
    "/reply",
    "/r ",
    "/reply DISC",
    "/next x",
    "/peers x",
    "/names",
    "/SWITCH Ana",
    "/quit now",
    "/chat Ana@10.0.0.11",
    "/bye Davi Luiz@10.0.0.12",
];

/// Lines that look like the protocol.
const PROTOCOL: [&str; 5] = ["DISC", "USER x", "LIST", "KEEP", "DISCO"];

impl Person {
    /// `has_non_reader`: a stranger never reads. Then more people paste, because otherwise hardly
    /// any seed would fill a connection.
    pub(crate) fn new(name: &str, has_non_reader: bool, rng: &mut Rng) -> Self {
        let pastes = rng.percent(if has_non_reader { 40 } else { 9 });
        let pace_ms = if pastes { rng.within(20..120) } else { rng.within(50..4_000) };
        Self { name: name.to_string(), texts: 0, pace_ms, pastes }
    }

    /// How long until the next line.
    pub(crate) fn think(&self, rng: &mut Rng) -> u64 {
        rng.within(0..self.pace_ms)
    }

    /// The next line. `names`: the names to call.
    pub(crate) fn next_line(&mut self, names: &[String], rng: &mut Rng) -> String {
        // Pasted text goes to the last name, where the non-readers are.
        let last = names.len() - 1;
        let name = &names[if self.pastes { last } else { rng.index(names.len()) }];
        let choice = if self.pastes && rng.percent(85) {
            0
        } else if self.pastes && rng.percent(80) {
            CHAT
        } else {
            rng.within(0..100)
        };
        match choice {
            0..CHAT => self.text(rng),
            CHAT..58 => format!("/chat {name}"),
            58..66 => format!("/msg {name} {}", self.text(rng)),
            66..74 => format!("{} {}", rng.pick(&["/reply", "/reply", "/r"]), self.text(rng)),
            74..78 => "/next".to_string(),
            78..82 => "/list".to_string(),
            82..85 => "/peers".to_string(),
            85..89 => "/bye".to_string(),
            89..91 => format!("/bye {name}"),
            91..92 => format!("//{}", self.text(rng)),
            92..93 => format!("/dance {}", self.text(rng)),
            93..97 => rng.pick(&NONSENSE).to_string(),
            97..99 => rng.pick(&PROTOCOL).to_string(),
            _ => rng.pick(&["/chat Ninguem", "/exit"]).to_string(),
        }
    }

    /// The next name to register, after one was refused.
    pub(crate) fn another_name(&mut self) -> String {
        self.texts += 1;
        if !self.texts.is_multiple_of(4) {
            self.name.clone()
        } else {
            format!("{} {}", self.name, self.texts)
        }
    }

    fn text(&mut self, rng: &mut Rng) -> String {
        self.texts += 1;
        let is_long = rng.percent(if self.pastes { 90 } else { 5 });
        let length = if is_long { rng.within(100..4_000) as usize } else { 0 };
        format!("{} diz {}{}", self.name, self.texts, " bla".repeat(length / 4))
    }
}
