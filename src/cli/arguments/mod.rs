//! The words of the command line as text, and as paths.
//!
//! A path may be any bytes; everything else is UTF-8. getopts takes only text, so the bytes of a
//! path are looked up among the words that the system gave. Read next: [`options`].

pub mod addresses;
pub mod help;
#[cfg_attr(not(feature = "peer"), path = "language_small.rs")]
pub(super) mod language;
pub mod options;
#[cfg(feature = "peer")]
pub(super) mod server_list;

use std::env::VarError;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use crate::cli::Failure;
use crate::cli::system::files;
use crate::console::language::{Text, text};
use options::{Choices, variable};

/// The options whose values are paths.
const PATHS: [&str; 4] = ["--root", "--log-dir", "--record", "--page"];

/// The words as text. In a path U+FFFD stands for what is not UTF-8.
pub fn as_text(words: impl Iterator<Item = OsString>) -> Result<Vec<String>, Failure> {
    let mut texts: Vec<String> = Vec::new();
    for word in words {
        let text = word.to_string_lossy().into_owned();
        let is_behind = texts.last().is_some_and(|last| PATHS.contains(&last.as_str()));
        let is_joined = text.split_once('=').is_some_and(|(name, _)| PATHS.contains(&name));
        if word.to_str().is_none() && !is_behind && !is_joined {
            return Err(not_utf8(&word));
        }
        texts.push(text);
    }
    Ok(texts)
}

/// Refuses the variable of an option if its value is not UTF-8, unless the value is a path.
pub(super) fn expect_utf8(name: &str) -> Result<(), Failure> {
    let variable = variable(name);
    match std::env::var(&variable) {
        Err(VarError::NotUnicode(value)) if !PATHS.iter().any(|path| &path[2..] == name) => {
            let mut word = OsString::from(variable + "=");
            word.push(value);
            Err(not_utf8(&word))
        }
        _ => Ok(()),
    }
}

fn not_utf8(word: &OsStr) -> Failure {
    const NOT_UTF8: Text = text!("\"{word}\" is not UTF-8", "\"{word}\" não é UTF-8");
    let word = word.as_encoded_bytes().escape_ascii().to_string();
    Failure::usage(NOT_UTF8, &[("word", &word)])
}

/// The value of an option that is a path, from the command line or the environment.
#[must_use]
pub fn path(matches: &Choices, name: &str) -> Option<PathBuf> {
    if matches.is_written(name) {
        let words: Vec<_> = std::env::args_os().collect();
        return matches.opt_str(name).map(|text| path_with_text(&words, name, &text));
    }
    let value = std::env::var_os(variable(name)).filter(|value| !value.is_empty());
    value.map(PathBuf::from)
}

/// The path that getopts returned as this text.
fn path_with_text(words: &[OsString], name: &str, text: &str) -> PathBuf {
    let option = format!("--{name}");
    let behind = words.windows(2).filter(|pair| pair[0] == *option);
    let behind = behind.map(|pair| pair[1].as_encoded_bytes());
    let joined = words.iter().filter_map(|word| {
        word.as_encoded_bytes().strip_prefix(option.as_bytes())?.strip_prefix(b"=")
    });
    let meant = behind.chain(joined).find(|bytes| String::from_utf8_lossy(bytes) == text);
    meant.map_or_else(|| PathBuf::from(text), files::path_of)
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStringExt;

    use super::*;

    fn words(words: &[&[u8]]) -> Vec<OsString> {
        words.iter().map(|word| OsString::from_vec(word.to_vec())).collect()
    }

    #[test]
    fn only_a_path_may_be_other_bytes_than_utf_8() {
        for good in [[&b"--root"[..], b"r\xe1"], [b"x", b"--log-dir=r\xe1"]] {
            let texts = as_text(words(&good).into_iter()).expect("a path");
            assert!(texts[1].ends_with("r\u{fffd}"), "{texts:?}");
        }
        for bad in [[&b"peer"[..], b"Jo\xe3o"], [b"--from", b"Jo\xe3o"], [b"--root", b"--x\xe1"]] {
            let is_path = bad[0] == b"--root";
            assert_eq!(as_text(words(&bad).into_iter()).is_ok(), is_path, "{bad:?}");
        }
    }

    #[test]
    fn a_path_is_found_by_its_text() {
        let given = words(&[b"papo", b"--root", b"r\xe1", b"--log-dir=l\xe3"]);
        let path = |name, text| path_with_text(&given, name, text).into_os_string().into_vec();
        assert_eq!(path("root", "r\u{fffd}"), b"r\xe1");
        assert_eq!(path("log-dir", "l\u{fffd}"), b"l\xe3");
        assert_eq!(path("root", "other"), b"other");
    }
}
