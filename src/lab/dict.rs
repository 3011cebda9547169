//! Dict: many clients share one dictionary. Port 9999.
//!
//! ```text
//! ADD,s      →  s gets the next key, which is the answer
//! GET 0      →  the text of key 0, or `chave inexistente`
//! REMOVE,0   →  `removido`, or `chave inexistente`
//! LIST       →  all texts with commas between them, or `dicionário vazio`
//! ```
//!
//! The guide's client sends a text without any end to it and takes one `recv` for the answer;
//! other programs send lines, several at once. TCP keeps no messages apart, so a text that has no
//! end gets one when nothing has followed it for a moment, and its answer has none either. For
//! several clients at once the guide needs threads and then locks; here nobody else runs while a
//! command is carried out. Read next: [`super::client`].

use std::collections::BTreeMap;

use super::Notice;
use crate::conn_map::ConnMap;
use crate::machine::{Action, Actions, ConnId, Input, LineEnd, Machine, Millis};

/// How long the rest of a text may take that has no line end, in milliseconds.
pub const REST_WAITS_MS: u64 = 20;

/// Most texts in the dictionary.
pub const TEXTS_MAX: usize = 10_000;

/// Most bytes of all texts: LIST answers with all of them.
pub const TEXTS_BYTES_MAX: usize = 256 * 1024;

const NO_KEY: &str = "chave inexistente";
const EMPTY: &str = "dicionário vazio";
const FULL: &str = "dicionário cheio";
const UNKNOWN: &str = "comando desconhecido";
const TOO_LONG: &str = "mensagem demasiado longa";
const REMOVED: &str = "removido";

/// The dictionary, and who waits for the end of a text.
#[derive(Debug, Default)]
pub struct Dict {
    is_adding_implicitly: bool,
    texts: BTreeMap<u64, Vec<u8>>,
    bytes: usize,
    next_key: u64,
    unended: ConnMap<Millis>,
}

impl Machine for Dict {
    type Notice = Notice;

    fn handle(&mut self, now: Millis, input: Input<'_>, actions: &mut Actions<Notice>) {
        match input {
            Input::Pending { conn, .. } => {
                self.unended.remove(conn);
                self.unended.insert(conn, now + REST_WAITS_MS);
            }
            Input::Line { conn, line, end } => {
                self.unended.remove(conn);
                let answer = self.answer(line, end);
                actions.send(conn, |out| {
                    out.extend_from_slice(&answer);
                    if end != LineEnd::Rest {
                        out.push(b'\n');
                    }
                });
            }
            Input::EndOfStream { conn } => actions.push(Action::Close { conn }),
            Input::Closed { conn, .. } => {
                self.unended.remove(conn);
            }
            Input::Tick => self.on_tick(now, actions),
            Input::Stop => actions.push(Action::Exit { status: 0 }),
            _ => {}
        }
    }

    fn next_deadline(&self) -> Option<Millis> {
        self.unended.iter().map(|(_, at)| *at).min()
    }
}

impl Dict {
    /// An empty one. `is_adding_implicitly`: what is no command is stored, as in the guide's
    /// earlier exercise.
    #[must_use]
    pub fn new(is_adding_implicitly: bool) -> Self {
        Self { is_adding_implicitly, ..Self::default() }
    }

    fn on_tick(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        let is_due = |&(_, at): &(ConnId, &Millis)| *at <= now;
        let due: Vec<_> = self.unended.iter().filter(is_due).map(|(conn, _)| conn).collect();
        for conn in due {
            self.unended.remove(conn);
            actions.push(Action::EndLine { conn });
        }
    }

    fn answer(&mut self, text: &[u8], end: LineEnd) -> Vec<u8> {
        if end == LineEnd::Cut {
            return TOO_LONG.into();
        }
        if text == b"LIST" {
            return self.list();
        }
        if let Some(text) = text.strip_prefix(b"ADD,") {
            return self.add(text);
        }
        if let Some(key) = text.strip_prefix(b"GET ") {
            let found = parse_key(key).and_then(|key| self.texts.get(&key));
            return found.map_or_else(|| NO_KEY.into(), Clone::clone);
        }
        if let Some(key) = text.strip_prefix(b"REMOVE,") {
            return parse_key(key).map_or(NO_KEY, |key| self.remove(key)).into();
        }
        if self.is_adding_implicitly { self.add(text) } else { UNKNOWN.into() }
    }

    fn list(&self) -> Vec<u8> {
        if self.texts.is_empty() {
            return EMPTY.into();
        }
        let texts: Vec<&[u8]> = self.texts.values().map(Vec::as_slice).collect();
        texts.join(b",".as_slice())
    }

    fn add(&mut self, text: &[u8]) -> Vec<u8> {
        let is_full = self.texts.len() >= TEXTS_MAX || self.bytes + text.len() > TEXTS_BYTES_MAX;
        if is_full {
            return FULL.into();
        }
        let key = self.next_key;
        self.next_key += 1;
        self.bytes += text.len();
        self.texts.insert(key, text.to_vec());
        key.to_string().into_bytes()
    }

    fn remove(&mut self, key: u64) -> &'static str {
        let Some(text) = self.texts.remove(&key) else { return NO_KEY };
        self.bytes -= text.len();
        REMOVED
    }
}

fn parse_key(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_without_an_end_ends_when_nothing_has_followed_for_a_while() {
        let conn = ConnId { slot: 0, generation: 0 };
        let mut dict = Dict::default();
        let mut actions = Actions::default();
        dict.handle(Millis(0), Input::Pending { conn, line: b"GE" }, &mut actions);
        dict.handle(Millis(10), Input::Pending { conn, line: b"GET 0" }, &mut actions);
        assert_eq!(dict.next_deadline(), Some(Millis(10 + REST_WAITS_MS)));
        dict.handle(Millis(REST_WAITS_MS), Input::Tick, &mut actions);
        assert!(actions.pop().is_none(), "the second half has just come");
        dict.handle(Millis(10 + REST_WAITS_MS), Input::Tick, &mut actions);
        assert!(matches!(actions.pop(), Some(Action::EndLine { .. })));
        assert_eq!(dict.next_deadline(), None);
    }
}
