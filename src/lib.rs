//! papo: a text chat for the terminal. A small server knows who is online and at which address;
//! people then talk directly to each other. One thread and one `mio::Poll` in each process.
//!
//! This page is the map; there is no code here. Five places, each with a verb:
//!
//! - [`wire`] **translates** bytes to lines and lines to messages, and back. It knows the
//!   grammar and the lengths, and no socket, clock or table.
//! - The machines **decide**. [`machine`] is the seam: "this happened, at this time" goes in,
//!   "do these things" comes out. [`directory`] is the server, [`peer`] a person's end,
//!   `load` a crowd that measures a server, and `lab` has the lectures' small services, each a
//!   file or a folder: a good place to begin. A machine has no socket, no clock and no screen.
//!   [`timer_wheel`] and [`conn_map`] are their tools.
//! - [`event_loop`] **moves** bytes: it owns every descriptor and the clock, and knows no word of
//!   the protocol.
//! - [`console`] **shows**, and turns what is typed into lines. It knows languages and logs, and
//!   no socket.
//! - [`cli`] **starts**: options in, a machine on an event loop, an exit code out.
//!
//! Imports run one way, `cli → event_loop, terminal → directory, peer, load, lab → machine →
//! wire`; the plain types with which `machine` speaks of lines are `wire`'s too. `tests/tidy`
//! holds this.
//!
//! # A byte's road, from one peer's socket to the other person's screen
//!
//! | # | where | what | takes → gives |
//! | --- | --- | --- | --- |
//! | 1 | `event_loop/mod.rs` | `turn` → `wait` | the poller → events, and `now` |
//! | 2 | `event_loop/token.rs` | `Source::from` | an event → whose it is |
//! | 3 | `event_loop/serve.rs` | `read` | the socket → the one scratch buffer |
//! | 4 | `buffers/lines.rs` | `next_line` | bytes → a line, mostly without a copy |
//! | 5 | `peer/mod.rs` | `Peer::handle` | a line, as `Input::Line` → one call |
//! | 6 | `wire/speech.rs` | `Speech::parse` | a line → `USER`, `DISC` or text |
//! | 7 | `peer/chat/arrivals.rs` | `Chat::on_line` | text → `Notice::Text` |
//! | 8 | `event_loop/perform.rs` | `perform` → `show` | an action → the terminal |
//! | 9 | `console/texts.rs`, `visible.rs` | `text` | a notice → a harmless sentence |
//! | 10 | `event_loop/screen.rs` | `settle` → `flush` | text → stdout |
//!
//! From the keyboard it is the same road the other way: `keyboard.rs` → `console/typed_lines.rs`
//! cuts lines, or `console/live` has them edited → `console/command.rs` → `Input::Command` →
//! `peer/person.rs` → `Link::say` → `Action::Send` → `OutBuffer` → `settle`. On the server, rows
//! 6 to 8 are [`wire::request`] → [`directory::roster`] → `Action::Send`.
//!
//! # In a loop of your own
//!
//! `EventLoop::run` is only turns until the machine wants to exit. A host program takes the turns
//! itself, with a terminal of its own that collects what is shown:
//!
//! ```
//! use std::time::Duration;
//!
//! use papo::directory::notice::Notice;
//! use papo::directory::{Directory, Rules};
//! use papo::event_loop::{EventLoop, socket};
//! use papo::machine::{Framing, Output, Terminal, Typed};
//! use papo::wire::REQUEST_LIMIT;
//!
//! /// Nobody types here, and what happens is kept for the host.
//! #[derive(Default)]
//! struct Collected(Vec<Notice>);
//!
//! impl Terminal for Collected {
//!     type Notice = Notice;
//!     fn type_bytes(&mut self, _: &[u8]) {}
//!     fn end_typing(&mut self) {}
//!     fn next_typed(&mut self) -> Option<Typed> { None }
//!     fn show(&mut self, notice: Notice, _: &mut Output) { self.0.push(notice) }
//!     fn show_skipped(&mut self, _: usize, _: &mut Output) {}
//! }
//!
//! # fn main() -> std::io::Result<()> {
//! let listener = socket::listen("127.0.0.1:0".parse().expect("an address"))?;
//! let address = listener.local_addr()?;
//! let mut directory = EventLoop::new(Directory::new(Rules::default()), Collected::default())?;
//! directory.listen(listener, Framing::Lines(REQUEST_LIMIT))?;
//!
//! // Somebody registers...
//! use std::io::Write;
//! let mut client = std::net::TcpStream::connect(address)?;
//! client.write_all(b"USER Ana:20000\r\n")?;
//!
//! // ...and the host's own loop gives the directory a turn now and then. Its descriptor
//! // (`as_raw_fd`) is readable when there is something to do.
//! while directory.machine().roster().is_empty() {
//!     directory.turn(Some(Duration::from_millis(10)))?;
//! }
//! assert!(directory.machine().roster().find(b"Ana").is_some());
//! assert!(matches!(directory.terminal().0[..], [Notice::Joined { .. }]));
//! # Ok(())
//! # }
//! ```

pub mod buffers;
pub mod cli;
pub mod conn_map;
pub mod console;
pub mod directory;
pub mod event_loop;
#[cfg(feature = "lab")]
pub mod lab;
#[cfg(feature = "load")]
pub mod load;
pub mod machine;
#[cfg(feature = "peer")]
pub mod peer;
pub mod timer_wheel;
pub mod wire;
