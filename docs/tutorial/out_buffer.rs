//! The output buffer of step 5, in a file of its own. The real one is src/buffers/output.rs.

use std::io::{self, ErrorKind, Write};

/// A client with more unsent bytes than this is not read.
const OUT_BYTES_MAX: usize = 64 * 1024;

#[derive(Default)]
pub(crate) struct OutBuffer {
    /// The bytes that the kernel has not taken yet.
    unsent: Vec<u8>,
}

impl OutBuffer {
    pub(crate) fn push(&mut self, text: &str) {
        self.unsent.extend_from_slice(text.as_bytes());
    }

    pub(crate) fn is_full(&self) -> bool {
        self.unsent.len() > OUT_BYTES_MAX
    }

    /// Writes until all is sent, or until a write would block.
    pub(crate) fn flush(&mut self, stream: &mut impl Write) -> io::Result<()> {
        while !self.unsent.is_empty() {
            match stream.write(&self.unsent) {
                Ok(count) => drop(self.unsent.drain(..count)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
