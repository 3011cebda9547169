//! What passes between a machine and its driver: written down, and shown to the watchers.
//!
//! Every input before the machine has it, every action before it is performed. Read next:
//! [`super::telling`], who is shown what.

use papo::machine::{Action, Actions, ConnId, Input, Machine, Millis, Typed};
use papo::peer::notice::Notice;

use super::super::agenda::NodeId;
use super::super::brain::{Brain, Told};
use super::super::sabotage::Planted;
use super::rule::Rule;
use super::telling::tell_directory;
use super::{Role, Violation, Watch};

impl Watch {
    pub(crate) fn on_input(&mut self, node: NodeId, now: Millis, input: &Input<'_, Typed>) {
        self.note_input(node, input);
        let result = self.check_stream(node, input);
        self.judge(result);
        match &mut self.roles[node] {
            Role::Directory => tell_directory(&mut self.directory, self.now, now, input),
            Role::Peer(..) => self.tell_peer(node, now, input),
            Role::Stranger => {}
        }
        if let Input::Closed { conn, .. } = input
            && self.socks.remove(&(node, *conn)).is_none()
        {
            let found = format!("{conn:?} was not open");
            self.fail(Violation::new(Rule::ClosedOnce, found));
        }
    }

    pub(crate) fn on_action(
        &mut self,
        node: NodeId,
        now: Millis,
        action: &Action<Told>,
        actions: &Actions<Told>,
    ) {
        if let Action::Send { conn, span } = action {
            self.on_said(node, now, *conn, actions.bytes(span));
            return;
        }
        if let Action::SendShared { conn, shared } = action {
            let parts = [&shared.bytes[..shared.skip.start], &shared.bytes[shared.skip.end..]];
            self.on_said(node, now, *conn, &parts.concat());
            return;
        }
        self.note_action(node, action);
        let result = match (&mut self.roles[node], action) {
            (Role::Directory, Action::Close { conn } | Action::Abort { conn }) => {
                self.directory.ends(now, *conn)
            }
            (Role::Peer(peer, _), Action::Close { conn } | Action::Abort { conn }) => {
                peer.ends(now, *conn)
            }
            (Role::Peer(peer, _), Action::HalfClose { conn }) => peer.half_closes(*conn),
            // A script ends with another status where it could not do something.
            (Role::Peer(peer, _), Action::Exit { status })
                if *status == 0 || peer.leaving_since.is_some() =>
            {
                let sock = |conn: &ConnId| self.socks.get(&(node, *conn)).copied();
                peer.breaks_all(sock);
                peer.exits(now)
            }
            (Role::Peer(..), Action::Dial { dial, to, .. }) => self.on_dial(node, *dial, *to),
            (Role::Peer(..), Action::Show(Told::Peer(notice))) => self.on_notice(node, notice),
            _ => Ok(()),
        };
        self.judge(result);
    }

    pub(crate) fn after_input(&mut self, node: NodeId, machine: &Planted) {
        let result = match (&mut self.roles[node], machine.brain()) {
            (Role::Directory, Brain::Directory(directory)) => self.directory.check(directory),
            (Role::Peer(peer, _), _) => peer.check(),
            _ => Ok(()),
        };
        self.judge(result);
        self.note_break(node);
    }

    pub(crate) fn after_turn(&mut self, node: NodeId, now: Millis, machine: &Planted) {
        if let Role::Peer(_, keeping) = &mut self.roles[node] {
            keeping.after_turn(now, machine.accepts_command());
        }
    }

    fn check_stream(&mut self, node: NodeId, input: &Input<'_, Typed>) -> Result<(), Violation> {
        let (Input::Line { conn, .. } | Input::EndOfStream { conn } | Input::Pending { conn, .. }) =
            *input
        else {
            return Ok(());
        };
        match (*input, self.sock(node, conn)) {
            (Input::Line { line, end, .. }, Some(sock)) => self.streams.line(sock, line, end),
            (Input::EndOfStream { .. }, Some(sock)) => self.streams.ended(sock),
            (Input::Pending { line, .. }, Some(sock)) => self.streams.pending(sock, line),
            (_, None) => Err(Violation::new(Rule::LinesNeedAConnection, format!("{conn:?}"))),
            (_, Some(_)) => Ok(()),
        }
    }

    fn on_said(&mut self, node: NodeId, now: Millis, conn: ConnId, bytes: &[u8]) {
        let shown = bytes[..bytes.len().min(80)].escape_ascii();
        self.note(node, format_args!("> {}.{} \"{shown}\"", conn.slot, conn.generation));
        let Some(&sock) = self.socks.get(&(node, conn)) else { return };
        self.streams.said(sock, bytes);
        let result = match &mut self.roles[node] {
            Role::Directory => self.directory.says(conn, bytes),
            Role::Peer(peer, keeping) if keeping.server() == Some(conn) => {
                let me = peer.me.clone().unwrap_or_default();
                keeping.says(now, &me, bytes).and_then(|()| peer.asks(bytes))
            }
            Role::Peer(peer, _) => peer.says(conn, bytes),
            Role::Stranger => Ok(()),
        };
        self.judge(result);
    }

    fn note_action(&mut self, node: NodeId, action: &Action<Told>) {
        if let Action::Show(Told::Peer(Notice::Text { from, text, .. })) = action {
            let shown = text[..text.len().min(80)].escape_ascii();
            self.note(node, format_args!("shows {}: \"{shown}\"", from.label));
        } else {
            self.note(node, format_args!("> {action:?}"));
        }
        if let Action::Show(notice) = action {
            self.mark(&format!("{notice:?}"));
        }
    }

    fn note_input(&mut self, node: NodeId, input: &Input<'_, Typed>) {
        if let Input::Line { conn, line, end } = *input {
            let shown = line[..line.len().min(80)].escape_ascii();
            let (slot, generation) = (conn.slot, conn.generation);
            self.note(node, format_args!("< {slot}.{generation} \"{shown}\" {end:?}"));
        } else if let Input::Command(Typed::Line(line)) = *input {
            let shown = line[..line.len().min(80)].escape_ascii();
            self.note(node, format_args!("typed \"{shown}\""));
        } else if let Input::Pending { conn, line } = *input {
            let bytes = line.len();
            self.note(node, format_args!("< {}.{} ... {bytes}", conn.slot, conn.generation));
        } else {
            self.note(node, format_args!("{input:?}"));
        }
    }
}
