//! The person's side of the program: stdin, stdout, the terminal, languages and sentences.
//!
//! The console is a host of the event loop. It registers stdin and stdout in the same poller, shows
//! the machine's notices as text, and turns keys into commands. It must never know a socket.
//!
//! | file | has |
//! | --- | --- |
//! | `device`, `keyboard`, `screen`, [`outlet`] | stdin, stdout and stderr of any kind |
//! | `waker` | Windows: wakes the poller from the thread that reads the console |
//! | [`person`] | a device and a view: the host of a peer |
//! | `tty`, `wall_clock` | raw mode and the size of the window; the local time |
//! | [`view`] | `plain` or `live`, and typed lines → commands |
//! | [`plain`] | whole lines in, whole lines out: for pipes, files, screen readers |
//! | [`live`] | messages above the line being typed: for a person at a terminal |
//! | [`command`] | a typed line → a command of the peer, or help |
//! | `typed_lines` | typed bytes → whole lines, for `plain` and `lab` |
//! | [`sending`] | `papo send`: one text to one person, and its result |
//! | `keys`, `editor` | bytes → keys → an edited line |
//! | [`ability`] | whether the terminal draws and paints |
//! | [`texts`] | the notices of a peer as sentences |
//! | [`language`] | the two languages, and texts in both |
//! | `line_break` | line breaks between words |
//! | [`visible`] | text of strangers, made harmless |
//! | `nearest` | the known word that is most like an unknown one |
//! | [`journal`] | the notices of the directory on their way to the log |
//! | [`log_line`], `log_sentence` | such a notice for programs, and for a person |
//! | `cluster` | both, for a server that shares its directory |
//! | `who`, `load`, `check`, `lab` | the output of the commands of these names |
//! | `json_string` | a text as a string of JSON |

pub mod ability;
#[cfg(feature = "tools")]
pub mod check;
#[cfg(feature = "full")]
pub mod cluster;
#[cfg(feature = "peer")]
pub mod command;
pub mod device;
#[cfg(feature = "editor")]
pub mod editor;
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
#[cfg_attr(not(feature = "editor"), path = "live_small.rs")]
pub mod live;
#[cfg(feature = "tools")]
pub mod load;
pub mod log_line;
#[cfg(feature = "tools")]
pub mod log_sentence;
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
#[cfg(feature = "peer")]
pub mod texts;
#[cfg(feature = "peer")]
#[cfg_attr(any(windows, not(feature = "editor")), path = "tty_small.rs")]
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
#[cfg(feature = "tools")]
pub mod who;
