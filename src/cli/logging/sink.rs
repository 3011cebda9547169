//! Log lines on their way to stderr, which may be a full disk, a pipe without a reader, or a
//! stopped terminal. None of these may block the program or end it.
//!
//! A line that stderr does not take waits in a bounded queue. A line without room is dropped and
//! counted. While a terminal is drawn on, lines are held for the view. Must not know what the lines
//! say, and cannot log. Read next: [`super`], which makes the lines.

use std::io::Write;

use crate::console::outlet::PIPE_BYTES;

/// Most bytes of log that wait for stderr. A single longer line waits whole if nothing else waits.
pub const LOG_QUEUE_BYTES: usize = 32 * 1024;

/// Most bytes written at once. A pipe takes this many whole or not at all, so lines of other
/// writers stay whole too.
pub const LOG_WRITE_BYTES: usize = PIPE_BYTES;

/// Lines on their way to `out`, which never blocks: it returns [`std::io::ErrorKind::WouldBlock`].
///
/// ```text
/// log line ──► queue: whole lines, in order ──► out, at most LOG_WRITE_BYTES at a time
///                └── full: counted in `dropped`, and so is every later line, until the queue is
///                    empty and take_dropped has returned the count
/// held:     ──► queue ──► take_held, called before each notice and after each turn
/// ```
#[derive(Debug)]
pub struct LogSink<W> {
    out: W,
    queue: Vec<u8>,
    dropped: usize,
    /// Nothing is written: `out` is the terminal that is drawn on.
    is_held: bool,
}

impl<W: Write> LogSink<W> {
    /// An empty sink.
    pub fn new(out: W) -> Self {
        Self { out, queue: Vec::new(), dropped: 0, is_held: false }
    }

    /// Holds lines from now on, for [`LogSink::take_held`].
    pub fn hold(&mut self) {
        self.is_held = true;
    }

    /// Whether lines are held.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.is_held
    }

    /// The lines that were held since the last call, and how many more had no room.
    pub fn take_held(&mut self) -> Option<(Vec<u8>, usize)> {
        if !self.is_held || self.queue.is_empty() {
            return None;
        }
        let lines = std::mem::take(&mut self.queue);
        Some((lines, std::mem::take(&mut self.dropped)))
    }

    /// Writes again, first the lines that were held and not taken.
    pub fn release(&mut self) {
        self.is_held = false;
        self.drain();
    }

    /// Takes lines, whole or not at all, and writes what can be written now.
    pub fn push(&mut self, lines: &[u8]) {
        let has_room = self.queue.is_empty() || self.queue.len() + lines.len() <= LOG_QUEUE_BYTES;
        if has_room && self.dropped == 0 {
            self.queue.extend_from_slice(lines);
        } else {
            self.dropped += lines.iter().filter(|&&byte| byte == b'\n').count();
        }
        self.drain();
    }

    /// Writes what can be written now. After an error the lines wait: a full disk may have room
    /// later.
    pub fn drain(&mut self) {
        if self.is_held {
            return;
        }
        while !self.queue.is_empty() {
            let piece = next_piece(&self.queue);
            match self.out.write(piece) {
                Ok(0) | Err(_) => return,
                Ok(count) => drop(self.queue.drain(..count)),
            }
        }
        if self.queue.capacity() > LOG_WRITE_BYTES {
            self.queue = Vec::new();
        }
    }

    /// How many lines were dropped, once all lines before them are written. The caller logs it.
    pub fn take_dropped(&mut self) -> Option<usize> {
        let is_told_now = self.dropped > 0 && self.queue.is_empty();
        is_told_now.then(|| std::mem::take(&mut self.dropped))
    }

    /// Whether lines wait, or a count of dropped lines.
    pub fn is_behind(&self) -> bool {
        self.dropped > 0 || !self.queue.is_empty()
    }
}

/// As many whole lines as fit one write, or the beginning of a longer line.
fn next_piece(queue: &[u8]) -> &[u8] {
    let most = &queue[..queue.len().min(LOG_WRITE_BYTES)];
    let end = most.iter().rposition(|&byte| byte == b'\n').map_or(most.len(), |lf| lf + 1);
    &most[..end]
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    /// Takes so many bytes and no more.
    struct Narrow {
        room: usize,
        taken: Vec<u8>,
        full: io::ErrorKind,
    }

    impl Write for Narrow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            assert!(bytes.len() <= LOG_WRITE_BYTES, "{} bytes at once", bytes.len());
            let count = bytes.len().min(self.room);
            if count == 0 {
                return Err(self.full.into());
            }
            self.room -= count;
            self.taken.extend_from_slice(&bytes[..count]);
            Ok(count)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn sink(room: usize, full: io::ErrorKind) -> LogSink<Narrow> {
        LogSink::new(Narrow { room, taken: Vec::new(), full })
    }

    #[test]
    fn lines_that_do_not_fit_are_counted_and_told_after_those_that_do() {
        for full in [io::ErrorKind::WouldBlock, io::ErrorKind::StorageFull] {
            let mut sink = sink(1003, full);
            let line = [[b'x'; 99].as_slice(), b"\n"].concat();
            for _ in 0..LOG_QUEUE_BYTES / line.len() + 10 + 7 {
                sink.push(&line);
            }
            assert!(sink.queue.len() <= LOG_QUEUE_BYTES && sink.is_behind());
            assert_eq!(sink.take_dropped(), None, "what came before is not out yet");
            let waiting = sink.queue.len();
            sink.out.room = usize::MAX;
            sink.push(b"late\n");
            assert_eq!(sink.out.taken.len(), 1003 + waiting);
            let dropped = sink.take_dropped().expect("some were dropped");
            assert_eq!(dropped * 100 + 1003 + waiting, LOG_QUEUE_BYTES / 100 * 100 + 1800);
            sink.push(b"after the gap\n");
            assert!(sink.out.taken.ends_with(b"x\nafter the gap\n") && !sink.is_behind());
            assert!(sink.queue.capacity() <= LOG_WRITE_BYTES, "the memory is given back");
        }
    }

    #[test]
    fn held_lines_are_taken_and_what_is_left_comes_out_at_the_end() {
        let mut sink = sink(usize::MAX, io::ErrorKind::WouldBlock);
        sink.push(b"before\n");
        sink.hold();
        let line = [[b'x'; 99].as_slice(), b"\n"].concat();
        for _ in 0..LOG_QUEUE_BYTES / line.len() + 7 {
            sink.push(&line);
        }
        assert!(sink.out.taken == b"before\n" && sink.is_behind());
        let (lines, dropped) = sink.take_held().expect("lines");
        assert_eq!((lines.len(), dropped), (LOG_QUEUE_BYTES / 100 * 100, 7));
        assert_eq!((sink.take_held(), sink.take_dropped()), (None, None));
        sink.push(b"not taken\n");
        sink.release();
        assert!(sink.out.taken == b"before\nnot taken\n" && !sink.is_behind());
        sink.push(b"after\n");
        assert!(sink.out.taken.ends_with(b"taken\nafter\n") && sink.take_held().is_none());
    }

    #[test]
    fn lines_leave_whole_as_far_as_they_fit_one_write() {
        let line = [[b'x'; 2999].as_slice(), b"\n"].concat();
        assert_eq!(next_piece(&line.repeat(2)).len(), 3000);
        assert_eq!(next_piece(&[b'x'; 5000]).len(), LOG_WRITE_BYTES);
    }

    #[test]
    fn a_line_longer_than_the_queue_is_taken_where_nothing_waits() {
        let mut sink = sink(usize::MAX, io::ErrorKind::WouldBlock);
        let long = [vec![b'x'; 2 * LOG_QUEUE_BYTES], b"\n".to_vec()].concat();
        sink.push(&long);
        assert!(sink.out.taken == long && !sink.is_behind());
    }
}
