//! The readmes have every command of the peer, and no unknown option.

use std::collections::BTreeSet;

#[cfg(feature = "peer")]
use papo::console::command::Topic;

#[cfg(feature = "peer")]
use super::read;

#[cfg(feature = "peer")]
const READMES: [&str; 2] = ["README.md", "docs/LEIAME.md"];

#[cfg(feature = "peer")]
#[test]
fn both_readmes_have_every_command_of_the_peer() {
    for readme in READMES {
        let text = read(readme);
        let missing = Topic::ALL.iter().filter(|it| !text.contains(&format!("`/{}", it.word())));
        let missing: Vec<_> = missing.map(|topic| topic.word()).collect();
        assert!(missing.is_empty(), "{readme} lacks {missing:?}");
    }
}

/// In a build with all commands.
#[cfg(all(feature = "tools", feature = "editor"))]
#[test]
fn no_readme_has_an_unknown_option() {
    use super::code::{commands, flags_of, names};
    const OF_CARGO: [&str; 2] = ["--no-default-features", "--example"];
    let mut code: BTreeSet<_> = commands().iter().flat_map(|it| names(&flags_of(it))).collect();
    code.extend(OF_CARGO.map(str::to_string));
    for readme in READMES {
        let named = options_in(&read(readme));
        let invented: Vec<_> = named.difference(&code).collect();
        assert!(named.len() > 10 && invented.is_empty(), "{readme}: {invented:?} of {named:?}");
    }
}

/// The words of a text that look like options: `--plain` of `ARGS="--plain"`.
pub(super) fn options_in(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_lowercase() && c != '-');
    let words = words.filter(|word| word.starts_with("--") && word.len() > 3);
    words.map(str::to_string).collect()
}
