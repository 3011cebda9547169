//! Which machine a node runs, behind one face, so that a loop need not know.
//!
//! Read next: [`super::script`], the machine that misbehaves on purpose.

use papo::console::command::CommandReader;
use papo::directory::{self, Directory};
use papo::machine::{Action, Actions, Input, LineLimit, Machine, Millis, Typed};
use papo::peer::command::Command;
use papo::peer::{self, Peer};
use papo::wire::{REQUEST_LIMIT, SPEECH_LIMIT};

use super::script::Script;

/// A machine.
#[derive(Debug)]
pub(crate) enum Brain {
    Directory(Box<Directory>),
    /// With the reader of what is typed there.
    Peer(Box<Peer>, CommandReader),
    Script(Box<Script>),
}

/// A notice of any machine.
#[derive(Clone, Debug)]
pub(crate) enum Told {
    Directory(directory::notice::Notice),
    Peer(peer::notice::Notice),
}

impl Brain {
    pub(crate) fn peer(rules: peer::Rules) -> Self {
        let reader = CommandReader::new(rules.scripted);
        Self::Peer(Box::new(Peer::new(rules)), reader)
    }

    /// How long the lines of those who connect to it may be.
    pub(crate) fn accept_limit(&self) -> LineLimit {
        match self {
            Self::Directory(_) => REQUEST_LIMIT,
            Self::Peer(..) | Self::Script(_) => SPEECH_LIMIT,
        }
    }
}

impl Machine for Brain {
    type Notice = Told;
    type Command = Typed;

    fn handle(&mut self, now: Millis, input: Input<'_, Typed>, actions: &mut Actions<Told>) {
        match self {
            Self::Directory(directory) => {
                let mut wanted = Actions::default();
                let input = input.without_command().expect("nobody commands the directory");
                directory.handle(now, input, &mut wanted);
                pass_on_all(wanted, Told::Directory, actions);
            }
            Self::Peer(peer, reader) => {
                let mut wanted = Actions::default();
                hand_to_peer(now, peer, reader, input, &mut wanted);
                let show = |notice| {
                    reader.hear(&notice);
                    Told::Peer(notice)
                };
                pass_on_all(wanted, show, actions);
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

/// A typed line goes through the reader, as at a terminal.
#[allow(
    clippy::wildcard_enum_match_arm,
    reason = "all but commands are the same for every machine"
)]
fn hand_to_peer(
    now: Millis,
    peer: &mut Peer,
    reader: &CommandReader,
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

fn pass_on_all<N: Clone>(
    mut wanted: Actions<N>,
    mut tell: impl FnMut(N) -> Told,
    actions: &mut Actions<Told>,
) {
    while let Some(action) = wanted.pop() {
        pass_on(&action, bytes_of(&action, &wanted), &mut tell, actions);
    }
}

/// The bytes that an action sends, where it has some of its own.
pub(crate) fn bytes_of<'a, N>(action: &Action<N>, wanted: &'a Actions<N>) -> &'a [u8] {
    if let Action::Send { span, .. } = action { wanted.bytes(span) } else { &[] }
}

/// The same action once more, with what is shown marked as whose it is.
pub(crate) fn pass_on<N: Clone>(
    action: &Action<N>,
    bytes: &[u8],
    tell: &mut impl FnMut(N) -> Told,
    actions: &mut Actions<Told>,
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
            panic!("directory and peer speak in lines")
        }
        Action::Abandon { dial } => Action::Abandon { dial },
        Action::Show(ref notice) => Action::Show(tell(notice.clone())),
        Action::Exit { status } => Action::Exit { status },
    });
}
