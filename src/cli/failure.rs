//! Why a subcommand did not do what it was asked to, to be told in the person's language.
//!
//! Where something fails nobody needs to know the language: a [`Failure`] keeps its text in both
//! and what is to be filled in. Read next: [`super::main`], which says it.

use std::fmt::Display;
use std::io;
use std::path::Path;

use super::{STATUS_FAILED, STATUS_USAGE};
use crate::console::language::{FillValue, Language, Text, text};
#[cfg(feature = "tools")]
use crate::console::nearest::nearest;

/// The operating system's reason why something cannot be begun. In English it needs no words of
/// ours.
const CAUSES: [(io::ErrorKind, &str); 7] = [
    (io::ErrorKind::AddrInUse, "a porta já está em uso"),
    (io::ErrorKind::AddrNotAvailable, "o endereço não é desta máquina"),
    (io::ErrorKind::PermissionDenied, "permissão negada"),
    (io::ErrorKind::InvalidInput, "não é um endereço"),
    (io::ErrorKind::NotFound, "não existe"),
    (io::ErrorKind::NotADirectory, "não é uma pasta"),
    (io::ErrorKind::StorageFull, "não há espaço no disco"),
];

/// Why a subcommand did not do what it was asked to.
#[derive(Debug)]
pub struct Failure {
    /// With which the program ends.
    pub(super) status: u8,
    /// Elsewhere, so that every result that may be a failure stays small.
    message: Box<Message>,
}

#[derive(Debug)]
struct Message {
    text: Text,
    values: Vec<(&'static str, String)>,
    cause: Option<io::Error>,
    /// A sentence of its own behind the first.
    hint: Option<Box<Self>>,
}

impl Failure {
    /// The words of the command line are off.
    #[must_use]
    #[cold]
    pub fn usage(text: Text, values: &[(&'static str, FillValue<'_>)]) -> Self {
        Self { status: STATUS_USAGE, ..Self::run(text, values) }
    }

    /// Something did not work.
    #[must_use]
    #[cold]
    pub fn run(text: Text, values: &[(&'static str, FillValue<'_>)]) -> Self {
        Self { status: STATUS_FAILED, message: Box::new(Message::new(text, values)) }
    }

    /// The same, and what the operating system said to it.
    #[must_use]
    #[cold]
    pub fn because(mut self, error: io::Error) -> Self {
        self.message.cause = Some(error);
        self
    }

    /// The same, and in a sentence of its own what to do.
    #[must_use]
    #[cold]
    pub fn hint(mut self, text: Text, values: &[(&'static str, FillValue<'_>)]) -> Self {
        self.message.hint = Some(Box::new(Message::new(text, values)));
        self
    }

    /// There is no such word, and one of `candidates` may have been meant. `place` is where the
    /// word stands in `text`. A server alone, which has few words, suggests none.
    #[must_use]
    #[cold]
    pub fn unknown_word<'a>(
        text: Text,
        (place, word): (&'static str, &str),
        candidates: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let failure = Self::usage(text, &[(place, &word)]);
        failure.with_suggestion(word, candidates)
    }

    #[cfg(feature = "tools")]
    fn with_suggestion<'a>(
        mut self,
        word: &str,
        candidates: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        const MEANT: Text = text!("Did you mean {near}?", "Você quis dizer {near}?");
        let bare = word.trim_start_matches('-');
        let dashes = &word[..word.len() - bare.len()];
        if let Some(near) = nearest(bare, candidates.into_iter().map(|it| (it, it))) {
            let near = format!("{dashes}{near}");
            self = self.hint(MEANT, &[("near", &near)]);
        }
        self
    }

    #[cfg(not(feature = "tools"))]
    fn with_suggestion<'a>(self, _: &str, _: impl IntoIterator<Item = &'a str>) -> Self {
        self
    }

    /// The loop itself failed, at its start or while turning.
    #[must_use]
    #[cold]
    pub fn event_loop(error: io::Error) -> Self {
        const FAILED: Text = text!("the event loop failed", "o laço de eventos falhou");
        Self::run(FAILED, &[]).because(error)
    }

    /// Nobody can call, because this port cannot be had, or cannot be listened on.
    #[must_use]
    #[cold]
    pub fn listen(address: impl Display, error: io::Error) -> Self {
        const CANNOT: Text =
            text!("cannot listen on {address}", "não é possível escutar em {address}");
        Self::run(CANNOT, &[("address", &address)]).because(error)
    }

    /// A file cannot be written.
    #[must_use]
    #[cold]
    pub fn write(path: &Path, error: io::Error) -> Self {
        const CANNOT: Text = text!("cannot write {file}", "não é possível gravar {file}");
        Self::run(CANNOT, &[("file", &path.display())]).because(error)
    }

    /// Nothing can be recorded into this file or folder.
    #[must_use]
    #[cold]
    pub fn record(path: &Path, error: io::Error) -> Self {
        const CANNOT: Text = text!("cannot record into {path}", "não é possível gravar em {path}");
        Self::run(CANNOT, &[("path", &path.display())]).because(error)
    }

    /// The output cannot be printed: the disk is full.
    #[must_use]
    #[cold]
    pub fn stdout(error: io::Error) -> Self {
        const CANNOT: Text = text!("cannot write to stdout", "não é possível escrever no stdout");
        Self::run(CANNOT, &[]).because(error)
    }

    /// The sentence, without a line end.
    #[must_use]
    pub fn told(&self, language: Language) -> String {
        self.message.told(language)
    }
}

impl Message {
    fn new(text: Text, values: &[(&'static str, FillValue<'_>)]) -> Self {
        let values = values.iter().map(|(place, value)| (*place, value.to_string())).collect();
        Self { text, values, cause: None, hint: None }
    }

    fn told(&self, language: Language) -> String {
        let Self { text, values, cause: error, hint } = self;
        let values: Vec<(&str, FillValue<'_>)> =
            values.iter().map(|(place, value)| (*place, value as FillValue<'_>)).collect();
        let mut told = text.fill(language, &values);
        if let Some(error) = error {
            told.push_str(": ");
            told.push_str(&cause(language, error));
        }
        if let Some(hint) = hint {
            told.push_str(". ");
            told.push_str(&hint.told(language));
        }
        told
    }
}

fn cause(language: Language, error: &io::Error) -> String {
    let said = error.to_string();
    if language == Language::English {
        return said;
    }
    // The library has no kind for a name that nobody knows; where its words change, we say them.
    if said.starts_with("failed to lookup") {
        return "nome desconhecido, ou rede fora do ar".to_string();
    }
    let usual = CAUSES.iter().find(|(kind, _)| *kind == error.kind());
    usual.map_or(said, |(_, text)| (*text).to_string())
}
