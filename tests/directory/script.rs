//! The lines of a log: how they are read and written, and the text of each notice.

use papo::directory::notice::{DirectoryCounts, LeaveReason, Notice, Refusal};
use papo::machine::{LoopCounts, Millis};

/// One line of a log: `1.000  ana  > LIST`.
pub(super) struct ScriptLine<'a> {
    pub(super) at: Millis,
    pub(super) who: &'a str,
    pub(super) what: &'a str,
}

impl<'a> ScriptLine<'a> {
    /// `None`: an empty line. Blanks between the columns do not count. Blanks at the end do: they
    /// are part of the protocol line.
    pub(super) fn parse(line: &'a str) -> Option<Self> {
        let (time, rest) = line.trim_start().split_once(' ')?;
        let (who, what) = rest.trim_start().split_once(' ')?;
        let (seconds, millis) = time.split_once('.').expect("a time like 1.000");
        assert_eq!(millis.len(), 3, "a time like 1.000");
        let number = |digits: &str| digits.parse::<u64>().expect("digits");
        let at = Millis(number(seconds) * 1_000 + number(millis));
        Some(Self { at, who, what: what.trim_start() })
    }

    /// Whether a client does this, and not the server.
    pub(super) fn is_played(&self) -> bool {
        let done = ["< ", "is closed", "is aborted", "is reset", "exits "];
        self.who != "log" && !done.iter().any(|start| self.what.starts_with(start))
    }
}

impl std::fmt::Display for ScriptLine<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { at: Millis(at), who, what } = self;
        write!(formatter, "{}.{:03} {who} {what}", at / 1_000, at % 1_000)
    }
}

/// Compares, and shows the first line that differs.
#[track_caller]
pub(super) fn expect_equal(log: &[String], wanted: &[String]) {
    let Some(line) = (0..log.len().max(wanted.len())).find(|&i| log.get(i) != wanted.get(i)) else {
        return;
    };
    let (got, wanted) = (log.get(line), wanted.get(line));
    panic!("wanted {wanted:?}\ngot    {got:?}\nthe whole log:\n{}", log.join("\n"));
}

/// The counts of an event loop.
pub(super) const FIGURES: LoopCounts =
    LoopCounts { connections: 3, pending_bytes: 70, accepted: 9, shed: 2, turns: 1234 };

pub(super) fn describe(notice: &Notice) -> String {
    match notice {
        Notice::Joined { name, address, online } => {
            format!("{name} joins at {address}, {online} online")
        }
        Notice::Left { name, why: LeaveReason::BadLines(last), online, .. } => {
            let line = last.start.escape_ascii();
            format!("{name} leaves: BadLines {line}, {online} online")
        }
        Notice::Left { name, why, online, .. } => {
            format!("{name} leaves: {why:?}, {online} online")
        }
        Notice::Refused { from, why } => format!("{} refused: {}", from.ip(), reason(why)),
        Notice::State(DirectoryCounts { event_loop, names, refused, expired }) => {
            assert_eq!(*event_loop, FIGURES, "the loop's counts are passed on unchanged");
            format!("{names} online, {refused} refused, {expired} expired")
        }
    }
}

fn reason(why: &Refusal) -> String {
    match why {
        Refusal::NameTaken(name) => format!("{name} is taken"),
        Refusal::NotUser { line, .. } => format!("not USER but \"{}\"", line.start.escape_ascii()),
        Refusal::LineTooLong(_) => "a line without an end".to_string(),
        Refusal::Unended(line) => {
            format!("{} bytes unended \"{}\"", line.bytes, line.start.escape_ascii())
        }
        Refusal::Silent => "silent".to_string(),
        Refusal::AddressLimit => "too many from one address".to_string(),
        Refusal::ClientLimit => "too many in all".to_string(),
        #[cfg(feature = "full")]
        Refusal::ProxyHeader { why, .. } => format!("PROXY header {why:?}"),
    }
}
