//! The word that was most likely meant, for "did you mean".

use super::failure::Failure;
use crate::console::language::{Text, text};

/// Of this many letters one may be wrong.
#[cfg(feature = "spoken")]
const LETTERS_A_SLIP: usize = 3;

/// The candidate that `word` is a slip of, or the beginning of. A slip is a letter too many, too
/// few, another one, or two that changed places.
pub(super) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let near = candidates.into_iter().filter_map(|candidate| {
        let begins = word.len() > 1 && candidate.starts_with(word);
        let slips = if begins { Some(0) } else { slips(word, candidate) };
        slips.map(|slips| (slips, candidate))
    });
    near.min_by_key(|(slips, _)| *slips).map(|(_, candidate)| candidate)
}

/// How many slips make one of the other, if they are few.
#[cfg(feature = "spoken")]
fn slips(word: &str, candidate: &str) -> Option<usize> {
    let slips_max = word.chars().count().div_ceil(LETTERS_A_SLIP).min(2);
    let slips = strsim::osa_distance(word, candidate);
    (slips <= slips_max && slips < candidate.len()).then_some(slips)
}

/// A server alone has few words, and no room for this.
#[cfg(not(feature = "spoken"))]
fn slips(_: &str, _: &str) -> Option<usize> {
    None
}

/// That there is no such word, and which one may have been meant. `name` is the place of the word
/// in `unknown`.
pub(super) fn unknown(
    unknown: Text,
    name: &'static str,
    word: &str,
    near: Option<String>,
) -> Failure {
    const MEANT: Text = text("Did you mean {near}?", "Você quis dizer {near}?");
    let failure = Failure::usage(unknown, &[(name, word)]);
    match near {
        Some(near) => failure.with_hint(MEANT, &[("near", &near)]),
        None => failure,
    }
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
