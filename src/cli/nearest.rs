//! The word that was most likely meant, for "did you mean". A server alone, which has few words,
//! is built without it.

use super::failure::Failure;
use crate::console::language::Text;

/// That there is no such word, and which of `candidates` may have been meant. `place` is where the
/// word stands in `text`.
#[cfg(feature = "spoken")]
pub(super) fn unknown<'a>(
    text: Text,
    (place, word): (&'static str, &str),
    candidates: impl IntoIterator<Item = &'a str>,
) -> Failure {
    const MEANT: Text =
        crate::console::language::text("Did you mean {near}?", "Você quis dizer {near}?");
    let failure = Failure::usage(text, &[(place, word)]);
    let bare = word.trim_start_matches('-');
    let dashes = &word[..word.len() - bare.len()];
    match nearest(bare, candidates) {
        Some(near) => failure.with_hint(MEANT, &[("near", &format!("{dashes}{near}"))]),
        None => failure,
    }
}

#[cfg(not(feature = "spoken"))]
pub(super) fn unknown<'a>(
    text: Text,
    (place, word): (&'static str, &str),
    _candidates: impl IntoIterator<Item = &'a str>,
) -> Failure {
    Failure::usage(text, &[(place, word)])
}

/// Of this many letters one may be wrong.
#[cfg(feature = "spoken")]
const LETTERS_A_SLIP: usize = 3;

/// The candidate that `word` is a slip of, or the beginning of. A slip is a letter too many, too
/// few, another one, or two that changed places.
#[cfg(feature = "spoken")]
fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let slips_max = word.chars().count().div_ceil(LETTERS_A_SLIP).min(2);
    let near = candidates.into_iter().filter_map(|candidate| {
        let begins = word.len() > 1 && candidate.starts_with(word);
        let slips = if begins { 0 } else { strsim::osa_distance(word, candidate) };
        (slips <= slips_max && slips < candidate.len()).then_some((slips, candidate))
    });
    near.min_by_key(|(slips, _)| *slips).map(|(_, candidate)| candidate)
}

#[cfg(all(test, feature = "spoken"))]
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
            assert_eq!(nearest(word, commands), expected, "{word}");
        }
    }
}
