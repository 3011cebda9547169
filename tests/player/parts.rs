//! The parts of the page against each other and against the sources, without a browser.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::process::{Command, Stdio};

use papo::player;
use tinyjson::JsonValue;

use super::{read, root};
use crate::support::tools;

/// A file that is one object of JSON whose values are pairs of texts.
fn pairs(path: &str) -> BTreeMap<String, [String; 2]> {
    let value: JsonValue = read(path).parse().expect("JSON");
    let rows: std::collections::HashMap<String, JsonValue> = value.try_into().expect("an object");
    let pair = |value: JsonValue| {
        let both: Vec<JsonValue> = value.try_into().expect("a list");
        let both: Vec<String> = both.into_iter().map(|it| it.try_into().expect("a text")).collect();
        <[String; 2]>::try_from(both).expect("two texts")
    };
    rows.into_iter().map(|(key, value)| (key, pair(value))).collect()
}

/// The `{names}` in a text.
fn blanks(text: &str) -> BTreeSet<&str> {
    let pieces = text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0));
    pieces.filter(|name| name.chars().all(char::is_alphanumeric)).collect()
}

#[test]
fn every_text_has_both_languages_with_the_same_blanks() {
    let words = pairs("src/player/words.json");
    assert!(words.len() > 150, "{} texts", words.len());
    for (key, [english, portuguese]) in &words {
        assert!(!english.trim().is_empty() && !portuguese.trim().is_empty(), "{key}");
        assert_eq!(blanks(english), blanks(portuguese), "{key}");
    }
}

#[test]
fn the_scripts_use_every_text_and_no_other() {
    let words = pairs("src/player/words.json");
    let script = player::script();
    let asked = script.match_indices("t(\"").map(|(at, call)| (at, &script[at + call.len()..]));
    let asked = asked.filter(|(at, _)| !script[..*at].ends_with(|c: char| c.is_alphanumeric()));
    for (_, rest) in asked {
        let key = rest.split('"').next().unwrap_or_default();
        assert!(words.contains_key(key), "no text for {key}");
    }
    let page = read("src/player/page.html");
    // Keys that are made of a word of the recording.
    let families = ["part ", "why ", "can ", "at ", "action ", "reason ", "readyHost"];
    for key in words.keys().filter(|key| !families.iter().any(|it| key.starts_with(it))) {
        let quoted = format!("\"{key}\"");
        let uses = script.matches(&quoted).count() + page.matches(&quoted).count();
        assert!(uses > 1, "no script uses {key}");
    }
}

#[test]
fn every_place_that_the_page_names_is_in_the_sources() {
    let places = pairs("src/player/places.json");
    assert!(places.len() > 40, "{} places", places.len());
    for (key, [file, function]) in &places {
        let source = read(format!("src/{file}"));
        let is_there = source.lines().map(str::trim_start).any(|line| {
            let line = line.trim_start_matches("pub(super) ").trim_start_matches("pub(crate) ");
            let rest = line.trim_start_matches("pub ").strip_prefix("fn ");
            let rest = rest.and_then(|rest| rest.strip_prefix(function.as_str()));
            rest.is_some_and(|rest| rest.starts_with(['(', '<']))
        });
        assert!(is_there, "{key}: src/{file} has no fn {function}");
    }
}

#[test]
fn scripts_and_styles_fit_a_hundred_columns() {
    let files = std::fs::read_dir(root().join("src/player")).expect("a folder");
    let files = files.map(|entry| entry.expect("a file").path());
    let is_text =
        |path: &std::path::PathBuf| path.extension().is_some_and(|it| it == "js" || it == "css");
    for path in files.filter(is_text) {
        for (number, line) in read(&path).lines().enumerate() {
            let place = format!("{}:{}", path.display(), number + 1);
            assert!(line.chars().count() <= 100, "{place}");
        }
    }
}

#[test]
fn the_drawn_timer_wheel_has_the_numbers_of_the_sources() {
    let (wheel, script) = (read("src/timer_wheel.rs"), player::script());
    for (ours, theirs) in [
        ("const TICK_MS: u64 = 16;", "const TICK_MS = 16;"),
        ("const SLOTS: usize = 1024;", "const SLOTS = 1024;"),
    ] {
        assert!(wheel.contains(ours) && script.contains(theirs), "{ours}");
    }
}

/// By sha256sum(1). `None`, and SKIPPED: it is not installed.
fn digest(text: &str) -> Option<String> {
    let mut command = Command::new(tools::wanted(&["sha256sum"])?);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("sha256sum starts");
    child.stdin.take().expect("piped").write_all(text.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends").stdout;
    let digits = std::str::from_utf8(&output[..64]).expect("hexadecimal").as_bytes();
    let byte = |pair: &[u8]| {
        let pair = std::str::from_utf8(pair).expect("ASCII");
        u8::from_str_radix(pair, 16).expect("a byte")
    };
    Some(base64(&digits.chunks(2).map(byte).collect::<Vec<_>>()))
}

/// The digits of RFC 4648.
pub(super) const BASE64: &[u8] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(*group.get(at).unwrap_or(&0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            let value = (bits >> (18 - 6 * digit)) & 63;
            let is_there = digit <= group.len();
            text.push(if is_there { char::from(BASE64[value as usize]) } else { '=' });
        }
    }
    text
}

#[test]
fn base64_is_as_rfc_4648_has_it() {
    let examples = [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")];
    for (text, expected) in examples {
        assert_eq!(base64(text.as_bytes()), expected);
    }
}

/// With `WRITE_PAGES` set the digests are written instead.
#[test]
fn the_policy_has_the_digests_of_script_and_style() {
    let (script, style) = (player::script(), player::style());
    let (Some(script), Some(style)) = (digest(&script), digest(style)) else { return };
    let expected = format!("script-src 'sha256-{script}'; style-src 'sha256-{style}';");
    let is_right = player::policy(false).contains(&expected);
    if !is_right && std::env::var_os("WRITE_PAGES").is_some() {
        return write_digests(&script, &style);
    }
    assert!(is_right, "`make pages` writes src/player/digests.rs anew: {expected}");
}

fn write_digests(script: &str, style: &str) {
    let path = root().join("src/player/digests.rs");
    let text = read(&path);
    let changed = |line: &str| {
        let value = if line.contains("SCRIPT:") { script } else { style };
        match line.split_once(" = ") {
            Some((start, _)) => format!("{start} = \"{value}\";\n"),
            None => format!("{line}\n"),
        }
    };
    let text: String = text.lines().map(changed).collect();
    std::fs::write(path, text).expect("is written");
}
