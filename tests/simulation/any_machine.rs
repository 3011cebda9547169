//! The machine of a node, as one type for all kinds of nodes.
//!
//! Read next: [`super::script`], the machine of other people's programs.

use papo::console::command::CommandReader;
use papo::directory::{self, Directory};
use papo::machine::{Action, Actions, Input, LineLimit, Machine, Millis, Typed};
use papo::peer::command::Command;
use papo::peer::{self, Peer};
use papo::wire::{REQUEST_LIMIT, SPEECH_LIMIT};

use super::script::Script;

#[derive(Debug)]
pub(crate) enum AnyMachine {
    Directory(Box<Directory>),
    /// With the reader of typed lines.
    Peer(Box<Peer>, CommandReader),
    Script(Box<Script>),
}

#[derive(Clone, Debug)]
pub(crate) enum AnyNotice {
    Directory(directory::notice::Notice),
    Peer(peer::notice::Notice),
}

impl AnyMachine {
    pub(crate) fn peer(rules: peer::Rules) -> Self {
        let reader = CommandReader::new(rules.scripted);
        Self::Peer(Box::new(Peer::new(rules)), reader)
    }

    /// The limit for lines of accepted connections.
    pub(crate) fn accept_limit(&self) -> LineLimit {
        match self {
            Self::Directory(_) => REQUEST_LIMIT,
            Self::Peer(..) | Self::Script(_) => SPEECH_LIMIT,
        }
    }
}

impl Machine for AnyMachine {
    type Notice = AnyNotice;
    type Command = Typed;

    fn handle(&mut self, now: Millis, input: Input<'_, Typed>, actions: &mut Actions<AnyNotice>) {
        match self {
            Self::Directory(directory) => {
                let mut wanted = Actions::default();
                let input = input.without_command().expect("the directory has no commands");
                directory.handle(now, input, &mut wanted);
                pass_on_all(wanted, AnyNotice::Directory, actions);
            }
            Self::Peer(peer, reader) => {
                let mut wanted = Actions::default();
                hand_to_peer(now, peer, reader, input, &mut wanted);
                show_all(wanted, reader, actions);
                send_message(now, peer, reader, actions);
            }
            Self::Script(script) => script.handle(now, input, actions),
        }
    }

    fn next_deadline(&self) -> Option<Millis> {
        match self {
            Self::Directory(directory) => directory.next_deadline(),
            Self::Peer(peer, _) => peer.next_deadline(),
            Self::Script(script) => script.next_deadline(),
        }
    }

    fn accepts_command(&self) -> bool {
        match self {
            Self::Directory(directory) => directory.accepts_command(),
            Self::Peer(peer, _) => peer.accepts_command(),
            Self::Script(script) => script.accepts_command(),
        }
    }
}

/// Typed lines are read as at a terminal.
fn hand_to_peer(
    now: Millis,
    peer: &mut Peer,
    reader: &mut CommandReader,
    input: Input<'_, Typed>,
    wanted: &mut Actions<peer::notice::Notice>,
) {
    let command = match input {
        Input::Command(Typed::Line(line)) => reader.read(line).command,
        Input::Command(Typed::End) => Some(Command::InputEnded),
        other => {
            let other = other.without_command().expect("commands are read above");
            return peer.handle(now, other, wanted);
        }
    };
    if let Some(command) = command {
        peer.handle(now, Input::Command(&command), wanted);
    }
}

/// Performs the peer's actions. Its notices decide what later lines mean.
fn show_all(
    wanted: Actions<peer::notice::Notice>,
    reader: &mut CommandReader,
    actions: &mut Actions<AnyNotice>,
) {
    let show = |notice| {
        reader.hear(&notice);
        AnyNotice::Peer(notice)
    };
    pass_on_all(wanted, show, actions);
}

/// Gives the peer the `/msg` that has waited for the names online.
fn send_message(
    now: Millis,
    peer: &mut Peer,
    reader: &mut CommandReader,
    actions: &mut Actions<AnyNotice>,
) {
    let Some(command) = reader.take_message().command else { return };
    let mut wanted = Actions::default();
    peer.handle(now, Input::Command(&command), &mut wanted);
    show_all(wanted, reader, actions);
}

fn pass_on_all<N: Clone>(
    mut wanted: Actions<N>,
    mut tell: impl FnMut(N) -> AnyNotice,
    actions: &mut Actions<AnyNotice>,
) {
    while let Some(action) = wanted.pop() {
        pass_on(&action, bytes_of(&action, &wanted), &mut tell, actions);
    }
}

/// The bytes of a `Send`, and nothing for other actions.
pub(crate) fn bytes_of<'a, N>(action: &Action<N>, wanted: &'a Actions<N>) -> &'a [u8] {
    if let Action::Send { span, .. } = action { wanted.bytes(span) } else { &[] }
}

/// Copies an action, with its notice as [`AnyNotice`].
pub(crate) fn pass_on<N: Clone>(
    action: &Action<N>,
    bytes: &[u8],
    tell: &mut impl FnMut(N) -> AnyNotice,
    actions: &mut Actions<AnyNotice>,
) {
    actions.push(match *action {
        Action::Send { conn, .. } => {
            actions.send(conn, |out| out.extend_from_slice(bytes));
            return;
        }
        Action::SendShared { conn, ref shared } => {
            Action::SendShared { conn, shared: shared.clone() }
        }
        Action::EndLine { conn } => Action::EndLine { conn },
        Action::Pause { conn } => Action::Pause { conn },
        Action::Resume { conn } => Action::Resume { conn },
        Action::HalfClose { conn } => Action::HalfClose { conn },
        Action::Close { conn } => Action::Close { conn },
        Action::Abort { conn } => Action::Abort { conn },
        Action::Reset { conn } => Action::Reset { conn },
        Action::Dial { dial, to, framing, give_up } => Action::Dial { dial, to, framing, give_up },
        Action::SendTo { .. } | Action::AwaitDrain { .. } | Action::CutLines { .. } => {
            panic!("directory and peer use lines")
        }
        Action::Abandon { dial } => Action::Abandon { dial },
        Action::Show(ref notice) => Action::Show(tell(notice.clone())),
        Action::Exit { status } => Action::Exit { status },
    });
}
