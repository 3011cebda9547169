//! The command line has two languages: the help of every subcommand and of each option, and the
//! messages about wrong usage and failed starts.
//!
//! A sentence of the program that lacks a place in one language does not compile.

use std::process::{Command, Output};

/// The columns of a terminal of the usual width.
const COLUMNS: usize = 80;

/// Variables of the environment, with their values.
type Variables<'a> = &'a [(&'a str, &'a str)];

/// Runs `papo` with these variables alone for the language, and without a user's name.
fn papo(arguments: &[&str], variables: Variables) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_papo"));
    for name in ["PAPO_LANG", "LC_ALL", "LC_MESSAGES", "LANG", "LOGNAME", "USER", "RUST_LOG"] {
        command.env_remove(name);
    }
    command.args(arguments).envs(variables.iter().copied());
    command.output().expect("papo can be started")
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("what is told is UTF-8")
}

fn help(topic: &[&str], language: &str) -> String {
    let arguments = [&["help"], topic].concat();
    let output = papo(&arguments, &[("PAPO_LANG", language)]);
    assert!(output.status.success() && output.stderr.is_empty(), "{topic:?}: {output:?}");
    text(output.stdout)
}

/// A row of a help: its name, and after a column of blanks its purpose.
#[derive(Debug, Eq, PartialEq)]
struct Row {
    name: String,
    purpose: String,
    /// Where the purpose begins, in characters.
    column: usize,
}

/// The rows of a help: they are indented by four, and those of the lab's services by two.
fn rows(help: &str) -> Vec<Row> {
    let lines = help.lines().filter(|line| line.starts_with("  "));
    lines.map(row).collect()
}

fn row(line: &str) -> Row {
    let shown = line.trim_start();
    let (name, purpose) = shown.split_once("  ").unwrap_or((shown, ""));
    let purpose = purpose.trim_start();
    let column = line.chars().count() - purpose.chars().count();
    Row { name: name.to_string(), purpose: purpose.to_string(), column }
}

/// A name without the word for its value, which differs between the languages.
fn key(row: &Row) -> &str {
    row.name.trim_start_matches("-h, ").split(' ').next().unwrap_or_default()
}

fn commands() -> Vec<String> {
    let rows = rows(&help(&[], "en")).into_iter().map(|row| row.name);
    rows.filter(|name| name != "help").collect()
}

/// Asserts that both languages have the same rows, none twice, all in one column and within the width of
/// a screen. Returns their number.
#[track_caller]
fn expect_both(topic: &[&str]) -> usize {
    let (english, portuguese) = (help(topic, "en"), help(topic, "pt"));
    assert!(english.contains("Usage: papo"), "{english}");
    assert!(portuguese.contains("Uso: papo"), "{portuguese}");
    for line in english.lines().chain(portuguese.lines()) {
        assert!(line.chars().count() <= COLUMNS, "wider than {COLUMNS}: {line}");
    }
    let (english, portuguese) = (rows(&english), rows(&portuguese));
    assert_eq!(english.len(), portuguese.len(), "{english:?} {portuguese:?}");
    for (en, pt) in english.iter().zip(&portuguese) {
        assert_eq!(key(en), key(pt));
        let is_said = !en.purpose.is_empty() && !pt.purpose.is_empty();
        assert!(is_said && en.purpose != pt.purpose, "papo {topic:?}: {en:?} {pt:?}");
    }
    for rows in [&english, &portuguese] {
        let options: Vec<_> = rows.iter().filter(|row| row.name.starts_with('-')).collect();
        let is_aligned = options.iter().all(|row| row.column == options[0].column);
        assert!(is_aligned, "papo {topic:?}: {options:?}");
    }
    english.len()
}

#[test]
fn every_subcommand_and_every_option_has_its_help_in_both_languages() {
    let commands = commands();
    assert!(commands.len() >= 3, "the commands are found: {commands:?}");
    assert_eq!(expect_both(&[]), commands.len() + 1);
    let count: usize = commands.iter().map(|command| expect_both(&[command])).sum();
    assert!(count >= 20, "only {count} options: is the help still read right?");
}

#[test]
fn rows_are_read_right() {
    let read = rows("Uso\n\nOpções:\n    --a ENDEREÇO  é isto\n    -h, --help    x\n");
    let row = |name: &str, purpose: &str| Row {
        name: name.to_string(),
        purpose: purpose.to_string(),
        column: 18,
    };
    assert_eq!(read, [row("--a ENDEREÇO", "é isto"), row("-h, --help", "x")]);
    assert_eq!(read.iter().map(key).collect::<Vec<_>>(), ["--a", "--help"]);
}

/// Wrong arguments, and the message in each language.
const WRONG: [(&[&str], &str, &str); 23] = [
    (&[], "which command?", "qual comando?"),
    (&["dance"], "no such command: dance", "comando desconhecido: dance"),
    (&["help", "dance"], "no such command: dance", "comando desconhecido: dance"),
    (&["server", "--dance"], "no such option: --dance", "opção desconhecida: --dance"),
    (&["server", "-x"], "no such option: -x", "opção desconhecida: -x"),
    (&["server", "--listen"], "--listen wants a value", "falta o valor de --listen"),
    (&["server", "--trace=1"], "--trace takes no value", "--trace não aceita valor"),
    (&["server", "--trace", "--trace"], "--trace is given twice", "--trace aparece duas vezes"),
    (&["server", "extra"], "server takes no extra", "server não aceita extra"),
    (
        &["server", "--keepalive", "já"],
        "--keepalive takes seconds, from 0.1 to 3600, not já",
        "--keepalive aceita segundos, de 0.1 a 3600, e não já",
    ),
    (
        &["server", "--max-clients", "0"],
        "--max-clients takes a whole number above 0, not 0",
        "--max-clients aceita um número inteiro acima de 0, e não 0",
    ),
    (
        &["server", "--edition", "2025"],
        "--edition takes 2024|2026, not 2025",
        "--edition aceita 2024|2026, e não 2025",
    ),
    (
        &["peer", "Ana", "Maria"],
        "one name only, not also Maria: a name with blanks wants quotes",
        "um nome só, e não também Maria: um nome com espaços precisa de aspas",
    ),
    (
        &["peer", "A:na"],
        "\"A:na\": Not a name: it must not contain \":\".",
        "\"A:na\": Nome inválido: não pode conter \":\".",
    ),
    (&["peer", "--lang", "xx"], "--lang takes pt|en, not xx", "--lang aceita pt|en, e não xx"),
    (&["peer", "--port", "x"], "--port takes 1-65535, not x", "--port aceita 1-65535, e não x"),
    (
        &["peer", "Ana", "--color", "x"],
        "--color takes auto|always|never, not x",
        "--color aceita auto|always|never, e não x",
    ),
    (
        &["send", "Bruno"],
        "one NAME and one TEXT: what has blanks wants quotes",
        "um NOME e um TEXTO: o que tem espaços precisa de aspas",
    ),
    (&["send", "Bruno", " "], "the TEXT is empty", "o TEXTO está vazio"),
    (
        &["send", "Bruno", "oi", "--pace", "x"],
        "--pace takes 0-10000, not x",
        "--pace aceita 0-10000, e não x",
    ),
    #[cfg(feature = "tools")]
    (&["demo", "extra"], "demo takes no extra", "demo não aceita extra"),
    #[cfg(not(feature = "tools"))]
    (&["peer", "-x"], "no such option: -x", "opção desconhecida: -x"),
    #[cfg(feature = "tools")]
    (&["lab", "dance"], "no such service: dance", "serviço desconhecido: dance"),
    #[cfg(not(feature = "tools"))]
    (&["send", "-x"], "no such option: -x", "opção desconhecida: -x"),
    #[cfg(feature = "tools")]
    (&["lab", "echo", "--delay", "1"], "echo takes no --delay", "echo não aceita --delay"),
    #[cfg(not(feature = "tools"))]
    (&["send", "-y"], "no such option: -y", "opção desconhecida: -y"),
];

/// The answer to a line of wrong words: what is wrong, and where to read on.
fn complaint(arguments: &[&str], language: &str) -> Vec<String> {
    let output = papo(arguments, &[("PAPO_LANG", language)]);
    let is_wrong_usage = output.status.code() == Some(2) && output.stdout.is_empty();
    assert!(is_wrong_usage, "{arguments:?}: {output:?}");
    text(output.stderr).lines().map(str::to_string).collect()
}

#[test]
fn messages_about_wrong_usage_are_in_both_languages() {
    for (arguments, english, portuguese) in WRONG {
        let topic = match arguments {
            [command, ..] if commands().contains(&(*command).to_string()) => {
                format!("{command} --help")
            }
            _ => "help".to_string(),
        };
        let expected = [format!("papo: {english}"), format!("Try: papo {topic}")];
        assert_eq!(complaint(arguments, "en"), expected);
        let expected = [format!("papo: {portuguese}"), format!("Veja: papo {topic}")];
        assert_eq!(complaint(arguments, "pt"), expected);
    }
}

/// Options that make no sense for the load generator, and its answers.
#[cfg(feature = "tools")]
#[test]
fn messages_of_the_load_generator_are_in_both_languages() {
    let wrong: [&[&str]; 8] = [
        &["load"],
        &["load", "127.0.0.1", "--mix", "x"],
        &["load", "127.0.0.1", "--rate", "1", "--pipeline", "1"],
        &["load", "127.0.0.1", "--rate", "99999999"],
        &["load", "127.0.0.1", "--pipeline", "99999999"],
        &["load", "127.0.0.1", "--mix", "keep", "--rate", "1"],
        &["load", "127.0.0.1", "--mix", "churn", "--pipeline", "1"],
        &["load", "127.0.0.1", "--clients", "99999999999"],
    ];
    for arguments in wrong {
        let [english, portuguese] = ["en", "pt"].map(|language| complaint(arguments, language));
        assert!(english[0] != portuguese[0], "{arguments:?}: {english:?}");
        assert_eq!(english[1].replace("Try", "Veja"), portuguese[1]);
    }
}

/// A command that fails ends with status 1. The usual reasons are in Portuguese, too.
#[test]
fn messages_about_a_failed_start_are_in_both_languages() {
    let held = std::net::TcpListener::bind("127.0.0.1:0").expect("a port of this test");
    let taken = held.local_addr().expect("its address");
    let (address, port) = (taken.to_string(), taken.port().to_string());
    let cases: [(&[&str], &str, &str); 4] = [
        (
            &["server", "--listen", &address],
            &format!("cannot listen on {address}: Address already in use"),
            &format!("não é possível escutar em {address}: a porta já está em uso"),
        ),
        (
            &["peer", "Ana", "--port", &port],
            &format!("cannot listen on 0.0.0.0:{port}: Address already in use"),
            &format!("não é possível escutar em 0.0.0.0:{port}: a porta já está em uso"),
        ),
        (
            &["server", "--listen", "203.0.113.7:1"],
            "cannot listen on 203.0.113.7:1: Cannot assign requested address",
            "não é possível escutar em 203.0.113.7:1: o endereço não é desta máquina",
        ),
        (
            &["send", "Bruno", "oi", "--from", "Ana", "--server", "no.such.host.invalid"],
            "cannot find no.such.host.invalid: failed to lookup",
            "não foi possível encontrar no.such.host.invalid: nome desconhecido",
        ),
    ];
    for (arguments, english, portuguese) in cases {
        for (language, expected) in [("en", english), ("pt", portuguese)] {
            let output = papo(arguments, &[("PAPO_LANG", language)]);
            assert_eq!(output.status.code(), Some(1), "{arguments:?}: {output:?}");
            let said = text(output.stderr);
            assert!(said.starts_with(&format!("papo: {expected}")), "{said}");
            assert_eq!(said.lines().count(), 1, "{said}");
        }
    }
}

/// The command line goes before `PAPO_LANG`, and that before the locale, as POSIX orders its
/// variables. What is no language is not listened to.
#[test]
fn the_language_is_chosen_as_that_of_a_peer() {
    let cases: [(&[&str], Variables, &str); 13] = [
        (&[], &[], "Usage"),
        (&["--lang", "pt"], &[], "Uso"),
        (&["--lang=pt"], &[], "Uso"),
        (&["--lang", "en"], &[("PAPO_LANG", "pt")], "Usage"),
        (&["--lang", "xx"], &[("PAPO_LANG", "pt")], "Uso"),
        (&[], &[("PAPO_LANG", "pt"), ("LC_ALL", "C")], "Uso"),
        (&[], &[("PAPO_LANG", "en"), ("LC_ALL", "pt_BR.UTF-8")], "Usage"),
        (&[], &[("PAPO_LANG", ""), ("LC_ALL", "pt_BR.UTF-8")], "Uso"),
        (&[], &[("LC_ALL", "pt_BR.UTF-8"), ("LANG", "C")], "Uso"),
        (&[], &[("LC_ALL", ""), ("LC_MESSAGES", "pt_PT"), ("LANG", "en_US.UTF-8")], "Uso"),
        (&[], &[("LC_MESSAGES", "de_DE"), ("LANG", "pt_BR.UTF-8")], "Usage"),
        (&[], &[("LANG", "pt_BR.UTF-8")], "Uso"),
        (&[], &[("LANG", "de_DE.UTF-8")], "Usage"),
    ];
    for (arguments, variables, expected) in cases {
        let output = papo(&[&["peer", "--help"], arguments].concat(), variables);
        let said = text(output.stdout);
        let first = said.split(':').next().unwrap_or_default();
        assert_eq!(first, expected, "{arguments:?} {variables:?}");
    }
}
