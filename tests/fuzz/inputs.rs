//! The inputs of `tests/fuzz/corpus`: a text file for each target, and an input on each line.
//!
//! A byte that is no printable ASCII is `\xNN`, and a backslash `\\`. A line that begins with `# `
//! describes the next one.

use std::path::{Path, PathBuf};
use std::{env, fs};

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus")
}

/// Calls `check` with each input of a target's corpus.
pub(crate) fn replay(target: &str, check: fn(&[u8])) {
    let inputs = inputs(&corpus().join(target).with_extension("txt"));
    assert!(inputs.len() >= 5, "{target} has {} inputs: is it the right place?", inputs.len());
    inputs.iter().for_each(|input| check(input));
}

fn inputs(path: &Path) -> Vec<Vec<u8>> {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    text.lines().filter(|line| !line.starts_with("# ")).map(unescape).collect()
}

/// The bytes of a line.
pub(crate) fn unescape(line: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = line.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        rest = behind;
        let escape = if first == b'\\' { behind } else { b"" };
        match escape {
            [b'x', high, low, rest_of_line @ ..] => {
                let digits = [*high, *low];
                let digits = std::str::from_utf8(&digits).expect("two digits");
                bytes.push(u8::from_str_radix(digits, 16).expect("two digits"));
                rest = rest_of_line;
            }
            [b'\\', rest_of_line @ ..] => {
                bytes.push(b'\\');
                rest = rest_of_line;
            }
            _ => bytes.push(first),
        }
    }
    bytes
}

/// The line for some bytes. A space at its edge would get lost, and `#` looks like a comment.
fn escape(bytes: &[u8]) -> String {
    let mut line = String::new();
    for (at, &byte) in bytes.iter().enumerate() {
        let is_edge = at == 0 || at + 1 == bytes.len();
        match byte {
            b'\\' => line.push_str("\\\\"),
            b' ' | b'#' if is_edge => line.push_str(&format!("\\x{byte:02x}")),
            b' '..=b'~' => line.push(char::from(byte)),
            _ => line.push_str(&format!("\\x{byte:02x}")),
        }
    }
    line
}

/// With `FUZZ_FILES=FOLDER` every input is written as a file of `FOLDER/TARGET`, for a fuzzer.
#[test]
fn every_input_is_a_line_and_may_be_a_file() {
    let folder = env::var_os("FUZZ_FILES").map(PathBuf::from);
    for entry in fs::read_dir(corpus()).expect("the corpus") {
        let path = entry.expect("a file of it").path();
        let inputs = inputs(&path);
        for input in &inputs {
            assert_eq!(unescape(&escape(input)), *input);
        }
        let Some(folder) = &folder else { continue };
        let folder = folder.join(path.file_stem().expect("a name"));
        fs::create_dir_all(&folder).expect("a folder");
        for (number, input) in inputs.iter().enumerate() {
            fs::write(folder.join(number.to_string()), input).expect("a file");
        }
    }
}

/// With `FUZZ_LINES=FOLDER` the files there are printed as lines for the corpus.
#[test]
#[allow(clippy::print_stdout, reason = "printed for the person who asked")]
fn a_found_file_becomes_a_line() {
    assert_eq!(escape(b" a\\\x00#b#"), "\\x20a\\\\\\x00#b\\x23");
    let Some(folder) = env::var_os("FUZZ_LINES") else { return };
    for entry in fs::read_dir(folder).expect("a folder of inputs") {
        let bytes = fs::read(entry.expect("a file").path()).expect("its bytes");
        println!("{}", escape(&bytes));
    }
}
