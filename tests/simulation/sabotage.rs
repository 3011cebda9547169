//! Does what the planted bugs say: a machine around a machine, that changes what goes in and
//! what comes out.
//!
//! Without a bug it changes nothing. Read next: [`super::planted`], the list of bugs.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use papo::machine::{
    Action, Actions, CloseReason, ConnId, DialId, Framing, GIVE_UP, Input, LineEnd, Machine,
    Millis, Typed,
};
use papo::peer::notice::{ConversationId, Notice, Partner, Trust};
use papo::peer::server::SERVER_DIAL;
use papo::wire::SPEECH_LIMIT;
use papo::wire::name::Name;

use super::brain::{Brain, Told, bytes_of, pass_on};
use super::planted::Bug;

/// A machine that may have a bug.
#[derive(Debug)]
pub(crate) struct Planted {
    brain: Brain,
    bug: Option<Bug>,
    memory: Memory,
}

/// The memory of the bugs.
#[derive(Debug, Default)]
struct Memory {
    now: Millis,
    /// The connection to the server, and whether there ever was one.
    server: Option<ConnId>,
    callers: BTreeMap<ConnId, IpAddr>,
    lines: u32,
    texts: u32,
}

impl Planted {
    pub(crate) fn new(brain: Brain, bug: Option<Bug>) -> Self {
        Self { brain, bug, memory: Memory::default() }
    }

    pub(crate) fn brain(&self) -> &Brain {
        &self.brain
    }

    /// The inputs that the machine gets for this one: the bugs on the way in.
    pub(crate) fn hear<'a>(&mut self, input: Input<'a, Typed>) -> [Option<Input<'a, Typed>>; 2] {
        let Some(bug) = self.bug else { return [Some(input), None] };
        let (mut first, mut second) = (Some(input), None);
        match (bug, input) {
            (Bug::LastLineLost, Input::Line { end: LineEnd::Rest, .. }) => first = None,
            (Bug::LinesLost, Input::Line { .. }) => {
                self.memory.lines += 1;
                first = first.filter(|_| !self.memory.lines.is_multiple_of(20));
            }
            (Bug::PendingAlways, Input::Line { conn, .. }) => {
                second = Some(Input::Pending { conn, line: b"x" });
            }
            (Bug::ClosedTwice, Input::Closed { .. }) => second = first,
            (Bug::LineBehindEnd, Input::Closed { conn, .. }) => {
                second = Some(Input::Line { conn, line: b"oi", end: LineEnd::Terminator });
            }
            _ => {}
        }
        [first, second]
    }

    /// The actions that are performed for this one: the bugs on the way out.
    pub(crate) fn perform(&self, action: &Action<Told>, bytes: &[u8], actions: &mut Actions<Told>) {
        match (self.bug, action) {
            (Some(Bug::NoDrain), &Action::HalfClose { conn }) => {
                actions.push(Action::Abort { conn });
                return;
            }
            (Some(Bug::NeverPauses), Action::Pause { .. })
            | (Some(Bug::ShowsNothing), Action::Show(_)) => return,
            (Some(Bug::SaysTwice), Action::Send { .. }) => {
                pass_on(action, bytes, |told| told, actions);
            }
            _ => {}
        }
        pass_on(action, bytes, |told| told, actions);
    }

    fn handle_with(&mut self, bug: Bug, input: Input<'_, Typed>, actions: &mut Actions<Told>) {
        self.memory.remember(&input);
        if is_lost(bug, &input) {
            return;
        }
        let retyped = retype(bug, &input).map(Typed::Line);
        let input = retyped.as_ref().map_or(input, Input::Command);
        let mut wanted = Actions::default();
        self.brain.handle(self.memory.now, input, &mut wanted);
        while let Some(action) = wanted.pop() {
            let bytes = bytes_of(&action, &wanted);
            if let Some(action) = self.change(bug, action, bytes, actions) {
                pass_on(&action, bytes, |told| told, actions);
            }
        }
        self.add(bug, &input, actions);
    }

    /// One action, as the bug has it. `None`: not at all, or otherwise.
    fn change(
        &mut self,
        bug: Bug,
        action: Action<Told>,
        bytes: &[u8],
        actions: &mut Actions<Told>,
    ) -> Option<Action<Told>> {
        let is_server = matches!(self.brain, Brain::Directory(_));
        match (bug, action) {
            (Bug::AddrUnanswered, Action::Send { .. }) if is_server => None,
            (Bug::EmptyListWithoutBlank, Action::SendShared { conn, shared })
                if shared.bytes.len() - shared.skip.len() == b"LIST \r\n".len() =>
            {
                actions.send(conn, |out| out.extend_from_slice(b"LIST\r\n"));
                None
            }
            (Bug::NobodyIsTurnedAway, Action::Close { .. }) if is_server => None,
            (Bug::NobodyIsCutOff, Action::Abort { .. }) if !is_server => None,
            (Bug::NeverReturns, Action::Dial { dial: SERVER_DIAL, .. })
                if self.memory.server.is_some() =>
            {
                None
            }
            (Bug::CallsElsewhere, Action::Dial { dial, mut to, framing, give_up })
                if dial != SERVER_DIAL =>
            {
                to.set_port(to.port() ^ 1);
                Some(Action::Dial { dial, to, framing, give_up })
            }
            (Bug::NeverExits, Action::Exit { .. }) => None,
            (Bug::ExitsWithError, Action::Exit { .. }) => Some(Action::Exit { status: 1 }),
            (_, Action::Show(Told::Peer(notice))) => {
                change_notice(bug, notice).map(|notice| Action::Show(Told::Peer(notice)))
            }
            (_, Action::Send { conn, .. }) if !is_server => {
                self.change_bytes(bug, conn, bytes, actions);
                None
            }
            (_, action) => Some(action),
        }
    }

    /// The bytes of a peer, as the bug has them.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the other bugs are elsewhere")]
    fn change_bytes(&mut self, bug: Bug, conn: ConnId, bytes: &[u8], actions: &mut Actions<Told>) {
        let mut say = |bytes: &[u8]| {
            actions.send(conn, |out| out.extend_from_slice(bytes));
        };
        let is_server = Some(conn) == self.memory.server;
        let is_keep = is_server && bytes == b"KEEP\r\n";
        let is_name = bytes.starts_with(b"USER ");
        let is_text = !is_server && !is_name && bytes != b"DISC\r\n";
        self.memory.texts += u32::from(is_text);
        match bug {
            Bug::CallsWithoutName if !is_server && is_name => {}
            Bug::TextForgotten if is_text && self.memory.texts.is_multiple_of(7) => {}
            Bug::LfOnly if is_text => say(&[&bytes[..bytes.len() - 2], b"\n"].concat()),
            Bug::UserTwice if is_keep => {
                say(bytes);
                say(b"USER Ana:20000\r\n");
            }
            Bug::AsksUnasked if is_keep => {
                say(bytes);
                say(b"LIST\r\n");
            }
            _ => say(bytes),
        }
    }

    /// More actions, behind those of the machine.
    fn add(&self, bug: Bug, input: &Input<'_, Typed>, actions: &mut Actions<Told>) {
        if !matches!(self.brain, Brain::Peer(..)) {
            return;
        }
        match (bug, *input) {
            (Bug::DiscAnswered, Input::Line { conn, line: b"DISC", .. }) => {
                actions.send(conn, |out| out.extend_from_slice(b"DISC\r\n"));
            }
            (Bug::CutsOnText, Input::Line { conn, line: b"oi", .. }) => {
                actions.push(Action::Abort { conn });
            }
            (Bug::CallsBack, Input::Accepted { from, .. }) => {
                let (dial, to) = (DialId(1_000_000), SocketAddr::new(from.ip(), 20_000));
                let framing = Framing::Lines(SPEECH_LIMIT);
                actions.push(Action::Dial { dial, to, framing, give_up: GIVE_UP });
            }
            (Bug::DoubtsEverybody, Input::Line { conn, line, .. }) => {
                let name = line.strip_prefix(b"USER ").map(String::from_utf8_lossy);
                if let (Some(name), Some(&from)) = (name, self.memory.callers.get(&conn)) {
                    let id = ConversationId(u32::MAX);
                    let who = Partner { id, label: name.into_owned(), trust: Trust::Doubtful };
                    actions.show(Told::Peer(Notice::NotVerified { who, from }));
                }
            }
            (Bug::ExitsWithoutGoodbye, Input::Command(Typed::Line(line))) if line == b"/exit" => {
                actions.push(Action::Exit { status: 0 });
            }
            (Bug::ExitsWithoutGoodbye, Input::Stop) => actions.push(Action::Exit { status: 0 }),
            _ => {}
        }
    }
}

/// Whether the machine never learns of this.
fn is_lost(bug: Bug, input: &Input<'_, Typed>) -> bool {
    match (bug, input) {
        (Bug::BreaksUnheard, Input::Closed { reason, .. }) => {
            matches!(reason, CloseReason::Failed(_))
        }
        (Bug::FailedCallForgotten, Input::Dialed { dial, result: Err(_) }) => *dial != SERVER_DIAL,
        _ => false,
    }
}

/// The command that the machine makes of a typed line.
#[expect(clippy::wildcard_enum_match_arm, reason = "the other bugs are elsewhere")]
fn retype(bug: Bug, input: &Input<'_, Typed>) -> Option<Vec<u8>> {
    let Input::Command(Typed::Line(line)) = input else { return None };
    match bug {
        Bug::ReplyToTarget => line.strip_prefix(b"/reply ").map(<[u8]>::to_vec),
        Bug::UnknownIsText if line.starts_with(b"/dance") => Some([b"/", &line[..]].concat()),
        _ => None,
    }
}

fn change_notice(bug: Bug, notice: Notice) -> Option<Notice> {
    match (bug, notice) {
        (Bug::TargetNotShown, Notice::Standing(_)) => None,
        (Bug::LossPlayedDown, Notice::Undelivered { who, lines }) => {
            Some(Notice::Undelivered { who, lines: lines - 1 })
        }
        (Bug::FailsUnderAnotherName, Notice::NotOnline { online, .. }) => {
            Some(Notice::NotOnline { name: Name::parse(b"Outro").ok()?, online })
        }
        (_, notice) => Some(notice),
    }
}

impl Machine for Planted {
    type Notice = Told;
    type Command = Typed;

    fn handle(&mut self, now: Millis, input: Input<'_, Typed>, actions: &mut Actions<Told>) {
        self.memory.now = now;
        match self.bug.filter(|_| !matches!(self.brain, Brain::Script(_))) {
            Some(bug) => self.handle_with(bug, input, actions),
            None => self.brain.handle(now, input, actions),
        }
    }

    fn next_deadline(&self) -> Option<Millis> {
        let next = self.brain.next_deadline();
        let now = self.memory.now;
        match (&self.brain, self.bug) {
            (Brain::Peer(..), Some(Bug::NeverSleeps)) => next.map(|next| next.min(now + 50)),
            (Brain::Peer(..), Some(Bug::NeverExits)) => next.filter(|&next| next > now),
            (Brain::Peer(..), Some(Bug::DeadlineStands)) => Some(now),
            _ => next,
        }
    }

    fn accepts_command(&self) -> bool {
        self.bug == Some(Bug::TypedUnasked) || self.brain.accepts_command()
    }
}

impl Memory {
    fn remember(&mut self, input: &Input<'_, Typed>) {
        if let Input::Dialed { dial: SERVER_DIAL, result: Ok(conn) } = *input {
            self.server = Some(conn);
        } else if let Input::Accepted { conn, from, .. } = *input {
            self.callers.insert(conn, from.ip());
        }
    }
}
