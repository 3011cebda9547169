//! The known word that is most like an unknown one, for "did you mean".
//!
//! A build without the feature `tools` has no distance between words, and finds only equal words.

/// Letters of a word for each slip that it may have.
#[cfg(feature = "tools")]
const LETTERS_A_SLIP: usize = 3;

/// Most slips in a word that is still recognised.
#[cfg(feature = "tools")]
const SLIPS_MAX: usize = 2;

/// The candidate that begins with `word`, or differs from it by few slips. A slip is one letter
/// too many, too few or wrong, or two letters in the wrong order.
#[cfg(feature = "tools")]
pub(crate) fn nearest<'a, T>(
    word: &str,
    candidates: impl IntoIterator<Item = (&'a str, T)>,
) -> Option<T> {
    let slips_max = word.chars().count().div_ceil(LETTERS_A_SLIP).min(SLIPS_MAX);
    let near = candidates.into_iter().filter_map(|(candidate, meant)| {
        let begins = word.len() > 1 && candidate.starts_with(word);
        let slips = if begins { 0 } else { strsim::osa_distance(word, candidate) };
        (slips <= slips_max && slips < candidate.len()).then_some((slips, meant))
    });
    near.min_by_key(|(slips, _)| *slips).map(|(_, meant)| meant)
}

#[cfg(not(feature = "tools"))]
pub(crate) fn nearest<'a, T>(
    word: &str,
    candidates: impl IntoIterator<Item = (&'a str, T)>,
) -> Option<T> {
    candidates.into_iter().find(|(candidate, _)| *candidate == word).map(|(_, meant)| meant)
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
