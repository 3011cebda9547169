//! One script of operations, which tests each of them. It runs on a real engine, and on the model of an
//! engine in the simulator.

use papo::cluster::engine::{
    BATCH_MAX, Change, Claim, Claimed, Entered, EntryId, Epoch, Keys, Loaded, Operation, Page,
    Released, SCRIPTS, ServerId, entries, leases, renewed,
};
use papo::wire::name::Name;
use redis_protocol::resp2::decode::decode;
use redis_protocol::resp2::types::OwnedFrame;

use std::io::{Read, Write};
use std::net::TcpStream;

use super::engine::Engine;
use super::model::{Answer, Model, take_command, write_reply};

/// Three servers that share one directory, and their connection to an engine.
pub(crate) struct Desk<A> {
    ask: A,
    keys: Vec<Keys>,
    loaded: Loaded,
    /// The last epoch that a server has proposed.
    fresh: u64,
}

const ONE: usize = 0;
const OTHER: usize = 1;

impl<A: FnMut(&[u8]) -> OwnedFrame> Desk<A> {
    /// `ask` sends the bytes of a command and returns its reply.
    pub(crate) fn new(ask: A) -> Self {
        let keys = [0x11, 0x22, 0x33].map(|number| Keys::new("papo", ServerId(number)));
        let mut desk = Self { ask, keys: keys.to_vec(), loaded: Loaded::default(), fresh: 0xe0 };
        for script in SCRIPTS {
            let reply = desk.asks(ONE, Operation::Load(script));
            assert!(desk.loaded.keep(script, &reply), "{script:?}: {reply:?}");
        }
        desk
    }

    fn asks(&mut self, server: usize, operation: Operation<'_>) -> OwnedFrame {
        let mut bytes = Vec::new();
        operation.encode(&self.keys[server], &self.loaded, &mut bytes);
        (self.ask)(&bytes)
    }

    fn enters(&mut self, server: usize) -> Entered {
        self.fresh += 1;
        let reply = self.asks(server, Operation::Enter { fresh: Epoch(self.fresh) });
        Entered::read(&reply).unwrap_or_else(|| panic!("{reply:?}"))
    }

    fn claims(&mut self, server: usize, epoch: Epoch, who: &[(&str, u16, u64)]) -> Claimed {
        self.claims_as(server, epoch, false, who)
    }

    fn claims_as(
        &mut self,
        server: usize,
        epoch: Epoch,
        is_quiet: bool,
        who: &[(&str, u16, u64)],
    ) -> Claimed {
        let claims: Vec<_> =
            who.iter().map(|&(it, port, arrival)| claim(it, port, arrival)).collect();
        let reply = self.asks(server, Operation::Claim { epoch, is_quiet, claims: &claims });
        Claimed::read(&reply, claims.len()).unwrap_or_else(|| panic!("{reply:?}"))
    }

    fn releases(&mut self, server: usize, epoch: Epoch, of: usize, who: &[&str]) -> Released {
        let names: Vec<_> = who.iter().map(|it| name(it)).collect();
        let owner = self.keys[of].server();
        let reply = self.asks(server, Operation::Release { epoch, owner, names: &names });
        Released::read(&reply).unwrap_or_else(|| panic!("{reply:?}"))
    }

    fn follows(&mut self, last: EntryId) -> Vec<papo::cluster::engine::StreamEntry> {
        let reply = self.asks(ONE, Operation::Follow(last));
        entries(&reply).unwrap_or_else(|| panic!("{reply:?}"))
    }

    fn lives(&mut self) -> Vec<bool> {
        let servers: Vec<_> = self.keys.iter().map(Keys::server).collect();
        let reply = self.asks(ONE, Operation::Leases(&servers));
        leases(&reply, servers.len()).unwrap_or_else(|| panic!("{reply:?}"))
    }

    fn reads(&mut self) -> Vec<(ServerId, String, u16)> {
        let (mut cursor, mut people) = (0, Vec::new());
        loop {
            let reply = self.asks(ONE, Operation::Read { cursor });
            let page = Page::read(&reply).unwrap_or_else(|| panic!("{reply:?}"));
            let found = page.people.iter();
            people.extend(
                found.map(|(server, it)| (*server, it.name.to_string(), it.address.port())),
            );
            cursor = page.cursor;
            if cursor == 0 {
                people.sort();
                people.dedup();
                return people;
            }
        }
    }
}

fn name(text: &str) -> Name {
    Name::parse(text.as_bytes()).expect("a name")
}

fn claim(text: &str, port: u16, arrival: u64) -> Claim {
    // A new client, unless its place in LIST is known.
    let is_new = arrival == 0;
    Claim { name: name(text), address: ([10, 0, 0, 1], port).into(), arrival, is_new }
}

/// The number of the entry, and the arrivals.
#[track_caller]
fn answered(claimed: Claimed) -> (u64, Vec<Option<u64>>) {
    match claimed {
        Claimed::Answered { seq, arrivals } => (seq, arrivals),
        Claimed::Outside => panic!("there is a lease"),
    }
}

/// Plays the script on an empty engine.
pub(crate) fn play<A: FnMut(&[u8]) -> OwnedFrame>(desk: &mut Desk<A>) {
    let epoch = entering(desk);
    claiming(desk, epoch);
    following(desk, epoch);
    dying(desk, epoch);
}

fn entering<A: FnMut(&[u8]) -> OwnedFrame>(desk: &mut Desk<A>) -> Epoch {
    assert_eq!(desk.lives(), [false, false, false]);
    let first = desk.enters(ONE);
    assert_eq!((first.seq, first.last, first.is_held), (0, EntryId(0, 0), false));
    let second = desk.enters(OTHER);
    assert_eq!(second, first, "the epoch is the same, and the lease is another one");
    assert!(desk.enters(ONE).is_held, "again, while the lease lives");
    assert_eq!(desk.lives(), [true, true, false]);
    assert_eq!(renewed(&desk.asks(ONE, Operation::Renew)), Some(true));
    let keys = desk.keys[2].clone();
    assert_eq!(keys.server(), ServerId(0x33));
    assert_eq!(renewed(&desk.asks(2, Operation::Renew)), Some(false), "no lease to renew");
    let outside = desk.claims(2, first.epoch, &[("Zeca", 1, 0)]);
    assert_eq!(outside, Claimed::Outside, "there is no claim without a lease");
    first.epoch
}

fn claiming<A: FnMut(&[u8]) -> OwnedFrame>(desk: &mut Desk<A>, epoch: Epoch) {
    let (seq, arrivals) = answered(desk.claims(ONE, epoch, &[("Ana", 1, 0), ("Bruno", 2, 0)]));
    let [Some(ana), Some(bruno)] = arrivals[..] else { panic!("both are free: {arrivals:?}") };
    assert!(seq == 1 && ana < bruno, "one entry, and an order");
    let taken = desk.claims(OTHER, epoch, &[("Ana", 9, 0), ("Camila", 3, 0)]);
    let (seq, arrivals) = answered(taken);
    assert!(seq == 2 && arrivals[0].is_none() && arrivals[1] > Some(bruno), "{arrivals:?}");
    // The same person at another server: at once, and with the same place in LIST.
    assert_eq!(answered(desk.claims(OTHER, epoch, &[("Ana", 1, 0)])), (3, vec![Some(ana)]));
    assert_eq!(answered(desk.claims(ONE, epoch, &[("Ana", 9, 0)])), (3, vec![None]));
    let late = desk.claims(ONE, epoch, &[("Ana", 1, ana)]);
    assert_eq!(answered(late), (3, vec![None]), "the old connection does not take it back");
    // Again with the known place: an entry, or none for a quiet claim.
    let again = desk.claims(OTHER, epoch, &[("Ana", 1, ana)]);
    assert_eq!(answered(again), (4, vec![Some(ana)]));
    let quiet = desk.claims_as(OTHER, epoch, true, &[("Ana", 1, ana)]);
    assert_eq!(answered(quiet), (4, vec![Some(ana)]));
    let other_epoch = desk.claims(ONE, Epoch(7), &[("Davi", 4, 0)]);
    assert_eq!(other_epoch, Claimed::Outside);
    let expected = [(0x11, "Bruno", 2), (0x22, "Ana", 1), (0x22, "Camila", 3)];
    let expected: Vec<_> =
        expected.iter().map(|&(it, name, port)| (ServerId(it), name.to_string(), port)).collect();
    assert_eq!(desk.reads(), expected);
}

fn following<A: FnMut(&[u8]) -> OwnedFrame>(desk: &mut Desk<A>, epoch: Epoch) {
    assert_eq!(desk.releases(ONE, epoch, ONE, &["Ana", "Nobody"]), Released::At(4), "not its own");
    assert_eq!(desk.releases(ONE, epoch, ONE, &["Bruno"]), Released::At(5));
    assert_eq!(desk.releases(ONE, Epoch(7), ONE, &["Bruno"]), Released::Outside);
    let entries = desk.follows(EntryId(0, 0));
    let news: Vec<_> = entries.iter().map(|it| it.news.clone().expect("ours")).collect();
    assert!(news.iter().all(|it| it.epoch == epoch));
    assert_eq!(news.iter().map(|it| it.seq).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    let servers: Vec<_> = news.iter().map(|it| it.server.0).collect();
    assert_eq!(servers, [0x11, 0x22, 0x22, 0x22, 0x11]);
    assert_eq!(news[4].changes, [Change::Left(name("Bruno"))]);
    let Change::Joined(ana) = &news[0].changes[0] else { panic!("{news:?}") };
    assert!(ana.name == name("Ana") && ana.address.port() == 1 && news[0].changes.len() == 2);
    let entered = desk.enters(ONE);
    assert_eq!((entered.seq, entered.last), (5, entries[4].id));
    assert_eq!(desk.follows(entries[3].id), entries[4..], "the entries after this one");
}

fn dying<A: FnMut(&[u8]) -> OwnedFrame>(desk: &mut Desk<A>, epoch: Epoch) {
    let living = desk.releases(ONE, epoch, OTHER, &["Ana"]);
    assert_eq!(living, Released::At(5), "the names of a server with a lease stay");
    desk.asks(OTHER, Operation::Leave);
    assert_eq!(desk.lives(), [true, false, false]);
    let (seq, arrivals) = answered(desk.claims(ONE, epoch, &[("Ana", 9, 0)]));
    assert!(seq == 6 && arrivals[0].is_some(), "free when its lease has ended");
    assert_eq!(desk.releases(ONE, epoch, OTHER, &["Ana", "Camila"]), Released::At(7));
    assert_eq!(desk.reads(), [(ServerId(0x11), "Ana".to_string(), 9)]);
    let many: Vec<_> = (0..BATCH_MAX).map(|it| format!("p{it}")).collect();
    for page in 0..20 {
        let names: Vec<_> = many.iter().map(|it| format!("{it} of {page}")).collect();
        let claims: Vec<_> = names.iter().map(|it| (it.as_str(), 5, 0)).collect();
        let (_, arrivals) = answered(desk.claims(ONE, epoch, &claims));
        assert!(arrivals.iter().all(Option::is_some) && arrivals.is_sorted());
    }
    assert_eq!(desk.reads().len(), 20 * BATCH_MAX + 1);
}

#[test]
fn a_real_engine_does_what_the_operations_say() {
    let Some(engine) = Engine::start() else { return };
    let mut stream = TcpStream::connect(engine.address).expect("connects");
    let ask = move |command: &[u8]| {
        stream.write_all(command).expect("the engine reads");
        let (mut received, mut piece) = (Vec::new(), [0; 65_536]);
        loop {
            let count = stream.read(&mut piece).expect("the engine answers");
            assert!(count > 0, "the engine hung up: {}", received.escape_ascii());
            received.extend_from_slice(&piece[..count]);
            if let Ok(Some((frame, _))) = decode(&received) {
                return frame;
            }
        }
    };
    let mut desk = Desk::new(ask);
    play(&mut desk);
}

/// The assumptions of the simulator about an engine.
#[test]
fn the_model_of_an_engine_does_the_same() {
    let (mut model, mut now) = (Model::default(), 0);
    let ask = move |command: &[u8]| {
        let mut received = command.to_vec();
        let words = take_command(&mut received).expect("a whole command");
        assert!(received.is_empty(), "one command");
        now += 1;
        let answer = model.call(now, &words);
        let Answer::Now(reply) = answer else { panic!("{words:?} has to wait: {answer:?}") };
        let mut bytes = Vec::new();
        write_reply(&reply, &mut bytes);
        decode(&bytes).expect("RESP").expect("a whole reply").0
    };
    play(&mut Desk::new(ask));
}
