//! The page that plays recordings of event loops: one HTML file that needs nothing else.
//!
//! Here its parts are put together: markup, style, scripts, words of two languages, and the
//! recordings as data. The page's behaviour stands in the scripts themselves. Must never know where
//! a recording comes from or where a page goes. `docs/RECORDING.md` has the format.
//!
//! | file | has |
//! | --- | --- |
//! | `page.html`, `page.css` | what is there before a script has run; how it looks |
//! | `words.json` | each text of the page, in English and Portuguese |
//! | `places.json` | where in `src/` each step happens: tests look each function up |
//! | `bytes.js`, `recording.js` | a recording is read, and nothing in it is believed |
//! | `history.js`, `state.js`, `follow.js` | several processes on one time line; a byte's way |
//! | `dom.js`, `ladder.js`, `online.js` | elements and words; the first two views |
//! | `sentences.js`, `turn.js` | a step in words; the third view, one turn taken apart |
//! | `live.js`, `player.js` | turns that come one by one; the time line and its controls |
//!
//! Read next: `player.js`, or [`page`].

mod digests;

use std::borrow::Cow;
use std::fmt::Write;

const TEMPLATE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const WORDS: &str = include_str!("words.json");
const PLACES: &str = include_str!("places.json");

/// In the order in which they build on each other.
const SCRIPTS: [&str; 12] = [
    include_str!("bytes.js"),
    include_str!("recording.js"),
    include_str!("history.js"),
    include_str!("state.js"),
    include_str!("follow.js"),
    include_str!("dom.js"),
    include_str!("ladder.js"),
    include_str!("online.js"),
    include_str!("sentences.js"),
    include_str!("turn.js"),
    include_str!("live.js"),
    include_str!("player.js"),
];

/// Longest page without its recordings, in bytes: it is sent over a school's network, and a
/// repository keeps several.
pub const PAGE_BYTES_MAX: usize = 150_000;

/// A recording that stands in a page.
#[derive(Clone, Copy, Debug)]
pub struct EmbeddedRecording<'a> {
    /// The name of its file, for messages.
    pub file: &'a str,
    /// Its lines, as `docs/RECORDING.md` has them.
    pub lines: &'a str,
}

/// A page with these recordings in it, on one time line. `introduction` is what the page says of
/// itself, in JSON: `title`, `paragraphs` and `moments`, each text as `{"en": "", "pt": ""}`, each
/// moment with `process`, `turn` and perhaps `step` and `view`.
#[must_use]
pub fn page(recordings: &[EmbeddedRecording<'_>], introduction: Option<&str>) -> String {
    let mut data = String::new();
    if let Some(introduction) = introduction {
        let json = without_tags(introduction);
        let _ = writeln!(
            data,
            "<script type=\"application/json\" id=\"introduction-data\">{json}</script>"
        );
    }
    for EmbeddedRecording { file, lines } in recordings {
        let (name, lines) = (attribute(file), without_tags(lines));
        let _ = writeln!(
            data,
            "<script type=\"text/plain\" class=\"recording\" data-name=\"{name}\">{lines}</script>"
        );
    }
    assemble("", &data, &policy(false))
}

/// A page without recordings that connects to `events` on the same host: server-sent events, and
/// the data of each is one line of a recording, its header first.
#[must_use]
pub fn live_page(events: &str) -> String {
    assemble(&format!(" data-live=\"{}\"", attribute(events)), "", &policy(true))
}

/// The Content-Security-Policy of a page: its own script and style, by their digests, and nothing
/// else from anywhere. A live one may also connect to the host that it came from.
#[must_use]
pub fn policy(is_live: bool) -> String {
    let connect = if is_live { " connect-src 'self';" } else { "" };
    let (script, style) = (digests::SCRIPT, digests::STYLE);
    format!(
        "default-src 'none'; script-src 'sha256-{script}'; style-src 'sha256-{style}';{connect} \
         base-uri 'none'; form-action 'none'"
    )
}

/// The script of every page: words, places, and the scripts without the lines that are comments.
#[must_use]
pub fn script() -> String {
    let mut script = String::from("\"use strict\";\n");
    for (name, json) in [("WORDS", WORDS), ("PLACES", PLACES)] {
        // Without a prototype: it is asked by words out of recordings.
        let _ = writeln!(script, "const {name} = Object.setPrototypeOf({json}, null);");
    }
    let lines = SCRIPTS.iter().flat_map(|part| part.lines());
    for line in lines.filter(|line| !line.trim_start().starts_with("//")) {
        script.push_str(line);
        script.push('\n');
    }
    script
}

/// The style of every page.
#[must_use]
pub fn style() -> &'static str {
    STYLE
}

/// Fills the template in. Text that is put in is not searched for marks: a recording may contain
/// one.
fn assemble(live: &str, data: &str, policy: &str) -> String {
    let mut page = String::with_capacity(PAGE_BYTES_MAX + data.len());
    for (index, piece) in TEMPLATE.split('@').enumerate() {
        match (index % 2, piece) {
            (0, text) => page.push_str(text),
            (_, "POLICY") => page.push_str(policy),
            (_, "STYLE") => page.push_str(STYLE),
            (_, "LIVE") => page.push_str(live),
            (_, "DATA") => page.push_str(data),
            (_, "SCRIPT") => page.push_str(&script()),
            (_, other) => panic!("page.html has a mark that nobody fills in: {other}"),
        }
    }
    page
}

/// In JSON `<` stands only in texts, where it may also be written as an escape. So no text can end
/// the element that it stands in.
fn without_tags(json: &str) -> Cow<'_, str> {
    if json.contains('<') { Cow::Owned(json.replace('<', "\\u003c")) } else { Cow::Borrowed(json) }
}

fn attribute(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_ends_no_element_and_fills_no_mark() {
        let lines = "{\"text\":\"</script>@DATA@<!--\"}";
        let page = page(
            &[EmbeddedRecording { file: "a\"<b>&.jsonl", lines }],
            Some("{\"title\":\"<b>\"}"),
        );
        assert!(page.contains("data-name=\"a&quot;&lt;b>&amp;.jsonl\""), "{page}");
        assert!(page.contains(r#"{"text":"\u003c/script>@DATA@\u003c!--"}</script>"#));
        assert!(page.contains(r#"{"title":"\u003cb>"}"#));
        assert_eq!(page.matches("</script>").count(), 3, "introduction, recording, script");
    }

    #[test]
    fn a_page_is_small_and_asks_nobody_for_anything() {
        let page = page(&[], None);
        assert!(page.len() <= PAGE_BYTES_MAX, "{} bytes", page.len());
        let outside = ["https://", " src=", "@import", "url(", "<link"];
        let http = page.replace("http://www.w3.org/2000/svg", "");
        for word in outside.iter().chain(&["http://"]) {
            assert!(!http.contains(word), "{word}");
        }
        assert!(!page.contains("innerHTML") && !page.contains("eval("));
    }

    #[test]
    fn only_a_live_page_connects() {
        assert!(!page(&[], None).contains("connect-src"));
        let live = live_page("/events");
        assert!(
            live.contains("<body data-live=\"/events\">") && live.contains("connect-src 'self'")
        );
    }
}
