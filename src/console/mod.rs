//! A person's end: stdin, stdout, the terminal, languages and words.
//!
//! The console is a host of the event loop. It adds stdin and stdout to the same poller, shows the
//! machine's notices as text, and makes commands of keys. It must never know a socket.
//!
//! | file | has |
//! | --- | --- |
//! | `device`, `keyboard`, `screen`, [`outlet`] | stdin, stdout and stderr, which may be anything |
//! | `waker` | Windows: wakes the poller from the thread that reads the console |
//! | [`person`] | them and a view: the host of a peer |
//! | `tty`, `wall_clock` | raw mode and the size of the window; the time for people |
//! | [`view`] | one of the two that follow |
//! | [`plain`] | whole lines in, whole lines out: for pipes, files, screen readers |
//! | [`command`] | a typed line → a command of the peer, or help |
//! | `live` | messages above a line that is being typed: for people at terminals |
//! | `typed_lines` | typed bytes → whole lines, for both `plain` and `lab` |
//! | [`sending`] | no person: one text to one person, and what became of it |
//! | `keys`, `editor` | bytes → keys → an edited line |
//! | [`ability`] | what the terminal at hand can do, and was asked to |
//! | [`texts`] | a notice as a sentence, in either language |
//! | [`language`] | which languages there are, and texts that stand in both |
//! | `line_break` | line breaks between words |
//! | [`visible`] | text of strangers, made harmless |
//! | [`journal`], [`log_line`] | the directory's notices as log lines |
//! | `spoken` | the same as sentences, for a person at the server's terminal |
//! | `cluster` | both, of a server that shares its directory |
//! | `attendance` | who is online, for scripts |
//! | `json_string` | a text as a string of JSON |
//! | `figures` | what a load generator measures |
//! | `lab` | the notices of the lab's services |
//! | `check` | the report of a check |

pub mod ability;
#[cfg(feature = "tools")]
pub mod attendance;
#[cfg(feature = "tools")]
pub mod check;
#[cfg(feature = "full")]
pub mod cluster;
#[cfg(feature = "peer")]
pub mod command;
pub mod device;
#[cfg(feature = "editor")]
pub mod editor;
#[cfg(feature = "tools")]
pub mod figures;
pub mod journal;
#[cfg(feature = "tools")]
mod json_string;
#[cfg_attr(windows, path = "keyboard_windows.rs")]
mod keyboard;
#[cfg(feature = "editor")]
pub mod keys;
#[cfg(feature = "tools")]
pub mod lab;
pub mod language;
#[cfg(any(feature = "editor", feature = "tools"))]
pub(crate) mod line_break;
#[cfg(feature = "peer")]
#[cfg_attr(not(feature = "editor"), path = "live_absent.rs")]
pub mod live;
pub mod log_line;
pub(crate) mod nearest;
#[cfg_attr(windows, path = "outlet_windows.rs")]
pub mod outlet;
#[cfg(feature = "peer")]
pub mod person;
#[cfg(feature = "peer")]
pub mod plain;
pub mod screen;
#[cfg(feature = "peer")]
pub mod sending;
#[cfg(feature = "tools")]
pub mod spoken;
#[cfg(feature = "peer")]
pub mod texts;
#[cfg(feature = "peer")]
#[cfg_attr(any(windows, not(feature = "editor")), path = "tty_absent.rs")]
mod tty;
pub mod typed_lines;
#[cfg(feature = "peer")]
pub mod view;
#[cfg(feature = "peer")]
pub mod visible;
#[cfg(windows)]
pub mod waker;
#[cfg(any(feature = "editor", feature = "tools"))]
pub mod wall_clock;
