//! Starts: options in, a machine on an event loop, an exit code out.
//!
//! One file for each subcommand. Must hold no protocol: what a subcommand does stands in the
//! machine that it starts. Read next: [`server`], which is all of this in one page.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "help and errors are for people")]

#[cfg(feature = "demo")]
pub mod demo;
#[cfg(feature = "lab")]
pub mod lab;
#[cfg(feature = "load")]
pub mod load;
pub mod log_filter;
pub mod log_flood;
pub mod log_setup;
pub mod log_sink;
pub mod memory_bound;
pub mod options;
#[cfg(feature = "peer")]
pub mod peer;
#[cfg(feature = "peer")]
pub mod send;
pub mod server;
pub mod service;
#[cfg(feature = "editor")]
pub mod talk_log;
pub mod turns;

use std::fs::File;
use std::io::{self, Write};

/// Asked for, and done.
pub const STATUS_OK: u8 = 0;

/// Failed while running.
pub const STATUS_FAILED: u8 = 1;

/// Not understood.
pub const STATUS_USAGE: u8 = 2;

/// Why a subcommand did not do what it was asked to.
#[derive(Debug)]
pub enum Failure {
    /// The words of the command line are off.
    Usage(String),
    /// Something did not work.
    Run(String),
}

impl Failure {
    /// A failure of the operating system, with what was tried.
    #[must_use]
    pub fn io(tried: &str, error: &io::Error) -> Self {
        Self::Run(format!("{tried}: {error}"))
    }
}

/// A subcommand.
struct Subcommand {
    name: &'static str,
    purpose: &'static str,
    run: fn(&[String]) -> Result<u8, Failure>,
}

/// What this build has: see the features in Cargo.toml.
const SUBCOMMANDS: &[Subcommand] = &[
    Subcommand {
        name: "server",
        purpose: "the directory: who is online, and at which address",
        run: server::run,
    },
    #[cfg(feature = "peer")]
    Subcommand { name: "peer", purpose: "a person's end of the chat", run: peer::run },
    #[cfg(feature = "peer")]
    Subcommand {
        name: "send",
        purpose: "says one thing to one person, and leaves",
        run: send::run,
    },
    #[cfg(feature = "demo")]
    Subcommand {
        name: "demo",
        purpose: "the handout's whole conversation, live, and then it ends",
        run: demo::run,
    },
    #[cfg(feature = "load")]
    Subcommand {
        name: "load",
        purpose: "a load generator: what can this server carry?",
        run: load::run,
    },
    #[cfg(feature = "lab")]
    Subcommand {
        name: "lab",
        purpose: "the lectures' small services, each to be read and tried",
        run: lab::run,
    },
];

/// Runs the program with these arguments, the program's own name left out, and returns its
/// exit status.
#[must_use]
pub fn main(arguments: &[String]) -> u8 {
    let result = match arguments.first().map(String::as_str) {
        None => Err(Failure::Usage("which command? Try: papo help".to_string())),
        Some("help") => help(&arguments[1..]),
        Some("-h" | "--help") => help(&[]),
        Some("-V" | "--version") => print(&format!("papo {}\n", env!("CARGO_PKG_VERSION"))),
        Some(name) => match SUBCOMMANDS.iter().find(|subcommand| subcommand.name == name) {
            Some(subcommand) => (subcommand.run)(&arguments[1..]),
            None => Err(Failure::Usage(format!("no such command: {name}. Try: papo help"))),
        },
    };
    result.unwrap_or_else(|failure| report(&failure))
}

/// Prints, and does not mind that nobody reads it (`papo help | head -1`).
///
/// # Errors
///
/// None; it returns what a subcommand returns.
pub fn print(text: &str) -> Result<u8, Failure> {
    // Not through std's own stdout: its buffer, lock and flushing at the end are 2 kB.
    let stdout = rustix::stdio::stdout().try_clone_to_owned();
    let _ = stdout.and_then(|stdout| File::from(stdout).write_all(text.as_bytes()));
    Ok(STATUS_OK)
}

fn report(failure: &Failure) -> u8 {
    let (text, status) = match failure {
        Failure::Usage(text) => (text, STATUS_USAGE),
        Failure::Run(text) => (text, STATUS_FAILED),
    };
    let _ = writeln!(io::stderr(), "papo: {text}");
    status
}

fn help(topics: &[String]) -> Result<u8, Failure> {
    let Some(topic) = topics.first() else { return print(&overview()) };
    match SUBCOMMANDS.iter().find(|subcommand| subcommand.name == topic) {
        Some(subcommand) => (subcommand.run)(&["--help".to_string()]),
        None => Err(Failure::Usage(format!("no such command: {topic}. Try: papo help"))),
    }
}

fn overview() -> String {
    let mut text = "papo: a text chat. A small server knows who is online; people talk directly.\n\
                    \nUsage: papo COMMAND [OPTIONS]\n\n"
        .to_string();
    for Subcommand { name, purpose, .. } in SUBCOMMANDS {
        text.push_str(&format!("    {name:<8} {purpose}\n"));
    }
    text + "    help     this, or the options of one command\n\nEvery command takes --help.\n"
}
