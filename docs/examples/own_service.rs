//! A new service: a machine of a few lines on papo's event loop.
//!
//! It answers each line with the reversed line. The loop cuts lines, queues answers, does not read
//! a client that does not read its answers, and closes in order. The machine only decides.
//!
//! ```sh
//! cargo run --example own_service -- 127.0.0.1:7010
//! nc 127.0.0.1 7010
//! ```

use std::convert::Infallible;
use std::io::{Write, stdout};

use papo::event_loop::{EventLoop, socket};
use papo::machine::{Action, Actions, Framing, Input, LineLimit, Machine, Millis};

/// Longer lines are cut, and much longer ones close the connection.
const LIMIT: LineLimit = LineLimit { keep: 1024, close: 65_536 };

struct Reverse;

impl Machine for Reverse {
    type Notice = Infallible;
    type Command = Infallible;

    fn handle(
        &mut self,
        _now: Millis,
        input: Input<'_, Infallible>,
        actions: &mut Actions<Infallible>,
    ) {
        #[allow(clippy::wildcard_enum_match_arm, reason = "two inputs concern this service")]
        match input {
            Input::Line { conn, line, .. } => {
                let text: String = String::from_utf8_lossy(line).chars().rev().collect();
                actions.send(conn, |out| out.extend_from_slice(format!("{text}\r\n").as_bytes()));
            }
            Input::EndOfStream { conn } => actions.push(Action::Close { conn }),
            // The other inputs need no answer.
            _ => {}
        }
    }

    fn next_deadline(&self) -> Option<Millis> {
        None
    }
}

fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:7010".to_string());
    let listener = socket::listen(address.parse().expect("ADDRESS:PORT"))?;
    writeln!(stdout(), "listening on {}", listener.local_addr()?)?;
    let mut event_loop = EventLoop::new(Reverse)?;
    event_loop.listen(listener, Framing::Lines(LIMIT))?;
    loop {
        event_loop.turn(None)?;
    }
}
