//! The one public server of the exercise: it has no expiry, lets a second client overwrite a name,
//! and removes the name when either of the two leaves.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::support::{Process, eventually};

/// Names and addresses, in the order in which they came.
type Users = Arc<Mutex<Vec<(String, SocketAddr)>>>;

/// That server, as a thread for each client.
struct OtherServer {
    address: SocketAddr,
    users: Users,
}

impl OtherServer {
    /// `names_address`: whether the ADDR reply has the name in front, as in the edition of 2026.
    fn start(names_address: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("bound");
        let users = Users::default();
        let shared = Arc::clone(&users);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let users = Arc::clone(&shared);
                thread::spawn(move || serve(&stream, &users, names_address));
            }
        });
        Self { address, users }
    }

    fn names(&self) -> Vec<String> {
        let users = self.users.lock().expect("nobody panicked");
        users.iter().map(|(name, _)| name.clone()).collect()
    }

    /// Our peer, registered here.
    fn peer(&self, name: &str) -> Process {
        let address = self.address.to_string();
        let peer = Process::start(&["peer", name, "--server", &address, "--lang", "en"]);
        eventually("it is registered", || self.names().contains(&name.to_string()));
        peer
    }
}

fn serve(stream: &TcpStream, users: &Users, names_address: bool) {
    let ip = stream.peer_addr().expect("connected").ip();
    let mut me = String::new();
    for line in BufReader::new(stream).lines().map_while(Result::ok) {
        let reply = match line.split_once(' ') {
            Some(("USER", user)) => {
                let (name, port) = user.split_once(':').expect("a name and a port");
                me = name.to_string();
                enter(users, name, SocketAddr::new(ip, port.parse().expect("a port")));
                continue;
            }
            Some(("ADDR", name)) => addr(users, name, names_address),
            None if line == "LIST" => list(users, &me),
            _ => continue,
        };
        let mut writer = stream;
        if writer.write_all(reply.as_bytes()).is_err() {
            break;
        }
    }
    // By name, so the entry may be another client's.
    users.lock().expect("nobody panicked").retain(|(name, _)| *name != me);
}

fn enter(users: &Users, name: &str, address: SocketAddr) {
    let mut users = users.lock().expect("nobody panicked");
    users.retain(|(other, _)| other != name);
    users.push((name.to_string(), address));
}

fn list(users: &Users, me: &str) -> String {
    let users = users.lock().expect("nobody panicked");
    let others = users.iter().map(|(name, _)| name.as_str()).filter(|name| *name != me);
    format!("LIST {}\r\n", others.collect::<Vec<_>>().join(":"))
}

fn addr(users: &Users, name: &str, names_address: bool) -> String {
    let users = users.lock().expect("nobody panicked");
    let found = users.iter().find(|(other, _)| other == name);
    let whose = if names_address { format!("{name}:") } else { String::new() };
    found.map_or_else(String::new, |(_, address)| format!("ADDR {whose}{address}\r\n"))
}

/// With both forms of ADDR.
#[test]
fn our_peers_talk_through_it() {
    for names_address in [false, true] {
        let server = OtherServer::start(names_address);
        let mut ana = server.peer("Ana");
        let mut bruno = server.peer("Bruno");
        bruno.type_text("/list\n/chat Ana\nOi\n");
        bruno.expect_screen("Online (besides you): Ana");
        ana.expect_screen("Bruno: Oi");
        ana.type_text("Oi, Bruno\n/chat Ausente\n");
        bruno.expect_screen("Ana: Oi, Bruno");
        ana.expect_screen("Ausente is not online");
        assert!(ana.screen().iter().all(|line| !line.contains("not verified")));
    }
}

/// That server does not refuse a name that is taken.
#[test]
fn a_second_peer_of_the_same_name_is_not_refused() {
    let server = OtherServer::start(false);
    let mut first = server.peer("Ana");
    let mut second = server.peer("Ana");
    let _bruno = server.peer("Bruno");
    for ana in [&mut first, &mut second] {
        ana.type_text("/list\n");
        ana.expect_screen("Online (besides you): Bruno");
    }
}

/// The server removes the name of the first peer when the second leaves.
#[test]
fn a_name_that_the_server_forgets_ends_no_conversation() {
    let server = OtherServer::start(false);
    let mut ana = server.peer("Ana");
    let mut bruno = server.peer("Bruno");
    bruno.type_text("/chat Ana\nOi\n");
    ana.expect_screen("Bruno: Oi");
    let mut other = server.peer("Ana");
    other.type_text("/exit\n");
    assert_eq!(other.wait(), 0);
    eventually("the name is gone", || !server.names().contains(&"Ana".to_string()));
    ana.type_text("Ainda aqui\n");
    bruno.expect_screen("Ana: Ainda aqui");
    ana.type_text("/list\n");
    ana.expect_screen("Online (besides you): Bruno");
}

#[test]
fn keep_needs_no_answer() {
    let server = OtherServer::start(false);
    let address = server.address.to_string();
    let arguments = ["peer", "Ana", "--server", &address, "--lang", "en", "--keepalive", "0.1"];
    let mut ana = Process::start(&[&arguments[..], &["--trace"]].concat());
    for _ in 0..5 {
        ana.expect_log("> KEEP");
    }
    ana.type_text("/list\n/exit\n");
    ana.expect_screen("Online (besides you): nobody");
    assert_eq!(ana.wait(), 0);
}
