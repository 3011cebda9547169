//! The readers can fail: each must find a planted mistake.

use std::collections::BTreeSet;

use super::code::{Flag, flags_in_help};
use super::completions::{flags_in_bash, flags_in_fish, flags_in_zsh, values_in_bash};
use super::expect_same;
use super::man::{defaults, events_in, flags_in_section, has_word};
use super::readmes::options_in;

#[test]
fn help_is_read_right() {
    let help = "Usage\n\nOptions:\n        --a A:B\n                        text --no (5)\n        \
                --max N  text\n        --long-one x|y\n        --flag          text\n    \
                -h, --help          show\n";
    let expected = [
        ("--a", true),
        ("--flag", false),
        ("--help", false),
        ("--long-one", true),
        ("--max", true),
        ("-h", false),
    ];
    assert_eq!(flags_in_help(help), expected.map(|(name, value)| Flag::new(name, value)).into());
    let help =
        "Options: --a A where (0.0.0.0:1) --b N most (what it may) --c f (x) (64) -h, --help";
    let expected = [("a", "0.0.0.0:1"), ("c", "64")];
    assert_eq!(defaults(help), expected.map(|(a, b)| (a.to_string(), b.to_string())));
    assert!(has_word("by default 5.", "5") && !has_word("at 15 or 50", "5"));
}

#[test]
fn a_planted_mistake_is_found() {
    let new = [Flag::new("--new", true), Flag::new("-n", true)];
    let page = ".Sh OPTIONS\n.It Fl n , Fl Fl new Ar x\n.Sh FILES\n.It Fl Fl other\n";
    assert_eq!(flags_in_section(page, "OPTIONS", ".It"), new.clone().into());
    let zsh = "  (a)\n '--new=[x]:y:z' \\\n \"--old[b's]\"\n ;;\n (b)\n '--b[x]'\n ;;";
    assert_eq!(flags_in_zsh(zsh, "a"), [new[0].clone(), Flag::new("--old", false)].into());
    let zsh = "(a)\n'(- *)'{-h,--help}'[show]'\n'(--other)--only[x]'\n;;";
    let flags = ["--help", "--only", "-h"].map(|name| Flag::new(name, false));
    assert_eq!(flags_in_zsh(zsh, "a"), flags.into());
    let fish = "complete -c papo -n $a -s n -l new -x -d 'it -l not'\n\
                complete -c papo -n $b -l b -d 'x'";
    assert_eq!(flags_in_fish(fish, "a"), new.into());
    let bash = "x)\n a ;;\n a)\n echo --new \\\n -n\n ;;\n case y in\n --p | \\\n --q) z ;;";
    assert_eq!(flags_in_bash(bash, "a"), ["--new", "-n"].map(str::to_string).into());
    let source = "log::info!(\n  \"event=a_b x\"); // no \\\"event c \"event=d\" \"event={x}\"";
    assert_eq!(events_in(source), ["a_b", "d"]);
    let options = ["--lang", "--log-dir"].map(str::to_string).into();
    assert_eq!(options_in("a -- b: `--log-dir X`, ARGS=\"--lang pt\", |---|"), options);
    assert_eq!(values_in_bash(bash), ["--p", "--q"].map(str::to_string).into());
}

#[test]
#[should_panic(expected = "lacks [\"--b\"], and has what the code has not: [\"--c\"]")]
fn a_difference_is_named() {
    expect_same("x", &BTreeSet::from(["--a", "--c"]), &BTreeSet::from(["--a", "--b"]));
}
