//! Tokens: the numbers of the sources in the poller. All arithmetic on tokens is in this file.
//!
//! ```text
//! 0 ... 6     listeners
//! 7           the UDP socket
//! 8 ...       connections, by their slot
//! HOST_TOKENS ...   the host's own sources
//! ```

use mio::Token;

/// The first token that belongs to the host of the loop: see [`super::EventLoop::registry`].
pub const HOST_TOKENS: Token = Token(FIRST_OF_HOST);

const FIRST_OF_HOST: usize = usize::MAX / 2 + 1;

/// Most listening sockets of one loop.
pub const LISTENERS_MAX: usize = DATAGRAMS;

const DATAGRAMS: usize = 7;
const FIRST_CONNECTION: usize = 8;

/// A source of events.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Source {
    /// The place in the list of listeners.
    Listener(usize),
    Datagrams,
    /// The slot, without a generation: a connection is removed only after all events of its turn,
    /// so no event can meet the next connection in the same slot.
    Connection(usize),
    Host,
}

pub(super) fn source_of(token: usize) -> Source {
    match token {
        0..DATAGRAMS => Source::Listener(token),
        DATAGRAMS => Source::Datagrams,
        FIRST_CONNECTION..FIRST_OF_HOST => Source::Connection(token - FIRST_CONNECTION),
        _ => Source::Host,
    }
}

/// The token of the `index`-th listener.
pub(super) fn of_listener(index: usize) -> usize {
    assert!(index < LISTENERS_MAX, "a loop has at most LISTENERS_MAX listeners");
    index
}

pub(super) fn of_datagrams() -> usize {
    DATAGRAMS
}

pub(super) fn of_connection(slot: usize) -> usize {
    slot + FIRST_CONNECTION
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_token_leads_back_to_its_source() {
        assert_eq!(source_of(of_listener(6)), Source::Listener(6));
        assert_eq!(source_of(of_datagrams()), Source::Datagrams);
        for slot in [0, 1, 1_000_000] {
            assert_eq!(source_of(of_connection(slot)), Source::Connection(slot));
        }
        assert_eq!(source_of(HOST_TOKENS.0), Source::Host);
        assert_eq!(source_of(usize::MAX), Source::Host);
    }
}
