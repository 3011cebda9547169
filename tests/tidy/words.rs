//! Words that only some modules may have in their code.
//!
//! clippy checks clocks, threads, printing, `unsafe` and unfinished code: see `clippy.toml` and the
//! lints of `Cargo.toml`.

use super::code::{has_word, numbered};
use super::imports::check_imports;
use super::sources::{Offence, Source, expect_clean, expect_offence};

/// Words, and the only modules that may have them in their code.
struct WordRule {
    words: &'static [&'static str],
    /// Files, or whole folders. Empty: nowhere.
    only_in: &'static [&'static str],
    why: &'static str,
}

const WORD_RULES: [WordRule; 5] = [
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
        words: &["std::process"],
        only_in: &["cli/", "main.rs"],
        why: "a machine that wants to end the program asks with Action::Exit",
    },
    WordRule {
        words: &["Rc<RefCell"],
        only_in: &[],
        why: "data goes in and actions come out: no shared state",
    },
    WordRule {
        words: &["dyn"],
        // Values of any type are formatted into a text. They are data, and no callbacks.
        only_in: &["console/language.rs"],
        why: "data goes in and actions come out: no callbacks",
    },
];

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

#[test]
fn sockets_and_processes_are_only_in_their_modules() {
    expect_clean(check_words);
}

#[test]
fn a_word_out_of_place_is_found() {
    let planted = [
        ("wire/name.rs", "use mio::Token;", "`mio`"),
        ("cli/load.rs", "let x = std::net::TcpListener::bind(y);", "`TcpListener`"),
        ("event_loop/mod.rs", "std::process::exit(1);", "`std::process`"),
        ("machine.rs", "struct X { y: Rc<RefCell<u8>> }", "`Rc<RefCell`"),
        ("machine.rs", "/* no */ fn f(x: &dyn Fn()) {}", "`dyn`"),
        ("wire/mod.rs", "let a = '\"'; mio::x(); let b = '\"';", "`mio`"),
    ];
    for (path, text, what) in planted {
        expect_offence(check_words, path, text, what);
    }
}

#[test]
fn an_offence_is_reported_with_its_line() {
    let text = "/* one\n   two */\nconst X: &str = \"\n\";\nuse crate::wire;\nlet x: dyn Y;\n";
    let source = Source::new("timer_wheel.rs", text);
    let places = [check_imports(&source), check_words(&source)].concat();
    let places: Vec<_> =
        places.iter().map(|offence| (offence.path.as_str(), offence.line)).collect();
    assert_eq!(places, [("src/timer_wheel.rs", 5), ("src/timer_wheel.rs", 6)]);
}

#[test]
fn a_word_in_its_place_or_in_a_comment_is_no_offence() {
    let good = [
        ("event_loop/mod.rs", "use mio::{Poll, net::TcpStream};\nlet x = 1;"),
        ("cli/mod.rs", "std::process::exit(1);"),
        ("main.rs", "fn main() -> std::process::ExitCode {}"),
        ("peer/mod.rs", "/// Unlike mio, slab and dyn are no words here.\n//! dyn\n// mio"),
        ("peer/mod.rs", "const X: &str = \"mio \\\" dyn\"; const Y: &str = r#\"a \" mio\"#;"),
        ("peer/mod.rs", "/* mio /* dyn */ slab */ let dynamic = mio_x; let slabs: &'static u8;"),
        ("peer/mod.rs", "const X: &str = \"\n    mio\n    dyn\n\";"),
    ];
    for (path, text) in good {
        assert_eq!(check_words(&Source::new(path, text)), [], "{text}");
    }
}
