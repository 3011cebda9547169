//! Programs of students: a correct one, and the same with one mistake.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use tinyjson::JsonValue;

/// The folder of the programs.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/classmates");

/// One mistake, and what a check must find.
pub(crate) struct Variant {
    /// The mistake in a few words.
    pub(crate) name: &'static str,
    /// The replacements: each text occurs exactly once in the program.
    pub(crate) changes: &'static [(&'static str, &'static str)],
    /// The rule that must catch it.
    pub(crate) rule: &'static str,
    /// `broken` or `weak`.
    pub(crate) verdict: &'static str,
}

/// The text of a program with these changes.
#[track_caller]
pub(crate) fn changed(program: &str, changes: &[(&str, &str)]) -> String {
    let path = PathBuf::from(FOLDER).join(program);
    let mut text = fs::read_to_string(&path).expect("a program of a student");
    for (old, new) in changes {
        assert_eq!(text.matches(old).count(), 1, "in {program} there is one {old:?}");
        text = text.replace(old, new);
    }
    text
}

/// Whether Python is installed.
#[allow(clippy::print_stderr, reason = "a test that tries nothing says so")]
pub(crate) fn has_python() -> bool {
    let found = Command::new("python3").arg("--version").output().is_ok();
    if !found {
        eprintln!("skipped: there is no python3");
    }
    found
}

/// A running server in Python.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: String,
}

impl Server {
    /// Starts a server with these changes.
    pub(crate) fn start(changes: &[(&str, &str)]) -> Self {
        let mut command = Command::new("python3");
        command.arg("-c").arg(changed("server.py", changes)).arg("0");
        // The traceback of a program with a planted mistake helps nobody.
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("python3 starts");
        let mut port = String::new();
        let stdout = child.stdout.take().expect("piped");
        BufReader::new(stdout).read_line(&mut port).expect("its port");
        Self { child, address: format!("127.0.0.1:{}", port.trim()) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // An error: its own mistake may have ended it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A running check.
pub(crate) struct Checking(Child);

/// The result of a check.
pub(crate) struct Found {
    pub(crate) status: Option<i32>,
    pub(crate) text: String,
}

impl Checking {
    /// Starts `papo check` with these arguments.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_papo"));
        command.arg("check").args(arguments).env("LC_ALL", "C").env_remove("PAPO_LANG");
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self(child.spawn().expect("papo starts"))
    }

    /// Waits for its end.
    pub(crate) fn finish(self) -> Found {
        let output = self.0.wait_with_output().expect("papo ends");
        let text = String::from_utf8(output.stdout).expect("text");
        Found { status: output.status.code(), text }
    }
}

impl Found {
    /// The whole JSON report.
    #[track_caller]
    pub(crate) fn json(&self) -> JsonValue {
        self.text.parse().unwrap_or_else(|error| panic!("no JSON ({error}): {}", self.text))
    }

    /// Each rule with its verdict.
    #[track_caller]
    pub(crate) fn verdicts(&self) -> Vec<(String, String)> {
        let report = self.json();
        let rules: &Vec<JsonValue> = report["rules"].get().expect("rules");
        let word = |rule: &JsonValue, key: &str| rule[key].get::<String>().expect(key).clone();
        rules.iter().map(|rule| (word(rule, "rule"), word(rule, "verdict"))).collect()
    }

    /// The verdict of one rule.
    #[track_caller]
    pub(crate) fn verdict(&self, rule: &str) -> String {
        let found = self.verdicts().into_iter().find(|(name, _)| name == rule);
        found.unwrap_or_else(|| panic!("no rule {rule}: {}", self.text)).1
    }
}

/// The rules that were not found to hold.
#[track_caller]
pub(crate) fn not_held(found: &Found) -> Vec<(String, String)> {
    found.verdicts().into_iter().filter(|(_, verdict)| verdict != "held").collect()
}

/// Repeats a check that found an answer late, twice at most: a busy machine delays processes. A
/// server that is always late stays late.
pub(crate) fn repeat_if_late(check: Checking, arguments: &[&str]) -> Found {
    let mut found = check.finish();
    for _ in 0..2 {
        if !found.text.contains("\"seen\":\"late: after") {
            break;
        }
        found = Checking::start(arguments).finish();
    }
    found
}
