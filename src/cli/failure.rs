//! The reason why a subcommand failed, in both languages.
//!
//! Code that fails need not know the person's language: a [`Failure`] keeps its text in both, and
//! the values to fill in. Read next: [`super::main`], which prints it.

use std::fmt::Display;
use std::io;
use std::net::SocketAddr;
use std::path::Path;

use super::{STATUS_FAILED, STATUS_USAGE};
use crate::console::language::{FillValue, Language, Text, text};
#[cfg(feature = "tools")]
use crate::console::nearest::nearest;

/// The usual errors of the operating system in Portuguese. In English std's own words are shown.
const CAUSES: [(io::ErrorKind, &str); 7] = [
    (io::ErrorKind::AddrInUse, "a porta já está em uso"),
    (io::ErrorKind::AddrNotAvailable, "o endereço não é desta máquina"),
    (io::ErrorKind::PermissionDenied, "permissão negada"),
    (io::ErrorKind::InvalidInput, "não é um endereço"),
    (io::ErrorKind::NotFound, "não existe"),
    (io::ErrorKind::NotADirectory, "não é uma pasta"),
    (io::ErrorKind::StorageFull, "não há espaço no disco"),
];

/// The reason why a subcommand failed.
#[derive(Debug)]
pub struct Failure {
    /// The exit status.
    pub(super) status: u8,
    /// In a box, so that each `Result` with a failure stays small.
    message: Box<Message>,
}

#[derive(Debug)]
struct Message {
    text: Text,
    values: Vec<(&'static str, String)>,
    cause: Option<io::Error>,
    /// A second sentence: what to do.
    hint: Option<Box<Self>>,
}

impl Failure {
    /// The command line is wrong.
    #[must_use]
    #[cold]
    pub fn usage(text: Text, values: &[(&'static str, FillValue<'_>)]) -> Self {
        Self { status: STATUS_USAGE, ..Self::run(text, values) }
    }

    /// The command failed while it ran.
    #[must_use]
    #[cold]
    pub fn run(text: Text, values: &[(&'static str, FillValue<'_>)]) -> Self {
        Self { status: STATUS_FAILED, message: Box::new(Message::new(text, values)) }
    }

    /// Adds the error of the operating system.
    #[must_use]
    #[cold]
    pub fn because(mut self, error: io::Error) -> Self {
        self.message.cause = Some(error);
        self
    }

    /// Adds a sentence that says what to do.
    #[must_use]
    #[cold]
    pub fn hint(mut self, text: Text, values: &[(&'static str, FillValue<'_>)]) -> Self {
        self.message.hint = Some(Box::new(Message::new(text, values)));
        self
    }

    /// An unknown word. The nearest of `candidates` is suggested; a server alone, which has few
    /// words, suggests none. `place` is the place of the word in `text`.
    #[must_use]
    #[cold]
    pub fn unknown_word(
        text: Text,
        (place, word): (&'static str, &str),
        candidates: impl IntoIterator<Item: AsRef<str>>,
    ) -> Self {
        let failure = Self::usage(text, &[(place, &word)]);
        failure.with_suggestion(word, candidates)
    }

    /// Suggests the nearest of `candidates`. Dashes at the beginning do not count. A number is no
    /// misspelled word.
    #[cfg(feature = "tools")]
    #[must_use]
    #[cold]
    pub fn with_suggestion(
        self,
        word: &str,
        candidates: impl IntoIterator<Item: AsRef<str>>,
    ) -> Self {
        const MEANT: Text = text!("Did you mean {near}?", "Você quis dizer {near}?");
        let candidates: Vec<_> = candidates.into_iter().collect();
        let words = candidates.iter().map(AsRef::as_ref);
        if word.bytes().all(|byte| byte.is_ascii_digit()) {
            return self;
        }
        match nearest(without_dashes(word), words.map(|it: &str| (without_dashes(it), it))) {
            Some(near) => self.hint(MEANT, &[("near", &near)]),
            None => self,
        }
    }

    /// A server alone suggests nothing.
    #[cfg(not(feature = "tools"))]
    #[must_use]
    pub fn with_suggestion(self, _: &str, _: impl IntoIterator<Item: AsRef<str>>) -> Self {
        self
    }

    /// The event loop failed, at its start or in a turn.
    #[must_use]
    #[cold]
    pub fn event_loop(error: io::Error) -> Self {
        const FAILED: Text = text!("the event loop failed", "o laço de eventos falhou");
        Self::run(FAILED, &[]).because(error)
    }

    /// The program cannot listen at this address.
    #[must_use]
    #[cold]
    pub fn listen(address: impl Display, error: io::Error) -> Self {
        const CANNOT: Text =
            text!("cannot listen on {address}", "não é possível escutar em {address}");
        Self::run(CANNOT, &[("address", &address)]).because(error)
    }

    /// No server accepts connections at this address.
    #[must_use]
    #[cold]
    pub fn no_server(server: SocketAddr, error: io::Error) -> Self {
        const NONE: Text = text!("there is no server at {server}", "não há servidor em {server}");
        Self::run(NONE, &[("server", &server)]).because(error).hint_to_start()
    }

    /// Adds what to do about a server that does not run.
    #[must_use]
    #[cold]
    pub fn hint_to_start(self) -> Self {
        const START: Text = text!(
            "Start it first, and compare host and port",
            "Inicie-o antes, e compare endereço e porta",
        );
        self.hint(START, &[])
    }

    /// A file cannot be written.
    #[must_use]
    #[cold]
    pub fn write(path: &Path, error: io::Error) -> Self {
        const CANNOT: Text = text!("cannot write {file}", "não é possível gravar {file}");
        Self::run(CANNOT, &[("file", &path.display())]).because(error)
    }

    /// No recording can be written to this file or folder.
    #[must_use]
    #[cold]
    pub fn record(path: &Path, error: io::Error) -> Self {
        const CANNOT: Text = text!("cannot record into {path}", "não é possível gravar em {path}");
        Self::run(CANNOT, &[("path", &path.display())]).because(error)
    }

    /// stdout does not take the output: its disk is full.
    #[must_use]
    #[cold]
    pub fn stdout(error: io::Error) -> Self {
        const CANNOT: Text = text!("cannot write to stdout", "não é possível escrever no stdout");
        Self::run(CANNOT, &[]).because(error)
    }

    /// The sentence, without a line end.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        self.message.sentence(language)
    }
}

impl Message {
    fn new(text: Text, values: &[(&'static str, FillValue<'_>)]) -> Self {
        let values = values.iter().map(|(place, value)| (*place, value.to_string())).collect();
        Self { text, values, cause: None, hint: None }
    }

    fn sentence(&self, language: Language) -> String {
        let Self { text, values, cause: error, hint } = self;
        let values: Vec<(&str, FillValue<'_>)> =
            values.iter().map(|(place, value)| (*place, value as FillValue<'_>)).collect();
        let mut sentence = text.fill(language, &values);
        if let Some(error) = error {
            sentence.push_str(": ");
            sentence.push_str(&cause(language, error));
        }
        if let Some(hint) = hint {
            sentence.push_str(". ");
            sentence.push_str(&hint.sentence(language));
        }
        sentence
    }
}

#[cfg(feature = "tools")]
fn without_dashes(word: &str) -> &str {
    word.trim_start_matches('-')
}

fn cause(language: Language, error: &io::Error) -> String {
    let said = error.to_string();
    if language == Language::English {
        return said;
    }
    // std has no kind for an unknown host name, so its text is compared. Should that text change,
    // it is shown as it is.
    if said.starts_with("failed to lookup") {
        return "nome desconhecido, ou rede fora do ar".to_string();
    }
    let usual = CAUSES.iter().find(|(kind, _)| *kind == error.kind());
    usual.map_or(said, |(_, text)| (*text).to_string())
}
