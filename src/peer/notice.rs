//! The facts that the peer may tell its person. [`crate::console`] has the words, in two languages,
//! and makes the text of strangers harmless before it reaches a screen.

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};

use crate::wire::name::{Name, NameError};

/// Something to show.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Notice {
    /// A name is wanted, as [`super::command::Command::Name`].
    AskName,
    /// That is no name.
    NotAName(NameError),
    /// A command, where a name is wanted first.
    NameFirst,
    /// Registered for the first time.
    Welcome {
        /// Under this name.
        name: Name,
    },
    /// The server turned the name away, most likely because somebody has it.
    NameRefused {
        /// Which.
        name: Name,
    },
    /// The server has not answered the dial yet.
    Dialing {
        /// Where it is looked for.
        server: SocketAddr,
    },
    /// No server there. Told once, however often it is tried, and not before each was tried.
    NoServer {
        /// Where it was looked for: one address of each server.
        servers: Vec<SocketAddr>,
        /// The operating system's reason, for the last one.
        error: ErrorKind,
    },
    /// Another attempt is to come, and names may lead elsewhere by then: a host that looks them up
    /// answers with [`super::command::Command::Servers`]. Only where [`super::Rules::names`] has
    /// some. Nothing to show.
    AddressesWanted,
    /// No address of any server is known yet. Told once; the names are looked up again.
    ServersUnknown {
        /// The names of the servers.
        names: Vec<String>,
    },
    /// The server was reached and ended the connection, and not because of the name.
    Rebuffed {
        /// Which.
        server: SocketAddr,
        /// How.
        how: Rebuff,
    },
    /// The server has answered something without a line end, so it is no answer.
    Unended {
        /// The answer, or its beginning.
        line: Vec<u8>,
    },
    /// The server went away. Conversations go on; it is tried again.
    Offline {
        /// Which.
        server: SocketAddr,
    },
    /// Registered again after [`Notice::Offline`]; a script also after [`Notice::NoServer`].
    BackOnline,
    /// The same with another server than before.
    OnlineElsewhere {
        /// Which.
        server: SocketAddr,
    },
    /// The name was ours, and somebody else has it by now: it is not we who were refused at the
    /// door. Conversations go on, and the name is tried again.
    NameLost {
        /// Which.
        name: Name,
    },
    /// The reason why the program now ends with an error.
    Fatal(Fatal),
    /// The answer to `/list`: everybody else online, as the server wrote them.
    Online(Vec<Vec<u8>>),
    /// So many more names were in that answer than are looked at.
    MoreOnline {
        /// How many.
        count: usize,
    },
    /// The server has not answered in time.
    ServerSilent,
    /// That needs the server, and there is none now.
    NeedsServer,
    /// A conversation has begun.
    Connected {
        /// With whom.
        who: Partner,
    },
    /// The server does not confirm a caller's name: it knows nobody of that name, or one
    /// somewhere else.
    NotVerified {
        /// The caller, by the name that it gave.
        who: Partner,
        /// Where the call came from.
        from: IpAddr,
    },
    /// The server confirms a name by now that it had not confirmed when the conversation opened.
    Verified {
        /// The person who has it.
        who: Partner,
    },
    /// A typed line goes to another conversation than before.
    Target {
        /// To this one.
        who: Partner,
    },
    /// Somebody said something.
    Text {
        /// The person.
        from: Partner,
        /// Bytes as they came.
        text: Vec<u8>,
        /// This is only its beginning: it was too long.
        cut: bool,
    },
    /// The person's text is on its way. Nothing to show: the person has just typed it.
    Said {
        /// To whom.
        to: Partner,
        /// The text.
        text: Vec<u8>,
    },
    /// A line could not be written to the log of its conversation. Told by who writes it, once.
    NotLogged {
        /// The operating system's reason.
        error: ErrorKind,
    },
    /// A conversation is over.
    Ended {
        /// With whom.
        who: Partner,
        /// How that came.
        how: Ending,
    },
    /// They have closed after our goodbye, so all that was said before has reached them. Nothing to
    /// say to a person; a script wants to know.
    GoodbyeAnswered {
        /// The person.
        who: Partner,
    },
    /// They have not closed after our goodbye, but took all that was said before, and nothing
    /// shows that any of it is lost. Nothing to say to a person either.
    GoodbyeTaken {
        /// The person.
        who: Partner,
    },
    /// A call failed.
    Unreachable {
        /// To whom.
        name: Name,
        /// The operating system's reason.
        error: ErrorKind,
    },
    /// Nobody of that name is online.
    NotOnline {
        /// Which name.
        name: Name,
        /// Everybody else who is, as the server wrote them with its answer.
        online: Vec<Vec<u8>>,
    },
    /// The server named an address that nobody can be called at.
    BadAddress {
        /// The person who has it.
        name: Name,
    },
    /// Somebody called whose first line was no USER with a good name, and was turned away.
    BadCaller {
        /// From where.
        from: SocketAddr,
        /// The fault in it.
        why: BadFirstLine,
        /// That line, or its beginning.
        said: Vec<u8>,
    },
    /// So many more called and did not say a name first: the first few were told one by one.
    TurnedAway {
        /// How many.
        count: usize,
    },
    /// There is no conversation for this text to go to.
    NoConversation,
    /// There are conversations, but none is the target.
    NoTarget,
    /// The line just typed goes to the person who wrote last.
    Replying {
        /// To this one.
        who: Partner,
    },
    /// A text for one person, which does not change the target, is on its way.
    SentTo {
        /// To this one.
        who: Partner,
    },
    /// Nobody has written anything that could be replied to.
    NobodyWrote,
    /// Nothing unread in other conversations than the current one.
    NothingUnread,
    /// No conversation with that person is open.
    NotTalkingTo {
        /// The name as it was typed.
        name: Vec<u8>,
    },
    /// The other side does not read, so this line was not sent.
    NotReading {
        /// The person.
        who: Partner,
    },
    /// The other side has read nothing for a while. Our text waits, and may still arrive.
    Standstill {
        /// The person.
        who: Partner,
        /// How many lines wait.
        lines: usize,
    },
    /// The last lines that were said may not have arrived, now that their connection is gone.
    Undelivered {
        /// The person they were for.
        who: Partner,
        /// How many at most: see `chat::unproven`.
        lines: usize,
    },
    /// This line would be understood as an instruction of the protocol: nothing of its text was
    /// sent.
    WouldBeProtocol {
        /// Which line.
        line: Vec<u8>,
    },
    /// Calling oneself.
    Yourself,
    /// The open conversations.
    Conversations(Vec<ConversationRow>),
    /// Where things stand: nothing to say, but something to draw. Told whenever it changes.
    Standing(Standing),
}

/// How a server ended a connection on which it had answered nothing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Rebuff {
    /// It hung up: it is full, or starting again, or something else than a server.
    HungUp,
    /// It said something that is no reply: its first line, or the beginning of that.
    Said(Vec<u8>),
    /// It sent a line without end.
    EndlessLine,
}

/// The fault in the first line of a caller.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BadFirstLine {
    /// It was no USER.
    NotUser,
    /// It was a request of HTTP: a browser, most likely.
    Http,
    /// It was USER and no name.
    NotAName(NameError),
    /// It was our own name.
    OurName,
}

/// The own name, and the open conversations.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Standing {
    /// One's own name. `None`: a name is wanted.
    pub me: Option<Name>,
    /// Where typed text goes.
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
    /// The conversation: the same one for life, whatever becomes of the name.
    pub id: ConversationId,
    /// The name, or the name with `:` and the number of the conversation behind it. Fixed when the
    /// conversation opens, and never given to another person.
    pub label: String,
    /// The knowledge about the name.
    pub trust: Trust,
}

/// The knowledge about a name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Trust {
    /// The server says that this person is where the conversation is with.
    Confirmed,
    /// Nobody asks: the person does not want callers to be checked ([`super::Rules::verify`]).
    Taken,
    /// The server was not asked yet, or has not answered.
    Unchecked,
    /// The server knows nobody of that name, or one somewhere else.
    Doubtful,
    /// The server knows the name by an address of the other family, IPv4 or IPv6: the two cannot
    /// be compared.
    OtherFamily,
}

impl Trust {
    /// Whether the name needs no mark.
    #[must_use]
    pub fn is_plain(self) -> bool {
        matches!(self, Self::Confirmed | Self::Taken)
    }
}

/// One line of `/peers`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ConversationRow {
    /// With whom.
    pub who: Partner,
    /// Whether what is typed goes there.
    pub is_target: bool,
    /// Lines that came since the person was last there.
    pub unread: usize,
    /// Lines of the person's that have not left this machine yet.
    pub waiting: usize,
}

/// How a conversation came to its end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ending {
    /// We said goodbye.
    ByUs,
    /// They said goodbye, with DISC or by closing.
    ByThem,
    /// The connection broke.
    Lost(ErrorKind),
    /// A line without end, or they read nothing for too long.
    Misbehaved,
}

/// Why the program ends with an error. Only where a script runs it: a person is asked instead.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Fatal {
    /// No server within the time a script waits.
    NoServer {
        /// Where it was looked for: one address of each server.
        servers: Vec<SocketAddr>,
    },
    /// The name is somebody's.
    NameRefused {
        /// Which.
        name: Name,
    },
    /// A server was reached and let nobody in within that time.
    Rebuffed {
        /// Which.
        server: SocketAddr,
        /// How it ended the last attempt.
        how: Rebuff,
    },
    /// The first line of the script was to be a name and is none.
    NotAName(NameError),
    /// The script ended before it gave a name.
    NoName,
}
