//! A short form of each notice, for the log of a test.

use std::net::SocketAddr;

use papo::console::command::ConsoleAnswer;
use papo::peer::notice::{ConversationRow, Ending, Fatal, Notice, Partner, Rejection, Trust};

#[allow(clippy::wildcard_enum_match_arm, reason = "the debug form of the others is short")]
pub(crate) fn brief(notice: &Notice) -> String {
    match notice {
        Notice::Welcome { name } => format!("welcome: {name}"),
        Notice::NameRefused { name } => format!("refused: {name}"),
        Notice::NoServer { servers, error } => format!("no server: {} {error:?}", all(servers)),
        Notice::OnlineElsewhere { server } => format!("back online at {server}"),
        Notice::NameLost { name } => format!("lost the name {name}"),
        Notice::Offline { server } => format!("offline: {server}"),
        Notice::Fatal(fatal) => format!("fatal: {}", end(fatal)),
        Notice::Online(names) => format!("online: {}", joined(names)),
        Notice::Connected { who } => format!("connected: {}", label(who)),
        Notice::NotVerified { who, from } => format!("not verified: {} from {from}", label(who)),
        Notice::Target { who } => format!("target: {}", label(who)),
        Notice::Text { from, text, cut } => {
            let cut = if *cut { " [cut]" } else { "" };
            format!("{} says {}{cut}", label(from), String::from_utf8_lossy(text))
        }
        Notice::AddressesWanted => "addresses wanted".to_string(),
        Notice::ServersUnknown { names } => format!("unknown: {}", names.join(", ")),
        Notice::Rejected { server, how } => rejection(server, how),
        Notice::Dialing { server } => format!("dialing {server}"),
        Notice::Ended { who, how } => format!("ended {}: {}", ending(*how), label(who)),
        Notice::Unreachable { name, error } => format!("unreachable: {name} {error:?}"),
        Notice::NotOnline { name, .. } => format!("not online: {name}"),
        Notice::BadAddress { name } => format!("bad address: {name}"),
        Notice::BadCaller { from, why, said } => {
            format!("bad caller: {} {why:?} {}", from.ip(), String::from_utf8_lossy(said))
        }
        Notice::TurnedAway { count } => format!("turned away: {count} more"),
        Notice::Unended { line } => format!("unended: {}", String::from_utf8_lossy(line)),
        Notice::Standstill { who, lines } => format!("waiting: {lines} for {}", label(who)),
        Notice::NotReading { who } => format!("not reading: {}", label(who)),
        Notice::Undelivered { who, lines } => format!("undelivered: {lines} to {}", label(who)),
        Notice::SentTo { who } => format!("sent to: {}", label(who)),
        Notice::Namesake { who, text } => {
            format!("not sent to {}: {}", label(who), String::from_utf8_lossy(text))
        }
        Notice::SilentCalls { count } => format!("silent calls: {count} more"),
        Notice::Verified { who } => format!("verified: {}", label(who)),
        Notice::Replying { who } => format!("replying: {}", label(who)),
        Notice::NotTalkingTo { name } => {
            format!("not talking to: {}", String::from_utf8_lossy(name))
        }
        Notice::Conversations(rows) => {
            format!("open: {}", rows.iter().map(row).collect::<Vec<_>>().join(", "))
        }
        Notice::WouldBeProtocol { line } => {
            format!("would be protocol: {}", String::from_utf8_lossy(line))
        }
        other => format!("{other:?}"),
    }
}

fn rejection(server: &SocketAddr, how: &Rejection) -> String {
    match how {
        Rejection::HungUp => format!("{server} hung up"),
        Rejection::Said(line) => format!("{server} said: {}", String::from_utf8_lossy(line)),
        Rejection::EndlessLine => format!("{server} ends no line"),
    }
}

/// The short form of an answer of the console.
pub(crate) fn brief_answer(answer: &ConsoleAnswer) -> String {
    match answer {
        ConsoleAnswer::Unknown(word) => format!("unknown: {}", String::from_utf8_lossy(word)),
        ConsoleAnswer::Help(_)
        | ConsoleAnswer::UnknownTopic(_)
        | ConsoleAnswer::Usage(_)
        | ConsoleAnswer::Which(_)
        | ConsoleAnswer::Takes(_)
        | ConsoleAnswer::Near { .. } => format!("{answer:?}"),
    }
}

fn joined(names: &[Vec<u8>]) -> String {
    let names: Vec<_> = names.iter().map(|name| String::from_utf8_lossy(name)).collect();
    names.join(", ")
}

fn all(servers: &[SocketAddr]) -> String {
    servers.iter().map(SocketAddr::to_string).collect::<Vec<_>>().join(", ")
}

fn end(fatal: &Fatal) -> String {
    match fatal {
        Fatal::NoServer { servers } => format!("no server at {}", all(servers)),
        Fatal::Rejected { server, how } => rejection(server, how),
        Fatal::NameRefused { name } => format!("refused {name}"),
        Fatal::NotAName(error) => format!("{error:?}"),
        Fatal::NoName => "no name".to_string(),
    }
}

fn ending(how: Ending) -> String {
    match how {
        Ending::ByUs => "by us".to_string(),
        Ending::ByThem => "by them".to_string(),
        Ending::Lost(error) => format!("by {error:?}"),
        Ending::Misbehaved => "for misbehaving".to_string(),
    }
}

/// `Bruno?`: the server has not confirmed the name.
fn label(who: &Partner) -> String {
    format!("{}{}", who.label, if who.trust.is_plain() { "" } else { "?" })
}

/// `*Bruno! 2 unread`: the target has a star, and a confirmed name an exclamation mark.
fn row(row: &ConversationRow) -> String {
    let star = if row.is_target { "*" } else { "" };
    let confirmed = if row.who.trust == Trust::Confirmed { "!" } else { "" };
    let counts = [("unread", row.unread), ("waiting", row.waiting)];
    let counts = counts.map(|(what, n)| if n > 0 { format!(" {n} {what}") } else { String::new() });
    format!("{star}{}{confirmed}{}", label(&row.who), counts.concat())
}
