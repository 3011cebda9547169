//! The dictionary and its commands.
//!
//! ```text
//! ADD,s      →  the key of the new text s
//! GET 0      →  the text of key 0, or `chave inexistente`
//! REMOVE,0   →  `removido`, or `chave inexistente`
//! LIST       →  all texts with commas between them, or `dicionário vazio`
//! ```
//!
//! Must not know the client or its connection. Read next: [`super::super::client`].

use std::collections::BTreeMap;

/// Most texts in the dictionary.
pub const TEXTS_MAX: usize = 10_000;

/// Most bytes of all texts. LIST answers with all of them.
pub const TEXTS_BYTES_MAX: usize = 256 * 1024;

const NO_KEY: &str = "chave inexistente";
const EMPTY: &str = "dicionário vazio";
const FULL: &str = "dicionário cheio";
const UNKNOWN: &str = "comando desconhecido";
const TOO_LONG: &str = "mensagem demasiado longa";
const REMOVED: &str = "removido";

/// Texts by their keys.
#[derive(Debug, Default)]
pub struct Texts {
    is_adding_implicitly: bool,
    by_key: BTreeMap<u64, Vec<u8>>,
    /// The bytes of all texts.
    bytes: usize,
    /// The key of the next text. No key is given twice.
    next_key: u64,
}

impl Texts {
    /// No texts yet. With `is_adding_implicitly` a text that is no command is stored.
    #[must_use]
    pub fn new(is_adding_implicitly: bool) -> Self {
        Self { is_adding_implicitly, ..Self::default() }
    }

    /// Executes a command, and returns its answer. `is_cut`: it is only the beginning of a text.
    pub fn answer(&mut self, text: &[u8], is_cut: bool) -> Vec<u8> {
        if is_cut {
            return TOO_LONG.into();
        }
        if text == b"LIST" {
            return self.list();
        }
        if let Some(text) = text.strip_prefix(b"ADD,") {
            return self.add(text);
        }
        if let Some(key) = text.strip_prefix(b"GET ") {
            let found = parse_key(key).and_then(|key| self.by_key.get(&key));
            return found.map_or_else(|| NO_KEY.into(), Clone::clone);
        }
        if let Some(key) = text.strip_prefix(b"REMOVE,") {
            return parse_key(key).map_or(NO_KEY, |key| self.remove(key)).into();
        }
        if self.is_adding_implicitly { self.add(text) } else { UNKNOWN.into() }
    }

    fn list(&self) -> Vec<u8> {
        if self.by_key.is_empty() {
            return EMPTY.into();
        }
        let texts: Vec<&[u8]> = self.by_key.values().map(Vec::as_slice).collect();
        texts.join(b",".as_slice())
    }

    fn add(&mut self, text: &[u8]) -> Vec<u8> {
        if self.by_key.len() >= TEXTS_MAX || self.bytes + text.len() > TEXTS_BYTES_MAX {
            return FULL.into();
        }
        let key = self.next_key;
        self.next_key += 1;
        self.bytes += text.len();
        self.by_key.insert(key, text.to_vec());
        key.to_string().into_bytes()
    }

    fn remove(&mut self, key: u64) -> &'static str {
        let Some(text) = self.by_key.remove(&key) else { return NO_KEY };
        self.bytes -= text.len();
        REMOVED
    }
}

fn parse_key(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok()?.trim().parse().ok()
}
