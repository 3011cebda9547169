//! What an event is about. All arithmetic on mio's tokens is in this file.

use mio::Token;

/// A source of events.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Source {
    Listener,
    Signals,
    Keyboard,
    Screen,
    /// The window that the terminal is in.
    Window,
    Datagrams,
    /// A connection, by its place in the slab. The place alone: a connection is removed only
    /// after all events of its turn, so no event can meet the next one in the same place.
    Connection(usize),
}

const FIRST_CONNECTION: usize = 6;

impl From<Token> for Source {
    fn from(token: Token) -> Self {
        match token.0 {
            0 => Self::Listener,
            1 => Self::Signals,
            2 => Self::Keyboard,
            3 => Self::Screen,
            4 => Self::Window,
            5 => Self::Datagrams,
            connection => Self::Connection(connection - FIRST_CONNECTION),
        }
    }
}

impl From<Source> for Token {
    fn from(source: Source) -> Self {
        Self(match source {
            Source::Listener => 0,
            Source::Signals => 1,
            Source::Keyboard => 2,
            Source::Screen => 3,
            Source::Window => 4,
            Source::Datagrams => 5,
            Source::Connection(slot) => slot + FIRST_CONNECTION,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_comes_back() {
        use Source::{Datagrams, Keyboard, Listener, Screen, Signals, Window};
        let single = [Listener, Signals, Keyboard, Screen, Window, Datagrams];
        for source in single.into_iter().chain((0..3).map(Source::Connection)) {
            assert_eq!(Source::from(Token::from(source)), source);
        }
    }
}
