//! The known word that is most like an unknown one, for "did you mean".
//!
//! A build without the feature `tools` has no distance between words: it finds only equal words,
//! and names by their beginning.

/// Letters of a word for each slip that it may have.
#[cfg(feature = "tools")]
const LETTERS_A_SLIP: usize = 3;

/// Most slips in a word that is still recognised.
#[cfg(feature = "tools")]
const SLIPS_MAX: usize = 2;

/// Most letters of a name that may have a slip. The names come from a server, in any number.
#[cfg(feature = "tools")]
const NAME_LETTERS_MAX: usize = 64;

/// The candidate that begins with `word`, or differs from it by few slips. A slip is one letter
/// too many, too few or wrong, or two letters in the wrong order.
#[cfg(feature = "tools")]
pub(crate) fn nearest<'a, T>(
    word: &str,
    candidates: impl IntoIterator<Item = (&'a str, T)>,
) -> Option<T> {
    let near = candidates.into_iter().filter_map(|(candidate, meant)| {
        let begins = word.len() > 1 && candidate.starts_with(word);
        let slips = if begins { 0 } else { slips(word, candidate)? };
        Some((slips, meant))
    });
    near.min_by_key(|(slips, _)| *slips).map(|(_, meant)| meant)
}

/// The number of slips between two words. `None`: too many.
#[cfg(feature = "tools")]
fn slips(word: &str, candidate: &str) -> Option<usize> {
    let slips_max = word.chars().count().div_ceil(LETTERS_A_SLIP).min(SLIPS_MAX);
    let slips = strsim::osa_distance(word, candidate);
    (slips <= slips_max && slips < candidate.len()).then_some(slips)
}

#[cfg(not(feature = "tools"))]
pub(crate) fn nearest<'a, T>(
    word: &str,
    candidates: impl IntoIterator<Item = (&'a str, T)>,
) -> Option<T> {
    candidates.into_iter().find(|(candidate, _)| *candidate == word).map(|(_, meant)| meant)
}

/// A name in small letters.
pub(super) fn small_letters(name: &[u8]) -> String {
    String::from_utf8_lossy(name).chars().map(small).collect()
}

/// The small letter of a capital one, in ASCII and Latin-1, which has all letters of Portuguese and
/// of its neighbours. The tables for all alphabets would be 16 kB of the program.
pub(crate) fn small(letter: char) -> char {
    match u8::try_from(letter) {
        Ok(capital @ (b'A'..=b'Z' | 0xC0..=0xD6 | 0xD8..=0xDE)) => char::from(capital | 0x20),
        _ => letter,
    }
}

/// The one name that begins with `typed`, or else the one that differs from it by the fewest slips.
/// Case and accents are no slips. `None` if several names are as near.
pub(crate) fn nearest_name<'a>(
    typed: &[u8],
    names: impl Iterator<Item = &'a [u8]>,
) -> Option<&'a [u8]> {
    let typed = plain_letters(typed);
    let distances = names.filter_map(|name| Some((distance(&typed, &plain_letters(name))?, name)));
    let mut nearest: Option<(usize, Option<&[u8]>)> = None;
    for (distance, name) in distances {
        match nearest {
            Some((least, _)) if least < distance => {}
            Some((least, _)) if least == distance => nearest = Some((least, None)),
            _ => nearest = Some((distance, Some(name))),
        }
    }
    nearest.and_then(|(_, name)| name)
}

/// 0: the same letters. 1: the name begins with `typed`. More: slips.
fn distance(typed: &str, name: &str) -> Option<usize> {
    if name.starts_with(typed) {
        return Some(usize::from(name != typed));
    }
    #[cfg(feature = "tools")]
    if typed.len().max(name.len()) <= NAME_LETTERS_MAX {
        return slips(typed, name).map(|slips| 1 + slips);
    }
    None
}

/// A name in small letters without accents.
fn plain_letters(name: &[u8]) -> String {
    let small = small_letters(name);
    #[cfg(feature = "tools")]
    let small = small.chars().map(without_accent).collect();
    small
}

/// The letter without its accent, for the small letters of Latin-1.
#[cfg(feature = "tools")]
fn without_accent(letter: char) -> char {
    match letter {
        'à'..='å' => 'a',
        'ç' => 'c',
        'è'..='ë' => 'e',
        'ì'..='ï' => 'i',
        'ñ' => 'n',
        'ò'..='ö' => 'o',
        'ù'..='ü' => 'u',
        'ý' | 'ÿ' => 'y',
        other => other,
    }
}

#[cfg(all(test, feature = "tools"))]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_word_and_another_word_does_not() {
        let commands = ["server", "peer", "send", "demo", "load", "lab", "help"];
        let cases = [
            ("pier", Some("peer")),
            ("sever", Some("server")),
            ("servre", Some("server")),
            ("serv", Some("server")),
            ("Peer", Some("peer")),
            ("lod", Some("load")),
            ("dance", None),
            ("x", None),
            ("", None),
        ];
        for (word, expected) in cases {
            assert_eq!(nearest(word, commands.map(|it| (it, it))), expected, "{word}");
        }
    }
}
