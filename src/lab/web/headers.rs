//! The header lines of one request, by name.
//!
//! Several lines may have the same name. For a list they are one longer list, and for another
//! header that is an error. So there are functions for both. Read next: [`super::request`].

use httparse::Header;

/// All header lines of a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Headers<'h, 'a>(pub(super) &'h [Header<'a>]);

impl<'h, 'a> Headers<'h, 'a> {
    /// The values of all lines with this name, in order.
    pub(super) fn values(self, name: &'static str) -> impl Iterator<Item = &'a [u8]> + 'h {
        let lines = self.0.iter().filter(move |header| header.name.eq_ignore_ascii_case(name));
        lines.map(|header| header.value)
    }

    /// Whether any line has this name.
    pub(super) fn has(self, name: &'static str) -> bool {
        self.values(name).next().is_some()
    }

    /// The value of a header that may occur only once. `None`: it is absent, or occurs twice.
    pub(super) fn only(self, name: &'static str) -> Option<&'a [u8]> {
        let mut values = self.values(name);
        values.next().filter(|_| values.next().is_none())
    }

    /// The items of a list in all lines with this name. Empty items do not count.
    pub(super) fn items(self, name: &'static str) -> impl Iterator<Item = &'a [u8]> + 'h {
        let items = self.values(name).flat_map(|value| value.split(|&byte| byte == b','));
        items.map(<[u8]>::trim_ascii).filter(|item| !item.is_empty())
    }

    /// Whether a list has this item, in capitals or not.
    pub(super) fn lists(self, name: &'static str, wanted: &str) -> bool {
        self.items(name).any(|item| item.eq_ignore_ascii_case(wanted.as_bytes()))
    }
}
