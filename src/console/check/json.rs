//! The report of a check as one JSON object, for graders.
//!
//! ```text
//! {"subject":"…","edition":"2024","seconds":16.2,"held":30,"broken":1,"weak":2,"untried":0,
//!  "rules":[{"rule":"list-self","verdict":"broken","title":"…","handout":"…","place":"…",
//!            "seen":"…","advice":"…","wire":["  0.000  Ana     connects", …]}, …]}
//! ```
//!
//! Read first: [`super::Told`].

use std::fmt::Write;

use crate::check::rule::Finding;

use super::plain::{advice, transcript, year};
use super::{Told, counts, seen, word, words_of};

/// The object, with a line end.
#[must_use]
pub fn report(told: &Told<'_>) -> String {
    let edition = told.report.edition.map_or("null".to_string(), |it| string(year(it)));
    let [held, broken, weak, untried] = counts(&told.report.findings).map(|(_, count)| count);
    let rules: Vec<_> = told.report.findings.iter().map(|it| rule(it, told)).collect();
    format!(
        "{{\"subject\":{},\"edition\":{edition},\"seconds\":{:.3},\"held\":{held},\
         \"broken\":{broken},\"weak\":{weak},\"untried\":{untried},\"rules\":[{}]}}\n",
        string(told.subject),
        told.report.elapsed_ms as f64 / 1e3,
        rules.join(","),
    )
}

fn rule(finding: &Finding, told: &Told<'_>) -> String {
    let words = words_of(finding.rule);
    let fault = finding.verdict.fault();
    let seen = fault.map_or("null".to_string(), |it| string(&seen::told(it, told.language)));
    let advice = advice(&words, &finding.verdict, told.language);
    let advice = advice.map_or("null".to_string(), string);
    let wire = transcript(&finding.transcript, told.language);
    let wire: Vec<_> = wire.iter().map(|line| string(line)).collect();
    format!(
        "{{\"rule\":{},\"verdict\":{},\"title\":{},\"handout\":{},\"place\":{},\"seen\":{seen},\
         \"advice\":{advice},\"wire\":[{}]}}",
        string(finding.rule),
        string(word(&finding.verdict)),
        string(words.title.of(told.language)),
        string(words.quote),
        string(words.place.of(told.language)),
        wire.join(","),
    )
}

/// A string of JSON, with its quotes.
#[must_use]
pub fn string(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            control if control.is_control() => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(control));
            }
            other => quoted.push(other),
        }
    }
    quoted + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_keeps_quotes_and_controls_harmless() {
        assert_eq!(string("a\"b\\c\n\u{7f}é"), "\"a\\\"b\\\\c\\u000a\\u007fé\"");
    }
}
