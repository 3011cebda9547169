//! Man pages and completions are in step with the code: what `papo COMMAND --help` has stands in
//! the command's page and in the completions of all three shells, and nothing else does.
//!
//! What is compared is read out of texts by small functions, and each of them has something
//! planted that it must find. A build may lack some commands (the features in Cargo.toml): pages
//! and completions of those are let be, but not of a command that has no source at all.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

#[cfg(feature = "peer")]
use papo::peer::command::Topic;

/// An option with its dashes, and whether a value follows it.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Flag {
    name: String,
    has_value: bool,
}

impl Flag {
    fn new(name: &str, has_value: bool) -> Self {
        Self { name: name.to_string(), has_value }
    }
}

type Flags = BTreeSet<Flag>;

// ------------------------------------------------------------------ what the code has

fn papo(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_papo"));
    // The pages are in English, whatever the language of who runs this.
    command.args(arguments).env("LC_ALL", "C").env_remove("PAPO_LANG");
    let output = command.output().expect("papo can be started");
    assert!(output.status.success(), "papo {arguments:?}: {output:?}");
    String::from_utf8(output.stdout).expect("help is UTF-8")
}

/// The commands of `papo help`, without `help` itself, which has no page.
fn commands() -> Vec<String> {
    let overview = papo(&["help"]);
    let rows = overview.lines().filter_map(|line| line.strip_prefix("    "));
    let words = rows.filter_map(|row| row.split_whitespace().next());
    let commands: Vec<_> = words.filter(|word| *word != "help").map(str::to_string).collect();
    assert!(!commands.is_empty(), "the commands are found in: {overview}");
    commands
}

fn flags_of(command: &str) -> Flags {
    flags_in_help(&papo(&[command, "--help"]))
}

/// A row is `        --listen ADDR:PORT` or `    -h, --help          show this help`: one blank
/// stands before a value, more of them before an explanation.
fn flags_in_help(help: &str) -> Flags {
    let rows = help.lines().filter(|line| line.starts_with("    "));
    let rows = rows.map(str::trim_start).filter(|line| line.starts_with('-'));
    let mut flags = Flags::new();
    for row in rows {
        let row = row.replace(", ", ",");
        let (names, behind) = row.split_once(' ').unwrap_or((&row, ""));
        let value = behind.split(' ').next().unwrap_or_default();
        let is_value = value.contains('|') || !value.contains(|c: char| c.is_lowercase());
        let has_value = is_value && !value.is_empty();
        flags.extend(names.split(',').map(|name| Flag::new(name, has_value)));
    }
    flags
}

/// Whether the sources have such a command, be it in this build or not.
fn has_source(command: &str) -> bool {
    let place = root().join("src/cli");
    let is_file = |path: String| place.join(path).is_file();
    is_file(format!("{command}.rs")) || is_file(format!("{command}/mod.rs"))
}

// ------------------------------------------------------------------ what pages and completions have

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn page(command: &str) -> String {
    read(format!("docs/man/papo-{command}.1"))
}

/// The lines of a section of a page.
fn section<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    let heading = format!(".Sh {name}");
    let behind = page.lines().skip_while(move |line| *line != heading).skip(1);
    behind.take_while(|line| !line.starts_with(".Sh ")).collect()
}

/// `.It Fl Fl listen Ar address` and `.It Fl h , Fl Fl help`, the same in `.Op`.
fn flags_in_macro(line: &str) -> Flags {
    let words: Vec<_> = line.split_whitespace().collect();
    let has_value = words.contains(&"Ar");
    let dashed = words.windows(2).filter(|pair| pair[0] == "Fl" && pair[1] != "Fl");
    let name = |word: &str| if word.len() == 1 { format!("-{word}") } else { format!("--{word}") };
    dashed.map(|pair| Flag { name: name(pair[1]), has_value }).collect()
}

fn flags_in_section(page: &str, name: &str, start: &str) -> Flags {
    let lines = section(page, name).into_iter().filter(|line| line.starts_with(start));
    lines.flat_map(flags_in_macro).collect()
}

/// The branch of a shell's `case`: from `label` alone on a line to `;;` alone on a line.
fn branch<'a>(completion: &'a str, label: &str) -> Vec<&'a str> {
    let lines = completion.lines().map(str::trim).skip_while(move |line| *line != label).skip(1);
    lines.take_while(|line| *line != ";;").collect()
}

/// The words of `echo --listen --trace`. Whether a value follows is in another place there.
fn flags_in_bash(completion: &str, command: &str) -> BTreeSet<String> {
    let lines = branch(completion, &format!("{command})")).join(" ");
    lines.split_whitespace().filter(|word| word.starts_with('-')).map(str::to_string).collect()
}

/// Which options bash knows to have a value: those that are a label where the previous word is
/// looked at, `--max-clients | --port)`.
fn values_in_bash(completion: &str) -> BTreeSet<String> {
    let joined = completion.replace("\\\n", "");
    let labels = joined.lines().filter_map(|line| line.trim().split_once(')'));
    let labels = labels.filter(|(label, _)| label.starts_with("--"));
    labels.flat_map(|(label, _)| label.split('|')).map(|name| name.trim().to_string()).collect()
}

/// `'--listen=[…]:…'`, `'--trace[…]'`, `{-h,--help}'[…]'`.
fn flags_in_zsh(completion: &str, command: &str) -> Flags {
    let mut flags = Flags::new();
    for line in branch(completion, &format!("({command})")) {
        let Some((names, _)) = line.split_once('[') else { continue };
        // What this option excludes stands in front, as in `'(--rate)--pipeline=[…`.
        let names = names.trim_start_matches(['\'', '"']);
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
fn flags_in_fish(completion: &str, command: &str) -> Flags {
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

// ------------------------------------------------------------------ the comparison

#[track_caller]
fn expect_same<T: Ord + std::fmt::Debug>(place: &str, found: &BTreeSet<T>, code: &BTreeSet<T>) {
    let missing: Vec<_> = code.difference(found).collect();
    let invented: Vec<_> = found.difference(code).collect();
    let is_same = missing.is_empty() && invented.is_empty();
    assert!(is_same, "{place}: lacks {missing:?}, and has what the code has not: {invented:?}");
}

fn names(flags: &Flags) -> BTreeSet<String> {
    flags.iter().map(|flag| flag.name.clone()).collect()
}

#[test]
fn every_option_is_in_its_page_and_every_option_of_a_page_is_in_the_code() {
    for command in commands() {
        let (page, code) = (page(&command), flags_of(&command));
        assert!(names(&code).contains("--help"), "the options of {command} are found: {code:?}");
        expect_same(&command, &flags_in_section(&page, "OPTIONS", ".It"), &code);
        expect_same(&command, &flags_in_section(&page, "SYNOPSIS", ".Op"), &code);
    }
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

fn completions() -> (String, String, String) {
    let read = |name| read(format!("docs/completions/{name}"));
    (read("papo"), read("_papo"), read("papo.fish"))
}

/// The numbers and addresses that `--help` gives as defaults are those of the page.
#[test]
fn every_default_is_in_its_page() {
    let mut count = 0;
    for command in commands() {
        let page = section(&page(&command), "OPTIONS").join("\n");
        for (flag, default) in defaults(&papo(&[&command, "--help"])) {
            let item = page.split(".It ").find(|item| item.starts_with(&format!("Fl Fl {flag} ")));
            let is_there = item.is_some_and(|item| has_word(item, &default));
            assert!(is_there, "the page of {command} lacks the default of --{flag}, {default}");
            count += 1;
        }
    }
    assert!(count >= 4, "only {count} defaults found: is the help still read right?");
}

/// The options whose explanation ends in a number or an address in brackets.
fn defaults(help: &str) -> Vec<(String, String)> {
    let words = help.split_whitespace().collect::<Vec<_>>().join(" ");
    let items = words.split(" --").skip(1).filter_map(|item| {
        let (before, behind) = item.rsplit_once('(')?;
        let default = behind.split_once(')')?.0;
        let flag = before.split(' ').next()?;
        let is_number = default.starts_with(|c: char| c.is_ascii_digit());
        is_number.then(|| (flag.to_string(), default.to_string()))
    });
    items.collect()
}

fn has_word(text: &str, word: &str) -> bool {
    text.split_whitespace().any(|other| other.trim_end_matches([',', '.', ':', ';']) == word)
}

#[test]
fn every_command_has_a_page_and_a_place_in_the_others() {
    let (bash, zsh, fish) = completions();
    let overview = read("docs/man/papo.1");
    for command in commands() {
        let places = [
            (&overview, format!(".It Cm {command}\n")),
            (&overview, format!(".Xr papo-{command} 1")),
            (&zsh, format!("{command}:")),
            (&fish, format!("-n __fish_use_subcommand -a {command} ")),
        ];
        for (text, wanted) in places {
            assert!(text.contains(&wanted), "{wanted} is nowhere in: {text}");
        }
        assert!(branch(&bash, "help)").join(" ").contains(&command), "bash: help {command}");
        assert!(page(&command).contains(&format!(".Nm papo-{command}\n")), "{command}");
    }
}

#[test]
fn no_page_and_no_completion_is_of_a_command_that_is_not_there() {
    let (bash, ..) = completions();
    let offered = branch(&bash, "help)").join(" ");
    let offered = offered.split_whitespace().skip(1).map(str::to_string);
    let pages = pages().into_iter().filter_map(|page| {
        let name = page.file_stem()?.to_str()?.strip_prefix("papo-")?.to_string();
        Some(name)
    });
    for command in offered.chain(pages) {
        assert!(has_source(&command), "{command}: there is no such command");
    }
    assert!(has_source("server") && !has_source("a_command_that_nobody_wrote"));
}

/// Every file in docs/man.
fn pages() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("docs/man")).expect("docs/man");
    let pages: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    assert!(pages.len() >= 4, "the pages are found: {pages:?}");
    pages
}

#[cfg(feature = "peer")]
#[test]
fn the_page_of_the_peer_has_its_commands() {
    let commands: BTreeSet<_> =
        Topic::ALL.iter().map(|topic| format!("/{}", topic.word())).collect();
    let page = page("peer");
    let items = section(&page, "COMMANDS").into_iter();
    let items = items.filter_map(|line| line.strip_prefix(".It Ic "));
    let found = items.filter_map(|item| item.split(' ').next()).map(str::to_string).collect();
    expect_same("papo-peer.1", &found, &commands);
}

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

/// The words of a text that look like options: `--plain` of `ARGS="--plain"`.
fn options_in(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_lowercase() && c != '-');
    let words = words.filter(|word| word.starts_with("--") && word.len() > 3);
    words.map(str::to_string).collect()
}

/// Of a build that has them all.
#[cfg(all(feature = "demo", feature = "load", feature = "editor", feature = "lab"))]
#[test]
fn no_readme_has_an_option_that_is_not_there() {
    const OF_CARGO: &str = "--no-default-features";
    let mut code: BTreeSet<_> = commands().iter().flat_map(|it| names(&flags_of(it))).collect();
    code.insert(OF_CARGO.to_string());
    for readme in READMES {
        let named = options_in(&read(readme));
        let invented: Vec<_> = named.difference(&code).collect();
        assert!(named.len() > 10 && invented.is_empty(), "{readme}: {invented:?} of {named:?}");
    }
}

/// What the server writes into its log, whatever part of the program writes it.
#[test]
fn the_page_of_the_server_has_every_event_of_its_log() {
    let page = page("server");
    let items = section(&page, "LOG").into_iter();
    let found = items.filter_map(|line| line.strip_prefix(".It Cm event="));
    let found: BTreeSet<_> = found.map(str::to_string).collect();
    let mut code = BTreeSet::new();
    read_events(&root().join("src"), &mut code);
    assert!(code.len() >= 5, "the events are found: {code:?}");
    expect_same("papo-server.1", &found, &code);
}

fn read_events(folder: &Path, events: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            read_events(&path, events);
        } else {
            events.extend(events_in(&read(path)));
        }
    }
}

/// A message begins with its event: `"event=join …`.
fn events_in(source: &str) -> Vec<String> {
    let behind = source.split("\"event=").skip(1);
    let words = behind.map(|text| text.split(|c: char| !c.is_ascii_lowercase() && c != '_'));
    let names = words.filter_map(|mut words| words.next()).filter(|name| !name.is_empty());
    names.map(str::to_string).collect()
}

// ------------------------------------------------------------------ their own tools

/// `None`, and said so, where there is no such tool.
fn run(tool: &str, arguments: &[&str]) -> Option<Output> {
    let mut command = Command::new(tool);
    // A shell complains about a locale that is not installed.
    command.args(arguments).current_dir(root()).env("LC_ALL", "C");
    match command.output() {
        Ok(output) => Some(output),
        Err(error) => {
            // Not `eprintln`, which is only shown where a test fails.
            let _ = writeln!(io::stderr(), "NOT CHECKED with {tool}: {error}");
            None
        }
    }
}

#[test]
fn mandoc_finds_nothing() {
    for page in pages() {
        let path = page.to_str().expect("a path in UTF-8");
        let Some(output) = run("mandoc", &["-Tlint", "-W", "warning", path]) else { return };
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
}

#[test]
fn the_shells_can_read_their_completions() {
    for (shell, file) in [("bash", "papo"), ("zsh", "_papo"), ("fish", "papo.fish")] {
        let path = format!("docs/completions/{file}");
        let Some(output) = run(shell, &["-n", &path]) else { continue };
        assert!(output.status.success() && output.stderr.is_empty(), "{shell}: {output:?}");
    }
}

/// What bash offers for a command line whose last word is being typed.
fn offered(words: &[&str]) -> Option<BTreeSet<String>> {
    const SCRIPT: &str = "source docs/completions/papo; COMP_WORDS=(\"$@\")\n\
        COMP_CWORD=$(($# - 1)); _papo; printf '%s\\n' \"${COMPREPLY[@]}\"";
    let arguments = [&["--norc", "-c", SCRIPT, "bash"], words].concat();
    let output = run("bash", &arguments)?;
    assert!(output.stderr.is_empty(), "{words:?}: {output:?}");
    let text = String::from_utf8(output.stdout).expect("words in UTF-8");
    Some(text.lines().filter(|line| !line.is_empty()).map(str::to_string).collect())
}

#[test]
fn bash_offers_what_fits() {
    let cases: [(&[&str], &[&str]); 10] = [
        (&["papo", "se"], &["send", "server"]),
        (&["papo", "peer", "--l"], &["--lang", "--log", "--log-dir"]),
        (&["papo", "peer", "--lang", ""], &["pt", "en"]),
        (&["papo", "peer", "--lang", "="], &["pt", "en"]),
        (&["papo", "server", "--edition", "=", "2024"], &["2024"]),
        (&["papo", "server", "--edition", "2"], &["2024", "2026"]),
        (&["papo", "server", "--trace", "--per"], &["--per-address"]),
        (&["papo", "server", "--keepalive", ""], &[]),
        (&["papo", "help", "p"], &["peer"]),
        (&["papo", "no-such-command", ""], &[]),
    ];
    for (words, expected) in cases {
        let Some(offered) = offered(words) else { return };
        let expected: BTreeSet<_> = expected.iter().map(|word| (*word).to_string()).collect();
        assert_eq!(offered, expected, "{words:?}");
    }
    for command in commands() {
        let Some(offered) = offered(&["papo", &command, "-"]) else { return };
        assert_eq!(offered, names(&flags_of(&command)), "{command}");
    }
}

/// As `complete -C` shows it to a person; a tab stands before the explanation.
#[test]
fn fish_offers_what_fits() {
    for command in commands() {
        let script = format!("source docs/completions/papo.fish; complete -C 'papo {command} --'");
        let Some(output) = run("fish", &["--no-config", "-c", &script]) else { return };
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let found = text.lines().filter_map(|line| line.split('\t').next()).map(str::to_string);
        let mut expected = names(&flags_of(&command));
        expected.retain(|name| name.starts_with("--"));
        assert_eq!(found.collect::<BTreeSet<_>>(), expected, "{command}: {output:?}");
    }
}

// ------------------------------------------------------------------ the readers can fail

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
fn what_is_planted_is_found() {
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
fn what_differs_is_named() {
    expect_same("x", &BTreeSet::from(["--a", "--c"]), &BTreeSet::from(["--a", "--b"]));
}
