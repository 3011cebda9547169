//! The program: options in, a machine on an event loop, an exit status out.
//!
//! Each subcommand is a file or a folder. The other folders are for all of them:
//!
//! | folder | what is there |
//! | --- | --- |
//! | [`arguments`] | options, their help, addresses |
//! | [`host`] | signals, service manager and turns around any loop |
//! | [`logging`] | the log, to stderr |
//! | `system` | questions to the operating system |
//!
//! Must hold no protocol: a subcommand starts a machine, which knows it. Read next: [`server`], the
//! shortest one with options.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "help and errors are for people")]

pub mod arguments;
#[cfg(feature = "tools")]
pub mod check;
#[cfg(feature = "tools")]
pub mod demo;
pub mod failure;
pub mod host;
#[cfg(feature = "tools")]
pub mod lab;
#[cfg(feature = "tools")]
pub mod load;
pub mod logging;
#[cfg(feature = "peer")]
pub mod peer;
#[cfg(feature = "peer")]
#[cfg_attr(not(feature = "full"), path = "recording_small.rs")]
mod recording;
#[cfg(feature = "peer")]
pub mod send;
pub mod server;
mod system;
#[cfg(feature = "tools")]
pub mod who;

use std::ffi::OsString;
use std::io::{self, Write};

pub use failure::Failure;

use crate::console::language::{Language, Text, text};

/// The command did what it was asked to do.
pub const STATUS_OK: u8 = 0;

/// The command failed.
pub const STATUS_FAILED: u8 = 1;

/// The command line is wrong.
pub const STATUS_USAGE: u8 = 2;

/// A subcommand.
struct Subcommand {
    name: &'static str,
    purpose: Text,
    run: fn(Language, &[String]) -> Result<u8, Failure>,
}

/// The subcommands of this build: see the features in Cargo.toml.
const SUBCOMMANDS: &[Subcommand] = &[
    Subcommand {
        name: "server",
        purpose: text!(
            "the directory: who is online, and at which address",
            "o servidor central: quem está ativo, e em qual endereço",
        ),
        run: server::run,
    },
    #[cfg(feature = "peer")]
    Subcommand {
        name: "peer",
        purpose: text!("a person's end of the chat", "o programa de cada usuário"),
        run: peer::run,
    },
    #[cfg(feature = "peer")]
    Subcommand {
        name: "send",
        purpose: text!(
            "says one thing to one person, and leaves",
            "envia um texto a alguém, e sai"
        ),
        run: send::run,
    },
    #[cfg(feature = "tools")]
    Subcommand {
        name: "who",
        purpose: text!(
            "prints who is online, for scripts and a quick look",
            "mostra quem está ativo, para scripts ou uma olhada",
        ),
        run: who::run,
    },
    #[cfg(feature = "tools")]
    Subcommand {
        name: "demo",
        purpose: text!(
            "the handout's whole conversation, live, and then it ends",
            "a conversa inteira do enunciado, ao vivo, e encerra",
        ),
        run: demo::run,
    },
    #[cfg(feature = "tools")]
    Subcommand {
        name: "check",
        purpose: text!(
            "does somebody's program keep the handout's rules?",
            "um programa cumpre as regras do enunciado?",
        ),
        run: check::run,
    },
    #[cfg(feature = "tools")]
    Subcommand {
        name: "load",
        purpose: text!(
            "a load generator: what can this server carry?",
            "um gerador de carga: quanto este servidor aguenta?",
        ),
        run: load::run,
    },
    #[cfg(feature = "tools")]
    Subcommand {
        name: "lab",
        purpose: text!(
            "the lectures' small services, each to be read and tried",
            "os pequenos serviços das aulas, para ler e experimentar",
        ),
        run: lab::run,
    },
];

/// Runs the program with these arguments, the program's own name left out, and returns its
/// exit status.
#[must_use]
pub fn main(words: impl Iterator<Item = OsString>) -> u8 {
    match arguments::as_text(words) {
        Ok(arguments) => run(&arguments),
        Err(failure) => report(arguments::language::language(&[]), None, &failure),
    }
}

fn run(arguments: &[String]) -> u8 {
    let language = arguments::language::language(arguments);
    let (command, rest) = arguments.split_first().unzip();
    let (command, rest) = (command.map(String::as_str), rest.unwrap_or_default());
    let result = match command {
        None => Err(Failure::usage(text!("which command?", "qual comando?"), &[])),
        Some("help") => help(language, rest),
        Some("-h" | "--help") => help(language, &[]),
        Some("-V" | "--version") => print_version(),
        #[cfg(all(feature = "tools", unix))]
        Some(peer::resolver::COMMAND) => peer::resolver::run(rest),
        Some(name) => find(name).and_then(|command| (command.run)(language, rest)),
    };
    let known = command.filter(|name| find(name).is_ok());
    result.unwrap_or_else(|failure| report(language, known, &failure))
}

fn find(name: &str) -> Result<&'static Subcommand, Failure> {
    const UNKNOWN: Text = text!("no such command: {name}", "comando desconhecido: {name}");
    let found = SUBCOMMANDS.iter().find(|subcommand| subcommand.name == name);
    found.ok_or_else(|| {
        let names = SUBCOMMANDS.iter().map(|subcommand| subcommand.name);
        let names = names.chain(["help", "--help", "--version"]);
        Failure::unknown_word(UNKNOWN, ("name", name), names)
    })
}

/// Prints to stdout. A reader that has closed the pipe (`papo help | head -1`) is no error.
pub fn print(text: &str) -> Result<u8, Failure> {
    match system::terminal::write_to_stdout(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::stdout(error)),
        _ => Ok(STATUS_OK),
    }
}

/// Prints the name and the version.
fn print_version() -> Result<u8, Failure> {
    print(concat!("papo ", env!("CARGO_PKG_VERSION"), "\n"))
}

/// Prints a failure, and after wrong usage where the help is. Returns the exit status.
fn report(language: Language, command: Option<&str>, failure: &Failure) -> u8 {
    const HINT: Text = text!("Try: papo", "Veja: papo");
    let hint = match (failure.status, command) {
        (STATUS_USAGE, Some(name)) => format!("\n{} {name} --help", HINT.of(language)),
        (STATUS_USAGE, None) => format!("\n{} help", HINT.of(language)),
        _ => String::new(),
    };
    let _ = writeln!(io::stderr(), "papo: {}{hint}", failure.sentence(language));
    failure.status
}

fn help(language: Language, topics: &[String]) -> Result<u8, Failure> {
    let Some(topic) = topics.first().filter(|topic| *topic != "help") else {
        return print(&overview(language));
    };
    (find(topic)?.run)(language, &["--help".to_string()])
}

fn overview(language: Language) -> String {
    const HEAD: Text = text!(
        "papo: a text chat. A small server knows who is online; people talk directly.\n\n\
         Usage: papo COMMAND [OPTIONS]\n\n",
        "papo: um bate-papo em texto. Um pequeno servidor central sabe quem está ativo;\n\
         os usuários conversam diretamente.\n\nUso: papo COMANDO [OPÇÕES]\n\n",
    );
    const HELP: Text =
        text!("this, or the options of one command", "esta ajuda, ou as opções de um comando");
    const FOOT: Text = text!(
        "Every command takes --help and --version.",
        "Todo comando aceita --help e --version.",
    );
    let rows = SUBCOMMANDS.iter().map(|command| (command.name, command.purpose));
    let mut overview = HEAD.of(language).to_string();
    for (name, purpose) in rows.chain([("help", HELP)]) {
        overview.push_str(&format!("    {name:<8} {}\n", purpose.of(language)));
    }
    overview + "\n" + FOOT.of(language) + "\n"
}
