//! The nodes of one seed and their options.
//!
//! Node 0 is the server. The peers follow, then the strangers. Read next: [`super::world`].

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use papo::directory::{self, Directory};
use papo::peer;
use papo::wire::name::Name;
use papo::wire::reply::Edition;

use super::any_machine::AnyMachine;
use super::network::{Place, host_ip};
use super::rng::Rng;
use super::script::{Manner, Script};
use super::strangers::ScriptWriter;

pub(crate) const SERVER_HOST: u8 = 1;
const SERVER_PORT: u16 = 10_000;

const NAMES: [&str; 6] = ["Ana", "Bruno", "Camila", "Davi Luiz", "Érica", "ana"];

#[derive(Clone, Debug)]
pub(crate) enum Part {
    Server,
    Person { name: String, rules: Box<peer::Rules> },
    Stranger { script: StrangerKind, name: String },
}

/// The purpose of a stranger.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum StrangerKind {
    Disturbs,
    Registers,
    Floods,
}

#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) parts: Vec<Part>,
    pub(crate) places: Vec<Place>,
    /// The options of the server.
    pub(crate) rules: directory::Rules,
}

impl Setup {
    pub(crate) fn draw(rng: &mut Rng) -> Self {
        let people = rng.within(2..7) as usize;
        let rules = draw_server_rules(people, rng);
        let mut setup = Self { parts: Vec::new(), places: Vec::new(), rules };
        setup.add(Part::Server, SERVER_HOST, SERVER_PORT);
        for name in &NAMES[..people] {
            // Sometimes two peers want the same name.
            let name = if rng.percent(5) { NAMES[0] } else { name };
            setup.add_person(name, rng);
        }
        for number in 0..rng.within(0..9) {
            let script = match rng.within(0..20) {
                0..2 => StrangerKind::Floods,
                2..7 => StrangerKind::Registers,
                _ => StrangerKind::Disturbs,
            };
            let name = format!("Raw{number}");
            // Some share one computer, which may have only a few connections.
            let host = 20 + rng.within(0..number + 1) as u8;
            setup.add(Part::Stranger { script, name }, host, 30_000 + number as u16);
        }
        setup
    }

    fn add(&mut self, part: Part, host: u8, port: u16) {
        self.parts.push(part);
        self.places.push(Place { host, port });
    }

    fn add_person(&mut self, name: &str, rng: &mut Rng) {
        // Sometimes two peers share a computer, or a peer is on the server's.
        let number = self.places.len() as u8;
        let host = if rng.percent(15) { SERVER_HOST } else { 10 + number / 2 };
        let port = 20_000 + u16::from(number);
        let is_beside_server = host == SERVER_HOST && rng.percent(70);
        let ip = if is_beside_server { Ipv4Addr::LOCALHOST.into() } else { host_ip(SERVER_HOST) };
        let mut rules = peer::Rules::new(SocketAddr::new(ip, SERVER_PORT), port);
        if rng.percent(10) {
            // The address of another server, which does not exist.
            rules.servers.insert(0, vec![SocketAddr::new(host_ip(99), SERVER_PORT)]);
        }
        // Without a name in the options, the first typed line is the name.
        rules.name = Name::parse(name.as_bytes()).ok().filter(|_| rng.percent(85));
        rules.edition = Some(draw_edition(rng));
        rules.verify = rng.percent(80);
        rules.scripted = rng.percent(15);
        rules.seed = rng.number();
        self.add(Part::Person { name: name.to_string(), rules: Box::new(rules) }, host, port);
    }

    /// The names that people may call: those of peers and of registered strangers. Those that never
    /// read are last.
    pub(crate) fn names(&self) -> Vec<String> {
        let reader = |part: &Part| match part {
            Part::Person { name, .. }
            | Part::Stranger { script: StrangerKind::Registers, name } => Some(name.clone()),
            _ => None,
        };
        let non_reader = |part: &Part| match part {
            Part::Stranger { script: StrangerKind::Floods, name } => Some(name.clone()),
            _ => None,
        };
        let readers = self.parts.iter().filter_map(reader);
        readers.chain(self.parts.iter().filter_map(non_reader)).collect()
    }

    /// Whether a stranger never reads.
    pub(crate) fn has_non_reader(&self) -> bool {
        let reads_nothing =
            |part: &Part| matches!(part, Part::Stranger { script: StrangerKind::Floods, .. });
        self.parts.iter().any(reads_nothing)
    }

    /// The names of the nodes in the trace. A repeated name has a number.
    pub(crate) fn labels(&self) -> Vec<String> {
        let mut labels: Vec<String> = Vec::new();
        for part in &self.parts {
            let label = match part {
                Part::Server => "srv".to_string(),
                Part::Person { name, .. } | Part::Stranger { name, .. } => name.clone(),
            };
            let number = labels.len();
            labels.push(if labels.contains(&label) { format!("{label}-{number}") } else { label });
        }
        labels
    }

    /// A new machine for a node.
    pub(crate) fn machine(&self, node: usize, rng: &mut Rng) -> AnyMachine {
        match &self.parts[node] {
            Part::Server => AnyMachine::Directory(Box::new(Directory::new(self.rules))),
            Part::Person { rules, .. } => AnyMachine::peer(peer::Rules::clone(rules)),
            Part::Stranger { script, name } => {
                AnyMachine::Script(Box::new(self.script(node, *script, name, rng)))
            }
        }
    }

    fn script(&self, node: usize, kind: StrangerKind, name: &str, rng: &mut Rng) -> Script {
        let people: Vec<_> = self.parts.iter().zip(&self.places).filter_map(listener).collect();
        let mut author = ScriptWriter {
            rng,
            steps: Vec::new(),
            server: SocketAddr::new(host_ip(SERVER_HOST), SERVER_PORT),
            names: &self.names(),
            listeners: &people,
            name: name.to_string(),
            port: self.places[node].port,
        };
        match kind {
            StrangerKind::Disturbs => (0..6).for_each(|_| author.disturb_somebody()),
            StrangerKind::Registers => author.register_and_wait(),
            StrangerKind::Floods => author.flood(),
        }
        let steps = author.steps;
        let line_end: &[u8] = rng.pick(&[&b"\r\n"[..], b"\n", b""]);
        let reads_nothing = kind == StrangerKind::Floods;
        let manner =
            Manner { line_end, answers: rng.percent(70), closes: rng.percent(70), reads_nothing };
        Script::new(steps, manner)
    }
}

/// Sometimes the limits are low, but never too low for the peers alone.
fn draw_server_rules(people: usize, rng: &mut Rng) -> directory::Rules {
    let mut rules = directory::Rules { edition: draw_edition(rng), ..directory::Rules::default() };
    if rng.percent(20) {
        rules.per_address_max = rng.within(2..5) as usize;
    }
    if rng.percent(10) {
        rules.clients_max = people + rng.within(1..6) as usize;
    }
    rules
}

fn draw_edition(rng: &mut Rng) -> Edition {
    if rng.percent(25) { Edition::Of2026 } else { Edition::Of2024 }
}

fn listener((part, place): (&Part, &Place)) -> Option<SocketAddr> {
    let ip: IpAddr = host_ip(place.host);
    matches!(part, Part::Person { .. }).then(|| SocketAddr::new(ip, place.port))
}
