//! The commands that a person or a host program gives to the peer.
//!
//! Commands are values and not text: a host with a line of text parses it first, as
//! `console::command` does. So no text for others can become a command here. Read next: `person`,
//! which carries the commands out.

use std::net::SocketAddr;

use crate::peer::notice::ConversationId;

/// A command.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Command {
    /// The name to register, after [`crate::peer::notice::Notice::AskName`]. Ignored at any other
    /// time.
    Name(Vec<u8>),
    /// Asks the server who is online.
    List,
    /// Asks the server who is online, for a host that does not show the answer. [`Notice::Names`]
    /// is the answer, with or without a server.
    ///
    /// [`Notice::Names`]: crate::peer::notice::Notice::Names
    Names,
    /// Makes the conversation with this label the target, or calls the person of this name.
    Chat(Vec<u8>),
    /// Sends a text to one person, without changing the target. Calls that person first if no
    /// conversation is open.
    Message {
        /// The label of a conversation, or a name.
        to: Vec<u8>,
        /// The text, in one line or several.
        text: Vec<u8>,
    },
    /// Sends a text to the person who wrote last, without changing the target.
    Reply(Vec<u8>),
    /// Makes the conversation with the oldest unread text the target.
    Next,
    /// Asks for the open conversations.
    Peers,
    /// Says goodbye to one person, or to the target.
    Bye(Option<Vec<u8>>),
    /// Sends a text to the target, in one line or several.
    Say(Vec<u8>),
    /// Sends a text in one conversation, and to nobody if that conversation is over. The target
    /// stays.
    SayIn {
        /// The number of the conversation, from [`crate::peer::notice::Partner::id`].
        conversation: ConversationId,
        /// The text, in one line or several.
        text: Vec<u8>,
    },
    /// Says goodbye to everybody, and leaves.
    Exit,
    /// The addresses that each of [`Rules::servers`] has now, in the same order: the answer to
    /// [`Notice::AddressesWanted`]. A server whose name is not known has none.
    ///
    /// [`Rules::servers`]: crate::peer::Rules::servers
    /// [`Notice::AddressesWanted`]: crate::peer::notice::Notice::AddressesWanted
    Servers(Vec<Vec<SocketAddr>>),
    /// No more commands will come.
    InputEnded,
    /// True while a line is being typed. Meanwhile no conversation becomes the target unless the
    /// person chooses it. A host that reads whole lines never sends this.
    Typing(bool),
    /// The person typed something that is no command, and the host has said so.
    Mistake,
}
