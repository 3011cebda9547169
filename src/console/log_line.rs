//! The directory's notices as log lines.
//!
//! Each event is one line of `key=value`. The lines are an interface for `grep` and other programs,
//! so their words must not change. Names are UTF-8; bytes of strangers are cut and escaped. For a
//! person at a terminal, `log_sentence` has the same notices as sentences.

use std::fmt::{self, Write};
use std::io::ErrorKind;
use std::net::SocketAddr;

use crate::directory::notice::{DirectoryCounts, Excerpt, LeaveReason, Notice, Refusal};
use crate::machine::LoopCounts;
use crate::wire::escape::escaped;
use crate::wire::name::Name;
use crate::wire::not_user::NotUser;
#[cfg(feature = "full")]
use crate::wire::proxy_header::HeaderFault;

/// The log line for a notice. It writes the kind first, and formats the rest after that: a log that
/// drops the line by its kind saves the rest.
#[derive(Clone, Copy, Debug)]
pub struct LogLine<'a>(pub &'a Notice);

impl fmt::Display for LogLine<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("event=")?;
        formatter.write_str(event(self.0))?;
        if let Notice::Refused { why, .. } = self.0 {
            formatter.write_str(" reason=")?;
            formatter.write_str(reason(why))?;
        }
        formatter.write_char(' ')?;
        formatter.write_str(&details(self.0))
    }
}

fn event(notice: &Notice) -> &'static str {
    match notice {
        Notice::Joined { .. } => "join",
        Notice::Left { .. } => "leave",
        Notice::Refused { .. } => "refuse",
        Notice::State(_) => "state",
    }
}

/// The event, or the reason of a refusal. The log counts by it.
#[cfg(feature = "tools")]
pub(super) fn kind(notice: &Notice) -> &'static str {
    match notice {
        Notice::Refused { why, .. } => reason(why),
        Notice::Joined { .. } | Notice::Left { .. } | Notice::State(_) => event(notice),
    }
}

fn details(notice: &Notice) -> String {
    match notice {
        Notice::Joined { name, address, online } => {
            format!("{} online={online}", person(name, *address))
        }
        Notice::Left { name, address, why, online } => {
            let (person, line) = (person(name, *address), last_line(why));
            format!("{person} reason={}{line} online={online}", leaving(why))
        }
        Notice::Refused { from, why } => format!("from={from}{}", sent(why)),
        Notice::State(state) => in_numbers(state),
    }
}

fn in_numbers(DirectoryCounts { event_loop, names, refused, expired }: &DirectoryCounts) -> String {
    let LoopCounts { connections, pending_bytes, accepted, shed, turns } = event_loop;
    format!(
        "clients={connections} names={names} pending_bytes={pending_bytes} \
         accepted={accepted} refused={refused} shed={shed} expired={expired} turns={turns}"
    )
}

fn person(name: &Name, address: SocketAddr) -> String {
    format!("name=\"{}\" address={address}", escaped(name.as_bytes()))
}

fn leaving(why: &LeaveReason) -> &'static str {
    match why {
        LeaveReason::Closed => "closed",
        LeaveReason::Expired => "expired",
        LeaveReason::Lost(ErrorKind::ConnectionReset) => "reset",
        LeaveReason::Lost(ErrorKind::TimedOut) => "timed_out",
        LeaveReason::Lost(_) => "lost",
        LeaveReason::BadLines(_) => "bad_lines",
        LeaveReason::LineTooLong => "line_too_long",
        LeaveReason::SlowReader => "slow_reader",
        #[cfg(feature = "full")]
        LeaveReason::NameLost => "name_lost",
        #[cfg(feature = "full")]
        LeaveReason::TakenOver => "taken_over",
    }
}

fn reason(why: &Refusal) -> &'static str {
    match why {
        Refusal::NameTaken(_) => "name_taken",
        Refusal::NotUser { why, .. } => not_user(*why),
        Refusal::LineTooLong(_) => "line_too_long",
        Refusal::Silent => "silent",
        Refusal::Unended(_) => "unended_line",
        Refusal::AddressLimit => "address_limit",
        Refusal::ClientLimit => "client_limit",
        #[cfg(feature = "full")]
        Refusal::ProxyHeader { why, .. } => header_fault(*why),
    }
}

#[cfg(feature = "full")]
fn header_fault(why: HeaderFault) -> &'static str {
    match why {
        HeaderFault::Missing => "no_proxy_header",
        HeaderFault::Malformed => "bad_proxy_header",
        HeaderFault::TooLong => "long_proxy_header",
        HeaderFault::Unfinished => "unfinished_proxy_header",
        HeaderFault::NoAddress => "no_address_in_proxy_header",
    }
}

fn not_user(why: NotUser) -> &'static str {
    match why {
        NotUser::Other => "not_user",
        #[cfg(feature = "full")]
        NotUser::ProxyHeader => "unexpected_proxy_header",
        NotUser::LowerCase => "lower_case_user",
        NotUser::ListFirst => "list_before_user",
        NotUser::KeepFirst => "keep_before_user",
        NotUser::AddrFirst => "addr_before_user",
        NotUser::DiscFirst => "disc_before_user",
        NotUser::NoName => "no_name",
        NotUser::ColonInName
        | NotUser::InvisibleInName
        | NotUser::BlankInName
        | NotUser::OnlyMarks => "bad_name",
        NotUser::LongName => "long_name",
        NotUser::NotUtf8 => "not_utf8",
        NotUser::NoPort => "no_port",
        NotUser::BadPort => "bad_port",
    }
}

/// The last of the bad lines, if these are the reason.
fn last_line(why: &LeaveReason) -> String {
    if let LeaveReason::BadLines(line) = why { quoted(line) } else { String::new() }
}

/// The bytes of the other side that a person needs to understand the refusal.
fn sent(why: &Refusal) -> String {
    match why {
        Refusal::NameTaken(name) => format!(" name=\"{}\"", escaped(name.as_bytes())),
        Refusal::NotUser { line, .. } | Refusal::LineTooLong(line) | Refusal::Unended(line) => {
            quoted(line)
        }
        #[cfg(feature = "full")]
        Refusal::ProxyHeader { line, .. } => quoted(line),
        Refusal::Silent | Refusal::AddressLimit | Refusal::ClientLimit => String::new(),
    }
}

/// Empty if the other side sent nothing.
fn quoted(Excerpt { start, bytes }: &Excerpt) -> String {
    if *bytes == 0 {
        return String::new();
    }
    format!(" bytes={bytes} line=\"{}\"", escaped(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_strangers_is_one_harmless_line() {
        let from = SocketAddr::from(([10, 0, 0, 9], 5));
        let said = ["GET /\u{202e}\u{a0}\"\n\x1b[2J".as_bytes(), b"\xff", &[b'x'; 400]].concat();
        let why = Refusal::NotUser { why: NotUser::of(&said), line: Excerpt::of(&said) };
        let line = LogLine(&Notice::Refused { from, why }).to_string();
        let expected = "event=refuse reason=not_user from=10.0.0.9:5 bytes=417 \
                        line=\"GET /\\u{202e}\\u{a0}\\\"\\n\\x1b[2J\\xffxxx";
        assert!(line.starts_with(expected), "{line}");
        assert!(line.len() < 256 && !line.chars().any(char::is_control), "{line}");
    }

    #[test]
    fn an_unended_line_is_shown_with_its_length() {
        let from = SocketAddr::from(([10, 0, 0, 9], 5));
        let why = Refusal::Unended(Excerpt::of(b"USER Maria:20000"));
        let expected = "event=refuse reason=unended_line from=10.0.0.9:5 bytes=16 \
                        line=\"USER Maria:20000\"";
        assert_eq!(LogLine(&Notice::Refused { from, why }).to_string(), expected);
    }

    #[test]
    fn a_refusal_without_bytes_shows_no_line() {
        let from = SocketAddr::from(([10, 0, 0, 9], 5));
        for (why, code) in [
            (Refusal::Silent, "silent"),
            (Refusal::LineTooLong(Excerpt::default()), "line_too_long"),
            (Refusal::AddressLimit, "address_limit"),
        ] {
            let expected = format!("event=refuse reason={code} from=10.0.0.9:5");
            assert_eq!(LogLine(&Notice::Refused { from, why }).to_string(), expected);
        }
    }

    #[test]
    fn the_state_is_a_row_of_numbers() {
        let event_loop =
            LoopCounts { connections: 5, pending_bytes: 70, accepted: 9, shed: 2, turns: 1234 };
        let state = Notice::State(DirectoryCounts { event_loop, names: 4, refused: 3, expired: 1 });
        let expected = "event=state clients=5 names=4 pending_bytes=70 accepted=9 refused=3 \
                        shed=2 expired=1 turns=1234";
        assert_eq!(LogLine(&state).to_string(), expected);
    }

    #[test]
    fn joins_and_leaves_have_name_address_and_count() {
        let name = Name::parse("João".as_bytes()).expect("a name");
        let address = SocketAddr::from(([10, 0, 0, 2], 21500));
        let joined = Notice::Joined { name: name.clone(), address, online: 2 };
        let expected = r#"event=join name="João" address=10.0.0.2:21500 online=2"#;
        assert_eq!(LogLine(&joined).to_string(), expected);
        let left = Notice::Left { name, address, why: LeaveReason::Expired, online: 1 };
        let expected = r#"event=leave name="João" address=10.0.0.2:21500 reason=expired online=1"#;
        assert_eq!(LogLine(&left).to_string(), expected);
    }
}
