//! Words of a server that are no reply: those of another protocol at a wrong port, the reason why
//! a server refuses a name, or an answer without a line end.
//!
//! Knows bytes, and keeps the beginning of them. Read next: [`super::registration`], which shows
//! it to a person.

/// So much is shown of what a server says that is no reply, in bytes.
pub(crate) const BABBLE_BYTES_MAX: usize = 120;

/// The words of one connection, as far as they are kept.
#[derive(Debug, Default)]
pub(crate) struct Babble {
    /// The first line that is no reply.
    first_line: Option<Vec<u8>>,
    /// The beginning of a line that has not ended.
    unended: Vec<u8>,
}

impl Babble {
    /// A line came that is no reply.
    pub(crate) fn on_line(&mut self, line: &[u8]) {
        self.unended.clear();
        self.first_line.get_or_insert_with(|| beginning(line));
    }

    /// A reply came.
    pub(crate) fn on_reply(&mut self) {
        self.unended.clear();
    }

    /// Bytes came that are no line yet.
    pub(crate) fn on_pending(&mut self, line: &[u8]) {
        self.unended = beginning(line);
    }

    /// The beginning of a line that has not ended, once.
    pub(crate) fn take_unended(&mut self) -> Option<Vec<u8>> {
        Some(std::mem::take(&mut self.unended)).filter(|line| !line.is_empty())
    }

    /// All that was said, ended or not.
    pub(crate) fn take(&mut self) -> Option<Vec<u8>> {
        let Self { first_line, unended } = std::mem::take(self);
        first_line.or(Some(unended)).filter(|line| !line.is_empty())
    }
}

fn beginning(line: &[u8]) -> Vec<u8> {
    line[..line.len().min(BABBLE_BYTES_MAX)].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_ends_the_line_that_had_not_ended() {
        let mut babble = Babble::default();
        babble.on_pending(b"LIST Bru");
        babble.on_reply();
        assert_eq!(babble.take_unended(), None);
        assert_eq!(babble.take(), None);
    }
}
