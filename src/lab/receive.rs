//! `receive_all(socket, length)` of the guide: exactly `length` bytes, however they arrive.
//!
//! TCP may deliver five bytes as two and three, or together with the next message. The guide's
//! function calls `recv` in a loop until it has all of them, and blocks meanwhile. Here a service
//! gives the bytes of every [`crate::machine::Input::Bytes`] to a [`ReceiveAll`], which takes its
//! own and returns the rest. Must not know a socket. Read next: [`super::dict`], where messages end
//! in another way.

/// A message of known length that has arrived in part, or completely.
///
/// Bytes take memory only when they have come. The caller must still limit a length that the other
/// side has announced.
#[derive(Debug)]
pub struct ReceiveAll {
    length: usize,
    bytes: Vec<u8>,
}

impl ReceiveAll {
    /// A message of `length` bytes, of which none has come.
    #[must_use]
    pub fn new(length: usize) -> Self {
        Self { length, bytes: Vec::new() }
    }

    /// Takes the bytes that it still needs from the start of `fresh`, and returns the rest.
    pub fn take<'a>(&mut self, fresh: &'a [u8]) -> &'a [u8] {
        let (own, rest) = fresh.split_at(fresh.len().min(self.missing()));
        self.bytes.extend_from_slice(own);
        rest
    }

    /// How many bytes have not come yet.
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
