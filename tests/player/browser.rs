//! A browser, driven over WebDriver (W3C): Debian's chromium, headless, by its chromedriver. It knows
//! nothing of the contents of a page.
//!
//! Scripts that a test runs in a page are no part of the page, so its Content-Security-Policy
//! does not hold for them. Read next: [`super::shown`].

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tinyjson::JsonValue;

use super::parts::BASE64;
use crate::support::{Folder, Process, quiet_address, tools};

/// How long one command may take: the machine may be busy.
const COMMAND: Duration = Duration::from_secs(90);

/// The driver prints this when it listens.
const STARTED: &str = "started successfully";

/// How many ports are tried. The driver wants one port on both loopback addresses, 127.0.0.1 and
/// ::1, and exits when another program has one of the two.
const PORTS_MAX: usize = 8;

/// A browser takes a core and 300 MB. Tests that want one wait for each other.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// A browser with one window.
pub(super) struct Browser {
    _turn: MutexGuard<'static, ()>,
    _driver: Process,
    port: u16,
    session: String,
    /// The browser's own files.
    _profile: Folder,
}

/// An object of JSON.
pub(super) fn object<const N: usize>(rows: [(&str, JsonValue); N]) -> JsonValue {
    JsonValue::from(HashMap::from(rows.map(|(key, value)| (key.to_string(), value))))
}

fn texts(words: &[&str]) -> JsonValue {
    JsonValue::from(words.iter().map(|word| JsonValue::from(word.to_string())).collect::<Vec<_>>())
}

impl Browser {
    /// `None`, and SKIPPED: there is no browser, or no driver.
    pub(super) fn start(name: &str) -> Option<Self> {
        // A test that has failed leaves nothing behind for the next one.
        let turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let (driver, port) = start_driver()?;
        let profile = Folder::new(name);
        let mut browser =
            Self { _turn: turn, _driver: driver, port, session: String::new(), _profile: profile };
        browser.begin_session();
        Some(browser)
    }

    fn begin_session(&mut self) {
        let profile = format!("--user-data-dir={}", self._profile.display());
        let options = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--window-size=1366,768",
            "--lang=en",
            &profile,
        ];
        let options = object([("args", texts(&options))]);
        let logs = object([("browser", "ALL".to_string().into())]);
        let wanted = object([("goog:chromeOptions", options), ("goog:loggingPrefs", logs)]);
        let wanted = object([("capabilities", object([("alwaysMatch", wanted)]))]);
        let session = self.post("/session", &wanted);
        self.session = session["sessionId"].get::<String>().expect("a session").clone();
    }

    pub(super) fn open(&self, page: &Path, hash: &str) {
        // Without a page between them, a new hash alone loads nothing.
        self.command("url", object([("url", "about:blank".to_string().into())]));
        let url = format!("file://{}{hash}", page.display());
        self.command("url", object([("url", url.into())]));
    }

    /// Runs a script in the page, and returns what it returns.
    pub(super) fn run(&self, script: &str) -> JsonValue {
        let arguments = object([("script", script.to_string().into()), ("args", texts(&[]))]);
        self.command("execute/sync", arguments)
    }

    /// The text that a script returns.
    pub(super) fn text(&self, script: &str) -> String {
        let value = self.run(script);
        value.get::<String>().unwrap_or_else(|| panic!("no text: {value:?} of {script}")).clone()
    }

    /// The number that a script returns.
    pub(super) fn number(&self, script: &str) -> f64 {
        let value = self.run(script);
        *value.get::<f64>().unwrap_or_else(|| panic!("no number: {value:?} of {script}"))
    }

    /// Asserts that an expression is true now.
    #[track_caller]
    pub(super) fn holds(&self, expression: &str) {
        assert!(self.is_true(expression), "{expression}");
    }

    /// Waits until an expression is true.
    #[track_caller]
    pub(super) fn wait_until(&self, expression: &str) {
        let start = Instant::now();
        while !self.is_true(expression) {
            let page = "return document.body.innerText.slice(0, 500)";
            assert!(start.elapsed() < COMMAND, "never: {expression}; {}", self.text(page));
            std::thread::park_timeout(Duration::from_millis(100));
        }
    }

    fn is_true(&self, expression: &str) -> bool {
        self.run(&format!("return Boolean({expression})")).get::<bool>() == Some(&true)
    }

    /// Presses a key, wherever the focus is.
    pub(super) fn press(&self, key: &str) {
        let action = |kind: &str| {
            object([("type", kind.to_string().into()), ("value", key.to_string().into())])
        };
        let keys = JsonValue::from(vec![action("keyDown"), action("keyUp")]);
        let keyboard = object([
            ("type", "key".to_string().into()),
            ("id", "keyboard".to_string().into()),
            ("actions", keys),
        ]);
        self.command("actions", object([("actions", vec![keyboard].into())]));
    }

    /// Chooses files in the page's file chooser.
    pub(super) fn choose_files(&self, selector: &str, files: &[&Path]) {
        let wanted = object([
            ("using", "css selector".to_string().into()),
            ("value", selector.to_string().into()),
        ]);
        let found = self.command("element", wanted);
        let found: HashMap<String, JsonValue> = found.try_into().expect("an element");
        let id = found.into_values().next().expect("its id");
        let id = id.get::<String>().expect("a text").clone();
        let names: Vec<_> = files.iter().map(|file| file.display().to_string()).collect();
        let typed = object([("text", names.join("\n").into())]);
        self.command(&format!("element/{id}/value"), typed);
    }

    /// The size of the page's own part of the window.
    pub(super) fn resize(&self, width: u32, height: u32) {
        let number = |value: u32| JsonValue::from(f64::from(value));
        let metrics = object([
            ("width", number(width)),
            ("height", number(height)),
            ("deviceScaleFactor", number(1)),
            ("mobile", JsonValue::from(false)),
        ]);
        self.tell_browser("Emulation.setDeviceMetricsOverride", metrics);
    }

    /// The medium of the page: `screen` or `print`, `light` or `dark`.
    pub(super) fn show_for(&self, media: &str, scheme: &str) {
        let feature = object([
            ("name", "prefers-color-scheme".to_string().into()),
            ("value", scheme.to_string().into()),
        ]);
        let media =
            object([("media", media.to_string().into()), ("features", vec![feature].into())]);
        self.tell_browser("Emulation.setEmulatedMedia", media);
    }

    fn tell_browser(&self, name: &str, parameters: JsonValue) {
        let command = object([("cmd", name.to_string().into()), ("params", parameters)]);
        self.command("goog/cdp/execute", command);
    }

    /// A picture of the window, as a PNG.
    pub(super) fn picture(&self) -> Vec<u8> {
        let path = format!("/session/{}/screenshot", self.session);
        from_base64(self.request("GET", &path, "").get::<String>().expect("a picture"))
    }

    /// The messages of the page's console since the last call.
    pub(super) fn complaints(&self) -> Vec<String> {
        let entries = self.command("se/log", object([("type", "browser".to_string().into())]));
        let entries: Vec<JsonValue> = entries.try_into().expect("a list");
        let texts = entries.iter().map(|it| it["message"].get::<String>().expect("a text").clone());
        texts.collect()
    }

    fn command(&self, name: &str, arguments: JsonValue) -> JsonValue {
        self.post(&format!("/session/{}/{name}", self.session), &arguments)
    }

    fn post(&self, path: &str, arguments: &JsonValue) -> JsonValue {
        self.request("POST", path, &arguments.stringify().expect("JSON"))
    }

    fn request(&self, method: &str, path: &str, body: &str) -> JsonValue {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("the driver");
        stream.set_read_timeout(Some(COMMAND)).expect("a timeout");
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
             Content-Type: application/json; charset=utf-8\r\nContent-Length: {length}\r\n\r\n"
        );
        stream.write_all(format!("{head}{body}").as_bytes()).expect("it reads");
        let answer = body_of(&mut BufReader::new(stream));
        let answer: JsonValue = answer.parse().unwrap_or_else(|_| panic!("no JSON: {answer}"));
        let value = &answer["value"];
        let is_error =
            value.get::<HashMap<String, JsonValue>>().is_some_and(|it| it.contains_key("error"));
        assert!(!is_error, "{method} {path} {body}: {value:?}");
        value.clone()
    }
}

/// A driver that listens, and its port. `None`, and SKIPPED: it is not installed.
fn start_driver() -> Option<(Process, u16)> {
    let program = tools::wanted(&["chromedriver"])?;
    for _ in 0..PORTS_MAX {
        let port = quiet_address().port();
        let mut command = Command::new(&program);
        let mut driver = Process::start_command(command.arg(format!("--port={port}")));
        if driver.wait_for_screen(STARTED).is_some() {
            return Some((driver, port));
        }
    }
    panic!("the driver listens on none of {PORTS_MAX} ports");
}

/// The body of an answer, by the length in its head: the driver keeps connections open.
fn body_of(answer: &mut impl BufRead) -> String {
    let mut length = 0;
    loop {
        let mut line = String::new();
        answer.read_line(&mut line).expect("a head");
        let line = line.trim_end().to_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length");
        }
    }
    let mut body = vec![0; length];
    answer.read_exact(&mut body).expect("a body");
    String::from_utf8(body).expect("UTF-8")
}

fn from_base64(text: &str) -> Vec<u8> {
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for digit in text.bytes().filter_map(|it| BASE64.iter().position(|known| *known == it)) {
        bits = bits << 6 | digit as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    bytes
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() && !std::thread::panicking() {
            let _ = self.request("DELETE", &format!("/session/{}", self.session), "");
        } else if !self.session.is_empty() {
            // The browser ends with its session. A second panic would end the test program.
            let path = format!("/session/{}", self.session);
            let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                self.request("DELETE", &path, "")
            }));
        }
    }
}
