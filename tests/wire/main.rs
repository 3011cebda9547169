//! What holds for all bytes, names, addresses and deadlines, tried with thousands of them.
//!
//! Each test states a rule, makes inputs by chance, and compares with something so plain that
//! it can be believed at sight: a framer of ten lines, a vector of bytes, a table of deadlines.
//! When a rule breaks, proptest looks for the smallest input that breaks it, and prints that.

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::rc::Rc;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use papo::machine::{LineEnd, LineLimit, Millis, Shared};
use papo::timer_wheel::{TICK_MS, TimerWheel};
use papo::wire::line_buffer::{LineBuffer, LineTooLong};
use papo::wire::name::{NAME_BYTES_MAX, NAME_CHARS_MAX, Name};
use papo::wire::out_buffer::OutBuffer;
use papo::wire::reply::{self, Edition, Reply};
use papo::wire::request::Request;
use papo::wire::speech::{self, Speech};
use papo::wire::{REPLY_LIMIT, REQUEST_LIMIT, SPEECH_LIMIT, address};

/// Enough to find what a few bytes can break, and few enough to be done in a breath.
fn thousands() -> ProptestConfig {
    // No files: a failure that is worth keeping becomes a test with a name.
    ProptestConfig { cases: 5_000, failure_persistence: None, ..ProptestConfig::default() }
}

// ------------------------------------------------------------------ lines out of pieces

type Lines = Vec<(Vec<u8>, LineEnd)>;

/// What came of some bytes.
#[derive(Debug, Default, Eq, PartialEq)]
struct Framed {
    lines: Lines,
    /// Whether a line passed the limit. Nothing is known behind it.
    too_long: bool,
    /// What is behind the last line feed.
    unfinished: Vec<u8>,
}

/// Cuts bytes into lines that are all there at once: the ten lines that `LineBuffer` must agree
/// with, in whatever pieces it gets them.
fn frame(bytes: &[u8], limit: LineLimit) -> Framed {
    let mut framed = Framed::default();
    for piece in bytes.split_inclusive(|&byte| byte == b'\n') {
        let line = piece.strip_suffix(b"\n").unwrap_or(piece);
        match line.len() {
            length if length > limit.close => return Framed { too_long: true, ..framed },
            length if length == piece.len() => framed.unfinished = line.to_vec(),
            length if length > limit.keep => {
                framed.lines.push((line[..limit.keep].to_vec(), LineEnd::Cut));
            }
            _ => framed.lines.push((without_cr(line).to_vec(), LineEnd::Terminator)),
        }
    }
    framed
}

fn without_cr(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Gives one piece to the buffer and takes every line that comes of it. Where `pauses` says so,
/// the bytes behind a line are put back and taken out again, as for a machine that is busy.
fn feed(
    buffer: &mut LineBuffer,
    piece: &[u8],
    pauses: &mut impl Iterator<Item = bool>,
    lines: &mut Lines,
) -> Result<(), LineTooLong> {
    let mut fresh = piece.to_vec();
    loop {
        let (used, line) = buffer.next_line(&fresh)?;
        let Some(line) = line else {
            assert_eq!(used, fresh.len(), "without a line, all bytes are used up");
            return Ok(());
        };
        lines.push((line.bytes.to_vec(), line.end));
        fresh.drain(..used);
        if pauses.next() == Some(true) {
            fresh = put_back_and_take_out(buffer, &fresh);
        }
    }
}

fn put_back_and_take_out(buffer: &mut LineBuffer, fresh: &[u8]) -> Vec<u8> {
    buffer.put_back(fresh);
    assert!(!buffer.is_pending(), "what was put back may hold whole lines");
    let back = buffer.take_back();
    assert_eq!(buffer.take_back(), b"", "it comes out once");
    back
}

/// Feeds `pieces` one by one and compares with the reference after each.
fn check_pieces(
    buffer: &mut LineBuffer,
    limit: LineLimit,
    pieces: &[Vec<u8>],
    pauses: &mut impl Iterator<Item = bool>,
) -> Framed {
    let mut lines = Lines::new();
    let mut so_far = Vec::new();
    for piece in pieces {
        so_far.extend_from_slice(piece);
        let result = feed(buffer, piece, pauses, &mut lines);
        let expected = frame(&so_far, limit);
        assert_eq!(lines, expected.lines);
        assert_eq!(result.is_err(), expected.too_long);
        if expected.too_long {
            return expected;
        }
        assert_eq!(buffer.is_pending(), !expected.unfinished.is_empty());
    }
    frame(&so_far, limit)
}

/// Asks for the unfinished line, and looks at what it weighs: the vector that comes out is the
/// buffer's own memory.
fn check_rest(buffer: &mut LineBuffer, limit: LineLimit, unfinished: &[u8]) {
    let taken = buffer.take_rest();
    assert_eq!(taken.is_some(), !unfinished.is_empty());
    let (rest, end) = taken.unwrap_or((Vec::new(), LineEnd::Rest));
    let kept = &unfinished[..unfinished.len().min(limit.keep)];
    let is_cut = unfinished.len() > kept.len();
    assert_eq!(end, if is_cut { LineEnd::Cut } else { LineEnd::Rest });
    // The CR of a line that was cut is elsewhere: the one at the cut is text.
    assert_eq!(rest, if is_cut { kept } else { without_cr(kept) });
    assert!(rest.capacity() <= (2 * limit.keep).max(8), "{} bytes", rest.capacity());
    assert!(!buffer.is_pending());
}

fn small_limit() -> impl Strategy<Value = LineLimit> {
    (1usize..12, 0usize..12).prop_map(|(keep, more)| LineLimit { keep, close: keep + more })
}

/// A read's worth of bytes: few letters, so that what matters stands next to each other often.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    vec(select(&b"aab: \0\xC3\xFF\r\r\n\n"[..]), 0..16)
}

proptest! {
    #![proptest_config(thousands())]

    #[test]
    fn any_split_of_any_bytes_gives_the_same_lines(
        limit in small_limit(),
        pieces in vec(piece(), 0..8),
        pauses in vec(any::<bool>(), 0..8),
    ) {
        let mut buffer = LineBuffer::new(limit);
        let framed = check_pieces(&mut buffer, limit, &pieces, &mut pauses.into_iter().cycle());
        let ended_once = pieces.concat().contains(&b'\n');
        prop_assert!(framed.too_long || buffer.has_ended_a_line() == ended_once);
    }

    #[test]
    fn a_rest_that_was_taken_leaves_no_trace(
        limit in small_limit(),
        takes in vec(vec(piece(), 0..3), 0..6),
    ) {
        let mut buffer = LineBuffer::new(limit);
        for pieces in takes {
            let framed = check_pieces(&mut buffer, limit, &pieces, &mut std::iter::empty());
            if framed.too_long {
                break;
            }
            check_rest(&mut buffer, limit, &framed.unfinished);
        }
    }
}

/// S46.
#[test]
fn a_request_of_512_bytes_passes_and_one_more_does_not() {
    let pass = [vec![b'x'; 510], b"\r\n".to_vec()].concat();
    let more = [vec![b'x'; 511], b"\r\n".to_vec()].concat();
    let whole =
        |bytes: &[u8]| LineBuffer::new(REQUEST_LIMIT).next_line(bytes).map(|(used, _)| used);
    assert_eq!(whole(&pass), Ok(512));
    assert_eq!(whole(&more), Err(LineTooLong));
    assert_eq!(whole(&more[..511]), Ok(511), "it may still end with the next byte");
    assert_eq!(whole(&more[..512]), Err(LineTooLong), "S46: 512 bytes without LF");
}

// ------------------------------------------------------------------ messages there and back

/// Takes written bytes through the framer of the other side: they must be one line and no more.
fn one_line(bytes: &[u8], limit: LineLimit) -> Vec<u8> {
    let mut buffer = LineBuffer::new(limit);
    let (used, line) = buffer.next_line(bytes).expect("within the limit");
    let line = line.expect("a line");
    assert_eq!((used, line.end), (bytes.len(), LineEnd::Terminator));
    assert!(bytes.ends_with(b"\r\n"), "the handout's end of every instruction");
    line.bytes.to_vec()
}

fn name() -> impl Strategy<Value = Name> {
    let plain = "[A-Za-zÀ-ÿΑ-ω0-9/#. -]{1,32}";
    let strange = vec(any::<char>(), 1..=16).prop_map(String::from_iter);
    prop_oneof![3 => plain.boxed(), 1 => strange.boxed()]
        .prop_filter_map("no name", |text| Name::parse(text.as_bytes()).ok())
}

/// What a person may ask for: any text with something in it, but for the colon and the line end.
fn wanted() -> impl Strategy<Value = String> {
    "[^:\n]{1,40}".prop_map(|text| text.trim().to_string()).prop_filter("empty", |t| !t.is_empty())
}

fn port() -> RangeInclusive<u16> {
    1..=u16::MAX
}

/// Addresses of both families. The groups of IPv6 are mostly zero, so that its many short
/// spellings come up, and some are IPv4 in disguise.
fn any_address() -> impl Strategy<Value = SocketAddr> {
    let four = any::<[u8; 4]>();
    let six = vec(prop_oneof![3 => Just(0), 1 => Just(1), 1 => any::<u16>()], 8);
    let ip = prop_oneof![
        four.prop_map(IpAddr::from),
        six.prop_map(|groups| <[u16; 8]>::try_from(groups).expect("eight")).prop_map(IpAddr::from),
        four.prop_map(|bytes| Ipv4Addr::from(bytes).to_ipv6_mapped().into()),
    ];
    (ip, port()).prop_map(SocketAddr::from)
}

fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

fn request_there_and_back(request: &Request<'_>) {
    let mut bytes = Vec::new();
    request.encode(&mut bytes);
    assert_eq!(Request::parse(&one_line(&bytes, REQUEST_LIMIT)).as_ref(), Ok(request));
}

fn addr_there_and_back(edition: Edition, name: &Name, address: SocketAddr) {
    let mut bytes = Vec::new();
    reply::encode_addr(edition, name, address.into(), &mut bytes);
    let line = one_line(&bytes, REPLY_LIMIT);
    let name = (edition == Edition::Of2026).then_some(name.as_bytes());
    let address = canonical(address);
    assert_eq!(Reply::parse(&line), Some(Reply::Addr { name, address }));
}

proptest! {
    #![proptest_config(thousands())]

    #[test]
    fn every_request_is_read_as_it_was_written(name in name(), port in port(), wanted in wanted()) {
        for request in [
            Request::User { name: name.clone(), port },
            Request::Addr(name.as_bytes()),
            Request::Addr(wanted.as_bytes()),
            Request::List,
            Request::Keep,
            Request::Disc,
        ] {
            request_there_and_back(&request);
        }
    }

    #[test]
    fn what_is_read_as_a_request_is_written_so_that_it_reads_the_same(line in hostile_line()) {
        if let Ok(request) = Request::parse(&line) {
            request_there_and_back(&request);
        }
    }

    #[test]
    fn an_addr_reply_is_read_as_it_was_written(name in name(), address in any_address()) {
        addr_there_and_back(Edition::Of2024, &name, address);
        addr_there_and_back(Edition::Of2026, &name, address);
    }

    #[test]
    fn an_address_is_written_without_brackets_and_a_mapped_one_with_dots(address in any_address()) {
        let mut text = Vec::new();
        address::encode(address.into(), &mut text);
        prop_assert!(!text.contains(&b'['));
        prop_assert_eq!(text.contains(&b'.'), canonical(address).is_ipv4());
        prop_assert_eq!(address::parse(&text), Some(canonical(address)));
    }

    #[test]
    fn a_list_of_names_comes_out_name_by_name(names in vec(name(), 0..8)) {
        let texts: Vec<_> = names.iter().map(Name::as_bytes).collect();
        let line = [b"LIST ".to_vec(), texts.join(&b':')].concat();
        let Some(Reply::List(list)) = Reply::parse(&line) else { panic!("a list") };
        prop_assert_eq!(reply::names(list).collect::<Vec<_>>(), texts);
    }

    #[test]
    fn every_speech_is_read_as_it_was_written(line in hostile_line()) {
        let speech = Speech::parse(&line);
        let mut bytes = Vec::new();
        speech.encode(&mut bytes);
        let read = one_line(&bytes, SPEECH_LIMIT);
        prop_assert_eq!(&read, &line, "nothing is lost, not even a blank");
        prop_assert_eq!(Speech::parse(&read), speech);
    }

    #[test]
    fn a_caller_is_known_by_its_name_with_or_without_a_port(name in name(), port in port()) {
        let short = name.to_string();
        let long = format!("{name}:{port}");
        prop_assert_eq!(speech::caller_name(short.as_bytes()), Some(name.clone()));
        prop_assert_eq!(speech::caller_name(long.as_bytes()), Some(name));
    }
}

// ------------------------------------------------------------------ strangers' bytes

/// A line made of what parsers look for and of what they do not expect.
fn hostile_line() -> impl Strategy<Value = Vec<u8>> {
    let words = [
        "USER ",
        "LIST",
        "KEEP",
        "ADDR ",
        "DISC",
        ":",
        " ",
        "\r",
        "\t",
        "\0",
        "Ana",
        "20000",
        "65536",
        "10.0.0.2",
        "[::1]",
        "::ffff:",
        "\u{1b}[2J",
        "\u{202E}",
        "\u{85}",
        "é",
        "٢",
    ];
    let word = select(words.to_vec()).prop_map(|word| word.as_bytes().to_vec());
    let noise = vec(any::<u8>().prop_filter("one line", |&byte| byte != b'\n'), 0..8);
    vec(prop_oneof![4 => word, 1 => noise], 0..10).prop_map(|parts| parts.concat())
}

/// Characters that a nickname must not have, in the classes that Unicode gives them.
const INVISIBLE: [RangeInclusive<char>; 36] = [
    '\0'..='\u{1F}',           // C0: ESC moves the cursor, NUL ends a C string
    '\u{7F}'..='\u{9F}',       // DEL and C1: 9B is an ESC of one character
    '\u{AD}'..='\u{AD}',       // soft hyphen
    '\u{61C}'..='\u{61C}',     // bidirectional: Arabic letter mark
    '\u{180E}'..='\u{180E}',   // Mongolian vowel separator
    '\u{200B}'..='\u{200F}',   // zero width, and left-to-right, right-to-left
    '\u{2028}'..='\u{2029}',   // line and paragraph separator
    '\u{202A}'..='\u{202E}',   // bidirectional: embeddings and overrides
    '\u{2060}'..='\u{2064}',   // word joiner, invisible operators
    '\u{2066}'..='\u{2069}',   // bidirectional: isolates
    '\u{206A}'..='\u{206F}',   // deprecated format characters
    '\u{FEFF}'..='\u{FEFF}',   // byte order mark
    '\u{FFF9}'..='\u{FFFB}',   // interlinear annotation
    '\u{E0000}'..='\u{E007F}', // tags
    // Default_Ignorable and the like: nothing to see, though text has uses for them.
    '\u{34F}'..='\u{34F}',     // combining grapheme joiner
    '\u{600}'..='\u{605}',     // Arabic number signs
    '\u{6DD}'..='\u{6DD}',     // Arabic end of ayah
    '\u{70F}'..='\u{70F}',     // Syriac abbreviation mark
    '\u{890}'..='\u{891}',     // Arabic pound and piastre marks
    '\u{8E2}'..='\u{8E2}',     // Arabic disputed end of ayah
    '\u{115F}'..='\u{1160}',   // Hangul fillers
    '\u{17B4}'..='\u{17B5}',   // Khmer inherent vowels
    '\u{180B}'..='\u{180D}',   // Mongolian variation selectors
    '\u{180F}'..='\u{180F}',   // and the fourth
    '\u{2065}'..='\u{2065}',   // unassigned, ignorable
    '\u{2800}'..='\u{2800}',   // Braille blank
    '\u{3164}'..='\u{3164}',   // Hangul filler
    '\u{FE00}'..='\u{FE0F}',   // variation selectors
    '\u{FFA0}'..='\u{FFA0}',   // halfwidth Hangul filler
    '\u{FFF0}'..='\u{FFF8}',   // unassigned, ignorable
    '\u{110BD}'..='\u{110BD}', // Kaithi number sign
    '\u{110CD}'..='\u{110CD}', // Kaithi number sign above
    '\u{13430}'..='\u{1343F}', // Egyptian hieroglyph format controls
    '\u{1BCA0}'..='\u{1BCA3}', // shorthand format controls
    '\u{1D173}'..='\u{1D17A}', // musical symbol beams
    '\u{E0080}'..='\u{E0FFF}', // more variation selectors
];

fn is_forbidden(character: char) -> bool {
    character == ':' || INVISIBLE.iter().any(|range| range.contains(&character))
}

fn keeps_the_rules(name: &str) -> bool {
    (1..=NAME_CHARS_MAX).contains(&name.chars().count())
        && name.len() <= NAME_BYTES_MAX
        && name.trim() == name
        && !name.chars().any(is_forbidden)
}

fn invisible() -> impl Strategy<Value = char> {
    select(INVISIBLE.into_iter().flatten().collect::<Vec<_>>())
}

/// Letters, with a forbidden or any other character among them now and then.
fn doubtful_name() -> impl Strategy<Value = String> {
    let letter = select("aAzZéñΩ李😀 \u{3000}".chars().collect::<Vec<_>>());
    let character = prop_oneof![40 => letter, 1 => Just(':'), 1 => invisible(), 1 => any::<char>()];
    vec(character, 0..40).prop_map(String::from_iter)
}

proptest! {
    #![proptest_config(thousands())]

    #[test]
    fn a_name_that_is_accepted_keeps_the_rules(text in doubtful_name()) {
        if let Ok(name) = Name::parse(text.as_bytes()) {
            prop_assert!(keeps_the_rules(name.as_str()), "{:?}", name);
            prop_assert_eq!(name.as_str(), text.trim());
            prop_assert_eq!(Name::parse(name.as_bytes()), Ok(name), "twice checked is the same");
        }
    }

    #[test]
    fn one_forbidden_character_spoils_any_name(
        before in "[a-z]{1,8}",
        forbidden in invisible(),
        after in "[a-z]{1,8}",
    ) {
        let text = format!("{before}{forbidden}{after}");
        prop_assert!(Name::parse(text.as_bytes()).is_err(), "{:?}", text);
    }

    #[test]
    fn letters_digits_and_inner_blanks_make_a_name(text in "[A-Za-zÀ-ÖØ-öø-ÿ0-9 ]{1,32}") {
        prop_assert_eq!(Name::parse(text.as_bytes()).is_ok(), !text.trim().is_empty());
    }

    #[test]
    fn no_bytes_make_a_parser_panic(line in hostile_line()) {
        let _ = Request::parse(&line);
        let _ = Reply::parse(&line).map(|_| reply::names(&line).count());
        let _ = Speech::parse(&line);
        let _ = speech::caller_name(&line);
        let _ = Name::parse(&line);
        let _ = address::parse(&line);
        if let Some(port) = address::parse_port(&line) {
            prop_assert_ne!(port, 0);
        }
    }
}

// ------------------------------------------------------------------ bytes into a full socket

/// A socket that does not take what it is offered. Each answer says what it does with one write;
/// without answers it is full.
#[derive(Debug, Default)]
struct Reluctant {
    taken: Vec<u8>,
    answers: VecDeque<Answer>,
}

#[derive(Clone, Copy, Debug)]
enum Answer {
    Take(usize),
    WouldBlock,
    Interrupted,
    Reset,
}

impl Write for Reluctant {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        assert!(!bytes.is_empty(), "a write of nothing looks like a closed socket");
        match self.answers.pop_front() {
            Some(Answer::Take(room)) => {
                let written = bytes.len().min(room);
                self.taken.extend_from_slice(&bytes[..written]);
                Ok(written)
            }
            Some(Answer::Interrupted) => Err(io::ErrorKind::Interrupted.into()),
            Some(Answer::Reset) => Err(io::ErrorKind::ConnectionReset.into()),
            Some(Answer::WouldBlock) | None => Err(io::ErrorKind::WouldBlock.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[derive(Clone, Debug)]
enum Step {
    Push(Vec<u8>),
    Share { text: Vec<u8>, skip: (usize, usize) },
    Write(Vec<Answer>),
    Clear,
}

fn step() -> impl Strategy<Value = Step> {
    let text = || {
        let long = (0usize..40_000).prop_map(|len| (0..251).cycle().take(len).collect());
        prop_oneof![30 => vec(any::<u8>(), 0..24), 1 => long]
    };
    let answer = prop_oneof![
        8 => (1usize..16).prop_map(Answer::Take),
        1 => (1usize..40_000).prop_map(Answer::Take),
        1 => Just(Answer::WouldBlock),
        1 => Just(Answer::Interrupted),
        1 => Just(Answer::Reset),
    ];
    prop_oneof![
        6 => text().prop_map(Step::Push),
        6 => (text(), 0usize..24, 0usize..24)
            .prop_map(|(text, one, other)| Step::Share { text, skip: (one, other) }),
        6 => vec(answer, 0..6).prop_map(Step::Write),
        1 => Just(Step::Clear),
    ]
}

/// An `OutBuffer` on its socket, and beside it all that should ever have gone out.
#[derive(Default)]
struct Sending {
    out: OutBuffer,
    socket: Reluctant,
    expected: Vec<u8>,
}

impl Sending {
    fn take(&mut self, step: Step) {
        match step {
            Step::Push(text) => {
                self.out.push(&text);
                self.expected.extend_from_slice(&text);
            }
            Step::Share { text, skip: (one, other) } => self.share(&text, one, other),
            Step::Write(answers) => self.write(answers),
            Step::Clear => {
                self.out.clear();
                self.expected.truncate(self.socket.taken.len());
            }
        }
        self.check();
    }

    fn share(&mut self, text: &[u8], one: usize, other: usize) {
        let (one, other) = (one.min(text.len()), other.min(text.len()));
        let skip = one.min(other)..one.max(other);
        self.expected.extend_from_slice(&text[..skip.start]);
        self.expected.extend_from_slice(&text[skip.end..]);
        self.out.push_shared(&Shared { bytes: text.into(), skip });
    }

    fn write(&mut self, answers: Vec<Answer>) {
        self.socket.answers = answers.into();
        let result = self.out.write_to(&mut self.socket);
        assert_eq!(result.is_ok(), self.out.is_empty(), "it stops when all is out, or at an error");
        let error = result.err().map(|error| error.kind());
        assert_ne!(error, Some(io::ErrorKind::Interrupted), "that is no error: it tries again");
    }

    fn check(&self) {
        assert!(self.expected.starts_with(&self.socket.taken), "lost, repeated or out of order");
        let left = self.expected.len() - self.socket.taken.len();
        assert_eq!((self.out.len(), self.out.is_empty()), (left, left == 0));
    }
}

proptest! {
    #![proptest_config(thousands())]

    #[test]
    fn all_that_was_queued_goes_out_once_and_in_order(steps in vec(step(), 0..24)) {
        let mut sending = Sending::default();
        for step in steps {
            sending.take(step);
        }
        sending.take(Step::Write(vec![Answer::Take(usize::MAX); 64]));
        prop_assert_eq!(sending.socket.taken, sending.expected);
    }
}

#[test]
fn a_socket_that_takes_nothing_is_an_error_and_no_endless_loop() {
    let mut sending = Sending::default();
    sending.take(Step::Push(b"KEEP\r\n".to_vec()));
    sending.socket.answers = [Answer::Take(2), Answer::Take(0)].into();
    let error = sending.out.write_to(&mut sending.socket).expect_err("nothing was taken");
    assert_eq!(error.kind(), io::ErrorKind::WriteZero);
    assert_eq!(sending.out.len(), 4);
}

#[test]
fn shared_bytes_are_shared_and_let_go() {
    let text: Rc<[u8]> = b"LIST Ana\r\n"[..].into();
    let mut sending = Sending::default();
    sending.out.push_shared(&Shared { bytes: Rc::clone(&text), skip: 0..0 });
    assert_eq!(Rc::strong_count(&text), 2, "queued without a copy");
    sending.socket.answers = [Answer::Take(usize::MAX)].into();
    sending.out.write_to(&mut sending.socket).expect("room for all");
    assert_eq!(Rc::strong_count(&text), 1, "nothing of it is kept");
}

// ------------------------------------------------------------------ deadlines

/// What the wheel sees ahead at least: a key with a deadline nearer than this may not come out
/// before it.
const SIGHT_MS: u64 = 16_000;

/// Somebody who keeps keys in a wheel as the directory does: the true deadline stands in a table
/// of its own, and a key that comes out before it is armed again.
#[derive(Default)]
struct Owner {
    wheel: TimerWheel<usize>,
    now: Millis,
    /// When the wheel was emptied last. It sees ahead from there, and not from `now`.
    armed: usize,
    waiting: BTreeMap<usize, Key>,
}

struct Key {
    deadline: Millis,
    armed: Millis,
    /// How often it came out before its deadline.
    looks: u64,
}

#[derive(Clone, Debug)]
enum Turn {
    Arm { ahead_ms: u64 },
    ArmLate { behind_ms: u64 },
    Sleep { ms: u64 },
    SleepUntilDeadline,
}

fn turn() -> impl Strategy<Value = Turn> {
    let ahead = prop_oneof![
        6 => 0..=SIGHT_MS,
        1 => 0..=100 * SIGHT_MS,
        1 => Just(u64::MAX),
    ];
    let sleep = prop_oneof![4 => 0..100u64, 4 => 0..20_000u64, 1 => 0..3_600_000u64];
    prop_oneof![
        4 => ahead.prop_map(|ahead_ms| Turn::Arm { ahead_ms }),
        1 => (0..20_000u64).prop_map(|behind_ms| Turn::ArmLate { behind_ms }),
        3 => sleep.prop_map(|ms| Turn::Sleep { ms }),
        2 => Just(Turn::SleepUntilDeadline),
    ]
}

impl Owner {
    fn take(&mut self, turn: &Turn) {
        match *turn {
            Turn::Arm { ahead_ms } => self.arm(self.now + ahead_ms),
            Turn::ArmLate { behind_ms } => self.arm(Millis(self.now.0.saturating_sub(behind_ms))),
            Turn::Sleep { ms } => self.now = self.now + ms,
            Turn::SleepUntilDeadline => {
                self.now = self.wheel.next_deadline().unwrap_or_default().max(self.now);
            }
        }
        self.check_that_the_loop_wakes_in_time();
        // Like the loop: the wheel is left alone until it asks for a tick.
        if self.wheel.next_deadline().is_some_and(|deadline| deadline <= self.now) {
            self.drain();
        }
    }

    fn arm(&mut self, deadline: Millis) {
        self.wheel.arm(self.now, deadline, self.armed);
        self.waiting.insert(self.armed, Key { deadline, armed: self.now, looks: 0 });
        self.armed += 1;
    }

    fn check_that_the_loop_wakes_in_time(&self) {
        let latest = self.waiting.values().map(|key| key.deadline.max(key.armed) + TICK_MS).min();
        let next = self.wheel.next_deadline();
        assert_eq!(next.is_some(), latest.is_some());
        assert!(next <= latest, "wakes at {next:?}, should by {latest:?}");
    }

    fn drain(&mut self) {
        while let Some(number) = self.wheel.pop_due(self.now) {
            let key = self.waiting.remove(&number).expect("a key comes out once");
            if key.deadline > self.now {
                self.arm_again(number, key);
            }
        }
        let next = self.wheel.next_deadline();
        assert!(
            next.is_none_or(|next| next > self.now),
            "a tick at {:?} leaves {next:?}",
            self.now
        );
        let missed = self.waiting.values().find(|key| key.deadline + TICK_MS <= self.now);
        assert!(missed.is_none(), "due at {:?}", missed.map(|key| key.deadline));
    }

    /// One look in the time that the wheel sees ahead, and no more: else it would be a list of
    /// everybody, gone through at every tick.
    fn arm_again(&mut self, number: usize, key: Key) {
        let looks = key.looks + 1;
        let most = self.now.since(key.armed) / SIGHT_MS;
        assert!(looks <= most, "look {looks} of {most}, due at {:?}", key.deadline);
        self.wheel.arm(self.now, key.deadline, number);
        self.waiting.insert(number, Key { looks, ..key });
    }
}

proptest! {
    #![proptest_config(thousands())]

    #[test]
    fn no_deadline_comes_early_or_late_or_never(turns in vec(turn(), 0..40)) {
        let mut owner = Owner::default();
        for turn in &turns {
            owner.take(turn);
        }
        let deadlines = owner.waiting.values().map(|key| key.deadline);
        let last = deadlines.filter(|at| at.0 < u64::MAX).max().unwrap_or_default();
        owner.now = last.max(owner.now) + TICK_MS;
        owner.drain();
        prop_assert!(owner.waiting.values().all(|key| key.deadline.0 == u64::MAX));
    }

    #[test]
    fn a_wheel_that_slept_is_not_turned_slot_by_slot(slept in 0..u64::MAX / 4) {
        let mut wheel = TimerWheel::default();
        let now = Millis(slept);
        wheel.arm(now, now + SIGHT_MS / 2, ());
        prop_assert_eq!(wheel.pop_due(now), None);
        prop_assert!(wheel.next_deadline() >= Some(now + SIGHT_MS / 2));
    }

    #[test]
    fn keys_of_one_moment_all_come_out_at_it(
        keys in 1usize..200,
        start in 0..100_000u64,
        ahead in 0..=SIGHT_MS,
    ) {
        let mut wheel = TimerWheel::default();
        prop_assert_eq!(wheel.pop_due(Millis(start)), None);
        (0..keys).for_each(|key| wheel.arm(Millis(start), Millis(start + ahead), key));
        let due = wheel.next_deadline().expect("armed");
        prop_assert!(due.0 <= start + ahead.max(1) + TICK_MS);
        let mut out: Vec<_> = std::iter::from_fn(|| wheel.pop_due(due)).collect();
        out.sort_unstable();
        prop_assert_eq!(out, (0..keys).collect::<Vec<_>>());
        prop_assert_eq!(wheel.next_deadline(), None);
    }
}
