//! The directory's notices as log lines.
//!
//! One line an event, `key=value`, names escaped: an interface for `grep` and fail2ban, so the
//! words stay as they are. What strangers chose is ASCII here, and cut.

use std::fmt::{self, Write};
use std::io::ErrorKind;
use std::net::SocketAddr;

use crate::directory::notice::{Leaving, Notice, Refusal, State};
use crate::machine::Figures;
use crate::wire::name::Name;

/// Most bytes of a stranger's line that are logged.
pub const LOGGED_BYTES_MAX: usize = 64;

/// The log line for a notice. Its first word is written before the rest is put together: of a
/// line that is held back, nobody needs more.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a>(pub &'a Notice);

impl fmt::Display for Line<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(event(self.0))?;
        formatter.write_char(' ')?;
        formatter.write_str(&details(self.0))
    }
}

fn event(notice: &Notice) -> &'static str {
    match notice {
        Notice::Joined { .. } => "event=join",
        Notice::Left { .. } => "event=leave",
        Notice::Refused { .. } => "event=refuse",
        Notice::State(_) => "event=state",
    }
}

fn details(notice: &Notice) -> String {
    match notice {
        Notice::Joined { name, address, online } => {
            format!("{} online={online}", person(name, *address))
        }
        Notice::Left { name, address, why, online } => {
            format!("{} reason={} online={online}", person(name, *address), leaving(*why))
        }
        Notice::Refused { from, why } => format!("from={from} {}", refusal(why)),
        Notice::State(state) => in_numbers(state),
    }
}

fn in_numbers(State { driver, names, refused, expired }: &State) -> String {
    let Figures { connections, pending_bytes, accepted, shed, turns } = driver;
    format!(
        "clients={connections} names={names} pending_bytes={pending_bytes} \
         accepted={accepted} refused={refused} shed={shed} expired={expired} turns={turns}"
    )
}

fn person(name: &Name, address: SocketAddr) -> String {
    format!("name=\"{}\" address={address}", name.as_str().escape_default())
}

fn leaving(why: Leaving) -> &'static str {
    match why {
        Leaving::Closed => "closed",
        Leaving::Expired => "expired",
        Leaving::Lost(ErrorKind::ConnectionReset) => "reset",
        Leaving::Lost(ErrorKind::TimedOut) => "timed_out",
        Leaving::Lost(_) => "lost",
        Leaving::Misbehaved => "misbehaved",
        Leaving::SlowReader => "slow_reader",
    }
}

fn refusal(why: &Refusal) -> String {
    match why {
        Refusal::NameTaken(name) => {
            format!("reason=name_taken name=\"{}\"", name.as_str().escape_default())
        }
        Refusal::NotUser(line) => {
            let cut = &line[..line.len().min(LOGGED_BYTES_MAX)];
            format!("reason=not_user line=\"{}\"", cut.escape_ascii())
        }
        Refusal::LineTooLong => "reason=line_too_long".to_string(),
        Refusal::Silent => "reason=silent".to_string(),
        Refusal::AddressLimit => "reason=address_limit".to_string(),
        Refusal::ClientLimit => "reason=client_limit".to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_ascii_line_whatever_strangers_say() {
        let from = SocketAddr::from(([10, 0, 0, 9], 5));
        let said = [b"GET / \"\n\x1b[2J\xff".as_slice(), &[b'x'; 400]].concat();
        let notice = Notice::Refused { from, why: Refusal::NotUser(said) };
        let line = Line(&notice).to_string();
        assert!(line.is_ascii() && !line.chars().any(char::is_control), "{line}");
        assert!(line.len() < 256 && line.contains(r#"line="GET / \"\n\x1b[2J\xff"#), "{line}");
    }

    #[test]
    fn how_it_is() {
        let driver =
            Figures { connections: 5, pending_bytes: 70, accepted: 9, shed: 2, turns: 1234 };
        let state = Notice::State(State { driver, names: 4, refused: 3, expired: 1 });
        let expected = "event=state clients=5 names=4 pending_bytes=70 accepted=9 refused=3 \
                        shed=2 expired=1 turns=1234";
        assert_eq!(Line(&state).to_string(), expected);
    }

    #[test]
    fn a_join_and_a_leave() {
        let name = Name::parse("João".as_bytes()).expect("a name");
        let address = SocketAddr::from(([10, 0, 0, 2], 21500));
        let joined = Notice::Joined { name: name.clone(), address, online: 2 };
        let expected = r#"event=join name="Jo\u{e3}o" address=10.0.0.2:21500 online=2"#;
        assert_eq!(Line(&joined).to_string(), expected);
        let left = Notice::Left { name, address, why: Leaving::Expired, online: 1 };
        let expected =
            r#"event=leave name="Jo\u{e3}o" address=10.0.0.2:21500 reason=expired online=1"#;
        assert_eq!(Line(&left).to_string(), expected);
    }
}
