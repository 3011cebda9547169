//! The commands that a person, or a host program, gives the peer.
//!
//! Commands are typed: who has a line of text parses it first (`console::command` does for a
//! person). So no text that was meant for others can become a command here. Read next: `person`,
//! which does what a command says.

use std::net::SocketAddr;

use crate::peer::notice::ConversationId;

/// Something to do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Command {
    /// The name to register under. Only heard while one is asked for
    /// ([`crate::peer::notice::Notice::AskName`]).
    Name(Vec<u8>),
    /// Asks the server who is online.
    List,
    /// Calls this person, or makes the open conversation the target.
    Chat(Vec<u8>),
    /// Says something to one person, without changing the target. Calls that person first where no
    /// conversation is open.
    Message {
        /// To whom.
        to: Vec<u8>,
        /// The text, in one line or several.
        text: Vec<u8>,
    },
    /// Says something to the person who wrote last, without changing the target.
    Reply(Vec<u8>),
    /// Makes the conversation the target in which something unread has waited longest.
    Next,
    /// Asks which conversations are open.
    Peers,
    /// Says goodbye to one person, or to the target.
    Bye(Option<Vec<u8>>),
    /// Says something to the target, in one line or several.
    Say(Vec<u8>),
    /// Says something in the conversation that a notice named, and nowhere else where that one is
    /// over. The target stays.
    SayIn {
        /// Which, as in [`crate::peer::notice::Partner::id`].
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
    /// A line is being typed, or not any more. While one is, nobody becomes the target who was not
    /// chosen. A host that takes whole lines never sends this.
    Typing(bool),
    /// Something was typed that is no command. The person has been told already.
    Mistake,
}
