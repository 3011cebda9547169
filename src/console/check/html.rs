//! The report of a check as one page to hand out: no script, no request to anywhere.
//!
//! Read first: [`super::Told`].

use std::fmt::Write;

use crate::check::rule::{Finding, Verdict};
use crate::console::language::{Language, Text, text};

use super::junit::escaped;
use super::plain::{advice, head, source, summary, transcript};
use super::{Told, mark, seen, word, words_of};

const STYLE: &str = "
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
  color: #1c1c1c; background: #fff }
details { border-left: .35rem solid #999; margin: .4rem 0; padding: .2rem .8rem }
summary { cursor: pointer }
code { color: #666 }
pre { background: #f4f4f4; padding: .6rem; overflow-x: auto; font-size: .85rem }
.held { border-color: #2a8c4a } .broken { border-color: #c22 } .weak { border-color: #d90 }
.quote { color: #555; font-style: italic }
@media (prefers-color-scheme: dark) {
  body { color: #ddd; background: #1b1b1b } pre { background: #262626 } .quote, code { color: #aaa }
}
";

/// A whole page, with a section for each program.
#[must_use]
pub fn document(all: &[Told<'_>]) -> String {
    let language = all.first().map_or(Language::English, |told| told.language);
    let code = match language {
        Language::English => "en",
        Language::Portuguese => "pt-BR",
    };
    let sections: String = all.iter().map(section).collect();
    format!(
        "<!doctype html>\n<html lang=\"{code}\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>papo check</title>\n<style>{STYLE}</style>\n{sections}</html>\n"
    )
}

fn section(told: &Told<'_>) -> String {
    let mut section = format!("<h2>{}</h2>\n<p>{}</p>\n", escaped(&head(told)), summary(told));
    for finding in &told.report.findings {
        push_rule(finding, told.language, &mut section);
    }
    section
}

fn push_rule(finding: &Finding, language: Language, section: &mut String) {
    const SEEN: Text = text!("Seen:", "Visto:");
    const ADVICE: Text = text!("Advice:", "Conselho:");
    let words = words_of(finding.rule);
    let is_open = matches!(finding.verdict, Verdict::Broken(_) | Verdict::Weak(_));
    let _ = write!(
        section,
        "<details class=\"{}\"{}><summary>{} {} <code>{}</code></summary>\n\
         <p class=\"quote\">{}</p>\n",
        word(&finding.verdict),
        if is_open { " open" } else { "" },
        mark(&finding.verdict),
        escaped(words.title.of(language)),
        finding.rule,
        escaped(&source(&words, language)),
    );
    if let Some(fault) = finding.verdict.fault() {
        let told = escaped(&seen::told(fault, language));
        let _ = writeln!(section, "<p>{} {told}</p>", SEEN.of(language));
    }
    if let Some(advice) = advice(&words, &finding.verdict, language) {
        let _ = writeln!(section, "<p><b>{}</b> {}</p>", ADVICE.of(language), escaped(advice));
    }
    let lines = transcript(&finding.transcript, language);
    if !lines.is_empty() {
        let _ = writeln!(section, "<pre>{}</pre>", escaped(&lines.join("\n")));
    }
    section.push_str("</details>\n");
}
