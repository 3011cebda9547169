//! The range of a request (RFC 9110, section 14).
//!
//! A client continues an interrupted download with `Range: bytes=1000-`, and a player seeks with
//! it. A server may always send the whole file instead. This one does so for several ranges,
//! because an answer with several parts is a format of its own. Read next: [`mod@super::answer`].

use std::ops::Range;

/// The part of a file that is sent.
#[derive(Debug, Eq, PartialEq)]
pub enum Selection {
    /// All of the file.
    Whole,
    /// These bytes of it.
    Part(Range<u64>),
    /// The file has none of the requested bytes.
    Unsatisfiable,
}

/// The part that the header `Range` with this value selects of a file of `length` bytes. An invalid
/// value selects the whole file.
#[must_use]
pub fn select(value: &[u8], length: u64) -> Selection {
    let Some(wanted) = parse(value) else { return Selection::Whole };
    let parts: Vec<_> = wanted.iter().filter_map(|wanted| wanted.of(length)).collect();
    match &parts[..] {
        [] => Selection::Unsatisfiable,
        // The last bytes of an empty file.
        [part] if part.is_empty() => Selection::Whole,
        [part] => Selection::Part(part.clone()),
        _ => Selection::Whole,
    }
}

/// One requested range.
#[derive(Clone, Copy, Debug)]
enum Wanted {
    /// `first-last`, or `first-` with the largest number.
    FromTo(u64, u64),
    /// `-count`: the last bytes.
    Last(u64),
}

impl Wanted {
    /// The range in a file of this length. `None`: the file has none of its bytes.
    fn of(self, length: u64) -> Option<Range<u64>> {
        match self {
            Self::FromTo(first, last) => {
                (first < length).then(|| first..last.saturating_add(1).min(length))
            }
            Self::Last(count) => (count > 0).then(|| length.saturating_sub(count)..length),
        }
    }
}

/// The ranges of a header. `None`: there is none, or one is invalid.
fn parse(value: &[u8]) -> Option<Vec<Wanted>> {
    let (unit, ranges) = std::str::from_utf8(value).ok()?.split_once('=')?;
    if !unit.eq_ignore_ascii_case("bytes") {
        return None;
    }
    let ranges = ranges.split(',').map(|range| range.trim_matches([' ', '\t']));
    let wanted: Option<Vec<_>> = ranges.filter(|range| !range.is_empty()).map(parse_one).collect();
    wanted.filter(|wanted| !wanted.is_empty())
}

fn parse_one(range: &str) -> Option<Wanted> {
    let (first, last) = range.split_once('-')?;
    match (first, last) {
        ("", last) => Some(Wanted::Last(number(last)?)),
        (first, "") => Some(Wanted::FromTo(number(first)?, u64::MAX)),
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            (first <= last).then_some(Wanted::FromTo(first, last))
        }
    }
}

/// A number. If it is too large, the largest one stands for it.
fn number(digits: &str) -> Option<u64> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(u64::MAX))
}
