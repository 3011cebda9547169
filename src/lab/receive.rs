//! `receive_all(socket, length)` of the guide: exactly so many bytes, however they arrive.
//!
//! TCP may bring five bytes as two and three, or together with the next message. The guide's
//! function calls `recv` in a loop until it has all of them, and blocks meanwhile. Here every
//! [`crate::machine::Input::Bytes`] is given to a [`ReceiveAll`], which takes what belongs to it
//! and gives the rest back. Must not know a socket. Read next: [`super::dict`], where messages end
//! in another way.

/// A message of known length that has arrived in part, or completely.
///
/// The bytes take memory only when they are there. A length that the other side has announced still
/// needs a bound, which the caller has to check before.
#[derive(Debug)]
pub struct ReceiveAll {
    length: usize,
    bytes: Vec<u8>,
}

impl ReceiveAll {
    /// Nothing yet of `length` bytes.
    #[must_use]
    pub fn new(length: usize) -> Self {
        Self { length, bytes: Vec::new() }
    }

    /// Takes what it still needs from the start of `fresh`, and returns what it does not need.
    pub fn take<'a>(&mut self, fresh: &'a [u8]) -> &'a [u8] {
        let (own, rest) = fresh.split_at(fresh.len().min(self.missing()));
        self.bytes.extend_from_slice(own);
        rest
    }

    /// How many bytes have not come yet. 0: all are there. At the end of the stream it says how
    /// many the other side still owes.
    #[must_use]
    pub fn missing(&self) -> usize {
        self.length - self.bytes.len()
    }

    /// The bytes that have come.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}
