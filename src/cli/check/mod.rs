//! `papo check`: does a program keep the handout's rules?
//!
//! Options in, a check on an event loop, a report out. Read next: [`crate::check`], which has the
//! rules, and [`turning`], which runs it.

mod class;
#[cfg_attr(windows, path = "program_windows.rs")]
mod program;
mod recipe;
mod report;
mod turning;
mod typing;

use std::net::SocketAddr;

use crate::check::pairs::PairsPlan;
use crate::check::rule::{Fault, Rule};
use crate::check::{Check, PeerPlan, Plan, STATUS_BROKEN, peer, server};
use crate::cli::arguments::addresses::{self, SERVER_PLACE, SERVER_PORT};
use crate::cli::arguments::help::{Opt, option};
use crate::cli::arguments::language::{LANG, check_lang};
use crate::cli::arguments::options::{self, Choices, EDITIONS};
use crate::cli::system::random_number;
use crate::cli::{Failure, STATUS_OK, print};
use crate::console::check::{matrix, plain, wording, words_of};
use crate::console::language::{Language, Text, text};
use crate::wire::reply::Edition;
use program::expect_terminals;
use recipe::Recipe;
use turning::Tested;
use typing::Commands;

const BRIEF: Text = text!(
    "Usage: papo check server HOST[:PORT] [OPTIONS]\n\
     or:    papo check peer [OPTIONS] [-- COMMAND...]\n\
     or:    papo check peer --each FOLDER [OPTIONS]\n\
     or:    papo check pairs FOLDER [OPTIONS]\n\n\
     Plays the other side against a program, in any language, and says rule by rule\n\
     whether it keeps the handout's protocol, what was seen on the wire, and which\n\
     mistake is likely.\n\n\
     A peer is started on a terminal, and typed into. In COMMAND {port} stands for\n\
     the port of the server that is played here, and {name} for a name; in --type,\n\
     {name} and {text} for what is meant. Without COMMAND you are told what to do.\n\n\
     `pairs` lets all programs of a folder talk to each other, each with each,\n\
     through a server of ours, and prints who heard whom.\n\n\
     ✓ the rule holds. ✗ it is broken. ⚠ it works, but will break with other\n\
     programs, or the handout is silent there. – it could not be tried, and why.\n\
     Exits with 0 only where no rule is broken.",
    "Uso: papo check server HOST[:PORTA] [OPÇÕES]\n\
     ou:  papo check peer [OPÇÕES] [-- COMANDO...]\n\
     ou:  papo check peer --each PASTA [OPÇÕES]\n\
     ou:  papo check pairs PASTA [OPÇÕES]\n\n\
     Faz o papel do outro lado diante de um programa, em qualquer linguagem, e diz\n\
     regra por regra se ele cumpre o protocolo do enunciado, o que passou pela rede,\n\
     e qual é o erro provável.\n\n\
     Um peer é iniciado em um terminal, e nele se digita. Em COMANDO, {port} é a\n\
     porta do servidor que é feito aqui, e {name} um nome; em --type, {name} e\n\
     {text} são o que se quer. Sem COMANDO, diz-se a você o que fazer.\n\n\
     `pairs` faz todos os programas de uma pasta conversarem entre si, cada um com\n\
     cada um, por um servidor nosso, e mostra quem ouviu quem.\n\n\
     ✓ a regra é cumprida. ✗ é quebrada. ⚠ funciona, mas falhará com outros\n\
     programas, ou o enunciado não diz. – não pôde ser testada, e por quê.\n\
     Termina com 0 só se nenhuma regra é quebrada.",
);

/// The options of `papo check`.
const OPTIONS: [Opt; 12] = [
    option(
        "--edition 2024|2026|auto  the handout's edition; auto takes either (auto)",
        "--edition 2024|2026|auto  a edição do enunciado; auto aceita ambas (auto)",
    ),
    option(
        "--port PORT  where its server is played (10000)",
        "--port PORTA  onde se faz o papel do servidor (10000)",
    ),
    option(
        "--type ACTION=TEXT...  what to type for list, chat, text, bye, exit",
        "--type AÇÃO=TEXTO...  o que digitar para list, chat, text, bye, exit",
    ),
    option(
        "--login TEXT...  what to type where the program asks at its start",
        "--login TEXTO...  o que digitar quando ele pergunta, no início",
    ),
    option(
        "--each FOLDER  a peer in each folder below it, by its file run",
        "--each PASTA  um peer em cada pasta, pelo seu arquivo run",
    ),
    option("--only RULE,RULE  try these rules only", "--only REGRA,REGRA  testa só estas regras"),
    option("--list  show all rules, and end", "--list  mostra todas as regras, e encerra"),
    option(
        "--verbose  show what was seen for rules that hold too",
        "--verbose  mostra o que se viu também nas regras cumpridas",
    ),
    option("--json  print one JSON object", "--json  mostra um objeto JSON"),
    option(
        "--junit FILE  write JUnit XML too, for grading tools",
        "--junit ARQUIVO  grava também XML JUnit, para corretores",
    ),
    option(
        "--html FILE  write a page to hand out too",
        "--html ARQUIVO  grava também uma página para entregar",
    ),
    LANG,
];

/// The kinds of check.
const SUBJECTS: [&str; 3] = ["server", "peer", "pairs"];

/// Checks a program.
pub fn run(language: Language, arguments: &[String]) -> Result<u8, Failure> {
    // The words behind `--` are the command of the program under test, with its own options.
    let dashes = arguments.iter().position(|word| word == "--").unwrap_or(arguments.len());
    let (arguments, command) = arguments.split_at(dashes);
    let command = command.get(1..).unwrap_or_default();
    let parsed = options::parse(language, BRIEF.of(language), &OPTIONS, arguments)?;
    let Some(matches) = parsed else { return Ok(STATUS_OK) };
    check_lang(&matches)?;
    match matches.free.first().map(String::as_str) {
        Some("server") => check_server(language, &matches),
        Some("peer") => check_peer(language, &matches, command),
        Some("pairs") => check_pairs(language, &matches),
        Some(other) => Err(unknown_subject(other)),
        None => Err(Failure::usage(
            text!("what is to be checked? {words}", "o que verificar? {words}"),
            &[("words", &SUBJECTS.join("|"))],
        )),
    }
}

fn unknown_subject(word: &str) -> Failure {
    const WHICH: Text = text!("check {words}, not {word}", "verifique {words}, e não {word}");
    let failure = Failure::usage(WHICH, &[("words", &SUBJECTS.join("|")), ("word", &word)]);
    failure.with_suggestion(word, SUBJECTS)
}

fn check_server(language: Language, matches: &Choices) -> Result<u8, Failure> {
    const ONE: Text =
        text!("one SERVER[:PORT] is to be named", "diga um servidor só: SERVIDOR[:PORTA]");
    if matches.is_on("list")? {
        return print(&list(server::RULES, language));
    }
    let [_, address] = matches.free.as_slice() else { return Err(Failure::usage(ONE, &[])) };
    let target = addresses::resolve(address, SERVER_PLACE)?[0];
    let only = only(matches, server::RULES)?;
    let plan = Plan { target, edition: edition(matches)?, only, tag: tag() };
    let report = turning::of_server(Check::of_server(plan), language)?;
    let is_for_programs =
        ["junit", "html"].iter().any(|it| matches.has(it)) || matches.is_on("json")?;
    if let Some(fault) = report::unreachable(&report).filter(|_| !is_for_programs) {
        return Err(no_server(target, fault));
    }
    let subject = format!("server {address}");
    report::write(&[(subject, report)], language, matches)
}

/// One sentence in place of a report in which each rule lacks the same connection.
fn no_server(target: SocketAddr, fault: &Fault) -> Failure {
    const NOTHING: Text = text!(
        "there is no server at {target} ({detail}), so nothing can be checked",
        "não há servidor em {target} ({detail}), e nada pode ser verificado",
    );
    let failure = Failure::run(NOTHING, &[("target", &target), ("detail", &fault.detail)]);
    failure.hint_to_start()
}

fn check_peer(language: Language, matches: &Choices, command: &[String]) -> Result<u8, Failure> {
    if matches.is_on("list")? {
        return print(&list(peer::RULES, language));
    }
    let (typed, logins) = (matches.all("type"), matches.all("login"));
    if let Some(folder) = matches.opt_str("each") {
        expect_terminals()?;
        let programs = class::programs(&folder, &typed, &logins)?;
        let reports = programs.into_iter().map(|(name, tested)| {
            let report = turning::of_peer(plan(matches, &tested)?, tested, language)?;
            Ok((name, report))
        });
        let reports: Vec<_> = reports.collect::<Result<_, Failure>>()?;
        return report::write_class(&reports, language, matches);
    }
    if !command.is_empty() {
        expect_terminals()?;
    }
    let recipe = (!command.is_empty()).then(|| Recipe { command: command.to_vec(), folder: None });
    let tested = Tested { recipe, commands: Commands::new(&typed, logins)? };
    let report = turning::of_peer(plan(matches, &tested)?, tested, language)?;
    let subject = format!("peer {}", command.join(" "));
    report::write(&[(subject.trim().to_string(), report)], language, matches)
}

fn plan(matches: &Choices, tested: &Tested) -> Result<PeerPlan, Failure> {
    Ok(PeerPlan {
        listening: SocketAddr::from(([127, 0, 0, 1], port(matches)?)),
        people: SocketAddr::from(([127, 0, 0, 1], 0)),
        edition: edition(matches)?,
        only: only(matches, peer::RULES)?,
        tag: tag(),
        logins: tested.commands.logins.len(),
        by_hand: tested.recipe.is_none(),
    })
}

fn check_pairs(language: Language, matches: &Choices) -> Result<u8, Failure> {
    const ONE: Text = text!("one folder is to be named", "diga uma pasta só");
    let [_, folder] = matches.free.as_slice() else { return Err(Failure::usage(ONE, &[])) };
    expect_terminals()?;
    let programs = class::programs(folder, &matches.all("type"), &matches.all("login"))?;
    let (names, tested): (Vec<_>, Vec<_>) = programs.into_iter().unzip();
    let logins = tested.iter().map(|it: &Tested| it.commands.logins.len()).collect();
    let edition = edition(matches)?.unwrap_or_default();
    let plan = PairsPlan { logins, edition, tag: tag() };
    let at = SocketAddr::from(([127, 0, 0, 1], port(matches)?));
    let met = turning::of_pairs(plan, at, tested, &names, language)?;
    let is_json = matches.is_on("json")?;
    let shown =
        if is_json { matrix::json(&names, &met) } else { matrix::table(&names, &met, language) };
    print(&shown)?;
    let all = met.iter().all(|met| met.heard == Some((true, true)));
    Ok(if all && !met.is_empty() { STATUS_OK } else { STATUS_BROKEN })
}

fn port(matches: &Choices) -> Result<u16, Failure> {
    let Some(text) = matches.opt_str("port") else { return Ok(SERVER_PORT) };
    text.parse().map_err(|_| matches.wrong("port", "0..65535", &text))
}

/// All rules, each with its place in the handout.
fn list(rules: &[Rule], language: Language) -> String {
    let mut list = String::new();
    for rule in rules {
        let words = words_of(rule.id);
        let line = plain::line(words.id, words.title.of(language));
        let source = wording::source(words.quote, words.place.of(language));
        list.push_str(&format!("{line}\n{:19}{source}\n", ""));
    }
    list
}

fn only(matches: &Choices, rules: &[Rule]) -> Result<Vec<String>, Failure> {
    const UNKNOWN: Text = text!(
        "there is no rule {rule}: see papo check {subject} --list",
        "não há regra {rule}: veja papo check {subject} --list",
    );
    let wanted = matches.opt_str("only").unwrap_or_default();
    let wanted: Vec<_> =
        wanted.split(',').map(str::trim).filter(|id| !id.is_empty()).map(String::from).collect();
    match wanted.iter().find(|id| !rules.iter().any(|rule| rule.id == **id)) {
        None => Ok(wanted),
        Some(id) => {
            let subject = matches.free.first().map(String::as_str).unwrap_or_default();
            let failure = Failure::usage(UNKNOWN, &[("rule", id), ("subject", &subject)]);
            Err(failure.with_suggestion(id, rules.iter().map(|rule| rule.id)))
        }
    }
}

/// The edition of the handout. `None`: either.
fn edition(matches: &Choices) -> Result<Option<Edition>, Failure> {
    let [of_2024, of_2026] = EDITIONS.map(|(word, edition)| (word, Some(edition)));
    let words = [of_2024, of_2026, ("auto", None)];
    options::one_of(matches, "edition", &words).map(Option::flatten)
}

/// A random number, for the names of the clients.
fn tag() -> u16 {
    (random_number() >> 48) as u16
}
