//! The report of a check as one JSON object, for graders.
//!
//! ```text
//! {"subject":"…","edition":"2024","seconds":16.2,"held":30,"broken":1,"weak":2,"untried":0,
//!  "rules":[{"rule":"list-self","verdict":"broken","title":"…","handout":"…","place":"…",
//!            "seen":"…","advice":"…","wire":["  0.000  Ana     connects", …]}, …]}
//! ```
//!
//! Read first: [`super::ProgramReport`].

use super::plain::year;
use super::wording::Wording;
use super::{ProgramReport, counts, word};
use crate::console::json_string::string;

/// The object, with a line end.
#[must_use]
pub fn report(of: &ProgramReport<'_>) -> String {
    let edition = of.report.edition.map_or("null".to_string(), |it| string(year(it)));
    let [held, broken, weak, untried] = counts(&of.report.findings).map(|(_, count)| count);
    let rules: Vec<_> = of.wordings().map(|it| rule(&it)).collect();
    format!(
        "{{\"subject\":{},\"edition\":{edition},\"seconds\":{:.3},\"held\":{held},\
         \"broken\":{broken},\"weak\":{weak},\"untried\":{untried},\"rules\":[{}]}}\n",
        string(of.subject),
        of.report.elapsed_ms as f64 / 1e3,
        rules.join(","),
    )
}

fn rule(wording: &Wording<'_>) -> String {
    let Wording { id, verdict, title, quote, place, seen, advice, wire } = wording;
    let or_null = |text: Option<&str>| text.map_or("null".to_string(), string);
    let wire: Vec<_> = wire.iter().map(|line| string(line)).collect();
    format!(
        "{{\"rule\":{},\"verdict\":{},\"title\":{},\"handout\":{},\"place\":{},\"seen\":{},\
         \"advice\":{},\"wire\":[{}]}}",
        string(id),
        string(word(verdict)),
        string(title),
        string(quote),
        string(place),
        or_null(seen.as_deref()),
        or_null(*advice),
        wire.join(","),
    )
}
