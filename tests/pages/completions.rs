//! The completions of the shells have every option of the code, and no other.

use std::collections::BTreeSet;

use super::code::{Flag, Flags, commands, flags_of, names};
use super::{expect_same, read};

pub(super) fn completions() -> (String, String, String) {
    let read = |name| read(format!("docs/completions/{name}"));
    (read("papo"), read("_papo"), read("papo.fish"))
}

/// The branch of a shell's `case`: from `label` alone on a line to `;;` alone on a line.
pub(super) fn branch<'a>(completion: &'a str, label: &str) -> Vec<&'a str> {
    let lines = completion.lines().map(str::trim).skip_while(move |line| *line != label).skip(1);
    lines.take_while(|line| *line != ";;").collect()
}

/// The words of `echo --listen --trace`. [`values_in_bash`] has the options with a value.
pub(super) fn flags_in_bash(completion: &str, command: &str) -> BTreeSet<String> {
    let lines = branch(completion, &format!("{command})")).join(" ");
    lines.split_whitespace().filter(|word| word.starts_with('-')).map(str::to_string).collect()
}

/// The options with a value in bash: the labels of the `case` of the previous word, such as
/// `--max-clients | --port)`.
pub(super) fn values_in_bash(completion: &str) -> BTreeSet<String> {
    let joined = completion.replace("\\\n", "");
    let labels = joined.lines().filter_map(|line| line.trim().split_once(')'));
    let labels = labels.filter(|(label, _)| label.starts_with("--"));
    labels.flat_map(|(label, _)| label.split('|')).map(|name| name.trim().to_string()).collect()
}

/// `'--listen=[…]:…'`, `'--trace[…]'`, `{-h,--help}'[…]'`.
pub(super) fn flags_in_zsh(completion: &str, command: &str) -> Flags {
    let mut flags = Flags::new();
    for line in branch(completion, &format!("({command})")) {
        let Some((names, _)) = line.split_once('[') else { continue };
        // Before it are the options that it excludes, as in `'(--rate)--pipeline=[…`, or a star if it
        // may be given several times.
        let names = names.trim_start_matches(['\'', '"', '*']);
        let excluded = names.strip_prefix('(').and_then(|rest| rest.split_once(')'));
        let names = excluded.map_or(names, |(_, behind)| behind);
        let names = names.trim_matches(['\'', '"', '{', '}']);
        let names = names.split(',').map(|name| name.trim_end_matches('}'));
        let flag = |name: &str| Flag::new(name.trim_end_matches('='), name.ends_with('='));
        flags.extend(names.filter(|name| name.starts_with('-')).map(flag));
    }
    flags
}

/// `complete -c papo -n $server -s h -l help -x …`
pub(super) fn flags_in_fish(completion: &str, command: &str) -> Flags {
    let start = format!("complete -c papo -n ${command} ");
    let mut flags = Flags::new();
    for line in completion.lines().filter_map(|line| line.strip_prefix(&start)) {
        let words: Vec<_> = line.split(" -d ").next().unwrap_or_default().split(' ').collect();
        let has_value = words.contains(&"-x");
        for pair in words.windows(2) {
            match pair {
                ["-l", name] => flags.insert(Flag { name: format!("--{name}"), has_value }),
                ["-s", name] => flags.insert(Flag { name: format!("-{name}"), has_value }),
                _ => false,
            };
        }
    }
    flags
}

#[test]
fn every_option_is_in_all_completions_and_the_other_way_round() {
    let (bash, zsh, fish) = completions();
    let mut with_value = BTreeSet::new();
    for command in commands() {
        let code = flags_of(&command);
        expect_same(&format!("bash, {command}"), &flags_in_bash(&bash, &command), &names(&code));
        expect_same(&format!("zsh, {command}"), &flags_in_zsh(&zsh, &command), &code);
        expect_same(&format!("fish, {command}"), &flags_in_fish(&fish, &command), &code);
        with_value.extend(code.into_iter().filter(|flag| flag.has_value).map(|flag| flag.name));
    }
    let in_bash = values_in_bash(&bash);
    let missing: Vec<_> = with_value.difference(&in_bash).collect();
    assert!(missing.is_empty(), "bash does not know that a value follows {missing:?}");
}
