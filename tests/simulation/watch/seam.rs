//! Inputs and actions between a machine and its loop: noted in the trace, and given to the
//! watchers.
//!
//! Read next: [`super::dispatch`].

use papo::machine::{Action, ConnId, Framing, Input, Machine, Millis, Typed};
use papo::peer::notice::Notice;

use super::super::any_machine::{AnyMachine, AnyNotice};
use super::super::planted::PlantedMachine;
use super::super::schedule::NodeId;
use super::dispatch::dispatch_to_directory;
use super::rule::Rule;
use super::{Role, Violation, Watch, hold};

impl Watch {
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
            Role::Directory => {
                self.directory.now = self.now;
                dispatch_to_directory(&mut self.directory, now, input);
            }
            Role::Peer(..) => self.dispatch_to_peer(node, now, input),
            Role::Stranger => {}
        }
        let result = self.loops[node].on_input(input);
        self.judge(result);
    }

    pub(crate) fn on_action(
        &mut self,
        node: NodeId,
        now: Millis,
        action: &Action<AnyNotice>,
        bytes: &[u8],
    ) {
        if let Action::Send { conn, .. } = action {
            self.on_send(node, now, *conn, bytes);
            return;
        }
        if let Action::SendShared { conn, shared } = action {
            let parts = [&shared.bytes[..shared.skip.start], &shared.bytes[shared.skip.end..]];
            self.on_send(node, now, *conn, &parts.concat());
            return;
        }
        self.note_action(node, action);
        let result = match (&mut self.roles[node], action) {
            (
                Role::Directory,
                Action::Close { conn } | Action::Abort { conn } | Action::Reset { conn },
            ) => self.directory.on_close(now, *conn),
            (Role::Peer(peer, _), Action::Close { conn } | Action::Abort { conn }) => {
                peer.on_close(now, *conn)
            }
            (Role::Peer(peer, _), Action::HalfClose { conn }) => peer.on_half_close(*conn),
            // A script exits with another status after a failed command.
            (Role::Peer(peer, _), Action::Exit { status })
                if *status == 0 || peer.exiting_since.is_some() =>
            {
                peer.on_exit(now)
            }
            (_, Action::Dial { dial, to, framing: Framing::Lines(limit), .. }) => {
                self.on_dial(node, *dial, *to, *limit)
            }
            (Role::Peer(..), Action::Show(AnyNotice::Peer(notice))) => self.on_notice(node, notice),
            _ => Ok(()),
        };
        self.judge(result);
    }

    /// The machine has handled its last input. `next`: its next deadline.
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
        let result = hold(!is_past || self.loops[node].has_exited, Rule::TickMovesDeadline, found);
        self.judge(result);
    }

    pub(crate) fn after_turn(&mut self, node: NodeId, now: Millis, machine: &PlantedMachine) {
        let result = match (&mut self.roles[node], machine.machine()) {
            (Role::Directory, AnyMachine::Directory(directory)) => {
                self.directory.compare(directory)
            }
            (Role::Peer(_, duties), _) => {
                duties.after_turn(now, machine.accepts_command());
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
        hold(sock.is_some(), Rule::InputOnOpenConnection, || format!("{conn:?}"))?;
        match (*input, sock) {
            (Input::Line { line, end, .. }, Some(sock)) => self.streams.line(sock, line, end),
            (Input::EndOfStream { .. }, Some(sock)) => self.streams.ended(sock),
            (Input::Pending { line, .. }, Some(sock)) => self.streams.pending(sock, line),
            _ => Ok(()),
        }
    }

    fn on_send(&mut self, node: NodeId, now: Millis, conn: ConnId, bytes: &[u8]) {
        let shown = bytes[..bytes.len().min(80)].escape_ascii();
        self.note(node, format_args!("> {}.{} \"{shown}\"", conn.slot, conn.generation));
        let Some(sock) = self.sock(node, conn) else { return };
        self.streams.sent(sock, bytes);
        let result = match &mut self.roles[node] {
            Role::Directory => self.directory.sends(conn, bytes),
            Role::Peer(peer, duties) if duties.server() == Some(conn) => {
                let me = peer.me.clone().unwrap_or_default();
                duties.sends(now, &me, bytes).and_then(|()| peer.on_request(bytes))
            }
            Role::Peer(peer, _) => peer.sends(conn, bytes),
            Role::Stranger => Ok(()),
        };
        self.judge(result);
    }

    fn note_action(&mut self, node: NodeId, action: &Action<AnyNotice>) {
        if let Action::Show(AnyNotice::Peer(Notice::Text { from, text, .. })) = action {
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
