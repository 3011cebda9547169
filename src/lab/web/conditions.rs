//! The conditions of a request (RFC 9110, section 13).
//!
//! A client names the version of the file that it has, or wants. Five headers can do so, and
//! section 13.2.2 has their order: a tag before a date, and conditions that forbid an answer before
//! conditions that shorten it. Read next: [`super::range`].

use super::headers::Headers;
use super::validators::{Tag, Validators, date_s, tags};

/// The conditions of one request.
#[derive(Debug)]
pub(super) struct Conditions<'a> {
    /// All header lines of this list. Empty: there is none.
    if_match: Vec<&'a [u8]>,
    if_none_match: Vec<&'a [u8]>,
    if_modified_since: Option<&'a [u8]>,
    if_unmodified_since: Option<&'a [u8]>,
    if_range: Option<&'a [u8]>,
    range: Option<&'a [u8]>,
}

/// The result of all conditions of a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Verdict {
    Send,
    NotModified,
    Failed,
}

impl<'a> Conditions<'a> {
    pub(super) fn of(headers: Headers<'_, 'a>) -> Self {
        // A range with two conditions is ignored, so the whole file is sent.
        let is_unclear = headers.has("if-range") && headers.only("if-range").is_none();
        Self {
            if_match: headers.values("if-match").collect(),
            if_none_match: headers.values("if-none-match").collect(),
            if_modified_since: headers.only("if-modified-since"),
            if_unmodified_since: headers.only("if-unmodified-since"),
            if_range: headers.only("if-range"),
            range: headers.only("range").filter(|_| !is_unclear),
        }
    }

    /// Whether this version of the file is sent.
    pub(super) fn verdict(&self, current: &Validators) -> Verdict {
        if !self.is_wanted(current) {
            Verdict::Failed
        } else if self.is_known(current) {
            Verdict::NotModified
        } else {
            Verdict::Send
        }
    }

    /// Whether the client wants this version. A client without such a condition wants any.
    fn is_wanted(&self, current: &Validators) -> bool {
        if self.if_match.is_empty() {
            let date_s = self.if_unmodified_since.and_then(date_s);
            return date_s.is_none_or(|date_s| current.modified_s() <= date_s);
        }
        names(&self.if_match, |tag| current.matches_strongly(tag))
    }

    /// Whether the client has this version already.
    fn is_known(&self, current: &Validators) -> bool {
        if self.if_none_match.is_empty() {
            let date_s = self.if_modified_since.and_then(date_s);
            return date_s.is_some_and(|date_s| current.modified_s() <= date_s);
        }
        names(&self.if_none_match, |tag| current.matches_weakly(tag))
    }

    /// The requested range, if it belongs to this version of the file.
    pub(super) fn range(&self, current: &Validators) -> Option<&'a [u8]> {
        let Some(version) = self.if_range else { return self.range };
        let is_current = match Tag::split_first(version) {
            Some((tag, rest)) => rest.is_empty() && current.matches_strongly(&tag),
            None => date_s(version).is_some_and(|date_s| current.matches_date_strongly(date_s)),
        };
        self.range.filter(|_| is_current)
    }
}

/// Whether a list names the current version. `*` names any.
fn names(lines: &[&[u8]], is_current: impl Fn(&Tag<'_>) -> bool) -> bool {
    let any: &[u8] = b"*";
    lines == [any] || lines.iter().flat_map(|line| tags(line)).any(|tag| is_current(&tag))
}
