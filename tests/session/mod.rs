//! Sessions of the whole program over pipes: typed lines, screens, and the lines on the wire.
//!
//! | file | has |
//! | --- | --- |
//! | [`handout`] | the handout's table, to the letter, in both languages |
//! | [`commands`] | what each typed line does, and what is never sent |
//! | [`several`] | several conversations at once, and no text to the wrong one |
//! | [`logs`] | each conversation in a file of its own |
//! | [`next_server`] | several servers, of which one dies |
//! | [`scripts`] | a script on stdin behaves like a patient person |
//! | [`send`] | one text to one person, and whether it arrived |
//! | [`statuses`] | how the program ends |
//! | [`demo`] | `papo demo` |

mod commands;
#[cfg(feature = "tools")]
mod demo;
mod handout;
#[cfg(feature = "editor")]
mod logs;
mod next_server;
mod scripts;
mod send;
mod several;
mod statuses;
mod trace;

use crate::support::{Process, Server};

/// A `papo peer` with a trace, which does not check callers. Without a name it asks for one.
fn person(server: &Server, name: Option<&str>, language: &str) -> Process {
    let address = server.address.to_string();
    let mut arguments = vec!["peer", "--server", &address, "--lang", language];
    arguments.extend(["--no-verify", "--trace"]);
    arguments.extend(name);
    Process::start(&arguments)
}

/// Waits until a person is registered.
#[track_caller]
fn expect_join(server: &mut Server, name: &str) {
    server.process.expect_log(&format!("event=join name=\"{}\"", name.escape_default()));
}
