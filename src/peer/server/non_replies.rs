//! Output of a server that is no reply: another protocol at a wrong port, the reason why a server
//! refuses a name, or an answer without a line end.
//!
//! The beginning is kept, so that the person can be shown what came. Must never know what a reply
//! is. Read next: [`super::registration`].

use crate::wire::NON_REPLY_BYTES_MAX;

/// The output of one connection that is no reply.
#[derive(Debug, Default)]
pub(crate) struct NonReplies {
    /// The first line that is no reply.
    first_line: Option<Vec<u8>>,
    /// The beginning of a line that has not ended.
    unended: Vec<u8>,
}

impl NonReplies {
    /// A line that is no reply came.
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

    /// Takes the beginning of a line that has not ended.
    pub(crate) fn take_unended(&mut self) -> Option<Vec<u8>> {
        Some(std::mem::take(&mut self.unended)).filter(|line| !line.is_empty())
    }

    /// Takes the first line, or the beginning of a line that has not ended.
    pub(crate) fn take(&mut self) -> Option<Vec<u8>> {
        let Self { first_line, unended } = std::mem::take(self);
        first_line.or(Some(unended)).filter(|line| !line.is_empty())
    }
}

fn beginning(line: &[u8]) -> Vec<u8> {
    line[..line.len().min(NON_REPLY_BYTES_MAX)].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_ends_the_line_that_had_not_ended() {
        let mut came = NonReplies::default();
        came.on_pending(b"LIST Bru");
        came.on_reply();
        assert_eq!(came.take_unended(), None);
        assert_eq!(came.take(), None);
    }
}
