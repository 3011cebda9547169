//! The server's bugs.

use papo::machine::{Action, Actions, CloseReason, Input, Machine, Typed};

use super::super::brain::Told;
use super::super::planted::Bug;
use super::{Planted, pass_on, user_name};

impl Planted {
    pub(super) fn handle_server(
        &mut self,
        bug: Bug,
        input: Input<'_, Typed>,
        actions: &mut Actions<Told>,
    ) {
        if bug == Bug::RosterKeepsTheReset
            && matches!(input, Input::Closed { reason: CloseReason::Failed(_), .. })
        {
            return;
        }
        let now = self.memory.now;
        let mut wanted = Actions::default();
        self.brain.handle(now, input, &mut wanted);
        if let (Bug::ListRenews, Input::Line { conn, line: b"LIST", end }) = (bug, input)
            && self.memory.holders.values().any(|&holder| holder == conn)
        {
            self.brain.handle(now, Input::Line { conn, line: b"KEEP", end }, &mut wanted);
        }
        while let Some(action) = wanted.pop() {
            self.change_servers(bug, action, &wanted, actions);
        }
        if let Input::Line { conn, line, .. } = input {
            self.add_to_servers(bug, conn, line, actions);
        }
    }

    fn change_servers(
        &mut self,
        bug: Bug,
        action: Action<Told>,
        wanted: &Actions<Told>,
        actions: &mut Actions<Told>,
    ) {
        match (bug, action) {
            (Bug::ListIncludesAsker, Action::SendShared { conn, mut shared }) => {
                shared.skip = 0..0;
                actions.push(Action::SendShared { conn, shared });
            }
            (Bug::EmptyListWithoutBlank, Action::SendShared { conn, shared })
                if shared.bytes.len() - shared.skip.len() == b"LIST \r\n".len() =>
            {
                actions.send(conn, |out| out.extend_from_slice(b"LIST\r\n"));
            }
            (Bug::RepliesSwapped, Action::SendShared { conn, shared }) => {
                let text = [&shared.bytes[..shared.skip.start], &shared.bytes[shared.skip.end..]];
                self.memory.held.push((conn, text.concat()));
            }
            (Bug::BadLineClosesAnother, Action::Close { conn }) => {
                let other = self.memory.holders.values().find(|&&other| other != conn);
                // Nobody else is there: then nobody goes.
                if let Some(&conn) = other {
                    actions.push(Action::Close { conn });
                }
            }
            (_, Action::Send { conn, span }) => {
                let bytes = wanted.bytes(&span);
                if let Some((_, name)) = self.memory.asked.take() {
                    self.memory.answers.insert(name, bytes.to_vec());
                }
                actions.send(conn, |out| out.extend_from_slice(bytes));
            }
            (_, action) => pass_on(action, wanted, |told| told, actions),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the other bugs are elsewhere")]
    fn add_to_servers(
        &mut self,
        bug: Bug,
        conn: papo::machine::ConnId,
        line: &[u8],
        actions: &mut Actions<Told>,
    ) {
        match bug {
            Bug::NewcomerEvictsHolder => {
                let holder = user_name(line).and_then(|name| self.memory.holders.get(name));
                if let Some(&holder) = holder.filter(|&&holder| holder != conn) {
                    actions.push(Action::Abort { conn: holder });
                }
            }
            Bug::AddrForTheDead => {
                let Some((conn, name)) = self.memory.asked.take() else { return };
                if let Some(answer) = self.memory.answers.get(&name) {
                    actions.send(conn, |out| out.extend_from_slice(answer));
                }
            }
            Bug::RepliesSwapped if line != b"LIST" => {
                for (conn, bytes) in self.memory.held.drain(..) {
                    actions.send(conn, |out| out.extend_from_slice(&bytes));
                }
            }
            _ => {}
        }
    }
}
