//! Gives inputs, notices and dials to the watchers, and checks calls.
//!
//! Read next: [`super::peer`] and [`super::server`].

use std::net::{IpAddr, SocketAddr};

use papo::machine::{CloseReason, DialId, Input, LineLimit, Millis, Typed};
use papo::peer::notice::Notice;
use papo::peer::server::SERVER_DIAL;

use super::super::schedule::NodeId;
use super::peer::typing::row;
use super::peer::{PeerWatch, Shown};
use super::rule::Rule;
use super::server::DirectoryWatch;
use super::{Role, Violation, Watch, hold};

/// After so long online, a person is in every answer.
const LONG_KNOWN_MS: u64 = 8_000;

impl Watch {
    /// A call goes to an address at which the person is or was registered.
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
            return hold(false, Rule::NoUnaskedCall, || format!("dial to {to}"));
        };
        let was_there = self.directory.online.ever_at(&wanted.name, to.port());
        let found = || format!("{} at {to}", wanted.name);
        hold(was_there, Rule::CallToWantedPerson, found)
    }

    pub(super) fn on_notice(&mut self, node: NodeId, notice: &Notice) -> Result<(), Violation> {
        let Role::Peer(peer, duties) = &mut self.roles[node] else { return Ok(()) };
        match notice {
            Notice::AskName if peer.was_just_named => {}
            // The typed text was not a name.
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
            Notice::Namesake { who, text } => peer.shows_namesake(who, text),
            Notice::Replying { who } => peer.shows(Shown::Replying(who.label.clone())),
            Notice::NothingUnread => peer.shows(Shown::NothingUnread),
            Notice::Conversations(rows) => peer.shows(Shown::Peers(rows.iter().map(row).collect())),
            Notice::Standing(standing) => {
                if let Some(who) = &standing.target {
                    peer.conversations.follow(&who.label, who.trust.is_plain());
                }
                peer.typed_state.shown_target =
                    standing.target.as_ref().map(|who| who.label.clone());
            }
            Notice::Online(names) => {
                peer.typed_state.online = texts(names);
            }
            Notice::Names(names) => {
                // The `/msg` that has waited is the next command.
                duties.on_command();
                peer.learns_names(&texts(names));
            }
            Notice::NoConversation
            | Notice::NoTarget
            | Notice::NobodyWrote
            | Notice::NotTalkingTo { .. }
            | Notice::WouldBeProtocol { .. } => peer.shows(Shown::NotSent),
            Notice::Unreachable { name, .. }
            | Notice::NotOnline { name, .. }
            | Notice::BadAddress { name } => return on_call_end(peer, name.as_str()),
            Notice::NotVerified { who, from } => {
                let all = &peer.conversations;
                let known = all.find(&who.label).and_then(|id| all.get(id));
                let name = known.map_or(&who.label, |it| &it.name).clone();
                return self.check_mark(&name, *from);
            }
            Notice::Undelivered { lines, .. } => peer.shows_undelivered(*lines),
            Notice::NotReading { who } => peer.refused(&who.label),
            // The peer ends at once, without DISC.
            Notice::Fatal(_) => peer.exiting_since = None,
            Notice::ServerSilent | Notice::Unended { .. } | Notice::NeedsServer => {
                peer.wanted = None;
            }
            _ => {}
        }
        Ok(())
    }

    /// Nobody who has been online at that address for long is marked.
    fn check_mark(&self, name: &str, from: IpAddr) -> Result<(), Violation> {
        let known = self.directory.online.find(name);
        let is_there = known.is_some_and(|entry| {
            let is_old = self.now > entry.since + LONG_KNOWN_MS;
            is_old && entry.is_at(from)
        });
        let found = || format!("{name} from {from}, which is {known:?}");
        hold(self.has_faults || !is_there, Rule::ConfirmedNameNotMarked, found)
    }

    pub(super) fn dispatch_to_peer(&mut self, node: NodeId, now: Millis, input: &Input<'_, Typed>) {
        let Role::Peer(peer, duties) = &mut self.roles[node] else { return };
        let mut result = Ok(());
        match *input {
            Input::Accepted { conn, from, .. } => peer.accepted(now, conn, from),
            Input::Dialed { dial: SERVER_DIAL, result: Ok(conn) } => duties.connected(conn),
            Input::Dialed { dial, result: Ok(conn) } => {
                let to = self.dials.get(&(node, dial)).map(|(to, _)| *to);
                peer.on_call(now, conn, to.unwrap_or(SocketAddr::from(([0; 4], 0))));
            }
            Input::Line { conn, line, end } => peer.line(now, conn, line, end),
            Input::Pending { conn, line } => peer.pending(conn, line.len()),
            Input::EndOfStream { conn } => peer.ended(now, conn),
            Input::Tick => peer.on_tick(now),
            Input::Backlog { conn, bytes } => peer.backlog(conn, bytes),
            Input::Closed { conn, reason } => {
                let desc = self.loops[node].streams.get(&conn);
                if let Some(desc) = desc.filter(|_| reason != CloseReason::Asked) {
                    peer.on_break(conn, desc.sock);
                }
                peer.closed(now, conn);
                duties.closed(conn);
            }
            Input::Command(Typed::Line(line)) => {
                duties.on_command();
                result = peer.typed(now, line);
            }
            Input::Command(Typed::End) | Input::Stop => peer.exit(now),
            _ => {}
        }
        self.judge(result);
    }
}

pub(super) fn dispatch_to_directory(
    directory: &mut DirectoryWatch,
    now: Millis,
    input: &Input<'_, Typed>,
) {
    match *input {
        Input::Accepted { conn, from, reached, .. } => directory.accepted(now, conn, from, reached),
        Input::Line { conn, line, end } => directory.line(now, conn, line, end),
        Input::EndOfStream { conn } => directory.end(conn, "its stream has ended"),
        Input::Closed { conn, .. } => directory.closed(conn),
        Input::Backlog { conn, bytes } => directory.backlog(conn, bytes),
        Input::Stop => directory.end_all(),
        Input::Pending { conn, line } => directory.pending(conn, line),
        _ => {}
    }
}

fn texts(names: &[Vec<u8>]) -> Vec<String> {
    names.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect()
}

fn on_call_end(peer: &mut PeerWatch, name: &str) -> Result<(), Violation> {
    let wanted = peer.wanted.take();
    let is_wanted = wanted.as_ref().is_some_and(|wanted| wanted.name == name);
    let found = || format!("{name}, but wanted was {wanted:?}");
    hold(is_wanted, Rule::CallResultNamesPerson, found)
}
