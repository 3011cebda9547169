//! The events of a lone peer: one step is one row of the tape.
//!
//! Its person, its server and everybody who calls. The driver that brings it about is [`super`].

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};

use papo::machine::{CloseReason, Input};
use papo::peer::server::STALE_FOR_MS;
use papo::wire::SPEECH_LIMIT;

use super::super::super::link::Side;
use super::super::tape::Tape;
use super::LonePeer;

/// Most connections at once.
const CONNECTIONS_MAX: usize = 10;

/// Most typed lines that wait.
const TYPED_MAX: usize = 4;

const NAMES: [&str; 4] = ["Bruno", "Camila", "Davi Luiz", "Ana"];
const CALLERS: [&str; 3] = ["10.0.0.2", "10.0.0.3", "127.0.0.1"];
const ANSWERED: [&str; 8] = [
    "10.0.0.2",
    "10.0.0.3",
    "10.0.0.9",
    "127.0.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "[::]",
];

impl LonePeer {
    pub(super) fn step(&mut self, tape: &mut Tape<'_>) {
        match tape.below(16) {
            0 => self.accept(tape),
            1 | 2 => self.end_dial(tape),
            3..6 => self.hear(tape),
            6 | 7 => self.answer(tape),
            8 | 9 => self.type_command(tape),
            10 => self.type_text(tape),
            11 => self.wait(u64::from(tape.byte()) * 8),
            12 => self.wait(u64::from(tape.wide()) % 12_000),
            13 => self.end_one(tape),
            14 => self.stall_or_take(tape),
            _ => match tape.byte() {
                0..8 => self.typed.push_back(None),
                8..12 => self.feed(Input::Stop),
                _ => self.lie(tape),
            },
        }
        self.settle();
    }

    fn accept(&mut self, tape: &mut Tape<'_>) {
        if self.cables.len() == CONNECTIONS_MAX {
            return;
        }
        let ip: IpAddr = CALLERS[tape.below(3)].parse().expect("an address");
        let conn = self.plug_in(Side::Listener, SPEECH_LIMIT, false);
        let reached = if ip.is_loopback() { ip } else { IpAddr::from([10, 0, 0, 7]) };
        self.feed(Input::Accepted {
            listener: papo::machine::ListenerId(0),
            conn,
            from: SocketAddr::new(ip, 50_000),
            reached,
        });
    }

    fn end_dial(&mut self, tape: &mut Tape<'_>) {
        if self.dials.is_empty() {
            return;
        }
        let (dial, to, limit) = self.dials.remove(tape.below(self.dials.len()));
        let result = match tape.byte() {
            0..32 => Err(ErrorKind::ConnectionRefused),
            32..40 => Err(ErrorKind::HostUnreachable),
            _ => Ok(self.plug_in(Side::Dialer, limit, to.port() == 10_000)),
        };
        self.feed(Input::Dialed { dial, result });
    }

    /// Somebody else, not the server, says something.
    fn hear(&mut self, tape: &mut Tape<'_>) {
        let Some(place) = self.some_cable(tape, |cable| !cable.is_server) else { return };
        let bytes = match tape.below(8) {
            0..3 => format!("USER {}\r\n", NAMES[tape.below(4)]).into_bytes(),
            3 => b"DISC\r\n".to_vec(),
            4 => [&b"USER "[..], tape.chunk(), b"\r\n"].concat(),
            5 => [tape.chunk(), b"\r\n"].concat(),
            6 => format!("USER {}:20000\n", NAMES[tape.below(4)]).into_bytes(),
            _ => tape.chunk().to_vec(),
        };
        self.read(place, &bytes);
    }

    /// The server answers the oldest question.
    fn answer(&mut self, tape: &mut Tape<'_>) {
        let Some(place) = self.some_cable(tape, |cable| cable.is_server) else { return };
        let Some((asked, question)) = self.questions.pop_front() else { return };
        // So late an answer may be taken for that to another question.
        self.is_liar |= self.now.since(asked) >= STALE_FOR_MS;
        let line = match question {
            None => format!("LIST {}\r\n", NAMES[..tape.below(4)].join(":")),
            Some(_) if tape.byte() < 80 => return,
            Some(name) => {
                self.answers += 1;
                let port = 20_000 + self.answers % 20_000;
                self.tell_watch(&name, port);
                let (at, is_new) = (ANSWERED[tape.below(8)], tape.flag());
                let whose = if is_new { format!("{name}:") } else { String::new() };
                format!("ADDR {whose}{at}:{port}\r\n")
            }
        };
        self.read(place, line.as_bytes());
    }

    /// The server says what nobody asked for.
    fn lie(&mut self, tape: &mut Tape<'_>) {
        let Some(place) = self.some_cable(tape, |cable| cable.is_server) else { return };
        self.is_liar = true;
        self.read(place, tape.chunk());
    }

    fn type_command(&mut self, tape: &mut Tape<'_>) {
        let name = NAMES[tape.below(4)];
        let line = match tape.below(17) {
            0..4 => format!("/chat {name}"),
            4 | 5 => format!("/msg {name} oi {}", tape.byte()),
            6 => "/list".to_string(),
            7 => "/peers".to_string(),
            8 => "/bye".to_string(),
            9 => format!("/bye {name}"),
            10 => format!("/chat {name}@{}", CALLERS[tape.below(3)]),
            11 if tape.byte() < 16 => "/exit".to_string(),
            12 => format!("/reply resposta {}", tape.byte()),
            13 => "/next".to_string(),
            14 => format!("//{name}"),
            15 => format!("/dance {}", tape.byte()),
            _ => "/help".to_string(),
        };
        self.types(line.into_bytes());
    }

    /// Any bytes, so long as they are text and no command.
    fn type_text(&mut self, tape: &mut Tape<'_>) {
        let text = tape.chunk().iter().copied().filter(|&byte| byte != b'\n');
        let text: Vec<_> = text.skip_while(|&byte| byte == b'/').collect();
        self.types(text);
    }

    /// A line end cannot be typed within a line.
    fn types(&mut self, mut line: Vec<u8>) {
        line.retain(|byte| !matches!(byte, b'\r' | b'\n' | 0));
        if self.typed.len() < TYPED_MAX {
            self.typed.push_back(Some(line));
        }
    }

    /// The stream of one connection ends, or the connection breaks.
    fn end_one(&mut self, tape: &mut Tape<'_>) {
        let Some(place) = self.some_cable(tape, |_| true) else { return };
        if tape.flag() {
            self.cables[place].closes = Some(match tape.below(4) {
                0 => CloseReason::LineTooLong,
                1 => CloseReason::SlowReader,
                _ => CloseReason::Failed(ErrorKind::ConnectionReset),
            });
            return;
        }
        let conn = self.cables[place].id;
        self.cables[place].has_ended = true;
        if let Some((rest, end)) = self.cables[place].inbound.take_rest() {
            self.feed(Input::Line { conn, line: &rest, end });
        }
        if self.cable(conn).is_heard() {
            self.feed(Input::EndOfStream { conn });
        }
    }

    fn stall_or_take(&mut self, tape: &mut Tape<'_>) {
        if self.cables.is_empty() {
            return;
        }
        let place = tape.below(self.cables.len());
        let cable = &mut self.cables[place];
        if cable.is_stalled {
            cable.unsent -= cable.unsent.min(usize::from(tape.byte()) * 16);
            cable.is_stalled = cable.unsent > 0;
        } else {
            cable.is_stalled = true;
        }
    }
}
