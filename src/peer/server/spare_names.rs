//! Other names for a program that cannot ask a person: the refused one with a number behind it.
//!
//! Must never know a server. Read next: [`super::lost_server`], which asks for them.

use crate::random::Random;
use crate::wire::name::Name;

/// Most other names that are tried. If fifty programs want one name at once, each finds a free one
/// among the 900 after very few.
pub(crate) const SPARE_NAMES_MAX: usize = 16;

/// The names that are still to be tried.
#[derive(Debug)]
pub(crate) struct SpareNames {
    /// The first name that was refused.
    base: Option<Name>,
    left: usize,
    random: Random,
}

impl SpareNames {
    /// Programs with other seeds try other names.
    pub(crate) fn new(seed: u64) -> Self {
        Self { base: None, left: SPARE_NAMES_MAX, random: Random::new(seed) }
    }

    /// Another name, such as `Ana-417`. `None`: enough were tried, or the name is too long for a
    /// number.
    pub(crate) fn next(&mut self, refused: &Name) -> Option<Name> {
        self.left = self.left.checked_sub(1)?;
        let base = self.base.get_or_insert_with(|| refused.clone());
        let number = 100 + self.random.next_number() % 900;
        Name::parse(format!("{base}-{number}").as_bytes()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_different_numbers_and_end() {
        let mut spare = SpareNames::new(7);
        let mut name = Name::parse(b"Ana").expect("a name");
        let mut seen = Vec::new();
        while let Some(next) = spare.next(&name) {
            assert!(next.as_str().starts_with("Ana-") && next.as_str().len() == 7, "{next}");
            seen.push(next.clone());
            name = next;
        }
        seen.dedup();
        assert_eq!(seen.len(), SPARE_NAMES_MAX);
    }
}
