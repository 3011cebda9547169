//! All that the peer reports to its host.
//!
//! [`crate::console`] has a sentence for each notice, in two languages, and makes the text of other
//! people harmless before it reaches a screen. Must never have a sentence itself. Read next:
//! [`crate::console`].

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};

use crate::wire::name::{Name, NameError};

/// A report to the host. Most are for the person to read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Notice {
    /// The peer needs a name, as [`super::command::Command::Name`].
    AskName,
    /// The given name is none.
    NotAName(NameError),
    /// A command came before a name.
    NameFirst,
    /// Registered for the first time.
    Welcome {
        /// The registered name.
        name: Name,
    },
    /// The server refused the name, most likely because somebody has it.
    NameRefused {
        /// The refused name.
        name: Name,
    },
    /// The server has not answered the dial yet.
    Dialing {
        /// The dialed address.
        server: SocketAddr,
    },
    /// No server answers. Reported once for each absence, when each server was tried.
    NoServer {
        /// One address of each server.
        servers: Vec<SocketAddr>,
        /// The operating system's reason, for the last one.
        error: ErrorKind,
    },
    /// The host should look [`super::Rules::names`] up before the next attempt, and answer with
    /// [`super::command::Command::Servers`]. Nothing to show.
    AddressesWanted,
    /// No address of any server is known yet. Reported once; the names are looked up again.
    ServersUnknown {
        /// The names of the servers.
        names: Vec<String>,
    },
    /// The server was reached and ended the connection, and not because of the name.
    Rejected {
        /// Its address.
        server: SocketAddr,
        /// How the connection ended.
        how: Rejection,
    },
    /// The server's answer has no line end, so it does not count.
    Unended {
        /// The answer, or its beginning.
        line: Vec<u8>,
    },
    /// The connection to the server ended. Conversations go on, and the peer tries again.
    Offline {
        /// Its address.
        server: SocketAddr,
    },
    /// Registered after [`Notice::Offline`]; for a script also after [`Notice::NoServer`].
    BackOnline,
    /// Registered again, at another server than before.
    OnlineElsewhere {
        /// Its address.
        server: SocketAddr,
    },
    /// Somebody else has the name that we had. Conversations go on, and the name is tried again.
    NameLost {
        /// The lost name.
        name: Name,
    },
    /// The reason why the program now ends with an error.
    Fatal(Fatal),
    /// The answer to `/list`: the names of everybody else online, as the server wrote them.
    Online(Vec<Vec<u8>>),
    /// The answer to [`super::command::Command::Names`]: everybody else online, as the server wrote
    /// them. Empty if no server answers. Nothing to show.
    Names(Vec<Vec<u8>>),
    /// The answer had more names than the peer reads.
    MoreOnline {
        /// How many more.
        count: usize,
    },
    /// The server has not answered in time.
    ServerSilent,
    /// The command needs a server, and the peer has none now.
    NeedsServer,
    /// A conversation has begun.
    Connected {
        /// The other person.
        who: Partner,
    },
    /// The server does not confirm a caller's name: nobody has that name, or somebody at another
    /// address.
    NotVerified {
        /// The caller, with the name that it sent.
        who: Partner,
        /// The caller's address.
        from: IpAddr,
    },
    /// The server confirms a name that it had not confirmed when the conversation opened.
    Verified {
        /// The person with this name.
        who: Partner,
    },
    /// The person's text goes to this conversation from now on.
    Target {
        /// The other person.
        who: Partner,
    },
    /// A text came.
    Text {
        /// The sender.
        from: Partner,
        /// The bytes as they came.
        text: Vec<u8>,
        /// The line was too long, and this is its beginning.
        cut: bool,
    },
    /// A line of the person was sent. Nothing to show: the person has just typed it.
    Said {
        /// The receiver.
        to: Partner,
        /// The text.
        text: Vec<u8>,
    },
    /// A line could not be written to the log of its conversation. The host that writes the log
    /// reports this once.
    NotLogged {
        /// The operating system's reason.
        error: ErrorKind,
    },
    /// A conversation is over.
    Ended {
        /// The other person.
        who: Partner,
        /// How it ended.
        how: Ending,
    },
    /// The other side has closed after our goodbye, so it has received all texts before it. For
    /// scripts; nothing to show to a person.
    GoodbyeAnswered {
        /// The person.
        who: Partner,
    },
    /// The other side has not closed after our goodbye, but its kernel took all texts before it,
    /// and nothing shows a loss. Nothing to show to a person.
    GoodbyeTaken {
        /// The person.
        who: Partner,
    },
    /// A call failed.
    Unreachable {
        /// The person who was called.
        name: Name,
        /// The operating system's reason.
        error: ErrorKind,
    },
    /// Nobody of that name is online.
    NotOnline {
        /// The name.
        name: Name,
        /// The names of everybody else online, as the server wrote them.
        online: Vec<Vec<u8>>,
    },
    /// The server's answer for this person is no address that can be called.
    BadAddress {
        /// The person.
        name: Name,
    },
    /// A caller was turned away, because its first line was no USER with a good name.
    BadCaller {
        /// The caller's address.
        from: SocketAddr,
        /// The fault in the line.
        why: BadFirstLine,
        /// The line, or its beginning.
        said: Vec<u8>,
    },
    /// More callers were turned away. The first few were reported one by one.
    TurnedAway {
        /// How many more.
        count: usize,
    },
    /// More calls ended without a text. The first few were shown as conversations.
    SilentCalls {
        /// How many more.
        count: usize,
    },
    /// The name belonged to another machine before, so a text for it was not sent.
    Namesake {
        /// The person who has the name now.
        who: Partner,
        /// The text.
        text: Vec<u8>,
    },
    /// No conversation is open, so the command has no receiver.
    NoConversation,
    /// Conversations are open, but none is the target.
    NoTarget,
    /// The text just typed goes to the person who wrote last.
    Replying {
        /// The receiver.
        who: Partner,
    },
    /// A text was sent to one person, without changing the target.
    SentTo {
        /// The receiver.
        who: Partner,
    },
    /// Nobody has written yet, so there is nobody to reply to.
    NobodyWrote,
    /// No conversation has an unread text.
    NothingUnread,
    /// No conversation with that person is open.
    NotTalkingTo {
        /// The label as it was typed.
        name: Vec<u8>,
    },
    /// The other side does not read, so a line was not sent.
    NotReading {
        /// The person.
        who: Partner,
    },
    /// The other side has taken nothing for a while. Our texts wait, and may still arrive.
    Standstill {
        /// The person.
        who: Partner,
        /// How many texts wait.
        lines: usize,
    },
    /// The connection is gone, and the last texts that were sent on it may not have arrived.
    Undelivered {
        /// The receiver.
        who: Partner,
        /// How many texts at most.
        lines: usize,
    },
    /// A line of a text would be an instruction of the protocol, so nothing of the text was sent.
    WouldBeProtocol {
        /// The line.
        line: Vec<u8>,
    },
    /// The person tried to call the own name.
    Yourself,
    /// The open conversations, oldest first.
    Conversations(Vec<ConversationRow>),
    /// The facts for the prompt. Reported whenever they change.
    Standing(Standing),
}

/// How a server ended a connection without a reply.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Rejection {
    /// It closed: it is full, or restarts, or is another program.
    HungUp,
    /// It had sent a line that is no reply. This is the first such line, or its beginning.
    Said(Vec<u8>),
    /// It sent a line without end.
    EndlessLine,
}

/// The fault in the first line of a caller.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BadFirstLine {
    /// It is no USER.
    NotUser,
    /// It is a request of HTTP, most likely from a browser.
    Http,
    /// It is USER with something that is no name.
    NotAName(NameError),
    /// It is USER with our own name.
    OurName,
}

/// The own name, the target and the open conversations.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Standing {
    /// The own name. `None`: the peer needs one.
    pub me: Option<Name>,
    /// The conversation that receives the person's text.
    pub target: Option<Partner>,
    /// All open conversations, oldest first; the target among them.
    pub open: Vec<Partner>,
}

/// The number of a conversation among all that this peer has had, from 1. It is never used again.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct ConversationId(pub u32);

/// The other side of a conversation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Partner {
    /// The conversation. It keeps this number for life, whoever else gets the name.
    pub id: ConversationId,
    /// The name, or the name with `:` and the number of the conversation. Fixed when the
    /// conversation opens, and never given to another person.
    pub label: String,
    /// Whether the server confirms the name.
    pub trust: Trust,
}

/// Whether the server confirms a name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Trust {
    /// The server has the name at this address.
    Confirmed,
    /// The server is not asked ([`super::Rules::verify`]).
    Taken,
    /// The server was not asked yet, or has not answered.
    Unchecked,
    /// The server does not have the name, or has it at another address.
    Doubtful,
    /// The server has the name at an address of the other family, IPv4 or IPv6, and the two cannot
    /// be compared.
    OtherFamily,
}

impl Trust {
    /// Whether the name is shown without a mark.
    #[must_use]
    pub fn is_plain(self) -> bool {
        matches!(self, Self::Confirmed | Self::Taken)
    }
}

/// One line of `/peers`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ConversationRow {
    /// The other person.
    pub who: Partner,
    /// Whether it receives the person's text.
    pub is_target: bool,
    /// How many texts came since it was the target.
    pub unread: usize,
    /// How many of our texts have not left this machine yet.
    pub waiting: usize,
}

/// How a conversation ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ending {
    /// We said goodbye.
    ByUs,
    /// They said goodbye, with DISC or by closing.
    ByThem,
    /// The connection broke.
    Lost(ErrorKind),
    /// They sent a line without end, or read nothing for too long.
    Misbehaved,
}

/// Why a script ends with an error. A person is asked instead.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Fatal {
    /// No server answered in time.
    NoServer {
        /// One address of each server.
        servers: Vec<SocketAddr>,
    },
    /// The server refused the name.
    NameRefused {
        /// The refused name.
        name: Name,
    },
    /// The last server that was reached ended the connection, and not because of the name.
    Rejected {
        /// Its address.
        server: SocketAddr,
        /// How the connection ended.
        how: Rejection,
    },
    /// The first line of the script is no name.
    NotAName(NameError),
    /// The script ended before it gave a name.
    NoName,
}
