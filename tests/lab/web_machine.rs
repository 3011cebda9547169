//! `papo lab web` as a machine: conditions, deadlines and memory, without a socket or a clock.

use std::borrow::Cow;

use papo::lab::web::{ANSWER_BYTES_MAX, Facts, Files, Found, Missing, REQUEST_WAIT_MS, Web};
use papo::lab::{STALLED_MS, WallClock};
use papo::machine::{Action, ConnId, Input};

use crate::driver::Driver;

/// The date of the file: `Sun, 06 Nov 1994 08:49:37 GMT`.
const MODIFIED_S: u64 = 784_111_777;

/// One file, `/file`, of which each byte is a digit of its place.
struct Disk {
    length: u64,
}

impl Files for Disk {
    type File = ();

    fn open(&self, names: &[Cow<'_, [u8]>]) -> Result<Found<()>, Missing> {
        let facts = Facts { length: self.length, modified_s: MODIFIED_S, modified_ns: 255 };
        if names == [Cow::Borrowed(b"file")] {
            Ok(Found::File((), facts))
        } else {
            Err(Missing::NotFound)
        }
    }

    fn read(&self, (): &(), at: u64, bytes_max: usize, out: &mut Vec<u8>) -> usize {
        let end = (at + bytes_max as u64).min(self.length);
        out.extend((at..end).map(|place| b'0' + (place % 10) as u8));
        usize::try_from(end - at).expect("small")
    }
}

struct ADayLater;

impl WallClock for ADayLater {
    fn unix_seconds(&self) -> i64 {
        MODIFIED_S as i64 + 86_400
    }
}

/// The state of the connection, by the actions of the machine.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    Open,
    HalfClosed,
    Closing,
    Aborted,
}

/// One client of the service, and a kernel between them that takes as many bytes as a test says.
struct Bench {
    driver: Driver<Web<Disk, ADayLater>>,
    conn: ConnId,
    sent: Vec<u8>,
    most_backlog: usize,
    state: State,
}

impl Bench {
    /// A kernel that takes nothing at first.
    fn new(length: u64) -> Self {
        let mut driver = Driver::new(Web::new(Disk { length }, ADayLater));
        let conn = driver.accept(([127, 0, 0, 1], 40_000).into(), [127, 0, 0, 1].into());
        driver.cable(conn).is_stalled = true;
        Self { driver, conn, sent: Vec::new(), most_backlog: 0, state: State::Open }
    }

    fn look(&mut self) {
        for done in self.driver.take_log() {
            self.sent.extend(done.bytes);
            self.state = match done.action {
                Action::HalfClose { .. } => State::HalfClosed,
                Action::Close { .. } => State::Closing,
                Action::Abort { .. } => State::Aborted,
                _ => self.state,
            };
        }
        self.most_backlog = self.most_backlog.max(self.backlog());
    }

    /// Bytes that the kernel has not taken.
    fn backlog(&mut self) -> usize {
        if self.driver.is_open(self.conn) { self.driver.cable(self.conn).unsent } else { 0 }
    }

    fn is_read(&mut self) -> bool {
        !self.driver.cable(self.conn).is_paused
    }

    fn ask(&mut self, bytes: &[u8]) {
        self.driver.arrive(self.conn, bytes);
        self.look();
    }

    fn end(&mut self) {
        self.driver.end(self.conn);
        self.look();
    }

    /// The kernel takes so many bytes.
    fn take(&mut self, count: usize) {
        self.driver.take_bytes(self.conn, count);
        self.look();
    }

    /// Lets time pass, with every tick that the machine asks for.
    fn wait(&mut self, ms: u64) {
        self.driver.wait(ms);
        self.look();
    }

    /// The answer that a client gets with these headers, if it reads everything at once.
    fn answer(headers: &str) -> String {
        let mut bench = Self::new(10);
        bench.ask(format!("GET /file HTTP/1.1\r\nHost: x\r\n{headers}\r\n").as_bytes());
        String::from_utf8(bench.sent).expect("text")
    }
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or(answer)
}

const TAG: &str = "\"2ebc98a1.ff-a\"";
const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
const EARLIER: &str = "Sun, 06 Nov 1994 08:49:36 GMT";

/// RFC 9110, section 13.2.2: the order in which conditions count.
#[test]
fn conditions_count_in_their_order() {
    assert!(Bench::answer("").contains(&format!("ETag: {TAG}\r\n")));
    let cases = [
        (format!("If-Modified-Since: {DATE}"), "304"),
        (format!("If-Modified-Since: {EARLIER}"), "200"),
        ("If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT".to_string(), "304"),
        ("If-Modified-Since: Sun Nov  6 08:49:37 1994".to_string(), "304"),
        ("If-Modified-Since: yesterday".to_string(), "200"),
        (format!("If-Modified-Since: {DATE}\r\nIf-Modified-Since: {DATE}"), "200"),
        (format!("If-None-Match: {TAG}"), "304"),
        (format!("If-None-Match: W/{TAG}"), "304"),
        (format!("If-None-Match: \"a,b\", {TAG}"), "304"),
        (format!("If-None-Match: \"a\"\r\nIf-None-Match: {TAG}"), "304"),
        ("If-None-Match: *".to_string(), "304"),
        ("If-None-Match: \"other\"".to_string(), "200"),
        (format!("If-None-Match: {}", TAG.trim_matches('"')), "200"),
        // By the date it is not modified, but the date does not count next to a tag.
        (format!("If-None-Match: \"other\"\r\nIf-Modified-Since: {DATE}"), "200"),
        (format!("If-None-Match: {TAG}\r\nIf-Modified-Since: {EARLIER}"), "304"),
        (format!("If-Match: {TAG}"), "200"),
        ("If-Match: *".to_string(), "200"),
        (format!("If-Match: W/{TAG}"), "412"),
        ("If-Match: \"other\"".to_string(), "412"),
        (format!("If-Match: {TAG}\r\nIf-None-Match: {TAG}"), "304"),
        (format!("If-Unmodified-Since: {DATE}"), "200"),
        (format!("If-Unmodified-Since: {EARLIER}"), "412"),
        ("If-Unmodified-Since: yesterday".to_string(), "200"),
        (format!("If-Match: {TAG}\r\nIf-Unmodified-Since: {EARLIER}"), "200"),
    ];
    for (headers, expected) in cases {
        let answer = Bench::answer(&format!("{headers}\r\n"));
        assert_eq!(status(&answer), expected, "{headers}");
        let has_body = answer.ends_with("\r\n\r\n0123456789");
        assert_eq!(has_body, expected == "200", "{headers}");
    }
}

/// RFC 9110, sections 13.1.5 and 14.2.
#[test]
fn a_range_counts_for_the_version_that_the_client_has() {
    let cases = [
        ("Range: bytes=2-4".to_string(), "206", "234"),
        ("Range: bytes=-2".to_string(), "206", "89"),
        ("Range: bytes=10-".to_string(), "416", "416 Range Not Satisfiable\n"),
        ("Range: bytes=0-1, 4-5".to_string(), "200", "0123456789"),
        ("Range: bytes=2-4\r\nRange: bytes=2-4".to_string(), "200", "0123456789"),
        (format!("Range: bytes=2-4\r\nIf-Range: {TAG}"), "206", "234"),
        (format!("Range: bytes=2-4\r\nIf-Range: W/{TAG}"), "200", "0123456789"),
        ("Range: bytes=2-4\r\nIf-Range: \"other\"".to_string(), "200", "0123456789"),
        ("Range: bytes=10-\r\nIf-Range: \"other\"".to_string(), "200", "0123456789"),
        (format!("Range: bytes=2-4\r\nIf-Range: {DATE}"), "206", "234"),
        (format!("Range: bytes=2-4\r\nIf-Range: {EARLIER}"), "200", "0123456789"),
        ("Range: bytes=2-4\r\nIf-Range: yesterday".to_string(), "200", "0123456789"),
        (format!("Range: bytes=2-4\r\nIf-Range: {TAG}\r\nIf-Range: {TAG}"), "200", "0123456789"),
        (format!("Range: bytes=2-4\r\nIf-None-Match: {TAG}"), "304", ""),
    ];
    for (headers, expected, body) in cases {
        let answer = Bench::answer(&format!("{headers}\r\n"));
        assert_eq!(status(&answer), expected, "{headers}");
        assert!(answer.ends_with(&format!("\r\n\r\n{body}")), "{headers}: {answer}");
    }
    let part = Bench::answer("Range: bytes=2-4\r\n");
    assert!(part.contains("\r\nContent-Range: bytes 2-4/10\r\n"), "{part}");
    let mut bench = Bench::new(10);
    bench.ask(b"HEAD /file HTTP/1.0\r\nRange: bytes=2-4\r\n\r\n");
    let head = String::from_utf8(bench.sent).expect("text");
    assert!(status(&head) == "200" && head.contains("Content-Length: 10\r\n"), "{head}");
}

/// 200 KiB at 1 KiB in two seconds: each piece takes longer than any wait for a request.
#[test]
fn a_slow_reader_gets_its_file_whether_the_connection_is_kept_or_not() {
    for (version, last) in [("1.1\r\nHost: x", State::Open), ("1.0", State::HalfClosed)] {
        let mut bench = Bench::new(200 * 1024);
        bench.ask(format!("GET /file HTTP/{version}\r\n\r\n").as_bytes());
        while bench.backlog() > 0 {
            bench.wait(2000);
            bench.take(1024);
            assert_ne!(bench.state, State::Aborted, "{} were sent", bench.sent.len());
        }
        let head = bench.sent.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
        assert_eq!((bench.sent.len() - head - 4, bench.state), (200 * 1024, last));
        // The wait for another request begins only now.
        bench.wait(2 * REQUEST_WAIT_MS);
        assert_eq!(bench.state, State::Aborted);
    }
}

#[test]
fn a_reader_that_stops_reading_is_closed_in_the_end() {
    for answered in [10, 200 * 1024] {
        let mut bench = Bench::new(answered);
        bench.ask(b"GET /file HTTP/1.1\r\nHost: x\r\n\r\n");
        bench.take(100);
        bench.wait(STALLED_MS - 1);
        assert_eq!(bench.state, State::Open);
        // An input without progress changes nothing.
        let (conn, bytes) = (bench.conn, bench.backlog());
        bench.driver.handle(Input::Backlog { conn, bytes });
        bench.wait(1000);
        assert_eq!(bench.state, State::Aborted);
    }
}

#[test]
fn a_byte_now_and_then_does_not_extend_the_time_of_a_request() {
    let mut bench = Bench::new(10);
    bench.ask(b"GET /file HTTP/1.1\r\nHost: ");
    for _ in 0..14 {
        bench.wait(1000);
        bench.ask(b"x");
        assert_eq!(bench.state, State::Open);
    }
    bench.wait(2000);
    assert_eq!(bench.state, State::Aborted);
}

/// All requests of one segment are answered, and the output in memory is bounded as LIMITS.md says.
#[test]
fn pipelined_requests_are_all_answered_in_bounded_memory() {
    for (length, count) in [(60 * 1024, 18), (20, 1900), (200 * 1024, 3)] {
        let mut bench = Bench::new(length);
        bench.ask("GET /file HTTP/1.1\r\nHost: x\r\n\r\n".repeat(count).as_bytes());
        bench.end();
        while bench.backlog() > 0 {
            bench.take(10_000);
        }
        let text = String::from_utf8(std::mem::take(&mut bench.sent)).expect("text");
        let answers: Vec<_> = text.split("HTTP/1.1 200 OK\r\n").skip(1).collect();
        let is_whole = |answer: &&str| {
            answer.split_once("\r\n\r\n").is_some_and(|(_, body)| body.len() as u64 == length)
        };
        assert_eq!(answers.iter().filter(|answer| is_whole(answer)).count(), count);
        assert!(bench.most_backlog < ANSWER_BYTES_MAX + 1024, "{} bytes", bench.most_backlog);
        assert_eq!(bench.state, State::Closing, "all requests have been answered");
    }
}

/// Answers without a body count as well.
#[test]
fn pipelined_heads_wait_for_each_other_too() {
    let mut bench = Bench::new(10);
    bench.ask("HEAD /file HTTP/1.1\r\nHost: x\r\n\r\n".repeat(1500).as_bytes());
    while bench.backlog() > 0 {
        bench.take(10_000);
    }
    let text = String::from_utf8(std::mem::take(&mut bench.sent)).expect("text");
    assert_eq!(text.matches("HTTP/1.1 200 OK\r\n").count(), 1500);
    assert!(bench.most_backlog < ANSWER_BYTES_MAX + 1024, "{} bytes", bench.most_backlog);
}

/// Requests after a long answer wait in the kernel, except for one read.
#[test]
fn a_client_is_not_read_until_its_answers_have_left() {
    const READ_BYTES: usize = 64 * 1024;
    let long = "x".repeat(1000);
    let request = format!("GET /file HTTP/1.1\r\nHost: x\r\nA: {long}\r\n\r\n").into_bytes();
    let mut bench = Bench::new(200 * 1024);
    bench.ask(&request);
    assert!(bench.is_read(), "a few requests may wait here");
    let batch = request.repeat(READ_BYTES / request.len());
    bench.ask(&batch);
    assert!(!bench.is_read());
    for _ in 0..batch.len() / request.len() * 4 {
        bench.take(usize::MAX);
    }
    assert!(bench.is_read());
    let answers = bench.sent.windows(15).filter(|&part| part == b"HTTP/1.1 200 OK").count();
    assert_eq!(answers, batch.len() / request.len() + 1);
}

/// Unread bytes would cause a reset, which destroys the last answer.
#[test]
fn all_bytes_after_the_last_answer_are_read() {
    for last in ["GET /file HTTP/1.0\r\n\r\n", "\u{1}"] {
        let mut bench = Bench::new(100 * 1024);
        bench.ask(format!("GET /file HTTP/1.1\r\nHost: x\r\n\r\n{last}").as_bytes());
        bench.ask(&[b'x'; 60 * 1024]);
        assert!(!bench.is_read());
        while bench.backlog() > 0 {
            bench.take(usize::MAX);
        }
        assert_eq!((bench.is_read(), bench.state), (true, State::HalfClosed));
        bench.end();
        assert_eq!(bench.state, State::Closing);
    }
}

#[test]
fn requests_of_a_client_that_reads_are_each_answered_at_once() {
    let mut bench = Bench::new(1000);
    bench.driver.cable(bench.conn).is_stalled = false;
    for _ in 0..500 {
        let before = bench.sent.len();
        bench.ask(b"GET /file HTTP/1.1\r\nHost: x\r\n\r\n");
        assert!(bench.sent.len() > before);
    }
}

#[test]
fn an_unfinished_request_at_the_end_of_the_stream_gets_no_answer() {
    let mut bench = Bench::new(10);
    bench.ask(b"GET /file HTTP/1.1\r\n");
    bench.end();
    assert_eq!((bench.state, bench.sent.len()), (State::Closing, 0));
}
