//! The steps by which a rule is tried: data, so that a rule can be read in one look.
//!
//! A wire is a connection, known by its number within a rule. In texts `{0}` stands for the name
//! of the client on wire 0, `{p0}` for the port that it tells, `{m}` for a word that is in no other
//! rule, `{ff}` for two bytes that are no UTF-8, `{c3}` and `{a3}` for the two bytes of the letter
//! ã, `{long}` for [`LONG_LINE_BYTES`] bytes, `{lines}` for [`LINES`] lines of accented text, and
//! `{line10}` for one of them.
//! Read next: [`super::lane`], which takes these steps.

/// How long an unended flood is.
pub const LONG_LINE_BYTES: usize = 64 * 1024;

/// How many lines of text are said in one go: with 98 bytes each they are 4 KB.
pub const LINES: usize = 43;

/// One step. The rule is left at the first step that fails.
#[derive(Debug)]
pub enum RuleStep {
    /// The steps before this one are preparation: where one of them fails, the rule could not be
    /// tried.
    Begin,
    /// Open a connection to the program under test.
    Dial(usize),
    /// Open a connection to the program under test, and say USER with the name of the wire.
    Register(usize),
    /// Send this in one piece.
    Say(usize, &'static str),
    /// Send these one after the other, with a pause of so many milliseconds between them.
    Pieces(usize, &'static [&'static str], u64),
    /// Send this one byte at a time.
    Drip(usize, &'static str),
    /// The times of [`RuleStep::Expires`] and [`RuleStep::Unlisted`] count from here.
    Mark,
    /// From now on, say KEEP on this wire every 5 seconds.
    Keep(usize),
    /// Ask for this, wait for the answer, and ask again where a name is not known yet.
    Ask(usize, Want),
    /// Wait for this.
    Hear(usize, Want),
    /// Forget the lines that have come on this wire so far.
    Drain(usize),
    /// For so long no line comes, and the connection stays open.
    Quiet(usize, u64),
    /// For so long no line comes. The connection may be closed.
    NoAnswer(usize, u64),
    /// For so long no line comes as an answer to an ADDR of somebody who is not there.
    Unanswered(usize, u64),
    /// For so long the connection stays open.
    StaysOpen(usize, u64),
    /// The other side closes within this time.
    Ends(usize, u64),
    /// The other side closes 15 s after the mark.
    Expires {
        /// Which connection.
        wire: usize,
        /// Whether it asks for LIST every 3 s while it waits.
        asks: bool,
    },
    /// The name is in no list any more: 15 s after the mark, or before.
    Unlisted {
        /// The name.
        who: &'static str,
        /// The wire on which to ask.
        asker: usize,
        /// Whether 15 s have to be over.
        waits: bool,
    },
    /// Send what there is and close.
    Close(usize),
    /// Close at once, with answers unread.
    Abort(usize),
    /// Send nothing more, and read on.
    HalfClose(usize),
    /// Wait.
    Pause(u64),
    /// The rule itself has held. The steps behind this one only show that the program still serves.
    Serves,
    /// The program under test is started anew, and registers.
    Fresh,
    /// The program under test runs and is registered. It is started where it does not, or where
    /// the rule before found a mistake.
    Runs,
    /// Its USER was as it should be.
    Registered,
    /// The text of this rule was not sent to the server.
    NotToldServer,
    /// The checker's own client of this wire is in the server's list.
    Online(usize),
    /// How the server that is played sends its answers.
    Answer(Answers),
    /// Type this into the program under test.
    Type(Typing),
    /// The program asks the server that is played.
    Asked(AskedOfServer),
    /// The program calls the client of this wire.
    Called(usize),
    /// This is on the screen of the program.
    Shown(&'static str),
    /// The same, where its screen can be seen at all.
    StillShows(&'static str),
    /// So many periods of KEEP pass, with talk on this wire meanwhile.
    Keeps {
        /// How many.
        periods: usize,
        /// On which wire a text is said each second.
        talk: Option<usize>,
    },
    /// No DISC has come on this wire.
    NoDisc(usize),
    /// The program ends within this time.
    Exits(u64),
    /// The program is there and serves its user: it asks for LIST when it is told to.
    Usable,
}

/// The line that a step waits for.
#[derive(Clone, Copy, Debug)]
pub enum Want {
    /// A list with these names, and without those.
    List {
        /// Names that must be there.
        with: &'static [&'static str],
        /// Names that must not.
        without: &'static [&'static str],
    },
    /// A list whose form is exactly the handout's.
    ListForm,
    /// A list of nobody.
    EmptyList,
    /// The address of the client on this wire.
    Addr(usize),
    /// The address of the client of this wire under another name.
    AddrOf(&'static str, usize),
    /// `USER` with the name of the program.
    User,
    /// Exactly this text.
    Text(&'static str),
    /// A `DISC`, where the edition has one.
    Disc,
}

impl Want {
    /// A list with these names.
    pub(super) const fn listed(with: &'static [&'static str]) -> Self {
        Self::List { with, without: &[] }
    }
}

/// How answers of the server that is played are sent.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Answers {
    /// Each in one piece.
    #[default]
    Whole,
    /// A byte at a time.
    Dripped,
    /// In two pieces, cut between CR and LF.
    CutAtEnd,
    /// ADDR with an address where nobody listens.
    Vanished,
}

/// The line to type.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Typing {
    /// Ask who is online.
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

/// A question of the program under test to the server.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AskedOfServer {
    /// `LIST`
    List,
    /// `ADDR` with this name.
    Addr(&'static str),
}
