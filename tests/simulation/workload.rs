//! What people type, and when: a little of everything, more of some things than of others.
//!
//! Every text is unique, so that the watchers can tell one from another. Read next:
//! [`super::world`], where they type it.

use super::rng::Rng;

/// One person at a keyboard.
#[derive(Debug)]
pub(crate) struct Person {
    name: String,
    /// Texts typed so far, to number them.
    texts: u32,
    /// How long it thinks between two lines, at most.
    pace_ms: u64,
    /// Types little but text, and that fast and at great length.
    pastes: bool,
}

/// What does not mean what it says, or means nothing.
const NONSENSE: [&str; 13] = [
    "/chat a:b",
    "/dance",
    "/chat",
    "/msg",
    "/msg Ana",
    "/list x",
    "/bye Ninguem",
    "/help",
    "/help /chat",
    "/",
    "",
    "//chat Ana",
    " /list",
];

/// What would be the protocol's own words.
const PROTOCOL: [&str; 5] = ["DISC", "USER x", "LIST", "KEEP", "DISCO"];

impl Person {
    pub(crate) fn new(name: &str, rng: &mut Rng) -> Self {
        let pastes = rng.percent(6);
        let pace_ms = if pastes { rng.within(20..120) } else { rng.within(50..4_000) };
        Self { name: name.to_string(), texts: 0, pace_ms, pastes }
    }

    /// How long until the next line.
    pub(crate) fn think(&self, rng: &mut Rng) -> u64 {
        rng.within(0..self.pace_ms)
    }

    /// The next line. `names`: whom there may be to talk to.
    pub(crate) fn next_line(&mut self, names: &[String], rng: &mut Rng) -> String {
        // Who pastes does it to whoever comes last, which is where the deaf are.
        let last = names.len() - 1;
        let name = &names[if self.pastes { last } else { rng.index(names.len()) }];
        let choice = if self.pastes && rng.percent(85) {
            0
        } else if self.pastes && rng.percent(80) {
            45
        } else {
            rng.within(0..100)
        };
        match choice {
            0..45 => self.text(rng),
            45..65 => format!("/chat {name}"),
            65..73 if !name.contains(' ') => format!("/msg {name} {}", self.text(rng)),
            73..80 => "/list".to_string(),
            80..84 => "/peers".to_string(),
            84..90 => "/bye".to_string(),
            90..93 => format!("/bye {name}"),
            93..97 => rng.pick(&NONSENSE).to_string(),
            97..99 => rng.pick(&PROTOCOL).to_string(),
            _ => rng.pick(&["/chat Ninguem", "/exit"]).to_string(),
        }
    }

    /// A name to register with, because the one before was refused.
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
