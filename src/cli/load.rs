//! `papo load`: a [`Load`] on an event loop. Read next: [`crate::load`].

use std::time::Instant;

use log::LevelFilter;

use super::arguments::addresses;
use super::arguments::help::{Opt, option};
use super::arguments::options::{self, Choices};
use super::host::program::{self, CONSOLE_TOKENS, Program};
use super::host::service::Service;
use super::server::{DESCRIPTORS_RESERVED, KEEPALIVE};
use super::system::{limits, random_number};
use super::{Failure, STATUS_OK, logging, print};
use crate::console::device::{Device, Output};
use crate::console::language::{Language, Text, text};
use crate::console::load::LoadOutput;
use crate::event_loop::EventLoop;
use crate::event_loop::recorder::Unrecorded;
use crate::load::notice::{self, Notice};
use crate::load::rules::{Mix, Rules};
use crate::load::schedule::{NUMBERS, Pace};
use crate::load::{Load, UNANSWERED_MAX};
use crate::wire::KEEP_INTERVAL_MS;

/// More operations a second than any machine does, so that a typing error is noticed.
pub const RATE_MAX: usize = 10_000_000;

/// The words of `--mix`.
const MIXES: [(&str, Mix); 4] =
    [("lookup", Mix::Lookup), ("list", Mix::List), ("keep", Mix::Keep), ("churn", Mix::Churn)];

const BRIEF: Text = text!(
    "Usage: papo load SERVER[:PORT] [OPTIONS]\n\n\
     A load generator: registers many clients with a server, lets them ask, checks\n\
     every answer, and prints operations a second and latencies. Exits with 1 if\n\
     anything was wrong.\n\n\
     Mixes: lookup asks for addresses (ADDR), list asks who is online (LIST), keep\n\
     only says KEEP, churn connects, registers, asks for its own address and leaves,\n\
     again and again.\n\n\
     With --pipeline P each client sends P questions at once, and the next P when all\n\
     are answered. With --rate R all clients together ask R questions a second,\n\
     however slow the answers are, and latencies count from when a question was to be\n\
     sent: a server that stops is seen to stop.\n\n\
     All clients connect from one address, which has about 28,000 ports on Linux; a\n\
     server lets only some in from one address (papo server --per-address), unless\n\
     that is loopback.",
    "Uso: papo load SERVIDOR[:PORTA] [OPÇÕES]\n\n\
     Um gerador de carga: cadastra muitos clientes em um servidor, faz com que\n\
     perguntem, confere cada resposta, e mostra operações por segundo e latências.\n\
     Termina com 1 se algo estava errado.\n\n\
     Em --mix: lookup pede endereços (ADDR), list pergunta quem está ativo (LIST),\n\
     keep só diz KEEP, churn conecta, cadastra-se, pede o próprio endereço e sai, sem\n\
     parar.\n\n\
     Com --pipeline P, cada cliente envia P perguntas de uma vez, e as próximas P\n\
     quando todas têm resposta. Com --rate R, todos os clientes juntos fazem R\n\
     perguntas por segundo, por mais lentas que sejam as respostas, e a latência\n\
     conta desde quando a pergunta deveria sair: vê-se quando um servidor para.\n\n\
     Todos os clientes conectam de um só endereço, que tem umas 28.000 portas no\n\
     Linux; um servidor aceita só alguns de cada endereço (papo server\n\
     --per-address), a não ser da própria máquina.",
);

/// The options of `papo load`.
const OPTIONS: [Opt; 8] = [
    option(
        "--clients N  how many clients at once (50)",
        "--clients N  quantos clientes ao mesmo tempo (50)",
    ),
    option(
        "--pipeline P  questions that each client sends at once (1)",
        "--pipeline P  perguntas que cada cliente envia de uma vez (1)",
    ),
    option(
        "--rate R  questions a second of all clients together",
        "--rate R  perguntas por segundo, de todos os clientes",
    ),
    option(
        "--mix MIX  lookup, list, keep or churn (lookup)",
        "--mix TIPO  lookup, list, keep ou churn (lookup)",
    ),
    option(
        "--seconds S  for how long, once all are registered (10)",
        "--seconds S  por quanto tempo, com todos cadastrados (10)",
    ),
    KEEPALIVE,
    option(
        "--others  other names in a LIST are no mistake",
        "--others  outros nomes em um LIST não são erro",
    ),
    option(
        "--json  print the result as one JSON object",
        "--json  mostra o resultado como um objeto JSON",
    ),
];

/// Runs a load until its time is up.
pub fn run(language: Language, arguments: &[String]) -> Result<u8, Failure> {
    let parsed = options::parse(language, BRIEF.of(language), &OPTIONS, arguments)?;
    let Some(matches) = parsed else { return Ok(STATUS_OK) };
    let rules = rules(&matches)?;
    let log = logging::start(LevelFilter::Warn, false);
    let failed = Failure::event_loop;
    #[allow(clippy::disallowed_methods, reason = "measures, and decides nothing")]
    let start = Instant::now();
    let micros = move || u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
    let server = rules.server;
    let load = Load::new(rules, micros);
    let mut output = LoadOutput::new(matches.is_on("json")?);
    let mut event_loop = EventLoop::new(load).map_err(failed)?;
    let mut device = Device::write_only(event_loop.registry(), CONSOLE_TOKENS);
    let mut program = Program::start(&event_loop, &log, Service::default()).map_err(failed)?;
    let mut refused = None;
    let on_notice = |notice, _: &mut Unrecorded| {
        if let Notice::Failed(notice::Failure::CannotConnect { connected: 0, error }) = notice {
            refused = Some(error);
        } else if let Some(line) = output.line(notice) {
            device.push(&mut Output { errors: (line + "\n").into_bytes(), ..Output::default() });
            device.flush();
        }
    };
    let status = program::run(&mut event_loop, &mut program, on_notice).map_err(failed)?;
    device.write_out();
    if let Some(error) = refused {
        return Err(Failure::no_server(server, error.into()));
    }
    print(output.report()).map(|_| status)
}

fn rules(matches: &Choices) -> Result<Rules, Failure> {
    const ONE: Text =
        text!("one SERVER[:PORT] is to be named", "diga um servidor só: SERVIDOR[:PORTA]");
    let [server] = matches.free.as_slice() else { return Err(Failure::usage(ONE, &[])) };
    let mix = options::one_of(matches, "mix", &MIXES)?.unwrap_or(Mix::Lookup);
    let seed = random_number();
    Ok(Rules {
        server: addresses::resolve(server, addresses::SERVER_PLACE)?[0],
        clients: clients(matches)?,
        mix,
        pace: pace(matches, mix)?,
        run_ms: options::seconds(matches, "seconds", 10_000)?,
        keep_interval_ms: options::seconds(matches, "keepalive", KEEP_INTERVAL_MS)?,
        tag: format!("load-{:04x}-", seed >> 48),
        others: matches.is_on("others")?,
        seed,
    })
}

fn pace(matches: &Choices, mix: Mix) -> Result<Pace, Failure> {
    const EITHER: Text = text!(
        "either --rate or --pipeline: the one ends what the other begins",
        "ou --rate ou --pipeline: um desfaz o que o outro faz",
    );
    const KEEP: Text = text!(
        "KEEPs come at their --keepalive: no --rate, no --pipeline",
        "os KEEPs seguem o --keepalive: sem --rate, sem --pipeline",
    );
    const CHURN: Text = text!(
        "churn asks one question a connection: no --pipeline",
        "churn faz uma pergunta por conexão: sem --pipeline",
    );
    let (has_rate, has_depth) = (matches.has("rate"), matches.has("pipeline"));
    if has_rate && has_depth {
        return Err(Failure::usage(EITHER, &[]));
    }
    if mix == Mix::Keep && (has_rate || has_depth) {
        return Err(Failure::usage(KEEP, &[]));
    }
    if mix == Mix::Churn && has_depth {
        return Err(Failure::usage(CHURN, &[]));
    }
    let rate = options::count_up_to(matches, "rate", 1, RATE_MAX)?;
    let depth = options::count_up_to(matches, "pipeline", 1, UNANSWERED_MAX)?;
    Ok(if has_rate { Pace::Rate(rate as u64) } else { Pace::Pipeline(depth) })
}

fn clients(matches: &Choices) -> Result<usize, Failure> {
    const TOO_MANY: Text = text!(
        "--clients {wanted} is more than the {possible} that this process may have: \
         raise `ulimit -Hn`",
        "--clients {wanted} é mais que os {possible} que este processo pode ter: \
         aumente `ulimit -Hn`",
    );
    let wanted = options::count(matches, "clients", 50)?;
    let possible = limits::descriptor_limit().saturating_sub(DESCRIPTORS_RESERVED).min(NUMBERS);
    if wanted > possible {
        return Err(Failure::usage(TOO_MANY, &[("wanted", &wanted), ("possible", &possible)]));
    }
    Ok(wanted)
}
