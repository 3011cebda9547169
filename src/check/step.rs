//! The steps by which a rule is tried: data, so that a reader sees a rule at a glance.
//!
//! A wire is a connection, with its number in the rule. In texts, `{0}` is the name of the client
//! on wire 0, `{p0}` its port, `{m}` a word that no other rule has, `{ff}` two bytes that are not
//! UTF-8, `{c3}` and `{a3}` the two bytes of the letter ã, `{long}` a line of [`LONG_LINE_BYTES`],
//! `{lines}` accented text in [`LINES`] lines, and `{line10}` one of these.
//! Read next: [`super::lane`], which takes these steps.

/// The length of a line that never ends.
pub(super) const LONG_LINE_BYTES: usize = 64 * 1024;

/// How many lines of text are sent at once: with 98 bytes each they are 4 KB.
pub(super) const LINES: usize = 43;

/// One step. The rule ends at the first step that fails.
#[derive(Debug)]
pub(super) enum RuleStep {
    /// Open a connection to the program under test.
    Dial(usize),
    /// Open a connection to the program under test, and send USER with the name of the wire.
    Register(usize),
    /// Send this text in one piece.
    Say(usize, &'static str),
    /// Send these pieces, with this pause between two, in milliseconds.
    Pieces(usize, &'static [&'static str], u64),
    /// Send this text byte by byte.
    Drip(usize, &'static str),
    /// Remember the time for [`RuleStep::Expires`] and [`RuleStep::Unlisted`].
    Mark,
    /// From now on, send KEEP on this wire every 5 seconds.
    Keep(usize),
    /// Send the question for this line and wait for it. Repeat the question if a name is missing.
    Ask(usize, Want),
    /// Wait for this line.
    Hear(usize, Want),
    /// Drop the lines that have come on this wire so far.
    Drain(usize),
    /// For this time no line comes, and the connection stays open.
    Quiet(usize, u64),
    /// For this time no line comes. The program may close the connection.
    NoAnswer(usize, u64),
    /// For this time no answer comes to an ADDR with an unknown name.
    Unanswered(usize, u64),
    /// For this time the connection stays open.
    StaysOpen(usize, u64),
    /// The other side closes within this time.
    Ends(usize, u64),
    /// The other side closes 15 s after the mark.
    Expires {
        /// The connection.
        wire: usize,
        /// Whether the client asks for LIST every 3 s meanwhile.
        asks: bool,
    },
    /// The name leaves the list, 15 s after the mark or earlier.
    Unlisted {
        /// The name.
        who: &'static str,
        /// The wire on which to ask.
        asker: usize,
        /// Whether earlier than 15 s is a fault.
        waits: bool,
    },
    /// Send the rest and close.
    Close(usize),
    /// Close at once, without reading the answers.
    Abort(usize),
    /// End our side of the stream, and read on.
    HalfClose(usize),
    /// Wait.
    Pause(u64),
    /// Start the program under test again, and wait until it registers.
    Fresh,
    /// Wait until the program under test is registered. Start it if it does not run, or if the last
    /// rule found a fault.
    Runs,
    /// Its USER had no fault.
    Registered,
    /// The text of this rule did not go to the server.
    NotSentToServer,
    /// Put the person of this wire into the played server's list.
    Online(usize),
    /// Choose how the played server sends its answers.
    Answer(Answers),
    /// Type this into the program under test.
    Type(Typing),
    /// The program sends this line to its server.
    Asked(&'static str),
    /// The program calls the client of this wire.
    Called(usize),
    /// This text is on the screen of the program.
    Shown(&'static str),
    /// The same, unless a person runs the program.
    StillShows(&'static str),
    /// The program sends KEEP every 5 s.
    Keeps {
        /// For how many periods.
        periods: usize,
        /// The wire on which a text is sent each second meanwhile.
        talk: Option<usize>,
    },
    /// No DISC has come on this wire.
    NoDisc(usize),
    /// The program ends within this time.
    Exits(u64),
    /// The program asks for LIST when its user types the command.
    Usable,
}

/// A line that a step waits for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Want {
    /// A list with these names, and without those.
    List {
        /// Names that must be in it.
        with: &'static [&'static str],
        /// Names that must not be in it.
        without: &'static [&'static str],
    },
    /// A list whose form is exactly the handout's.
    ListForm,
    /// A list without names.
    EmptyList,
    /// The address of the client on this wire.
    Addr(usize),
    /// The address of the client of this wire under another name.
    AddrOf(&'static str, usize),
    /// `USER` with the name of the program.
    User,
    /// This text.
    Text(&'static str),
    /// `DISC`.
    Disc,
}

/// A list with these names.
pub(super) const fn listed(with: &'static [&'static str]) -> Want {
    Want::List { with, without: &[] }
}

/// How the played server sends its answers.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Answers {
    /// Each in one piece.
    #[default]
    Whole,
    /// Byte by byte.
    Dripped,
    /// In two pieces, cut between CR and LF.
    CutAtEnd,
    /// In one piece, with an address at which no program listens.
    Vanished,
}

/// A line to type.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Typing {
    /// Ask for the names of those online.
    List,
    /// Begin a conversation with this name.
    Chat(&'static str),
    /// A text for the other side.
    Text(&'static str),
    /// End the conversation.
    Bye,
    /// Leave the program.
    Exit,
}
