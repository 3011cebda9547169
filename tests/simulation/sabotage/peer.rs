//! The peer's bugs.

use std::net::SocketAddr;

use papo::machine::{
    Action, Actions, CloseReason, ConnId, DialId, Framing, Input, LineEnd, Machine, Typed,
};
use papo::peer::conversation::ConversationId;
use papo::peer::notice::{Notice, Trust, Who};
use papo::peer::registration::SERVER_DIAL;
use papo::wire::SPEECH_LIMIT;
use papo::wire::name::Name;

use super::super::brain::Told;
use super::super::planted::Bug;
use super::{Planted, pass_on, user_name};

impl Planted {
    pub(super) fn handle_peer(
        &mut self,
        bug: Bug,
        input: Input<'_, Typed>,
        actions: &mut Actions<Told>,
    ) {
        if self.is_lost(bug, &input) {
            return;
        }
        let retyped = self.retype(bug, &input);
        let retyped = retyped.map(Typed::Line);
        let input = retyped.as_ref().map_or(input, Input::Command);
        let mut wanted = Actions::default();
        self.brain.handle(self.memory.now, input, &mut wanted);
        while let Some(action) = wanted.pop() {
            if let Some(action) = self.change_peers(bug, action, &wanted, actions) {
                pass_on(action, &wanted, |told| told, actions);
            }
        }
        self.add_to_peers(bug, &input, actions);
    }

    /// What the machine takes a typed line for.
    fn retype(&self, bug: Bug, input: &Input<'_, Typed>) -> Option<Vec<u8>> {
        match (bug, input) {
            (Bug::ReplyToTarget, Input::Command(Typed::Line(line))) => {
                line.strip_prefix(b"/reply ").map(<[u8]>::to_vec)
            }
            (Bug::UnknownIsText, Input::Command(Typed::Line(line)))
                if line.starts_with(b"/dance") =>
            {
                Some([b"/", &line[..]].concat())
            }
            (Bug::NextIsNewest, Input::Command(Typed::Line(line))) if line == b"/next" => {
                let speaker = self.memory.last_speaker.as_ref();
                speaker.map(|label| format!("/chat {label}").into_bytes())
            }
            _ => None,
        }
    }

    /// Whether the machine never learns of this.
    fn is_lost(&self, bug: Bug, input: &Input<'_, Typed>) -> bool {
        match (bug, input) {
            (Bug::LossNotTold, Input::Closed { reason, .. }) => {
                matches!(reason, CloseReason::Failed(_))
            }
            (Bug::FailedCallForgotten, Input::Dialed { dial, result: Err(_) }) => {
                *dial != SERVER_DIAL
            }
            _ => false,
        }
    }

    /// One action, as the bug has it. `None`: not at all, or otherwise.
    fn change_peers(
        &mut self,
        bug: Bug,
        action: Action<Told>,
        wanted: &Actions<Told>,
        actions: &mut Actions<Told>,
    ) -> Option<Action<Told>> {
        match (bug, action) {
            (_, Action::Send { conn, span }) => {
                self.change_bytes(bug, conn, wanted.bytes(&span), actions);
                None
            }
            (Bug::NeverReturns, Action::Dial { dial: SERVER_DIAL, .. })
                if self.memory.server.is_some() =>
            {
                None
            }
            (_, Action::Dial { dial, to, framing, give_up }) => {
                self.memory.calls.push(dial);
                Some(Action::Dial { dial, to, framing, give_up })
            }
            (Bug::NamelessStay, Action::Abort { conn }) if !self.memory.named.contains(&conn) => {
                None
            }
            (Bug::SilentCallersStay, Action::Abort { conn })
                if self.memory.callers.contains_key(&conn) =>
            {
                None
            }
            (Bug::GoodbyeNeverEnds, Action::Abort { conn })
                if self.memory.named.contains(&conn) =>
            {
                None
            }
            (Bug::NeverExits, Action::Exit { .. }) => None,
            (Bug::ExitsWithError, Action::Exit { .. }) => Some(Action::Exit { status: 1 }),
            (_, Action::Show(Told::Peer(notice))) => {
                Some(Action::Show(Told::Peer(self.change_notice(bug, notice)?)))
            }
            (_, action) => Some(action),
        }
    }

    fn change_notice(&mut self, bug: Bug, notice: Notice) -> Option<Notice> {
        match (bug, notice) {
            (Bug::LossHushedUp, Notice::Undelivered { .. }) => None,
            (Bug::LossPlayedDown, Notice::Undelivered { who, lines }) => {
                Some(Notice::Undelivered { who, lines: lines - 1 })
            }
            (Bug::TargetShownLate, Notice::Standing(standing)) => {
                Some(Notice::Standing(std::mem::replace(&mut self.memory.standing, standing)))
            }
            (Bug::NextIsNewest, Notice::Text { from, text, cut }) => {
                self.memory.last_speaker = Some(from.label.clone());
                Some(Notice::Text { from, text, cut })
            }
            (Bug::FailsUnderAnotherName, Notice::NotOnline { .. }) => {
                Some(Notice::NotOnline { name: Name::parse(b"Outro").ok()? })
            }
            (Bug::SecondUserRenames, Notice::Text { mut from, text, cut }) => {
                if let Some(name) = text.strip_prefix(b"USER ") {
                    self.memory.renamed = Some(String::from_utf8_lossy(name).into_owned());
                }
                from.label = self.memory.renamed.clone().unwrap_or(from.label);
                Some(Notice::Text { from, text, cut })
            }
            (_, notice) => Some(notice),
        }
    }

    /// What a peer says, as the bug has it.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the other bugs are elsewhere")]
    fn change_bytes(&mut self, bug: Bug, conn: ConnId, bytes: &[u8], actions: &mut Actions<Told>) {
        let mut say = |conn: ConnId, bytes: &[u8]| {
            actions.send(conn, |out| out.extend_from_slice(bytes));
        };
        let is_server = Some(conn) == self.memory.server;
        let is_keep = is_server && bytes == b"KEEP\r\n";
        let is_name = bytes.starts_with(b"USER ");
        let is_text = !is_server && !is_name && bytes != b"DISC\r\n";
        if is_server && is_name {
            self.memory.user = bytes.to_vec();
        }
        if is_text {
            self.memory.texts.insert(conn, bytes.to_vec());
            self.memory.texts_said += 1;
        }
        match bug {
            Bug::KeepWaitsForDial if is_keep && !self.memory.calls.is_empty() => {}
            Bug::CallsWithoutName if !is_server && is_name => {}
            Bug::TextForgotten if is_text && self.memory.texts_said.is_multiple_of(7) => {}
            Bug::LfOnly if is_text => say(conn, &[&bytes[..bytes.len() - 2], b"\n"].concat()),
            Bug::TextToNewcomer if is_text => {
                say(self.memory.last_caller.unwrap_or(conn), bytes);
            }
            Bug::UserTwice if is_keep => {
                say(conn, bytes);
                say(conn, &self.memory.user);
            }
            Bug::AsksUnasked if is_keep => {
                say(conn, bytes);
                say(conn, b"LIST\r\n");
            }
            Bug::LateAddrTaken if is_server && bytes == b"LIST\r\n" => {
                say(conn, bytes);
                let line = Input::Line { conn, line: b"LIST ", end: LineEnd::Terminator };
                self.brain.handle(self.memory.now, line, actions);
            }
            _ => say(conn, bytes),
        }
    }

    /// More actions, behind those of the machine.
    fn add_to_peers(&mut self, bug: Bug, input: &Input<'_, Typed>, actions: &mut Actions<Told>) {
        match (bug, *input) {
            (Bug::DiscAnswered, Input::Line { conn, line: b"DISC", .. }) => {
                actions.send(conn, |out| out.extend_from_slice(b"DISC\r\n"));
            }
            (Bug::CutsOnText, Input::Line { conn, line: b"oi", .. }) => {
                actions.push(Action::Abort { conn });
            }
            (Bug::CallsBack, Input::Line { conn, line, .. }) => {
                if let (Some(_), Some(&ip)) = (user_name(line), self.memory.callers.get(&conn)) {
                    let to = SocketAddr::new(ip, 20_000);
                    let dial = DialId(1_000_000);
                    actions.push(Action::Dial {
                        dial,
                        to,
                        framing: Framing::Lines(SPEECH_LIMIT),
                        give_up: papo::machine::GIVE_UP,
                    });
                }
            }
            (Bug::DoubtsEverybody, Input::Line { conn, line, .. }) => {
                if let (Some(name), Some(&from)) = (user_name(line), self.memory.callers.get(&conn))
                {
                    let label = String::from_utf8_lossy(name).into_owned();
                    let id = ConversationId(u32::MAX);
                    let who = Who { id, label, trust: Trust::Doubtful };
                    actions.show(Told::Peer(Notice::NotVerified { who, from }));
                }
            }
            (Bug::TextTwice, Input::Backlog { conn, bytes: 0 }) => {
                if let Some(text) = self.memory.texts.get(&conn) {
                    actions.send(conn, |out| out.extend_from_slice(text));
                }
            }
            (Bug::GenerationIgnored, Input::Tick) => {
                if let Some(conn) = self.memory.gone {
                    actions.send(conn, |out| out.extend_from_slice(b"oi\r\n"));
                }
            }
            (Bug::ExitsWithoutGoodbye, Input::Command(Typed::Line(line))) if line == b"/exit" => {
                actions.push(Action::Exit { status: 0 });
            }
            (Bug::ExitsWithoutGoodbye, Input::Stop) => {
                actions.push(Action::Exit { status: 0 });
            }
            _ => {}
        }
    }
}
