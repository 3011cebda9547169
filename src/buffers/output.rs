//! The output buffer: it keeps the bytes that the kernel has not taken yet.
//!
//! A non-blocking write may take any part of the bytes (a partial write). The rest waits here. The
//! buffer must not know the meaning of the bytes, or when to write them.

use std::collections::VecDeque;
use std::io::{self, IoSlice, Write};
use std::ops::Range;
use std::rc::Rc;

/// One text that many connections share. Each leaves out a part of its own.
#[derive(Clone, Debug)]
pub struct SharedText {
    /// The whole text.
    pub bytes: Rc<[u8]>,
    /// The part that this connection leaves out. Empty if it sends everything.
    pub skip: Range<usize>,
}

impl SharedText {
    /// The two parts that are sent: before and after the part that is left out.
    #[must_use]
    pub fn parts(&self) -> [&[u8]; 2] {
        [&self.bytes[..self.skip.start], &self.bytes[self.skip.end..]]
    }
}

/// Size of a segment of own bytes. A segment is freed when all of it is out. With a single segment
/// that grows, a reader that never catches up would make the buffer keep every byte that
/// it ever sent.
pub const SEGMENT_BYTES: usize = 16 * 1024;

/// Most segments in one write. Two LISTs, and an answer between them, are five segments.
const SLICES_MAX: usize = 8;

/// The bytes for one connection that the kernel has not taken yet.
///
/// ```text
/// front                                              back
///  | own bytes ...... | part of a shared LIST ...... | own bytes .... |
///    ^ written up to `head`                                         ^ new bytes go here
/// ```
///
/// A LIST may have half a megabyte and a thousand readers, so its bytes are shared and not copied.
#[derive(Debug, Default)]
pub struct OutBuffer {
    /// `None` while no byte waits: an idle connection has only this pointer, however much it once
    /// sent.
    queue: Option<Box<Queue>>,
}

/// An empty queue for the next buffer that needs one. Most answers leave at once, so one spare
/// queue for all connections saves three allocations for each batch of answers.
#[derive(Debug, Default)]
pub struct Spare(Option<Box<Queue>>);

#[derive(Debug, Default)]
struct Queue {
    segments: VecDeque<Segment>,
    /// How many bytes of the front segment are out already.
    head: usize,
    /// The number of bytes that wait in all segments.
    len: usize,
    /// The capacity of all own segments together.
    own: usize,
    /// The memory of the last own segment, for the next one. It has capacity only while the queue
    /// is empty.
    emptied: Vec<u8>,
}

#[derive(Debug)]
enum Segment {
    Own(Vec<u8>),
    Shared(Rc<[u8]>, Range<usize>),
}

impl Segment {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Own(bytes) => bytes,
            Self::Shared(bytes, range) => &bytes[range.clone()],
        }
    }
}

impl OutBuffer {
    /// Queues a copy of `bytes`.
    pub fn push(&mut self, bytes: &[u8], spare: &mut Spare) {
        if !bytes.is_empty() {
            self.queue_or(spare).push(bytes);
        }
    }

    /// Queues shared bytes, without the part to skip.
    pub fn push_shared(&mut self, shared: &SharedText, spare: &mut Spare) {
        let before = 0..shared.skip.start;
        let behind = shared.skip.end..shared.bytes.len();
        for range in [before, behind].into_iter().filter(|range| !range.is_empty()) {
            self.queue_or(spare).push_shared(&shared.bytes, range);
        }
    }

    /// Writes until everything is out or the writer takes no more. Each call offers all segments
    /// together: many programs take one `recv` for one message, and would read half a LIST if it
    /// left in two writes.
    ///
    /// # Errors
    ///
    /// Those of the writer. After [`io::ErrorKind::WouldBlock`] the rest waits.
    pub fn write_to(&mut self, writer: &mut impl Write, spare: &mut Spare) -> io::Result<()> {
        let Some(queue) = &mut self.queue else { return Ok(()) };
        while queue.len > 0 {
            match queue.write_once(writer) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => queue.advance(written),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        let emptied = self.queue.take();
        spare.0 = spare.0.take().or(emptied);
        Ok(())
    }

    /// The number of bytes that wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.queue.as_ref().map_or(0, |queue| queue.len)
    }

    /// A copy of the first bytes that wait, `count_max` at most: for a recording.
    #[must_use]
    pub fn beginning(&self, count_max: usize) -> Vec<u8> {
        let Some(queue) = &self.queue else { return Vec::new() };
        let all = queue.segments.iter().flat_map(|segment| segment.bytes());
        all.skip(queue.head).take(count_max).copied().collect()
    }

    /// The memory of the own segments, in bytes. A segment that is partly out still counts whole;
    /// shared segments do not count.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.queue.as_ref().map_or(0, |queue| queue.own)
    }

    /// Whether no byte waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.queue.is_none()
    }

    /// Drops all bytes that wait.
    pub fn clear(&mut self) {
        self.queue = None;
    }

    fn queue_or(&mut self, spare: &mut Spare) -> &mut Queue {
        self.queue.get_or_insert_with(|| spare.0.take().unwrap_or_default())
    }
}

impl Queue {
    fn push(&mut self, bytes: &[u8]) {
        self.len += bytes.len();
        match self.segments.back_mut() {
            Some(Segment::Own(own)) if own.len() + bytes.len() <= SEGMENT_BYTES => {
                self.own -= own.capacity();
                own.extend_from_slice(bytes);
                self.own += own.capacity();
            }
            Some(_) => {
                // After a second segment there will be more. All get the same size, so that the
                // allocator can use freed ones again.
                let mut own = Vec::with_capacity(SEGMENT_BYTES.max(bytes.len()));
                own.extend_from_slice(bytes);
                self.push_own(own);
            }
            None => {
                let mut own = std::mem::take(&mut self.emptied);
                own.extend_from_slice(bytes);
                self.push_own(own);
            }
        }
    }

    fn push_own(&mut self, own: Vec<u8>) {
        self.own += own.capacity();
        self.segments.push_back(Segment::Own(own));
    }

    fn push_shared(&mut self, bytes: &Rc<[u8]>, range: Range<usize>) {
        self.len += range.len();
        // `own` does not count this memory, so it must not stay while bytes wait.
        self.emptied = Vec::new();
        self.segments.push_back(Segment::Shared(Rc::clone(bytes), range));
    }

    fn write_once(&self, writer: &mut impl Write) -> io::Result<usize> {
        if let (1, Some(only)) = (self.segments.len(), self.segments.front()) {
            return writer.write(&only.bytes()[self.head..]);
        }
        let mut slices = [IoSlice::new(&[]); SLICES_MAX];
        let mut count = 0;
        for (slice, segment) in slices.iter_mut().zip(&self.segments) {
            let start = if count == 0 { self.head } else { 0 };
            *slice = IoSlice::new(&segment.bytes()[start..]);
            count += 1;
        }
        writer.write_vectored(&slices[..count])
    }

    fn advance(&mut self, written: usize) {
        self.len -= written;
        self.head += written;
        while let Some(front) = self.segments.front().map(|front| front.bytes().len()) {
            if self.head < front {
                break;
            }
            self.head -= front;
            if let Some(Segment::Own(freed)) = self.segments.pop_front() {
                self.free(freed);
            }
        }
    }

    fn free(&mut self, mut freed: Vec<u8>) {
        self.own -= freed.capacity();
        if self.len == 0 && freed.capacity() <= SEGMENT_BYTES {
            freed.clear();
            self.emptied = freed;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A socket that takes `room` bytes, and then returns `WouldBlock`.
    struct Reluctant {
        taken: Vec<u8>,
        room: usize,
    }

    impl Write for Reluctant {
        fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
            self.write(&slices.iter().flat_map(|slice| slice.to_vec()).collect::<Vec<_>>())
        }

        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let written = bytes.len().min(self.room);
            self.room -= written;
            self.taken.extend_from_slice(&bytes[..written]);
            if written == 0 { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(written) }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_list_leaves_in_one_write() {
        let list: Rc<[u8]> = (*b"LIST Ana:Bruno:Camila\r\n").into();
        let (mut out, mut spare) = (OutBuffer::default(), Spare::default());
        out.push_shared(&SharedText { bytes: list, skip: 9..15 }, &mut spare);
        let mut calls = 0;
        let mut socket = Counting(&mut calls);
        assert!(out.write_to(&mut socket, &mut spare).is_ok());
        assert_eq!(calls, 1);
    }

    /// A socket that takes everything, and counts the writes.
    struct Counting<'a>(&'a mut usize);

    impl Write for Counting<'_> {
        fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
            *self.0 += 1;
            Ok(slices.iter().map(|slice| slice.len()).sum())
        }

        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            *self.0 += 1;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn the_next_buffer_uses_the_memory_of_the_last() {
        let (mut first, mut second, mut spare) =
            (OutBuffer::default(), OutBuffer::default(), Spare::default());
        let mut socket = Reluctant { taken: Vec::new(), room: 100 };
        first.push(b"one\r\n", &mut spare);
        assert!(first.write_to(&mut socket, &mut spare).is_ok());
        assert!(first.is_empty() && first.held_bytes() == 0 && spare.0.is_some());
        second.push(b"two\r\n", &mut spare);
        assert!(spare.0.is_none());
        assert_eq!((second.len(), second.held_bytes() >= 5), (5, true));
        assert!(second.write_to(&mut socket, &mut spare).is_ok());
        assert_eq!(socket.taken, b"one\r\ntwo\r\n");
    }

    #[test]
    fn a_queue_that_is_used_again_sends_nothing_twice() {
        let list: Rc<[u8]> = (*b"LIST Ana:Bruno\r\n").into();
        let (mut out, mut spare) = (OutBuffer::default(), Spare::default());
        let mut socket = Reluctant { taken: Vec::new(), room: 100 };
        for _ in 0..2 {
            out.push(b"one\r\n", &mut spare);
            assert!(out.write_to(&mut socket, &mut spare).is_ok());
            out.push_shared(&SharedText { bytes: Rc::clone(&list), skip: 0..0 }, &mut spare);
            assert!(out.write_to(&mut socket, &mut spare).is_ok());
        }
        assert_eq!(socket.taken, b"one\r\nLIST Ana:Bruno\r\none\r\nLIST Ana:Bruno\r\n");
    }

    #[test]
    fn a_spare_never_keeps_a_long_answer() {
        let (mut out, mut spare) = (OutBuffer::default(), Spare::default());
        out.push(&vec![b'x'; 10 * SEGMENT_BYTES], &mut spare);
        let mut socket = Reluctant { taken: Vec::new(), room: usize::MAX };
        assert!(out.write_to(&mut socket, &mut spare).is_ok());
        let kept = spare.0.map(|queue| (queue.own, queue.emptied.capacity()));
        assert_eq!(kept, Some((0, 0)));
    }

    #[test]
    fn a_reader_that_never_catches_up_costs_no_memory() {
        let (mut out, mut spare) = (OutBuffer::default(), Spare::default());
        let mut socket = Reluctant { taken: Vec::new(), room: 0 };
        out.push(b"something is always left over\r\n", &mut spare);
        for _ in 0..100_000 {
            out.push(&[b'x'; 50], &mut spare);
            socket.room = 50;
            let _ = out.write_to(&mut socket, &mut spare);
        }
        let queue = out.queue.as_ref().expect("something is left over");
        let capacity = |segment: &Segment| match segment {
            Segment::Own(bytes) => bytes.capacity(),
            Segment::Shared(..) => 0,
        };
        let kept: usize = queue.segments.iter().map(capacity).sum();
        assert!(kept <= out.len() + 2 * SEGMENT_BYTES, "{kept} bytes kept for {}", out.len());
        assert_eq!(out.held_bytes(), kept);
    }

    #[test]
    fn partial_writes_lose_and_repeat_nothing() {
        let list: Rc<[u8]> = (*b"LIST Ana:Bruno:Camila\r\n").into();
        for room in 1..40 {
            let (mut out, mut spare) = (OutBuffer::default(), Spare::default());
            let mut socket = Reluctant { taken: Vec::new(), room: 0 };
            out.push(b"one\r\n", &mut spare);
            out.push_shared(&SharedText { bytes: Rc::clone(&list), skip: 9..15 }, &mut spare);
            out.push(b"two\r\n", &mut spare);
            out.push(b"three\r\n", &mut spare);
            while !out.is_empty() {
                socket.room = room;
                let _ = out.write_to(&mut socket, &mut spare);
            }
            let text = String::from_utf8(socket.taken).expect("ASCII");
            assert_eq!(text, "one\r\nLIST Ana:Camila\r\ntwo\r\nthree\r\n");
            assert!(out.queue.is_none(), "idle connections keep no memory");
        }
    }

    #[test]
    fn small_pieces_share_a_segment_until_it_is_full() {
        let (mut out, mut spare) = (OutBuffer::default(), Spare::default());
        let segments = |out: &OutBuffer| out.queue.as_ref().map_or(0, |it| it.segments.len());
        for piece in [SEGMENT_BYTES - 2, 1, 1] {
            out.push(&vec![b'x'; piece], &mut spare);
            assert_eq!(segments(&out), 1, "{piece} bytes more");
        }
        out.push(b"x", &mut spare);
        assert_eq!(segments(&out), 2);
    }

    #[test]
    fn the_memory_of_a_queue_goes_to_the_next_only_when_it_is_empty() {
        let (mut out, mut spare) = (OutBuffer::default(), Spare::default());
        let mut socket = Reluctant { taken: Vec::new(), room: SEGMENT_BYTES };
        for piece in [SEGMENT_BYTES, 5] {
            out.push(&vec![b'x'; piece], &mut spare);
        }
        assert!(out.write_to(&mut socket, &mut spare).is_err());
        assert_eq!(out.queue.as_ref().map(|it| it.emptied.capacity()), Some(0));
        socket.room = 5;
        assert!(out.write_to(&mut socket, &mut spare).is_ok());
        assert!(spare.0.is_some_and(|it| it.emptied.capacity() > 0));
    }
}
