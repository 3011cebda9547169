//! The nodes of one seed, and their options.
//!
//! Node 0 is the server; then come the peers, then the strangers. Nothing that happens later.
//! Read next: [`super::world`].

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use papo::directory::{self, Directory};
use papo::peer;
use papo::wire::name::Name;
use papo::wire::reply::Edition;

use super::brain::Brain;
use super::corpus::Author;
use super::network::{Place, host_ip};
use super::rng::Rng;
use super::script::{Manner, Script};

/// Where the server's process is.
pub(crate) const SERVER_HOST: u8 = 1;
const SERVER_PORT: u16 = 10_000;

const NAMES: [&str; 6] = ["Ana", "Bruno", "Camila", "Davi Luiz", "Érica", "ana"];

/// The kind of one node.
#[derive(Clone, Debug)]
pub(crate) enum Part {
    Server,
    Person { name: String, rules: Box<peer::Rules> },
    Stranger { script: StrangerKind, name: String },
}

/// The aim of a stranger.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum StrangerKind {
    Bothers,
    LivesHere,
    Floods,
}

/// Everybody.
#[derive(Debug)]
pub(crate) struct Cast {
    pub(crate) parts: Vec<Part>,
    pub(crate) places: Vec<Place>,
    /// The server's.
    pub(crate) rules: directory::Rules,
}

impl Cast {
    pub(crate) fn draw(rng: &mut Rng) -> Self {
        let people = rng.within(2..7) as usize;
        let rules = draw_server_rules(people, rng);
        let mut cast = Self { parts: Vec::new(), places: Vec::new(), rules };
        cast.add(Part::Server, SERVER_HOST, SERVER_PORT);
        for name in &NAMES[..people] {
            // Now and then two want the same name.
            let name = if rng.percent(5) { NAMES[0] } else { name };
            cast.add_person(name, rng);
        }
        for number in 0..rng.within(0..9) {
            let script = match rng.within(0..20) {
                0..2 => StrangerKind::Floods,
                2..7 => StrangerKind::LivesHere,
                _ => StrangerKind::Bothers,
            };
            let name = format!("Raw{number}");
            // Some come from one computer, which may have only so many connections.
            let host = 20 + rng.within(0..number + 1) as u8;
            cast.add(Part::Stranger { script, name }, host, 30_000 + number as u16);
        }
        cast
    }

    fn add(&mut self, part: Part, host: u8, port: u16) {
        self.parts.push(part);
        self.places.push(Place { host, port });
    }

    fn add_person(&mut self, name: &str, rng: &mut Rng) {
        // Now and then two share a computer, or one sits at the server's.
        let number = self.places.len() as u8;
        let host = if rng.percent(15) { SERVER_HOST } else { 10 + number / 2 };
        let port = 20_000 + u16::from(number);
        let is_beside_server = host == SERVER_HOST && rng.percent(70);
        let ip = if is_beside_server { Ipv4Addr::LOCALHOST.into() } else { host_ip(SERVER_HOST) };
        let mut rules = peer::Rules::new(SocketAddr::new(ip, SERVER_PORT), port);
        if rng.percent(10) {
            // Another server, at which nobody is.
            rules.servers.insert(0, vec![SocketAddr::new(host_ip(99), SERVER_PORT)]);
        }
        // Without one, it is typed first of all.
        rules.name = Name::parse(name.as_bytes()).ok().filter(|_| rng.percent(85));
        rules.edition = Some(draw_edition(rng));
        rules.verify = rng.percent(80);
        rules.scripted = rng.percent(15);
        rules.seed = rng.number();
        self.add(Part::Person { name: name.to_string(), rules: Box::new(rules) }, host, port);
    }

    /// The names that people may call: those of people, and of strangers who live here. Those
    /// who never read come last.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        let mut deaf = Vec::new();
        for part in &self.parts {
            match part {
                Part::Person { name, .. } => names.push(name.clone()),
                Part::Stranger { script: StrangerKind::LivesHere, name } => {
                    names.push(name.clone());
                }
                Part::Stranger { script: StrangerKind::Floods, name } => deaf.push(name.clone()),
                Part::Stranger { script: StrangerKind::Bothers, .. } | Part::Server => {}
            }
        }
        names.append(&mut deaf);
        names
    }

    /// Whether somebody never reads.
    pub(crate) fn has_deaf(&self) -> bool {
        let is_deaf =
            |part: &Part| matches!(part, Part::Stranger { script: StrangerKind::Floods, .. });
        self.parts.iter().any(is_deaf)
    }

    /// The names in the story. A node whose name somebody else has, too, comes with a number.
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

    /// The machine for a node, as it is when its process starts.
    pub(crate) fn brain(&self, node: usize, rng: &mut Rng) -> Brain {
        match &self.parts[node] {
            Part::Server => Brain::Directory(Box::new(Directory::new(self.rules))),
            Part::Person { rules, .. } => Brain::peer(peer::Rules::clone(rules)),
            Part::Stranger { script, name } => {
                Brain::Script(Box::new(self.script(node, *script, name, rng)))
            }
        }
    }

    fn script(&self, node: usize, kind: StrangerKind, name: &str, rng: &mut Rng) -> Script {
        let people: Vec<_> = self.parts.iter().zip(&self.places).filter_map(listener).collect();
        let mut author = Author {
            rng,
            steps: Vec::new(),
            server: SocketAddr::new(host_ip(SERVER_HOST), SERVER_PORT),
            names: &self.names(),
            listeners: &people,
            name: name.to_string(),
            port: self.places[node].port,
        };
        match kind {
            StrangerKind::Bothers => (0..6).for_each(|_| author.bother_somebody()),
            StrangerKind::LivesHere => author.live_here(),
            StrangerKind::Floods => author.flood(),
        }
        let steps = author.steps;
        let line_end: &[u8] = rng.pick(&[&b"\r\n"[..], b"\n", b""]);
        let is_deaf = kind == StrangerKind::Floods;
        let manner = Manner { line_end, talks: rng.percent(70), closes: rng.percent(70), is_deaf };
        Script::new(steps, manner)
    }
}

/// Now and then with limits that are soon reached, though not by people alone.
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
