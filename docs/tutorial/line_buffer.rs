//! The line buffer of step 4, in a file of its own. The real one is src/buffers/lines.rs.

#[derive(Default)]
pub(crate) struct LineBuffer {
    /// The bytes that have arrived and were not taken out.
    unfinished: Vec<u8>,
}

impl LineBuffer {
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.unfinished.extend_from_slice(bytes);
    }

    /// Takes the first whole line out of the buffer. `None`: its end has not arrived yet.
    pub(crate) fn next_line(&mut self) -> Option<String> {
        let end = self.unfinished.iter().position(|&byte| byte == b'\n')?;
        let line: Vec<u8> = self.unfinished.drain(..=end).collect();
        Some(String::from_utf8_lossy(&line).trim_end().to_string())
    }
}
