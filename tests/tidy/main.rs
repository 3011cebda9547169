//! The house rules, kept by a machine: who may use whom, who may do what, and how long is long.
//!
//! A rule that only a document knows is broken by the third change after it. So each rule of
//! `docs/ARCHITECTURE.md` that can be seen in the text of a source file is checked here, and an
//! offence is reported as `file:line: what, and why not`. Each check has a second test that
//! plants an offence: a check that cannot fail is worth nothing.
//!
//! To allow something new, change the table at the head of its section, and say why.

use std::fmt;
use std::fs;
use std::path::Path;

// ------------------------------------------------------------------ who may use whom

/// Imports run down this table, and never back or sideways:
///
/// ```text
/// cli → event_loop, terminal → directory, peer, lab, load → conn_map, timer_wheel → machine → (wire)
/// ```
///
/// A module may use what stands beside it: a whole module, or one item where only that is named.
const MAY_USE: [(&str, &[&str]); 13] = [
    ("main", &["cli"]),
    ("lib", &[]),
    ("cli", &["event_loop", "terminal", "directory", "peer", "lab", "load", "machine", "wire"]),
    // Moves bytes for any machine, and knows no word of the protocol: of `wire`, only what cuts
    // bytes into lines, what holds them until they are out, and what a traced line must not
    // bring to a screen.
    (
        "event_loop",
        &[
            "machine",
            "conn_map",
            "wire::line_buffer",
            "wire::out_buffer",
            "wire::name::is_invisible",
        ],
    ),
    ("terminal", &["directory", "peer", "lab", "load", "machine", "wire"]),
    ("directory", &["machine", "conn_map", "timer_wheel", "wire"]),
    ("peer", &["machine", "conn_map", "timer_wheel", "wire"]),
    ("lab", &["machine", "conn_map", "timer_wheel", "wire"]),
    ("load", &["machine", "conn_map", "wire"]),
    ("conn_map", &["machine"]),
    ("timer_wheel", &["machine"]),
    // The seam names no protocol, so that any machine fits it. And `wire` leans on it: back
    // would be a circle.
    ("machine", &[]),
    // Two exceptions to "never back", both for types that are plain data and no decision: how
    // lines end and how long they may be, which a machine is told (`Input::Line`) and asks for
    // (`Action::Dial`); and bytes with many readers, which it sends (`Action::SendShared`).
    // Each stands where the seam stands, and is made or used up by the buffers of `wire`.
    ("wire", &["machine::LineEnd", "machine::LineLimit", "machine::Shared"]),
];

fn check_imports(source: &Source) -> Vec<Offence> {
    let module = source.module();
    let Some((_, allowed)) = MAY_USE.iter().find(|(name, _)| *name == module) else {
        let what = format!("{module} is in no table of tests/tidy: say there what it may use");
        return vec![source.offence(1, &what)];
    };
    let foreign = |path: &str| is_module(first_segment(path)) && first_segment(path) != module;
    let offends = |path: &str| foreign(path) && !allowed.iter().any(|good| is_within(path, good));
    let uses = uses(&source.code).into_iter().filter(|(_, path)| offends(path));
    uses.map(|(line, path)| {
        let what = format!("{module} uses {path}, but may use only: {}", allowed.join(", "));
        source.offence(line, &what)
    })
    .collect()
}

fn is_module(name: &str) -> bool {
    MAY_USE.iter().any(|(module, _)| *module == name)
}

fn first_segment(path: &str) -> &str {
    path.split("::").next().unwrap_or_default()
}

fn is_within(path: &str, module: &str) -> bool {
    path.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// All paths that start at the root of the crate or above the file's own module, with the line
/// where they stand. Not only those in a `use`: a path may be written out anywhere.
fn uses(code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for root in ["crate::", "papo::", "super::"] {
        for (at, _) in code.match_indices(root).filter(|(at, _)| starts_word(code, *at)) {
            let mut paths = Vec::new();
            expand("", &code[at + root.len()..], &mut paths);
            found.extend(paths.into_iter().map(|path| (line_of(code, at), path)));
        }
    }
    found
}

/// `machine::{ConnId, Millis}` is two paths, `machine::ConnId` and `machine::Millis`.
fn expand(prefix: &str, tree: &str, paths: &mut Vec<String>) {
    let end = tree.find(|c| !is_word(c) && c != ':').unwrap_or(tree.len());
    let path = format!("{prefix}{}", &tree[..end]);
    let Some(group) = tree[end..].strip_prefix('{') else {
        paths.push(path.trim_end_matches(':').to_string());
        return;
    };
    for item in items_of_group(group) {
        expand(&path, item.trim(), paths);
    }
}

/// The parts of `a, b::{c, d}}` up to the brace that closes it: `a` and `b::{c, d}`.
fn items_of_group(group: &str) -> Vec<&str> {
    let (mut items, mut start, mut depth) = (Vec::new(), 0, 0);
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            '}' => {
                items.push(&group[start..at]);
                break;
            }
            ',' if depth == 0 => {
                items.push(&group[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    items.retain(|item| !item.trim().is_empty());
    items
}

#[test]
fn imports_run_one_way() {
    expect_clean(check_imports);
}

#[test]
fn an_import_against_the_stream_is_found() {
    let planted = [
        ("wire/name.rs", "use crate::machine::{LineEnd, Millis};", "wire uses machine::Millis"),
        ("wire/name.rs", "use crate::machine::*;", "wire uses machine, but"),
        ("machine.rs", "use crate::wire::name::Name;", "machine uses wire::name::Name"),
        ("machine.rs", "use super::wire;", "machine uses wire"),
        ("event_loop/mod.rs", "use crate::{machine, terminal::Screen};", "uses terminal::Screen"),
        ("event_loop/mod.rs", "let x = crate::wire::request::Request::List;", "wire::request"),
        ("terminal/mod.rs", "use papo::event_loop::EventLoop;", "terminal uses event_loop"),
        ("directory/mod.rs", "use crate::{\n    wire,\n    peer::{Peer},\n};", "peer::Peer"),
        ("peer/mod.rs", "fn x(lab: crate::lab::Echo) {}", "peer uses lab::Echo"),
        ("tools/mod.rs", "", "tools is in no table"),
    ];
    for (path, text, what) in planted {
        expect_offence(check_imports, path, text, what);
    }
}

#[test]
fn an_import_with_the_stream_is_none() {
    let good = [
        ("wire/name.rs", "use crate::machine::{LineEnd, LineLimit};\nuse super::CRLF;"),
        ("wire/name.rs", "/// See [`crate::peer`].\nconst X: &str = \"crate::peer\";"),
        ("directory/mod.rs", "use crate::wire::reply::{self, Edition};\nuse roster::Roster;"),
        ("event_loop/mod.rs", "use crate::wire::line_buffer::LineBuffer;"),
        ("cli/server.rs", "use crate::{event_loop::EventLoop, directory::Directory};"),
        ("peer/link.rs", "pub(crate) fn x() {}\n#[cfg(test)] mod tests { use super::*; }"),
    ];
    for (path, text) in good {
        assert_eq!(check_imports(&Source::new(path, text)), [], "{text}");
    }
}

// ------------------------------------------------------------------ who may do what

/// Words that may stand in code only where somebody answers for what they do.
struct WordRule {
    words: &'static [&'static str],
    /// Files, or folders with all that is in them. None: nowhere.
    only_in: &'static [&'static str],
    why: &'static str,
}

const WORD_RULES: [WordRule; 8] = [
    WordRule {
        words: &["mio", "slab", "TcpStream", "TcpListener", "UdpSocket"],
        only_in: &["event_loop/"],
        why: "the event loop owns every descriptor; a machine that has one cannot be simulated",
    },
    WordRule {
        words: &["Instant::now", "SystemTime"],
        only_in: &["event_loop/"],
        why: "everyone else is given `now`, so that a test decides what time it is",
    },
    WordRule {
        words: &["std::thread"],
        only_in: &["event_loop/"],
        why: "one thread a process: what blocks or sleeps here stops everybody",
    },
    WordRule {
        words: &["std::process"],
        only_in: &["cli/", "main.rs"],
        why: "a machine that wants to end the program asks with Action::Exit",
    },
    WordRule {
        words: &["println!", "eprintln!", "print!", "eprint!"],
        only_in: &["cli/"],
        why: "they panic when the other end of the pipe is gone; show a notice instead",
    },
    WordRule {
        words: &["Rc<RefCell", "dyn"],
        only_in: &[],
        why: "data goes in and actions come out: no shared state, no callbacks",
    },
    WordRule {
        words: &["unsafe"],
        only_in: &[],
        why: "what is fast enough without it needs no proof",
    },
    WordRule {
        words: &["todo!", "unimplemented!"],
        only_in: &[],
        why: "it compiles, and is not done",
    },
];

/// Words that may stand nowhere, not even in a comment.
const UNFINISHED: [&str; 2] = ["TODO", "FIXME"];

fn check_words(source: &Source) -> Vec<Offence> {
    let rules = WORD_RULES.iter().filter(|rule| !rule.only_in.iter().any(|at| source.is_in(at)));
    rules.flat_map(|rule| offending_words(source, rule)).collect()
}

fn offending_words(source: &Source, rule: &WordRule) -> Vec<Offence> {
    let mut offences = Vec::new();
    for (number, line) in numbered(&source.code) {
        for word in rule.words.iter().filter(|word| has_word(line, word)) {
            let place = if rule.only_in.is_empty() { "nowhere" } else { "elsewhere" };
            let only_in = rule.only_in.join(", ");
            let what = format!("`{word}` belongs {place} {only_in}: {}", rule.why);
            offences.push(source.offence(number, &what));
        }
    }
    offences
}

fn check_unfinished(source: &Source) -> Vec<Offence> {
    let unfinished = |line: &str| UNFINISHED.iter().any(|word| has_word(line, word));
    let lines = numbered(&source.text).filter(|(_, line)| unfinished(line));
    let what = "finish it, or confess the shortcut in a sentence that says what it costs";
    lines.map(|(number, _)| source.offence(number, what)).collect()
}

#[test]
fn sockets_clock_and_screen_stay_where_they_belong() {
    expect_clean(check_words);
}

#[test]
fn a_word_out_of_place_is_found() {
    let planted = [
        ("wire/name.rs", "use mio::Token;", "`mio`"),
        ("cli/load.rs", "let x = std::net::TcpListener::bind(y);", "`TcpListener`"),
        ("peer/mod.rs", "let now = Instant::now();", "`Instant::now`"),
        ("cli/server.rs", "let now = std::time::SystemTime::now();", "`SystemTime`"),
        ("terminal/mod.rs", "std::thread::sleep(x);", "`std::thread`"),
        ("event_loop/mod.rs", "std::process::exit(1);", "`std::process`"),
        ("event_loop/mod.rs", "    eprintln!(\"oh\"); // no", "`eprintln!`"),
        ("machine.rs", "struct X { y: Rc<RefCell<u8>> }", "`Rc<RefCell`"),
        ("machine.rs", "fn f(x: &dyn Fn()) {}", "`dyn`"),
        ("cli/mod.rs", "unsafe { x() }", "`unsafe`"),
        ("cli/mod.rs", "/* no */ todo!()", "`todo!`"),
        ("cli/mod.rs", "let a = '\"'; unimplemented!(); let b = '\"';", "`unimplemented!`"),
    ];
    for (path, text, what) in planted {
        expect_offence(check_words, path, text, what);
    }
}

#[test]
fn an_offence_is_reported_where_it_stands() {
    let text = "/* one\n   two */\nconst X: &str = \"\n\";\nuse crate::wire;\nunsafe {}\n";
    let source = Source::new("timer_wheel.rs", text);
    let places = [check_imports(&source), check_words(&source)].concat();
    let places: Vec<_> =
        places.iter().map(|offence| (offence.path.as_str(), offence.line)).collect();
    assert_eq!(places, [("timer_wheel.rs", 5), ("timer_wheel.rs", 6)]);
}

#[test]
fn a_word_in_its_place_or_in_a_comment_is_no_offence() {
    let good = [
        ("event_loop/mod.rs", "use mio::{Poll, net::TcpStream};\nlet x = Instant::now();"),
        ("cli/mod.rs", "println!(\"{x}\");\nstd::process::exit(1);"),
        ("main.rs", "fn main() -> std::process::ExitCode {}"),
        ("peer/mod.rs", "/// Unlike mio, unsafe and println! are no words here.\n//! dyn\n// mio"),
        ("peer/mod.rs", "const X: &str = \"mio \\\" todo!()\"; const Y: &str = r#\"a \" mio\"#;"),
        ("peer/mod.rs", "/* mio /* dyn */ unsafe */ let dynamic = mio_x; let slabs: &'static u8;"),
        ("peer/mod.rs", "const X: &str = \"\n    mio\n    unsafe\n\";"),
    ];
    for (path, text) in good {
        assert_eq!(check_words(&Source::new(path, text)), [], "{text}");
    }
}

#[test]
fn nothing_is_left_unfinished() {
    expect_clean(check_unfinished);
}

#[test]
fn what_is_left_unfinished_is_found() {
    expect_offence(check_unfinished, "peer/mod.rs", "x();\n// TODO: later", "finish it");
    expect_offence(check_unfinished, "peer/mod.rs", "/// FIXME", "finish it");
    assert_eq!(check_unfinished(&Source::new("peer/mod.rs", "// AUTODOC, TODOS")), []);
}

// ------------------------------------------------------------------ how long is long

const FUNCTION_LINES_MAX: usize = 70;
const FILE_LINES_MAX: usize = 400;
const COLUMNS_MAX: usize = 100;

fn check_functions(source: &Source) -> Vec<Offence> {
    let long = functions(&source.code).into_iter().filter(|f| f.lines > FUNCTION_LINES_MAX);
    long.map(|Function { name, line, lines }| {
        let what = format!(
            "fn {name} has {lines} lines, more than {FUNCTION_LINES_MAX}: \
             what does not fit a screen is not seen as one thing"
        );
        source.offence(line, &what)
    })
    .collect()
}

fn check_columns(source: &Source) -> Vec<Offence> {
    let wide = numbered(&source.text).filter(|(_, line)| line.chars().count() > COLUMNS_MAX);
    let what = format!("more than {COLUMNS_MAX} columns: two files should fit side by side");
    wide.map(|(number, _)| source.offence(number, &what)).collect()
}

fn check_file_length(source: &Source) -> Vec<Offence> {
    let lines = source.text.lines().count();
    let what = format!("{lines} lines, more than {FILE_LINES_MAX}: find the second thing in it");
    let offence = source.offence(FILE_LINES_MAX + 1, &what);
    if lines > FILE_LINES_MAX { vec![offence] } else { Vec::new() }
}

struct Function {
    name: String,
    line: usize,
    lines: usize,
}

/// Every function that has a body, from the line with `fn` to the line with its last brace.
fn functions(code: &str) -> Vec<Function> {
    let starts = code.match_indices("fn ").filter(|(at, _)| starts_word(code, *at));
    let function = |(at, start): (usize, &str)| {
        let end = at + body_end(&code[at..])?;
        let name = word_at(&code[at + start.len()..]).to_string();
        let lines = line_of(code, end) - line_of(code, at) + 1;
        Some(Function { name, line: line_of(code, at), lines })
    };
    starts.filter_map(function).collect()
}

/// Where the body of the function that starts here is closed. `None`: it has no body, as in a
/// trait. A `;` between brackets, as in `[u8; 4]`, ends nothing.
fn body_end(code: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, character) in code.char_indices() {
        match character {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            ';' if depth == 0 => return None,
            _ => {}
        }
        if depth == 0 && character == '}' {
            return Some(at);
        }
    }
    None
}

#[test]
fn functions_fit_a_screen() {
    expect_clean(check_functions);
}

#[test]
fn a_function_that_fits_no_screen_is_found() {
    let body = |lines: usize| format!("fn f(x: [u8; 4]) -> [u8; 4] {{\n{}}}", "x;\n".repeat(lines));
    let source = |text: &str| Source::new("peer/mod.rs", text);
    assert_eq!(check_functions(&source(&body(FUNCTION_LINES_MAX - 2))), []);
    expect_offence(check_functions, "peer/mod.rs", &body(FUNCTION_LINES_MAX - 1), "71 lines");
    let in_trait =
        format!("trait X {{ fn a(); fn b() {{}} }}\nconst X: u8 = {{ {}}};", "\n".repeat(90));
    assert_eq!(check_functions(&source(&in_trait)), []);
    let brace = format!("fn f() {{ '}}'; \"}}\"; // }}\n{}}}", "x;\n".repeat(FUNCTION_LINES_MAX));
    expect_offence(check_functions, "peer/mod.rs", &brace, "fn f has 72 lines");
}

#[test]
fn lines_fit_a_hundred_columns() {
    expect_clean(check_columns);
}

#[test]
fn a_line_that_is_too_wide_is_found() {
    let wide = "é".repeat(COLUMNS_MAX);
    assert_eq!(check_columns(&Source::new("wire/name.rs", &wide)), []);
    expect_offence(check_columns, "wire/name.rs", &format!("\n// {wide}"), "columns");
}

#[test]
fn files_have_one_thing_in_them() {
    expect_clean(check_file_length);
}

#[test]
fn a_file_that_grew_is_found() {
    let long = "\n".repeat(FILE_LINES_MAX);
    assert_eq!(check_file_length(&Source::new("wire/name.rs", &long)), []);
    expect_offence(check_file_length, "wire/name.rs", &format!("{long}\n"), "401 lines");
}

// ------------------------------------------------------------------ what a file says of itself

/// Parts of names that say nothing: whatever it is, it could be called so.
const EMPTY_WORDS: [&str; 3] = ["manager", "helper", "util"];

fn check_opening(source: &Source) -> Vec<Offence> {
    if source.text.starts_with("//! ") {
        return Vec::new();
    }
    let what = "a file opens with `//!`: what lives here, what must not, where to read next";
    vec![source.offence(1, what)]
}

fn check_names(source: &Source) -> Vec<Offence> {
    let what = |name: &str| format!("{name}: the name would fit anything; say what it does");
    let of_file = source.path.split('/').any(|part| part == "data.rs" || is_empty_word(part));
    let of_file = of_file.then(|| source.offence(1, &what(&source.path)));
    let declared = declared_names(&source.code).into_iter();
    let empty = declared.filter(|(_, name)| name.starts_with("process_") || is_empty_word(name));
    let of_items = empty.map(|(line, name)| source.offence(line, &what(&name)));
    of_file.into_iter().chain(of_items).collect()
}

fn is_empty_word(name: &str) -> bool {
    EMPTY_WORDS.iter().any(|word| name.to_lowercase().contains(word))
}

fn declared_names(code: &str) -> Vec<(usize, String)> {
    let mut names = Vec::new();
    for keyword in ["fn ", "struct ", "enum ", "trait ", "mod ", "type "] {
        for (at, _) in code.match_indices(keyword).filter(|(at, _)| starts_word(code, *at)) {
            let name = word_at(&code[at + keyword.len()..]).to_string();
            names.push((line_of(code, at), name));
        }
    }
    names
}

#[test]
fn every_file_says_what_lives_in_it() {
    expect_clean(check_opening);
}

#[test]
fn a_file_that_says_nothing_is_found() {
    expect_offence(check_opening, "wire/name.rs", "use std::fmt;\n//! Late.", "opens with");
    assert_eq!(check_opening(&Source::new("wire/name.rs", "//! Names.\n")), []);
}

#[test]
fn names_say_something() {
    expect_clean(check_names);
}

#[test]
fn a_name_that_says_nothing_is_found() {
    expect_offence(check_names, "wire/utils.rs", "", "wire/utils.rs");
    expect_offence(check_names, "peer/data.rs", "", "peer/data.rs");
    expect_offence(check_names, "peer/mod.rs", "\nfn process_line() {}", "process_line");
    expect_offence(check_names, "peer/mod.rs", "struct LinkManager;", "LinkManager");
    let good = "fn f() { rustix::process_group(); }\n// a helper\nlet metadata = 1;";
    assert_eq!(check_names(&Source::new("peer/metadata.rs", good)), []);
}

// ------------------------------------------------------------------ reading the sources

/// One file, as it is and without what is no code.
struct Source {
    /// Below `src/`, with slashes.
    path: String,
    text: String,
    /// The text with comments and quoted text made blank, line by line as long as before.
    code: String,
}

#[derive(Clone, Debug, Eq, PartialEq)]
struct Offence {
    path: String,
    line: usize,
    what: String,
}

impl fmt::Display for Offence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "src/{}:{}: {}", self.path, self.line, self.what)
    }
}

impl Source {
    fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_string(), text: text.to_string(), code: without_quotes(text) }
    }

    /// The folder below `src/`, or the file without its ending where it stands right there.
    fn module(&self) -> &str {
        let first = self.path.split('/').next().unwrap_or_default();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    fn is_in(&self, place: &str) -> bool {
        self.path == place || (place.ends_with('/') && self.path.starts_with(place))
    }

    fn offence(&self, line: usize, what: &str) -> Offence {
        Offence { path: self.path.clone(), line, what: what.to_string() }
    }
}

#[track_caller]
fn expect_clean(check: fn(&Source) -> Vec<Offence>) {
    let sources = all_sources();
    assert!(sources.iter().any(|source| source.path == "machine.rs"), "the sources are found");
    let offences: Vec<_> = sources.iter().flat_map(check).map(|o| o.to_string()).collect();
    assert!(offences.is_empty(), "{} offences:\n{}\n", offences.len(), offences.join("\n"));
}

/// Plants an offence: the check must find this one and no other, and say so.
#[track_caller]
fn expect_offence(check: fn(&Source) -> Vec<Offence>, path: &str, text: &str, what: &str) {
    let offences = check(&Source::new(path, text));
    assert_eq!(offences.len(), 1, "in {path}: {text}: {offences:?}");
    let said = offences[0].to_string();
    assert!(said.starts_with(&format!("src/{path}:")) && said.contains(what), "{said}");
}

fn all_sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut sources = Vec::new();
    read_folder(&root, &root, &mut sources);
    sources.sort_by(|one, other| one.path.cmp(&other.path));
    sources
}

fn read_folder(root: &Path, folder: &Path, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry of it").path();
        if path.is_dir() {
            read_folder(root, &path, sources);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = fs::read_to_string(&path).expect("a source file in UTF-8");
            let below = path.strip_prefix(root).expect("found below the root");
            let below = below.to_string_lossy().replace('\\', "/");
            sources.push(Source::new(&below, &text));
        }
    }
}

// ------------------------------------------------------------------ as much Rust as is needed

/// Makes blank what is no code: comments, strings, characters. Lines stay where they are.
fn without_quotes(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let quoted = quoted_len(rest);
        if quoted == 0 {
            code.push(character);
            rest = &rest[character.len_utf8()..];
        } else {
            code.extend(rest[..quoted].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
            rest = &rest[quoted..];
        }
    }
    code
}

/// How long the comment, string or character is that starts here. 0: none does.
fn quoted_len(rest: &str) -> usize {
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return block_comment_len(rest);
    }
    if rest.starts_with('"') || is_character(rest) {
        return literal_len(rest);
    }
    raw_string_len(rest).unwrap_or(0)
}

/// `/* one /* within */ another */`
fn block_comment_len(rest: &str) -> usize {
    let mut depth = 0;
    for at in (0..rest.len()).filter(|&at| rest.is_char_boundary(at)) {
        if rest[at..].starts_with("/*") {
            depth += 1;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            if depth == 0 {
                return at + 2;
            }
        }
    }
    rest.len()
}

/// `'x'` and `'\n'`, but not the lifetime in `&'a str`.
fn is_character(rest: &str) -> bool {
    let mut chars = rest.chars();
    let start = (chars.next(), chars.next(), chars.next());
    matches!(start, (Some('\''), Some('\\'), _) | (Some('\''), Some(_), Some('\'')))
}

/// Up to the same quote again, where no backslash stands before it.
fn literal_len(rest: &str) -> usize {
    let quote = rest.chars().next();
    let mut escaped = false;
    for (at, character) in rest.char_indices().skip(1) {
        if !escaped && Some(character) == quote {
            return at + 1;
        }
        escaped = !escaped && character == '\\';
    }
    rest.len()
}

/// `r"..."`, `r#"..."#` and so on.
fn raw_string_len(rest: &str) -> Option<usize> {
    let marks = rest.strip_prefix('r')?;
    let hashes = marks.len() - marks.trim_start_matches('#').len();
    let text = marks[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let start = rest.len() - text.len();
    Some(text.find(&end).map_or(rest.len(), |at| start + at + end.len()))
}

fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(index, line)| (index + 1, line))
}

fn line_of(code: &str, at: usize) -> usize {
    code[..at].matches('\n').count() + 1
}

/// Whether `word` stands there and is not a part of a longer one.
fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let next = line[at + word.len()..].chars().next();
        let goes_on = word.ends_with(is_word) && next.is_some_and(is_word);
        starts_word(line, at) && !goes_on
    })
}

fn starts_word(code: &str, at: usize) -> bool {
    !code[..at].ends_with(is_word)
}

fn word_at(code: &str) -> &str {
    &code[..code.find(|c| !is_word(c)).unwrap_or(code.len())]
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}
