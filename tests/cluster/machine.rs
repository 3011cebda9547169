//! The machine alone, with an engine that a test scripts: replies and stream entries in an order that
//! is rare with a real engine.

use std::net::SocketAddr;

use papo::cluster::Clustered;
use papo::cluster::engine::ServerId;
use papo::cluster::notice::Notice;
use papo::cluster::rules::{Engine, Rules};
use papo::cluster::session::{CHANGES_DIAL, COMMANDS_DIAL};
use papo::directory;
use papo::machine::{Action, CloseReason, ConnId, Input};
use redis_protocol::resp2::decode::decode;
use redis_protocol::resp2::types::OwnedFrame;

use crate::driver::Driver;

const EPOCH: &str = "00000000000000e1";
const OTHER: &str = "0000000000000022";

/// A machine, and its actions for the engine.
struct Bench {
    driver: Driver<Clustered>,
    /// The two connections to the engine, open or closed.
    commands_conn: ConnId,
    changes_conn: ConnId,
    /// In the order of their arrival.
    clients: Vec<ConnId>,
    /// Commands that wait for a reply, on either connection: the operation and its words.
    commands: Vec<Vec<String>>,
    follows: Vec<Vec<String>>,
    notices: Vec<Notice>,
}

/// No connection.
const NONE: ConnId = ConnId { slot: 0, generation: 0 };

impl Bench {
    /// A machine without clients, which follows the stream.
    fn following() -> Self {
        let engine = Engine {
            address: SocketAddr::from(([127, 0, 0, 1], 6379)),
            user: None,
            password: None,
            database: 0,
        };
        let rules =
            Rules { engines: vec![engine], prefix: "papo".to_string(), server: ServerId(0x11) };
        let mut bench = Self {
            driver: Driver::new(Clustered::new(directory::Rules::default(), rules)),
            commands_conn: NONE,
            changes_conn: NONE,
            clients: Vec::new(),
            commands: Vec::new(),
            follows: Vec::new(),
            notices: Vec::new(),
        };
        bench.connects("1");
        bench
    }

    /// Connects to the engine, which has an empty hash and an empty stream.
    fn connects(&mut self, held: &str) {
        self.waits(5_000);
        self.loads_scripts();
        self.enters("0", "0-0", held);
        self.changes_conn = self.driver.answer(CHANGES_DIAL);
        self.look();
    }

    /// The connection for commands breaks, and there is a new one.
    fn reconnects(&mut self) {
        let reason = CloseReason::Failed(std::io::ErrorKind::ConnectionReset);
        self.driver.close(self.commands_conn, reason);
        self.waits(200);
        self.loads_scripts();
    }

    fn loads_scripts(&mut self) {
        self.driver.tick();
        self.commands_conn = self.driver.answer(COMMANDS_DIAL);
        let loads = self.takes_commands().iter().filter(|&it| it == "SCRIPT").count();
        assert_eq!(loads, 4);
        for script in ["e", "c", "d", "a"] {
            self.replies(&format!("$40\r\n{}\r\n", script.repeat(40)));
        }
    }

    /// The engine answers the enter script.
    fn enters(&mut self, seq: &str, last: &str, held: &str) {
        assert_eq!(self.takes_commands(), ["enter"]);
        self.replies(&format!("*4\r\n{}{}{}:{held}\r\n", bulk(EPOCH), bulk(seq), bulk(last)));
    }

    /// Reads an empty hash.
    fn reads_nothing(&mut self) {
        self.replies(&format!("*1\r\n{}", bulk("0")));
    }

    /// Sorts the actions since the last call.
    fn look(&mut self) {
        for done in self.driver.take_log() {
            match done.action {
                Action::Send { conn, .. } if conn == self.commands_conn => {
                    self.commands.push(words_of(&done.bytes));
                }
                Action::Send { conn, .. } if conn == self.changes_conn => {
                    self.follows.push(words_of(&done.bytes));
                }
                Action::Show(notice) => self.notices.push(notice),
                _ => {}
            }
        }
    }

    fn waits(&mut self, millis: u64) {
        self.driver.now = self.driver.now + millis;
    }

    /// The commands that were sent, by name. Claims and releases have their names, too.
    fn takes_commands(&mut self) -> Vec<String> {
        self.look();
        let commands = std::mem::take(&mut self.commands).into_iter();
        let named = commands.map(|words| match (words[0].as_str(), words.get(1)) {
            ("EVALSHA", Some(sha)) if sha.starts_with('e') => "enter".to_string(),
            ("EVALSHA", Some(sha)) if sha.starts_with('a') => "read".to_string(),
            ("EVALSHA", Some(sha)) if sha.starts_with('c') => {
                let names: Vec<_> = words[12..].chunks(3).map(|it| it[0].clone()).collect();
                format!("claim {}", names.join(" "))
            }
            ("EVALSHA", _) => format!("release {}", words[10..].join(" ")),
            (word, _) => word.to_string(),
        });
        named.collect()
    }

    fn replies(&mut self, reply: &str) {
        self.driver.arrive(self.commands_conn, reply.as_bytes());
        self.look();
    }

    /// An entry of the stream: its number, and the changes of the other server.
    fn hears(&mut self, seq: u64, changes: &[(&str, &str)]) {
        let mut fields = vec!["e".to_string(), EPOCH.to_string(), "s".to_string()];
        fields.extend([seq.to_string(), "o".to_string(), OTHER.to_string()]);
        for (field, value) in changes {
            fields.extend([(*field).to_string(), (*value).to_string()]);
        }
        let text: String = fields.iter().map(|it| bulk(it)).collect();
        let entry = format!("*2\r\n{}*{}\r\n{text}", bulk(&format!("{seq}-0")), fields.len());
        let reply = format!("*1\r\n*2\r\n{}*1\r\n{entry}", bulk("papo:changes"));
        self.driver.arrive(self.changes_conn, reply.as_bytes());
        self.look();
    }

    /// A client connects and sends USER.
    fn joins(&mut self, user: &str) {
        let from = SocketAddr::from(([10, 0, 0, 1], 50_000));
        let conn = self.driver.accept(from, from.ip());
        self.clients.push(conn);
        self.driver.line(conn, format!("USER {user}").as_bytes());
        self.look();
    }

    /// The connection of a client breaks.
    fn loses(&mut self, client: usize) {
        let reason = CloseReason::Failed(std::io::ErrorKind::ConnectionReset);
        self.driver.close(self.clients[client], reason);
        self.look();
    }

    fn is_closed(&self, client: usize) -> bool {
        !self.driver.is_open(self.clients[client])
    }

    fn people(&self) -> Vec<String> {
        let here = self.driver.machine.directory().roster().iter();
        let mut names: Vec<_> = here.map(|it| it.name.to_string()).collect();
        names.sort();
        names
    }

    fn knows(&self, name: &str) -> Option<u16> {
        let member = self.driver.machine.directory().roster().find(name.as_bytes());
        member.map(|it| it.address().port())
    }
}

fn bulk(text: &str) -> String {
    format!("${}\r\n{text}\r\n", text.len())
}

fn words_of(bytes: &[u8]) -> Vec<String> {
    let Ok(Some((OwnedFrame::Array(words), used))) = decode(bytes) else { panic!("a command") };
    assert_eq!(used, bytes.len(), "one command a send");
    let text = |word: OwnedFrame| {
        let OwnedFrame::BulkString(bytes) = word else { panic!("a word, and not {word:?}") };
        String::from_utf8(bytes).expect("UTF-8")
    };
    words.into_iter().map(text).collect()
}

/// A machine that has read the hash and the leases.
fn ready() -> Bench {
    let mut bench = Bench::following();
    assert_eq!(bench.takes_commands(), ["read"]);
    bench.reads_nothing();
    assert_eq!(bench.takes_commands(), ["MGET"]);
    bench.replies("*1\r\n$4\r\npapo\r\n");
    assert_eq!(bench.follows.len(), 1, "it waits for the stream");
    bench
}

#[test]
fn a_client_is_registered_when_the_engine_has_answered() {
    let mut bench = ready();
    bench.joins("Ana:1");
    assert_eq!(bench.takes_commands(), ["claim Ana"]);
    assert!(bench.people().is_empty(), "not before");
    bench.replies("*2\r\n:1\r\n:500\r\n");
    assert_eq!(bench.people(), ["Ana"]);
    bench.joins("Bruno:2");
    bench.takes_commands();
    bench.replies("*2\r\n:1\r\n:0\r\n");
    assert!(bench.is_closed(1) && bench.people() == ["Ana"]);
}

#[test]
fn names_that_arrive_while_claims_are_under_way_share_one_claim() {
    let mut bench = ready();
    for slot in 0..10 {
        bench.joins(&format!("p{slot}:1"));
    }
    assert_eq!(bench.takes_commands(), ["claim p0", "claim p1", "claim p2", "claim p3"]);
    bench.replies("*2\r\n:1\r\n:500\r\n");
    assert_eq!(bench.takes_commands(), ["claim p4 p5 p6 p7 p8 p9"]);
}

#[test]
fn an_entry_of_a_takeover_may_come_before_the_reply_to_our_claim() {
    let mut bench = ready();
    bench.joins("Ana:1");
    bench.takes_commands();
    bench.hears(1, &[("+", "400 10.0.0.1:1 Bruno")]);
    // Our claim was the second entry. With the third one she went to the other server.
    let own = format!("*1\r\n*2\r\n{}*1\r\n*2\r\n{}*8\r\n", bulk("papo:changes"), bulk("2-0"));
    let fields = ["e", EPOCH, "s", "2", "o", "0000000000000011", "+", "500 10.0.0.1:1 Ana"];
    let own = own + &fields.map(bulk).concat();
    bench.driver.arrive(bench.changes_conn, own.as_bytes());
    bench.hears(3, &[("+", "500 10.0.0.1:1 Ana")]);
    bench.replies("*2\r\n:2\r\n:500\r\n");
    assert!(bench.is_closed(0) && bench.people().is_empty());
    assert_eq!(bench.knows("Ana"), Some(1), "at the other server");
}

#[test]
fn a_name_that_was_taken_over_and_given_back_is_claimed_again() {
    let mut bench = ready();
    bench.joins("Ana:1");
    bench.takes_commands();
    bench.hears(1, &[("+", "400 10.0.0.1:1 Bruno")]);
    bench.hears(2, &[("+", "500 10.0.0.1:1 Ana"), ("-", "Ana")]);
    bench.replies("*2\r\n:1\r\n:500\r\n");
    assert_eq!(bench.takes_commands(), ["claim Ana"]);
    assert!(bench.people().is_empty());
    bench.replies("*2\r\n:3\r\n:500\r\n");
    assert_eq!(bench.people(), ["Ana"]);
}

#[test]
fn an_entry_from_before_our_claim_removes_no_client() {
    let mut bench = ready();
    bench.joins("Ana:1");
    bench.takes_commands();
    bench.replies("*2\r\n:3\r\n:500\r\n");
    bench.hears(1, &[("+", "400 10.0.0.9:7 Ana")]);
    bench.hears(2, &[("-", "Ana")]);
    assert_eq!((bench.people(), bench.knows("Ana")), (vec!["Ana".to_string()], Some(1)));
    // The third entry was ours. In the fourth she is at the other server, from the same address.
    bench.hears(3, &[("+", "400 10.0.0.9:7 Bruno")]);
    bench.hears(4, &[("+", "500 10.0.0.1:1 Ana")]);
    assert!(bench.is_closed(0));
    assert!(bench.takes_commands().is_empty(), "the name of another server is not released");
}

#[test]
fn the_name_of_a_client_that_leaves_while_it_is_claimed_is_released() {
    let mut bench = ready();
    bench.joins("Ana:1");
    bench.takes_commands();
    bench.loses(0);
    bench.replies("*2\r\n:1\r\n:500\r\n");
    assert_eq!(bench.takes_commands(), ["release Ana"]);
}

/// The simulator found this: the epoch is the same, but the hash was not read.
#[test]
fn a_full_read_that_was_cut_off_begins_again() {
    let mut bench = Bench::following();
    assert_eq!(bench.takes_commands(), ["read"]);
    bench.reconnects();
    bench.enters("0", "0-0", "1");
    assert_eq!(bench.takes_commands(), ["read"]);
}

/// The simulator found this: an engine came back with older data, and used its numbers again.
#[test]
fn another_entry_with_the_number_of_the_last_one_causes_a_full_read() {
    let mut bench = ready();
    bench.hears(1, &[("+", "400 10.0.0.9:7 Bruno")]);
    bench.reconnects();
    bench.enters("1", "2-0", "1");
    assert_eq!(bench.takes_commands(), ["read"]);
}

/// The simulator found this: the old connection ended while the claim for the new one was under way,
/// with as many claims as may be.
#[test]
fn a_name_that_is_claimed_again_is_not_released_after_its_claim() {
    let mut bench = ready();
    bench.joins("Ana:1");
    bench.takes_commands();
    bench.replies("*2\r\n:1\r\n:500\r\n");
    for user in ["p1:1", "p2:1", "p3:1", "Ana:1"] {
        bench.joins(user);
    }
    assert_eq!(bench.takes_commands(), ["claim p1", "claim p2", "claim p3", "claim Ana"]);
    bench.loses(0);
    bench.replies("*2\r\n:2\r\n:501\r\n");
    assert!(bench.takes_commands().is_empty(), "she is here again");
}

#[test]
fn a_connection_that_breaks_in_the_middle_of_a_claim_costs_a_second_claim() {
    let mut bench = ready();
    bench.joins("Ana:1");
    assert_eq!(bench.takes_commands(), ["claim Ana"]);
    bench.reconnects();
    // The engine had received the claim: the stream has an entry that we have not seen.
    bench.enters("1", "1-0", "1");
    assert_eq!(bench.takes_commands(), ["MGET", "claim Ana"]);
    bench.replies("*1\r\n$4\r\npapo\r\n");
    bench.replies("*2\r\n:1\r\n:500\r\n");
    assert_eq!(bench.people(), ["Ana"]);
}

/// The client's old connection is dead, but the server has not noticed.
#[test]
fn a_client_that_moved_to_another_server_while_the_engine_was_away_is_closed_here() {
    let mut bench = ready();
    bench.joins("Ana:1");
    bench.takes_commands();
    bench.replies("*2\r\n:1\r\n:500\r\n");
    bench.reconnects();
    bench.enters("2", "2-0", "1");
    let claim = bench.commands.last().expect("a claim").clone();
    assert_eq!(claim[claim.len() - 3..], ["Ana", "10.0.0.1:1", "500"], "with its old arrival");
    assert_eq!(bench.takes_commands(), ["MGET", "claim Ana"]);
    bench.replies("*1\r\n$4\r\npapo\r\n");
    bench.replies("*2\r\n:2\r\n:0\r\n");
    assert!(bench.is_closed(0));
}

#[test]
fn a_lease_that_ends_while_a_claim_is_under_way_is_taken_again_first() {
    let mut bench = ready();
    bench.joins("Ana:1");
    bench.takes_commands();
    bench.replies("*1\r\n:-1\r\n");
    assert!(bench.notices.contains(&Notice::LeaseLost));
    bench.enters("0", "0-0", "0");
    assert_eq!(bench.takes_commands(), ["MGET", "claim Ana"]);
    bench.replies("*1\r\n$4\r\npapo\r\n");
    bench.replies("*2\r\n:1\r\n:500\r\n");
    assert_eq!(bench.people(), ["Ana"]);
}

#[test]
fn a_gap_in_the_stream_costs_one_full_read() {
    let mut bench = ready();
    bench.hears(1, &[("+", "400 10.0.0.9:7 Bruno"), ("+", "401 10.0.0.9:8 Camila")]);
    assert_eq!((bench.knows("Bruno"), bench.knows("Camila")), (Some(7), Some(8)));
    bench.waits(2_000);
    bench.hears(5, &[("+", "405 10.0.0.9:9 Davi")]);
    assert_eq!(bench.knows("Davi"), None, "entries after a gap do not count");
    bench.enters("5", "5-0", "1");
    assert_eq!(bench.takes_commands(), ["read"]);
    let value = |arrival: u64| format!("{OTHER} {arrival} 10.0.0.9:9");
    let people = [bulk("0"), bulk("Davi"), bulk(&value(405)), bulk("Bruno"), bulk(&value(400))];
    bench.replies(&format!("*5\r\n{}", people.concat()));
    assert_eq!((bench.knows("Davi"), bench.knows("Bruno")), (Some(9), Some(9)));
    assert_eq!(bench.knows("Camila"), None, "she left in the gap");
}

/// The engine is slow: a client is registered without it, and then its name has another owner.
#[test]
fn a_name_that_is_lost_later_belongs_to_the_other_server_from_then_on() {
    let mut bench = ready();
    bench.joins("Ana:1");
    bench.takes_commands();
    bench.waits(2_000);
    bench.driver.tick();
    assert_eq!(bench.people(), ["Ana"]);
    bench.hears(1, &[("+", "400 10.0.0.9:7 Ana")]);
    assert_eq!(bench.knows("Ana"), Some(1), "until the engine has answered");
    bench.commands.clear();
    bench.replies("*2\r\n:1\r\n:0\r\n");
    assert!(bench.is_closed(0));
    assert_eq!(bench.knows("Ana"), Some(7));
    assert!(bench.takes_commands().is_empty());
}

#[test]
fn the_machine_reconnects_to_an_engine_that_has_forgotten_a_script() {
    let mut bench = ready();
    bench.joins("Ana:1");
    bench.takes_commands();
    bench.replies("-NOSCRIPT No matching script. Please use EVAL.\r\n");
    let gone = [bench.commands_conn, bench.changes_conn].map(|conn| !bench.driver.is_open(conn));
    assert_eq!(gone, [true; 2]);
    bench.waits(200);
    bench.driver.tick();
    assert_eq!(bench.driver.dials[0].0, COMMANDS_DIAL);
}

#[test]
fn a_stop_ends_the_lease_when_the_last_client_is_gone_and_then_the_program() {
    let mut bench = ready();
    let from = SocketAddr::from(([10, 0, 0, 1], 50_000));
    bench.driver.accept(from, from.ip());
    bench.driver.feed(Input::Stop);
    bench.look();
    assert_eq!(bench.takes_commands(), [""; 0], "a client is still connected");
    bench.driver.settle();
    bench.look();
    assert_eq!(bench.takes_commands(), ["DEL"]);
    assert_eq!(bench.driver.status, None);
    bench.replies(":1\r\n");
    assert_eq!(bench.driver.status, Some(0));
}

/// The client has ended its stream, and its connection is still open.
#[test]
fn the_name_of_a_client_whose_connection_is_closing_is_released() {
    let mut bench = ready();
    bench.joins("Ana:1");
    bench.takes_commands();
    let conn = bench.clients[0];
    bench.driver.cable(conn).lingers = true;
    bench.driver.end(conn);
    bench.replies("*2\r\n:1\r\n:500\r\n");
    assert_eq!(bench.takes_commands(), ["release Ana"]);
    assert!(bench.people().is_empty());
}
