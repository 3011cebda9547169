//! papo: a text chat for the terminal. A small server knows who is online and at which address, and
//! people talk directly to each other. Each process has one thread and one `mio::Poll`.
//!
//! This page is the map of the modules. It has no code.
//!
//! | place | its job | must never know |
//! | --- | --- | --- |
//! | [`buffers`] | bytes to lines, and queued bytes to writes | sockets, messages |
//! | [`wire`] | lines to messages and back: the grammar | sockets, clock |
//! | [`machine`] | the seam: inputs go in, actions come out | mio, the protocol, terminals |
//! | [`directory`], [`peer`], `load`, `check`, `lab` | the machines: they decide | sockets, clock |
//! | [`event_loop`] | sockets and time | the protocol, stdin, stdout |
//! | `recording` | the steps of a loop → lines of JSON | sockets, files, clock |
//! | [`console`] | the person's terminal: stdin, stdout, languages | sockets |
//! | [`cli`] | options → machine, loop, console → exit status | – |
//!
//! [`directory`] is the server, and [`peer`] is the program of one person. `who` asks a server who
//! is online. `load` plays many clients and measures a server. `proxied` reads the header by which
//! a load balancer names its client. `check` tests another program against the handout. `lab` has
//! the lectures' small services: begin there. [`timer_wheel`], [`conn_map`] and `random` are tools
//! of the machines. Imports run one way: `tests/tidy` checks it.
//!
//! # The path of a byte, from one peer's socket to the other person's screen
//!
//! | # | file | function | takes → gives |
//! | --- | --- | --- | --- |
//! | 1 | `event_loop/mod.rs` | `turn` | the poller → events, and the time |
//! | 2 | `event_loop/mio_os.rs` | `poll` | epoll(7) → which sources are ready |
//! | 3 | `event_loop/token.rs` | `source_of` | a token → its listener or connection |
//! | 4 | `event_loop/mod.rs` | `read` | the socket → the one read buffer |
//! | 5 | `buffers/lines.rs` | `next_line` | bytes → a line, mostly without a copy |
//! | 6 | `peer/mod.rs` | `handle` | a line, as `Input::Line` → one call |
//! | 7 | `wire/speech.rs` | `parse` | a line → `USER`, `DISC` or text |
//! | 8 | `peer/chat/arrivals.rs` | `on_line` | text → `Notice::Text` |
//! | 9 | `event_loop/mod.rs` | `perform` | an action → a notice for the host |
//! | 10 | `cli/peer/host.rs` | `converse` | notices → the person |
//! | 11 | `console/person.rs` | `show` | a notice → text on stdout |
//! | 12 | `console/texts.rs` | `sentence` | a notice → a sentence without control characters |
//! | 13 | `console/screen.rs` | `flush` | text → stdout |
//!
//! # The path of a key, to the other peer's socket
//!
//! | # | file | function | takes → gives |
//! | --- | --- | --- | --- |
//! | 1 | `cli/peer/host.rs` | `converse` | a turn in which stdin was ready → a read |
//! | 2 | `console/keyboard.rs` | `read` | stdin → bytes |
//! | 3 | `console/live/mod.rs` | `type_bytes` | bytes → keys → an edited line |
//! | 4 | `console/typed_lines.rs` | `next_typed` | the same where nothing is drawn |
//! | 5 | `console/command.rs` | `read` | a line → a command |
//! | 6 | `event_loop/mod.rs` | `command` | a command → `Input::Command` |
//! | 7 | `peer/person/mod.rs` | `on_command` | a command → one call |
//! | 8 | `peer/chat/mod.rs` | `say` | text → the connection of the conversation |
//! | 9 | `event_loop/mod.rs` | `send` | `Action::Send` → the output buffer |
//! | 10 | `event_loop/mod.rs` | `settle` | connections with output → one write each |
//! | 11 | `buffers/output.rs` | `write_to` | queued bytes → the socket |
//!
//! # In a program of your own
//!
//! The host calls `turn` again and again, and takes the machine's notices. `docs/examples` has
//! three whole programs: a directory inside a host's own `poll(2)` loop, an echo bot, and a new
//! service.
//!
//! ```
//! use std::time::Duration;
//!
//! use papo::directory::notice::Notice;
//! use papo::directory::{Directory, Rules};
//! use papo::event_loop::{EventLoop, socket};
//! use papo::machine::Framing;
//! use papo::wire::REQUEST_LIMIT;
//!
//! # fn main() -> std::io::Result<()> {
//! let listener = socket::listen("127.0.0.1:0".parse().expect("an address"))?;
//! let address = listener.local_addr()?;
//! let mut directory = EventLoop::new(Directory::new(Rules::default()))?;
//! directory.listen(listener, Framing::Lines(REQUEST_LIMIT))?;
//!
//! // A client registers...
//! use std::io::Write;
//! let mut client = std::net::TcpStream::connect(address)?;
//! client.write_all(b"USER Ana:20000\r\n")?;
//!
//! // ...and the host calls `turn`. A host with a loop of its own waits for the descriptor
//! // (`as_raw_fd`), at most for `directory.timeout()`.
//! let mut notices = Vec::new();
//! while notices.is_empty() {
//!     directory.turn(Some(Duration::from_millis(10)))?;
//!     notices.extend(directory.notices());
//! }
//! assert!(directory.machine().roster().find(b"Ana").is_some());
//! assert!(matches!(notices[..], [Notice::Joined { .. }]));
//! # Ok(())
//! # }
//! ```

#![cfg_attr(
    not(all(feature = "editor", feature = "full")),
    allow(
        dead_code,
        unused_imports,
        reason = "a build without some features calls less, and the linker drops the rest"
    )
)]

pub mod buffers;
#[cfg(feature = "tools")]
pub mod check;
pub mod cli;
#[cfg(feature = "full")]
pub mod cluster;
pub mod conn_map;
pub mod console;
pub mod directory;
pub mod event_loop;
#[cfg(feature = "tools")]
pub mod lab;
#[cfg(feature = "tools")]
pub mod load;
pub mod machine;
#[cfg(feature = "peer")]
pub mod peer;
#[cfg(feature = "full")]
pub mod player;
#[cfg(feature = "full")]
pub mod proxied;
#[cfg(feature = "peer")]
mod random;
#[cfg(feature = "full")]
pub mod recording;
pub mod timer_wheel;
#[cfg(feature = "full")]
pub mod watch;
#[cfg(feature = "tools")]
pub mod who;
pub mod wire;

/// The crate of the poller: a host registers its own sources with it.
pub use mio;
