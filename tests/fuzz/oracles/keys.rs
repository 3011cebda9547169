//! The keys are those of a decoder that sees all bytes at once, however the bytes are split and
//! wherever time passes in between.

use papo::console::keys::{Code, Held, Key, Keys, PASTE_BYTES_MAX, Pressed};

use super::tape::Tape;

/// The length of an input without an end: more than a paste may have.
const ENDLESS_BYTES: usize = PASTE_BYTES_MAX + 16 * 1024;

/// The length of an endless repetition. More would find nothing else, and be slow.
const REPEATED_BYTES: usize = 16;

/// Inputs up to this length are cut at each place, one after the other.
const ALL_CUTS_BYTES: usize = 48;

/// How many numbers of a sequence are read.
const NUMBERS_MAX: usize = 32;

/// The keys, and for each time that passed, whether something was unfinished before it.
type Outcome = (Vec<Pressed>, Vec<bool>);

/// Bytes between which time passes.
type Segments<'a> = Vec<&'a [u8]>;

/// The bytes of a segment, as they arrive.
type Pieces<'a> = Vec<&'a [u8]>;

pub fn check(bytes: &[u8]) {
    let mut tape = Tape::new(bytes);
    let wants_endless = tape.byte() == 0xFF;
    let cuts = tape.chunk();
    let rest = tape.rest();
    let is_endless = wants_endless && rest.len() <= REPEATED_BYTES;
    let times = if is_endless { ENDLESS_BYTES / rest.len().max(1) } else { 1 };
    let stream = rest.repeat(times);

    let as_cut = as_cut(&stream, cuts);
    let segments: Segments<'_> = segments(&stream, &as_cut);
    let expected = reference(&segments);
    let total = stream.len() + segments.len();
    assert!(expected.0.len() <= total, "no byte is more than one key");
    expect(segments.iter().map(|segment| vec![*segment]), &expected, "whole");
    expect(segments.iter().map(|segment| segment.chunks(1).collect()), &expected, "byte by byte");
    expect_alive(expect(as_cut.into_iter(), &expected, "as cut"));
    if stream.len() <= ALL_CUTS_BYTES {
        for cut in 0..stream.len() {
            let halves = segments.iter().map(|segment| {
                let (one, two) = segment.split_at(cut.min(segment.len()));
                vec![one, two]
            });
            expect(halves, &expected, "in two");
        }
    }
}

/// Little memory is kept for any input, and a letter that follows is a letter.
fn expect_alive(mut keys: Keys) {
    // The size of the memory: pasted text may have three bytes for each byte of a letter.
    let kept = format!("{keys:?}").len();
    assert!(kept <= 3 * PASTE_BYTES_MAX + 4096, "{kept} bytes are kept");
    let mut pressed = Vec::new();
    // Ends a paste, if one has begun.
    keys.feed(b"\x1b[201~x", &mut pressed);
    let x = Key { code: Code::Char('x'), held: Held::Nothing };
    assert_eq!(pressed.last(), Some(&Pressed::Key(x)), "the keyboard is dead");
}

/// Each cut is the number of bytes in a piece. With 0x80, time passes after it.
fn as_cut<'a>(mut stream: &'a [u8], cuts: &[u8]) -> Vec<Pieces<'a>> {
    let mut segments = vec![Pieces::new()];
    for cut in cuts {
        let (piece, rest) = stream.split_at(usize::from(cut & 0x7F).min(stream.len()));
        segments.last_mut().expect("never empty").push(piece);
        if cut & 0x80 != 0 {
            segments.push(Pieces::new());
        }
        stream = rest;
    }
    segments.last_mut().expect("never empty").push(stream);
    segments
}

fn segments<'a>(mut stream: &'a [u8], as_cut: &[Pieces<'_>]) -> Segments<'a> {
    let lengths = as_cut.iter().map(|pieces| pieces.iter().map(|piece| piece.len()).sum());
    let take = |length: usize| {
        let (segment, rest) = stream.split_at(length);
        stream = rest;
        segment
    };
    lengths.map(take).collect()
}

#[track_caller]
fn expect<'a>(segments: impl Iterator<Item = Pieces<'a>>, expected: &Outcome, how: &str) -> Keys {
    let (mut keys, mut pressed, mut unsettled) = (Keys::default(), Vec::new(), Vec::new());
    for pieces in segments {
        for piece in pieces {
            keys.feed(piece, &mut pressed);
        }
        unsettled.push(keys.settles_in().is_some());
        keys.settle(&mut pressed);
        assert_eq!(keys.settles_in(), None, "{how}: after some time nothing is unfinished");
    }
    assert_eq!((&pressed, &unsettled), (&expected.0, &expected.1), "{how}");
    keys
}

/// The meaning of the bytes at the beginning of a segment.
enum Token {
    /// No key of ours.
    Nothing,
    /// A key, and the byte that ended it.
    Key(Key, u8),
    /// The column of the cursor.
    CursorAt(u16),
    /// A report of the mouse: three more bytes.
    Mouse,
    PasteBegins,
    PasteEnds,
}

/// A token and its length, or `None` if it may continue.
type Found<T> = Option<(usize, T)>;

fn reference(segments: &[&[u8]]) -> Outcome {
    let (mut pressed, mut unsettled) = (Vec::new(), Vec::new());
    let (mut paste, mut unread) = (None, Vec::new());
    for segment in segments {
        unread.extend_from_slice(segment);
        let mut read = 0;
        while let Some((length, token)) = token(&unread[read..], paste.is_some()) {
            match (token, &mut paste) {
                (Token::Nothing, _) | (Token::PasteBegins, Some(_)) | (Token::PasteEnds, None) => {}
                (Token::CursorAt(_) | Token::Mouse, Some(_)) | (Token::Mouse, None) => {}
                (Token::CursorAt(column), None) => pressed.push(Pressed::CursorAt { column }),
                (Token::PasteBegins, None) => paste = Some(Vec::new()),
                (Token::Key(key, last), Some(keys)) => keys.push((key, last)),
                (Token::Key(key, _), None) => pressed.push(Pressed::Key(key)),
                (Token::PasteEnds, Some(keys)) => {
                    pressed.push(pasted(keys));
                    paste = None;
                }
            }
            read += length;
        }
        unread.drain(..read);
        unsettled.push(paste.is_some() || !unread.is_empty());
        // Silence ends a paste. It makes a key of ESC, and of the beginning of a string.
        match paste.take() {
            Some(keys) => pressed.push(pasted(&keys)),
            None => pressed.extend(key_of_half(&unread).map(Pressed::Key)),
        }
        unread.clear();
    }
    (pressed, unsettled)
}

/// The key of these bytes, if nothing follows them.
fn key_of_half(unread: &[u8]) -> Option<Key> {
    let behind = unread.strip_prefix(b"\x1b")?;
    let bytes: Vec<_> = behind.iter().skip_while(|it| **it >= 0x80).collect();
    match bytes[..] {
        [] => Some(key(Code::Escape, Held::Nothing)),
        [byte] if BEGIN_STRINGS.contains(byte) => {
            Some(key(Code::Char(char::from(*byte)), Held::Alt))
        }
        _ => None,
    }
}

/// After ESC: the beginning of a terminal's answer that is no key (OSC, DCS, APC, PM and SOS).
const BEGIN_STRINGS: &[u8] = b"]P_^X";

/// The pasted text between the two marks: letters, tabs and line ends.
fn pasted(keys: &[(Key, u8)]) -> Pressed {
    let mut whole = String::new();
    for (key, last) in keys {
        match (key.code, key.held, last) {
            // The Enter of the keypad, which is not a half of CR LF.
            (Code::Enter, _, b'M') => whole.push('\0'),
            (Code::Enter, _, _) => whole.push(char::from(*last)),
            (Code::Tab, _, _) => whole.push('\t'),
            (Code::Char(letter), Held::Nothing | Held::Alt, _) => whole.push(letter),
            _ => {}
        }
    }
    let whole = whole.replace("\r\n", "\n").replace(['\r', '\0'], "\n");
    let edges = whole.char_indices().map(|(at, _)| at).chain([whole.len()]);
    let length = edges.take_while(|at| *at <= PASTE_BYTES_MAX).last().unwrap_or(0);
    let text = whole[..length].to_string();
    Pressed::Paste { cut: text.len() < whole.len(), text }
}

fn key(code: Code, held: Held) -> Key {
    Key { code, held }
}

fn token(bytes: &[u8], is_pasted: bool) -> Found<Token> {
    match *bytes.first()? {
        0x1B => behind_esc(bytes, is_pasted),
        0x80.. => {
            let (length, letter) = letter(bytes)?;
            let token = letter.map_or(Token::Nothing, |it| {
                Token::Key(key(Code::Char(it), Held::Nothing), bytes[length - 1])
            });
            Some((length, token))
        }
        byte => Some((1, plain(byte, Held::Nothing))),
    }
}

/// The first letter beyond ASCII, or the number of bytes that are none.
fn letter(bytes: &[u8]) -> Found<Option<char>> {
    // No letter has more than four bytes, and an endless run must not be read each time.
    let run = bytes.iter().take(8).take_while(|byte| **byte >= 0x80).count();
    let chunk = bytes[..run].utf8_chunks().next()?;
    if let Some(letter) = chunk.valid().chars().next() {
        return Some((letter.len_utf8(), Some(letter)));
    }
    let length = chunk.invalid().len();
    let error = std::str::from_utf8(&bytes[..length]).expect_err("invalid");
    let may_go_on = length == bytes.len() && error.error_len().is_none();
    (!may_go_on).then_some((length, None))
}

fn plain(byte: u8, held: Held) -> Token {
    let key = match byte {
        b'\r' | b'\n' => key(Code::Enter, held),
        b'\t' => key(Code::Tab, held),
        0x08 | 0x7F => key(Code::Backspace, held),
        0x01..=0x1A => key(Code::Char(char::from(byte | 0x60)), Held::Ctrl),
        b' '..=b'~' => key(Code::Char(char::from(byte)), held),
        _ => return Token::Nothing,
    };
    Token::Key(key, byte)
}

/// ESC and a letter is the letter with Alt. An ESC before another ESC is nothing. Bytes that are no
/// letter are skipped.
fn behind_esc(bytes: &[u8], is_pasted: bool) -> Found<Token> {
    let mut at = 1;
    loop {
        match *bytes.get(at)? {
            0x1B => return Some((at, Token::Nothing)),
            0x80.. => match letter(&bytes[at..])? {
                (length, None) => at += length,
                (length, Some(letter)) => {
                    let key = key(Code::Char(letter), Held::Alt);
                    return Some((at + length, Token::Key(key, 0)));
                }
            },
            b'[' => return sequence(bytes, at + 1, is_pasted),
            b'O' => return ss3(bytes, at + 1),
            byte if BEGIN_STRINGS.contains(&byte) && !is_pasted => return string(bytes, at + 1),
            byte => return Some((at + 1, plain(byte, Held::Alt))),
        }
    }
}

/// Up to BEL, or to ESC and a backslash. Every other control ends it, too, and is a key.
fn string(bytes: &[u8], start: usize) -> Found<Token> {
    let end = start + bytes[start..].iter().take_while(|byte| **byte >= 0x20).count();
    match *bytes.get(end)? {
        0x07 => Some((end + 1, Token::Nothing)),
        0x1B => {
            let is_its_end = *bytes.get(end + 1)? == b'\\';
            Some((end + if is_its_end { 2 } else { 0 }, Token::Nothing))
        }
        byte => Some((end + 1, plain(byte, Held::Nothing))),
    }
}

/// `ESC [`, numbers, and the byte that ends them: a letter, `~`, or a byte that is not allowed
/// there.
fn sequence(bytes: &[u8], start: usize, is_pasted: bool) -> Found<Token> {
    let is_middle = |byte: &u8| matches!(byte, 0x20..=0x3F | 0x7F);
    let end = start + bytes[start..].iter().take_while(|byte| is_middle(byte)).count();
    match *bytes.get(end)? {
        0x1B | 0x80.. => Some((end, Token::Nothing)),
        byte if byte < 0x20 => Some((end + 1, plain(byte, Held::Nothing))),
        b'[' => {
            let is_its_key = !matches!(*bytes.get(end + 1)?, 0x1B | 0x80..);
            Some((end + 1 + usize::from(is_its_key), Token::Nothing))
        }
        last => match numbered(&bytes[start..end], last) {
            Token::Mouse if !is_pasted => {
                let report = bytes[end + 1..].iter().take(3).take_while(|byte| **byte >= 0x20);
                let length = end + 1 + report.count();
                let is_whole = length == end + 4 || length < bytes.len();
                is_whole.then_some((length, Token::Mouse))
            }
            token => Some((end + 1, token)),
        },
    }
}

fn numbered(middle: &[u8], last: u8) -> Token {
    let middle: String =
        middle.iter().filter(|it| **it != 0x7F).map(|it| char::from(*it)).collect();
    if !middle.chars().all(|it| it.is_ascii_digit() || ";:".contains(it)) {
        return Token::Nothing;
    }
    let looked_at: Vec<_> = middle.split_inclusive([';', ':']).take(NUMBERS_MAX).collect();
    let looked_at = looked_at.concat();
    // Of 1:2:3 only the 1 has a meaning.
    let mut numbers = looked_at.split(';').map(|group| {
        let digits = group.split(':').next().unwrap_or_default();
        digits.bytes().fold(0_u16, |sum, digit| {
            sum.saturating_mul(10).saturating_add(u16::from(digit - b'0'))
        })
    });
    let number = numbers.next().unwrap_or(0);
    let second = numbers.next().unwrap_or(1);
    let held = match second.saturating_sub(1) & 6 {
        0 => Held::Nothing,
        4 => Held::Ctrl,
        _ => Held::Alt,
    };
    let code = match (last, number) {
        (b'~', 200) => return Token::PasteBegins,
        (b'~', 201) => return Token::PasteEnds,
        (b'~', 1 | 7) => Code::Home,
        (b'~', 4 | 8) => Code::End,
        (b'~', 3) => Code::Delete,
        (b'R', _) => return Token::CursorAt(second),
        (b'M', 0) => return Token::Mouse,
        _ => match arrow(last) {
            Some(code) => code,
            None => return Token::Nothing,
        },
    };
    Token::Key(key(code, held), last)
}

fn ss3(bytes: &[u8], at: usize) -> Found<Token> {
    let byte = *bytes.get(at)?;
    let token = match byte {
        0x1B | 0x80.. => return Some((at, Token::Nothing)),
        0x00..0x20 => plain(byte, Held::Nothing),
        b'c' => Token::Key(key(Code::Right, Held::Ctrl), byte),
        b'd' => Token::Key(key(Code::Left, Held::Ctrl), byte),
        b'M' => Token::Key(key(Code::Enter, Held::Nothing), byte),
        _ => arrow(byte).map_or(Token::Nothing, |it| Token::Key(key(it, Held::Nothing), byte)),
    };
    Some((at + 1, token))
}

fn arrow(last: u8) -> Option<Code> {
    let codes = [Code::Up, Code::Down, Code::Right, Code::Left, Code::End, Code::Home];
    b"ABCDFH".iter().position(|it| *it == last).map(|at| codes[at])
}
