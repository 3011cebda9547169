//! The report of a check as one HTML page to hand out, without scripts and without requests.
//!
//! Read first: [`super::ProgramReport`].

use std::fmt::Write;

use super::markup::escaped;
use super::plain::{head, summary};
use super::wording::Wording;
use super::{ProgramReport, mark, word};
use crate::check::rule::Verdict;
use crate::console::language::{Language, Text, text};

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
pub fn document(all: &[ProgramReport<'_>]) -> String {
    let language = all.first().map_or(Language::English, |first| first.language);
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

fn section(of: &ProgramReport<'_>) -> String {
    let mut section = format!("<h2>{}</h2>\n<p>{}</p>\n", escaped(&head(of)), summary(of));
    for wording in of.wordings() {
        push_rule(&wording, of.language, &mut section);
    }
    section
}

fn push_rule(wording: &Wording<'_>, language: Language, section: &mut String) {
    const SEEN: Text = text!("Seen:", "Visto:");
    const ADVICE: Text = text!("Advice:", "Conselho:");
    let Wording { id, verdict, title, seen, advice, wire, .. } = wording;
    let is_open = matches!(verdict, Verdict::Broken(_) | Verdict::Weak(_));
    let _ = write!(
        section,
        "<details class=\"{}\"{}><summary>{} {} <code>{id}</code></summary>\n\
         <p class=\"quote\">{}</p>\n",
        word(verdict),
        if is_open { " open" } else { "" },
        mark(verdict),
        escaped(title),
        escaped(&wording.source()),
    );
    if let Some(seen) = seen {
        let _ = writeln!(section, "<p>{} {}</p>", SEEN.of(language), escaped(seen));
    }
    if let Some(advice) = advice {
        let _ = writeln!(section, "<p><b>{}</b> {}</p>", ADVICE.of(language), escaped(advice));
    }
    if !wire.is_empty() {
        let _ = writeln!(section, "<pre>{}</pre>", escaped(&wire.join("\n")));
    }
    section.push_str("</details>\n");
}
