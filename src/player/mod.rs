//! The page that plays recordings of event loops: one HTML file that loads nothing else.
//!
//! This file joins its parts: markup, style, scripts, words of two languages, and the recordings as
//! data. The scripts have the behaviour of the page. Must never know where a recording comes from
//! or where a page goes. `docs/RECORDING.md` has the format.
//!
//! | file | has |
//! | --- | --- |
//! | `page.html`, `page.css` | the markup before a script has run; the style |
//! | `words.json` | each text of the page, in English and Portuguese |
//! | `places.json` | where in `src/` each step happens: tests look each function up |
//! | `bytes.js`, `recording.js` | a recording is read and validated |
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

/// The scripts, each behind those that it uses.
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

/// Longest page without its recordings, in bytes: it goes over a school's network, and a repository
/// keeps several.
pub const PAGE_BYTES_MAX: usize = 150_000;

/// A recording in a page.
#[derive(Clone, Copy, Debug)]
pub struct EmbeddedRecording<'a> {
    /// The name of its file, for messages.
    pub file: &'a str,
    /// Its lines, in the format of `docs/RECORDING.md`.
    pub lines: &'a str,
}

/// A page with these recordings on one time line. `introduction` is JSON with `title`, `paragraphs`
/// and `moments`. Each text is `{"en": "", "pt": ""}`, and `player.js` (`findMoment`) has the keys
/// of a moment.
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

/// A page without recordings that connects to `events` on the same host. The data of each
/// server-sent event is one line of a recording, its header first.
#[must_use]
pub fn live_page(events: &str) -> String {
    assemble(&format!(" data-live=\"{}\"", attribute(events)), "", &policy(true))
}

/// The Content-Security-Policy of a page: only its own script and style, by their digests. A live
/// page may also connect to its own host.
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
        // Without a prototype, because its keys come from recordings.
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

/// Fills the template in. The inserted text is not searched for marks: a recording may contain one.
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
            (_, other) => panic!("page.html has an unknown mark: {other}"),
        }
    }
    page
}

/// Writes `<` as an escape, which JSON allows in all its texts. So no text can end its element.
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
    fn a_page_is_small_and_loads_nothing() {
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
