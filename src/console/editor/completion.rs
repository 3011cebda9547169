//! Completion of the text before the cursor, by TAB.
//!
//! ```text
//! /c|          a command             /chat |
//! /chat br|    a name, blanks in it  /chat Bruno|
//! oi cam|      a name within text    oi Camila |
//! /msg ana m|  quotes where needed   /msg "Ana Maria" |
//! ```
//!
//! The first TAB completes as far as all candidates agree, the second lists them, and each one
//! after that inserts the next. Case does not matter: the completed text has the right one.

use std::ops::Range;

use crate::console::command::{Topic, argument};
use crate::console::nearest::small;

/// The state between two TABs.
#[derive(Debug, Default)]
pub struct Completion {
    several: Option<Several>,
}

/// More than one candidate, after the first TAB.
#[derive(Debug)]
struct Several {
    candidates: Candidates,
    is_listed: bool,
    next: usize,
}

/// The effect of a TAB.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Tab {
    /// There is no candidate, or the candidates agree on no further letter.
    Nothing,
    /// This text replaces the span.
    Became(String),
    /// The candidates, the most likely one first.
    Listed(Vec<String>),
}

/// The completions of the text before the cursor.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Candidates {
    /// The start of the word that is completed.
    start: usize,
    choices: Vec<String>,
    /// The text that follows a completed word.
    suffix: &'static str,
}

impl Completion {
    /// Notes another key: the next TAB is a first one.
    pub fn give_up(&mut self) {
        self.several = None;
    }

    /// Returns the effect of a TAB, and the span of `before` that it concerns.
    pub fn tab(&mut self, before: &str, names: &[String]) -> (Range<usize>, Tab) {
        let Some(several) = &mut self.several else { return self.first_tab(before, names) };
        let candidates = &several.candidates;
        let span = candidates.start..before.len();
        if !several.is_listed {
            several.is_listed = true;
            return (span, Tab::Listed(candidates.choices.clone()));
        }
        let choice = &candidates.choices[several.next];
        several.next = (several.next + 1) % candidates.choices.len();
        (span, Tab::Became(format!("{choice}{}", candidates.suffix)))
    }

    fn first_tab(&mut self, before: &str, names: &[String]) -> (Range<usize>, Tab) {
        let candidates = candidates(before, names);
        let span = candidates.start..before.len();
        let typed = &before[span.clone()];
        let tab = match &candidates.choices[..] {
            [] => Tab::Nothing,
            [only] => Tab::Became(format!("{only}{}", candidates.suffix)),
            choices => {
                let common = common_prefix(choices);
                let goes_on = common.chars().count() > typed.chars().count();
                if goes_on { Tab::Became(common.to_string()) } else { Tab::Nothing }
            }
        };
        let is_open = candidates.choices.len() > 1;
        self.several = is_open.then_some(Several { candidates, is_listed: false, next: 0 });
        (span, tab)
    }
}

fn candidates(before: &str, names: &[String]) -> Candidates {
    let Some(command) = before.strip_prefix('/').filter(|rest| !rest.starts_with('/')) else {
        return names_in_text(before, names);
    };
    let Some((word, _)) = command.split_once(' ') else {
        return commands(before, 0);
    };
    let start = 1 + word.len() + 1;
    let typed = &before[start..];
    match Topic::named(word.as_bytes()) {
        Some(Topic::Help) => commands(before, start),
        Some(topic @ (Topic::Message | Topic::Chat | Topic::Bye)) => {
            let suffix = if topic == Topic::Message { " " } else { "" };
            Candidates { start, choices: names_of_command(topic, typed, names), suffix }
        }
        _ => Candidates { start, choices: Vec::new(), suffix: "" },
    }
}

/// `/ch`, or `/help ch`.
fn commands(before: &str, start: usize) -> Candidates {
    let slash = if start == 0 { "/" } else { "" };
    let words: Vec<_> = Topic::ALL.iter().map(|it| format!("{slash}{}", it.word())).collect();
    let choices = beginning(&before[start..], &words);
    let takes_more = match &choices[..] {
        [only] => !matches!(&only[..], "/list" | "/next" | "/peers" | "/exit"),
        _ => false,
    };
    Candidates { start, choices, suffix: if takes_more && start == 0 { " " } else { "" } }
}

/// The names for a command. If one of them needs quotes, all have them.
fn names_of_command(topic: Topic, typed: &str, names: &[String]) -> Vec<String> {
    let bare = typed.strip_prefix('"');
    let choices = beginning(bare.unwrap_or(typed), names);
    if bare.is_some() || choices.iter().any(|name| argument(topic, name) != *name) {
        choices.iter().map(|name| format!("\"{name}\"")).collect()
    } else {
        choices
    }
}

/// The last word of a text, if it is not empty.
fn names_in_text(before: &str, names: &[String]) -> Candidates {
    let start = before.rfind([' ', '\n']).map_or(0, |blank| blank + 1);
    let typed = &before[start..];
    let choices = if typed.is_empty() { Vec::new() } else { beginning(typed, names) };
    Candidates { start, choices, suffix: " " }
}

fn beginning(typed: &str, words: &[String]) -> Vec<String> {
    let fits = |word: &&String| {
        let mut letters = word.chars().map(small);
        typed.chars().map(small).all(|letter| letters.next() == Some(letter))
    };
    words.iter().filter(fits).cloned().collect()
}

fn common_prefix(words: &[String]) -> &str {
    let Some((first, others)) = words.split_first() else { return "" };
    let shared = |other: &String| {
        let same = first.chars().zip(other.chars()).take_while(|(one, two)| one == two);
        same.map(|(letter, _)| letter.len_utf8()).sum()
    };
    &first[..others.iter().map(shared).min().unwrap_or(first.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Vec<String> {
        ["Bruno", "Bruna", "Ana Maria", "Camila"].map(String::from).to_vec()
    }

    /// The text before the cursor after one TAB.
    fn after_tab(before: &str) -> String {
        match Completion::default().tab(before, &names()) {
            (span, Tab::Became(text)) => format!("{}{text}", &before[..span.start]),
            (_, Tab::Nothing | Tab::Listed(_)) => before.to_string(),
        }
    }

    #[test]
    fn one_tab() {
        let cases = [
            ("/c", "/chat "),
            ("/LI", "/list"),
            ("/help ch", "/help chat"),
            ("/chat c", "/chat Camila"),
            ("/chat b", "/chat Brun"),
            ("/chat Ana M", "/chat Ana Maria"),
            ("/msg camila", "/msg Camila "),
            ("/msg ana m", "/msg \"Ana Maria\" "),
            ("/msg \"Ana M", "/msg \"Ana Maria\" "),
            ("/chat \"Ana M", "/chat \"Ana Maria\""),
            ("/bye \"br", "/bye \"Brun"),
            ("/msg \"Ana Maria\" ", "/msg \"Ana Maria\" "),
            ("oi cam", "oi Camila "),
            ("//chat cam", "//chat Camila "),
            ("/list c", "/list c"),
            ("/dance c", "/dance c"),
            ("oi ", "oi "),
            ("", ""),
            ("/", "/"),
            ("/chat x", "/chat x"),
        ];
        for (before, after) in cases {
            assert_eq!(after_tab(before), after, "{before}");
        }
    }

    #[test]
    fn only_capitals_of_latin_1_have_small_letters() {
        for letter in '\0'..='\u{FF}' {
            assert_eq!(
                [small(letter)].iter().collect::<String>(),
                letter.to_lowercase().to_string()
            );
        }
        assert_eq!(beginning("JOÃ", &["João".to_string()]), ["João"]);
        assert_eq!(beginning("jóa", &["João".to_string()]), Vec::<String>::new());
    }

    #[test]
    fn the_second_tab_lists_and_the_others_insert() {
        let mut completion = Completion::default();
        let mut tab = || completion.tab("/chat Brun", &names()).1;
        assert_eq!(tab(), Tab::Nothing);
        assert_eq!(tab(), Tab::Listed(vec!["Bruno".to_string(), "Bruna".to_string()]));
        for name in ["Bruno", "Bruna", "Bruno"] {
            assert_eq!(tab(), Tab::Became(name.to_string()));
        }
        completion.give_up();
        assert_eq!(completion.tab("/chat Brun", &names()).1, Tab::Nothing);
    }
}
