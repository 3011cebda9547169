//! The version of a file (RFC 9110, section 8.8): a tag, and the date of the last change.
//!
//! A client keeps both with the file, and sends them when it asks again. Read next:
//! [`super::conditions`], which compares them.

use std::fmt::Write;
use std::time::{Duration, UNIX_EPOCH};

use super::files::Facts;

/// The version of a file, at the moment of one request.
#[derive(Clone, Copy, Debug)]
pub struct Validators {
    facts: Facts,
    /// The second of the last change is over. Before, another change may have the same time, and
    /// then two versions would have the same tag.
    is_settled: bool,
}

impl Validators {
    /// The version of a file at the wall-clock time `now_s`.
    #[must_use]
    pub fn new(facts: Facts, now_s: u64) -> Self {
        Self { facts, is_settled: facts.modified_s < now_s }
    }

    /// Writes the tag for the head of an answer. It is weak until only one version can have it.
    pub(super) fn write_etag(&self, head: &mut String) {
        if !self.is_settled {
            head.push_str("W/");
        }
        self.write_opaque(head);
    }

    /// The tag in its quotes, without the `W/` of a weak one.
    fn write_opaque(&self, out: &mut String) {
        let Facts { length, modified_s, modified_ns } = self.facts;
        // Writing to a String does not fail.
        let _ = write!(out, "\"{modified_s:x}.{modified_ns:x}-{length:x}\"");
    }

    /// When the file was changed, in seconds since 1970.
    #[must_use]
    pub fn modified_s(&self) -> u64 {
        self.facts.modified_s
    }

    /// Whether a tag is the same by the weak comparison, which is enough to show the file.
    pub(super) fn matches_weakly(&self, tag: &Tag<'_>) -> bool {
        let mut opaque = String::new();
        self.write_opaque(&mut opaque);
        tag.opaque == opaque.as_bytes()
    }

    /// Whether a tag is the same by the strong comparison: both sides have the same bytes, so parts
    /// of the file fit together.
    pub(super) fn matches_strongly(&self, tag: &Tag<'_>) -> bool {
        self.is_settled && !tag.is_weak && self.matches_weakly(tag)
    }

    /// The same for a date.
    pub(super) fn matches_date_strongly(&self, date_s: u64) -> bool {
        self.is_settled && date_s == self.facts.modified_s
    }
}

/// A tag in a header.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Tag<'a> {
    is_weak: bool,
    /// The tag with its quotes.
    opaque: &'a [u8],
}

impl<'a> Tag<'a> {
    /// The tag at the start of `text`, and the rest after it.
    pub(super) fn split_first(text: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let quoted = text.strip_prefix(b"W/").unwrap_or(text);
        let inner = quoted.strip_prefix(b"\"")?;
        let length = inner.iter().position(|&byte| byte == b'"')?;
        let (opaque, rest) = quoted.split_at(length + 2);
        Some((Self { is_weak: quoted.len() < text.len(), opaque }, rest))
    }
}

/// The tags of a list, up to the first mistake in it. A tag may have commas in it.
pub(super) fn tags(list: &[u8]) -> impl Iterator<Item = Tag<'_>> {
    let mut rest = list;
    std::iter::from_fn(move || {
        while let [b' ' | b'\t' | b',', behind @ ..] = rest {
            rest = behind;
        }
        let (tag, behind) = Tag::split_first(rest)?;
        rest = behind;
        Some(tag)
    })
}

/// Reads an HTTP date as seconds since 1970. `None`: the text is no date.
pub(super) fn date_s(text: &[u8]) -> Option<u64> {
    let date = httpdate::parse_http_date(std::str::from_utf8(text).ok()?).ok()?;
    Some(date.duration_since(UNIX_EPOCH).ok()?.as_secs())
}

/// Writes seconds since 1970 as an HTTP date.
pub(super) fn http_date(seconds: u64) -> String {
    // HTTP dates end with the year 9999.
    const LAST: u64 = 253_402_300_799;
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds.min(LAST)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_found_with_commas_inside_and_outside() {
        let found: Vec<_> = tags(b" ,\"a,b\" , W/\"c\",\t\"\"").collect();
        let tag = |is_weak, opaque| Tag { is_weak, opaque };
        let expected: [(bool, &[u8]); 3] =
            [(false, b"\"a,b\""), (true, b"\"c\""), (false, b"\"\"")];
        assert_eq!(found, expected.map(|(is_weak, opaque)| tag(is_weak, opaque)));
        assert_eq!(tags(b"\"a\", b, \"c\"").count(), 1, "a list is read up to its first mistake");
        assert_eq!(tags(b"w/\"a\"").count(), 0, "the W is a capital");
    }
}
