//! Inputs and actions between a machine and its loop: written down, and shown to the watchers.
//!
//! Read next: [`super::telling`], which says to whom.

use papo::machine::{Action, ConnId, Framing, Input, Machine, Millis, Typed};
use papo::peer::notice::Notice;

use super::super::agenda::NodeId;
use super::super::brain::{Brain, Told};
use super::super::planted::Planted;
use super::rule::Rule;
use super::telling::tell_directory;
use super::{Role, Violation, Watch, hold};

impl Watch {
    #[expect(clippy::wildcard_enum_match_arm, reason = "nothing is noted of the others")]
    pub(crate) fn on_input(&mut self, node: NodeId, now: Millis, input: &Input<'_, Typed>) {
        self.note_input(node, input);
        self.is_tick = matches!(input, Input::Tick);
        match *input {
            Input::Accepted { conn, .. } => self.on_open(node, conn, None),
            Input::Dialed { dial, result: Ok(conn) } => self.on_open(node, conn, Some(dial)),
            Input::Closed { conn, .. } => self.on_unsent(node, conn),
            _ => {}
        }
        let result = self.check_stream(node, input);
        self.judge(result);
        match &mut self.roles[node] {
            Role::Directory => tell_directory(&mut self.directory, self.now, now, input),
            Role::Peer(..) => self.tell_peer(node, now, input),
            Role::Stranger => {}
        }
        self.loop_hears(node, input);
    }

    pub(crate) fn on_action(
        &mut self,
        node: NodeId,
        now: Millis,
        action: &Action<Told>,
        bytes: &[u8],
    ) {
        if let Action::Send { conn, .. } = action {
            self.on_said(node, now, *conn, bytes);
            return;
        }
        if let Action::SendShared { conn, shared } = action {
            let parts = [&shared.bytes[..shared.skip.start], &shared.bytes[shared.skip.end..]];
            self.on_said(node, now, *conn, &parts.concat());
            return;
        }
        self.note_action(node, action);
        let result = match (&mut self.roles[node], action) {
            (
                Role::Directory,
                Action::Close { conn } | Action::Abort { conn } | Action::Reset { conn },
            ) => self.directory.ends(now, *conn),
            (Role::Peer(peer, _), Action::Close { conn } | Action::Abort { conn }) => {
                peer.ends(now, *conn)
            }
            (Role::Peer(peer, _), Action::HalfClose { conn }) => peer.half_closes(*conn),
            // A script ends with another status where it could not do something.
            (Role::Peer(peer, _), Action::Exit { status })
                if *status == 0 || peer.leaving_since.is_some() =>
            {
                let streams = &self.loops[node].streams;
                peer.breaks_all(|conn| streams.get(conn).map(|desc| desc.sock));
                peer.exits(now)
            }
            (_, Action::Dial { dial, to, framing: Framing::Lines(limit), .. }) => {
                self.on_dial(node, *dial, *to, *limit)
            }
            (Role::Peer(..), Action::Show(Told::Peer(notice))) => self.on_notice(node, notice),
            _ => Ok(()),
        };
        self.judge(result);
    }

    /// The machine has no more to say to what it heard last.
    pub(crate) fn on_handled(&mut self, node: NodeId, now: Millis, next: Option<Millis>) {
        let is_tick = std::mem::take(&mut self.is_tick);
        let result = match &mut self.roles[node] {
            Role::Directory => self.directory.check_due(),
            Role::Peer(peer, _) => peer.check(),
            Role::Stranger => Ok(()),
        };
        self.judge(result);
        self.note_break(node);
        let is_past = is_tick && next.is_some_and(|next| next <= now);
        let found = || format!("after a tick at {now:?} the next deadline is {next:?}");
        let result =
            hold(!is_past || self.loops[node].has_exited, Rule::TickMovesTheDeadline, found);
        self.judge(result);
    }

    pub(crate) fn after_turn(&mut self, node: NodeId, now: Millis, machine: &Planted) {
        let result = match (&mut self.roles[node], machine.brain()) {
            (Role::Directory, Brain::Directory(directory)) => self.directory.compare(directory),
            (Role::Peer(_, keeping), _) => {
                keeping.after_turn(now, machine.accepts_command());
                Ok(())
            }
            _ => Ok(()),
        };
        self.judge(result);
    }

    fn check_stream(&mut self, node: NodeId, input: &Input<'_, Typed>) -> Result<(), Violation> {
        let (Input::Line { conn, .. } | Input::EndOfStream { conn } | Input::Pending { conn, .. }) =
            *input
        else {
            return Ok(());
        };
        let sock = self.sock(node, conn);
        hold(sock.is_some(), Rule::LinesNeedAConnection, || format!("{conn:?}"))?;
        match (*input, sock) {
            (Input::Line { line, end, .. }, Some(sock)) => self.streams.line(sock, line, end),
            (Input::EndOfStream { .. }, Some(sock)) => self.streams.ended(sock),
            (Input::Pending { line, .. }, Some(sock)) => self.streams.pending(sock, line),
            _ => Ok(()),
        }
    }

    fn on_said(&mut self, node: NodeId, now: Millis, conn: ConnId, bytes: &[u8]) {
        let shown = bytes[..bytes.len().min(80)].escape_ascii();
        self.note(node, format_args!("> {}.{} \"{shown}\"", conn.slot, conn.generation));
        let Some(sock) = self.sock(node, conn) else { return };
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
