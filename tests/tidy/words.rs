//! Who may do what: words that may stand in code only where somebody answers for what they do.

use super::code::{has_word, numbered};
use super::imports::check_imports;
use super::sources::{Offence, Source, expect_clean, expect_offence};

/// Words that may stand in code only where somebody answers for what they do.
struct WordRule {
    words: &'static [&'static str],
    /// Files, or folders with all that is in them. None: nowhere.
    only_in: &'static [&'static str],
    why: &'static str,
}

const WORD_RULES: [WordRule; 9] = [
    WordRule {
        words: &["slab", "TcpStream", "TcpListener", "UdpSocket"],
        only_in: &["event_loop/"],
        why: "the event loop owns every socket; a machine that has one cannot be simulated",
    },
    WordRule {
        words: &["mio"],
        only_in: &["event_loop/", "console/", "cli/", "lib.rs"],
        why: "only the loop and its hosts know the poller",
    },
    WordRule {
        words: &["Instant::now", "SystemTime"],
        only_in: &[
            "event_loop/",
            "cli/clock.rs",
            "cli/stopwatch.rs",
            "console/device.rs",
            "console/wall_clock.rs",
        ],
        why: "everything else is given `now`, so that a test decides what time it is",
    },
    WordRule {
        words: &["std::thread"],
        // The second: on Windows a read of a console blocks, and no poller watches one.
        only_in: &["event_loop/", "console/keyboard_windows.rs"],
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
        ("console/mod.rs", "std::thread::sleep(x);", "`std::thread`"),
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
    assert_eq!(places, [("src/timer_wheel.rs", 5), ("src/timer_wheel.rs", 6)]);
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
