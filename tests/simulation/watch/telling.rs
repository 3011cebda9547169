//! Tells the watchers what concerns them: an input, a notice or a dial, to whom it belongs.
//!
//! Read next: [`super::peer`] and [`super::server`], who understand it.

use std::net::{IpAddr, SocketAddr};

use papo::machine::{CloseReason, DialId, Input, LineLimit, Millis, Typed};
use papo::peer::notice::Notice;
use papo::peer::server::SERVER_DIAL;

use super::super::agenda::NodeId;
use super::peer::typing::row;
use super::peer::{PeerWatch, Shown};
use super::rule::Rule;
use super::server::DirectoryWatch;
use super::{Role, Violation, Watch, hold};

/// How long somebody must have been online for every answer to know it.
const LONG_KNOWN_MS: u64 = 8_000;

impl Watch {
    /// A call must go where the server says that this person is, or was once.
    pub(super) fn on_dial(
        &mut self,
        node: NodeId,
        dial: DialId,
        to: SocketAddr,
        limit: LineLimit,
    ) -> Result<(), Violation> {
        self.dials.insert((node, dial), (to, limit));
        let Role::Peer(peer, _) = &self.roles[node] else { return Ok(()) };
        if dial == SERVER_DIAL {
            return Ok(());
        }
        let Some(wanted) = &peer.wanted else {
            return hold(false, Rule::NobodyIsCalledUnasked, || format!("dial to {to}"));
        };
        let was_there = self.directory.online.ever_at(&wanted.name, to.port());
        let found = || format!("{} at {to}", wanted.name);
        hold(was_there, Rule::CallsGoToWhoWasAskedFor, found)
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "nothing is known of all the others")]
    pub(super) fn on_notice(&mut self, node: NodeId, notice: &Notice) -> Result<(), Violation> {
        let Role::Peer(peer, _) = &mut self.roles[node] else { return Ok(()) };
        match notice {
            Notice::AskName if peer.was_just_named => {}
            // The typed text was no name.
            Notice::NameFirst => (peer.me, peer.was_just_named) = (None, false),
            Notice::AskName => {
                peer.me = None;
                peer.wanted = None;
            }
            Notice::Connected { who } => peer.shows_connected(who),
            Notice::Ended { who, .. } => peer.shows(Shown::Ended(who.label.clone())),
            Notice::Target { who } => peer.shows_target(who),
            Notice::Text { from, text, .. } => {
                peer.shows(Shown::Text(from.label.clone(), text.clone()));
            }
            Notice::Said { to, text } => peer.shows_said(to, text),
            Notice::Replying { who } => peer.shows(Shown::Replying(who.label.clone())),
            Notice::NothingUnread => peer.shows(Shown::NothingUnread),
            Notice::Conversations(rows) => peer.shows(Shown::Peers(rows.iter().map(row).collect())),
            Notice::Standing(standing) => {
                if let Some(who) = &standing.target {
                    peer.talks.follow(&who.label, who.trust.is_plain());
                }
                peer.desk.shown_target = standing.target.as_ref().map(|who| who.label.clone());
            }
            Notice::Online(names) => {
                let name = |name: &Vec<u8>| String::from_utf8_lossy(name).into_owned();
                peer.desk.online = names.iter().map(name).collect();
            }
            Notice::NoConversation
            | Notice::NoTarget
            | Notice::NobodyWrote
            | Notice::NotTalkingTo { .. }
            | Notice::WouldBeProtocol { .. } => peer.shows(Shown::NotSent),
            Notice::Unreachable { name, .. }
            | Notice::NotOnline { name, .. }
            | Notice::BadAddress { name } => return end_of_call(peer, name.as_str()),
            Notice::NotVerified { who, from } => {
                let name = peer.talks.find(&who.label).and_then(|id| peer.talks.get(id));
                let name = name.map_or_else(|| who.label.clone(), |talk| talk.name.clone());
                return self.check_doubt(&name, *from);
            }
            Notice::Undelivered { lines, .. } => peer.shows_undelivered(*lines),
            Notice::NotReading { who } => peer.refused(&who.label),
            // It ends at once, and not in order.
            Notice::Fatal(_) => peer.leaving_since = None,
            Notice::ServerSilent | Notice::Unended { .. } | Notice::NeedsServer => {
                peer.wanted = None;
            }
            _ => {}
        }
        Ok(())
    }

    /// Nobody is doubted who has been online at that address for long.
    fn check_doubt(&self, name: &str, from: IpAddr) -> Result<(), Violation> {
        let known = self.directory.online.find(name);
        let is_there = known.is_some_and(|entry| {
            let is_old = self.now > entry.since + LONG_KNOWN_MS;
            is_old && entry.is_at(from)
        });
        let found = || format!("{name} from {from}, which is {known:?}");
        hold(self.has_faults || !is_there, Rule::ConfirmedNamesAreNotDoubted, found)
    }

    pub(super) fn tell_peer(&mut self, node: NodeId, now: Millis, input: &Input<'_, Typed>) {
        let Role::Peer(peer, keeping) = &mut self.roles[node] else { return };
        let mut result = Ok(());
        match *input {
            Input::Accepted { conn, from, .. } => peer.accepted(now, conn, from),
            Input::Dialed { dial: SERVER_DIAL, result: Ok(conn) } => keeping.connected(conn),
            Input::Dialed { dial, result: Ok(conn) } => {
                let to = self.dials.get(&(node, dial)).map(|(to, _)| *to);
                peer.answered(now, conn, to.unwrap_or(SocketAddr::from(([0; 4], 0))));
            }
            Input::Line { conn, line, end } => peer.line(now, conn, line, end),
            Input::Pending { conn, line } => peer.pending(conn, line.len()),
            Input::EndOfStream { conn } => peer.ended(conn),
            Input::Backlog { conn, bytes } => peer.backlog(conn, bytes),
            Input::Closed { conn, reason } => {
                if let Some(desc) = self.loops[node].streams.get(&conn) {
                    peer.breaks(conn, desc.sock, reason != CloseReason::Asked);
                }
                peer.closed(conn);
                keeping.closed(conn);
            }
            Input::Command(Typed::Line(line)) => {
                keeping.typed();
                result = peer.typed(now, line);
            }
            Input::Command(Typed::End) | Input::Stop => peer.leave(now),
            Input::Dialed { result: Err(_), .. }
            | Input::Report(_)
            | Input::Bytes { .. }
            | Input::OutputFull(_)
            | Input::Datagram { .. }
            | Input::Drained { .. }
            | Input::Tick => {}
        }
        self.judge(result);
    }
}

pub(crate) fn tell_directory<C>(
    directory: &mut DirectoryWatch,
    world_now: u64,
    now: Millis,
    input: &Input<'_, C>,
) {
    directory.now = world_now;
    match *input {
        Input::Accepted { conn, from, reached, .. } => directory.accepted(now, conn, from, reached),
        Input::Line { conn, line, end } => directory.line(now, conn, line, end),
        Input::EndOfStream { conn } => directory.end(conn, "its stream has ended"),
        Input::Closed { conn, .. } => directory.closed(conn),
        Input::Backlog { conn, bytes } => directory.backlog(conn, bytes),
        Input::Stop => directory.end_all(),
        Input::Pending { conn, line } => directory.pending(conn, line),
        Input::Dialed { .. }
        | Input::Bytes { .. }
        | Input::OutputFull(_)
        | Input::Datagram { .. }
        | Input::Drained { .. }
        | Input::Command(_)
        | Input::Report(_)
        | Input::Tick => {}
    }
}

fn end_of_call(peer: &mut PeerWatch, name: &str) -> Result<(), Violation> {
    let wanted = peer.wanted.take();
    let is_wanted = wanted.as_ref().is_some_and(|wanted| wanted.name == name);
    let found = || format!("{name}, but wanted was {wanted:?}");
    hold(is_wanted, Rule::CallsEndUnderTheirName, found)
}
