//! HAProxy before the server: the load balancer that the PROXY protocol comes from. SKIPPED without it.
//!
//! Read next: `docs/deploy/CLUSTER.md`, which has the same configuration.

use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::time::Duration;

use socket2::{Domain, Socket, Type};

use crate::support::{Folder, PATIENCE, Process, Raw, Server, eventually, tools};

/// A running HAProxy, and where it listens.
struct Balancer {
    address: SocketAddr,
    _process: Process,
    _folder: Folder,
}

impl Balancer {
    /// A balancer for these servers, each with these options. `None`, and SKIPPED: there is none.
    fn start(servers: &[SocketAddr], options: &str) -> Option<Self> {
        let program = tools::wanted(&["haproxy"])?;
        let folder = Folder::new("haproxy");
        let (process, address) = Process::start_listening(|address| {
            let text = configuration(address, servers, options);
            let mut command = Command::new(&program);
            command.arg("-db").arg("-f").arg(folder.write("haproxy.cfg", text));
            command
        });
        Some(Self { address, _process: process, _folder: folder })
    }

    /// A client that comes from this address of loopback.
    fn connect(&self, from: &str) -> Raw {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        let from = SocketAddr::new(from.parse().expect("an address"), 0);
        socket.bind(&from.into()).expect("binds");
        socket.connect_timeout(&self.address.into(), PATIENCE).expect("connects");
        Raw::over(TcpStream::from(socket))
    }
}

fn configuration(address: SocketAddr, servers: &[SocketAddr], options: &str) -> String {
    let mut text = format!(
        "defaults\n  mode tcp\n  timeout connect 2s\n  timeout client 30s\n  timeout server 30s\n\
         listen papo\n  bind {address}\n  balance roundrobin\n  retries 3\n  option redispatch 1\n"
    );
    for (number, server) in servers.iter().enumerate() {
        text += &format!("  server papo{number} {server} {options}\n");
    }
    text
}

fn server() -> Server {
    Server::start_with(&["--proxy-protocol", "--proxy-from", "127.0.0.1"])
}

/// Two clients behind a balancer with these options.
#[track_caller]
fn expect_true_addresses(options: &str) {
    let mut server = server();
    let Some(balancer) = Balancer::start(&[server.address], options) else { return };
    let mut ana = balancer.connect("127.0.0.7");
    ana.send("USER Ana:20000\r\n");
    server.process.expect_log("event=join name=\"Ana\" address=127.0.0.7:20000");
    let mut bruno = balancer.connect("127.0.0.8");
    bruno.send("USER Bruno:21500\r\nADDR Ana\r\n");
    assert_eq!(bruno.line(), "ADDR 127.0.0.7:20000");
    ana.send("ADDR Bruno\r\n");
    assert_eq!(ana.line(), "ADDR 127.0.0.8:21500");
}

#[test]
fn version_1_of_haproxy_gives_the_true_addresses() {
    expect_true_addresses("send-proxy");
}

#[test]
fn version_2_of_haproxy_gives_the_true_addresses() {
    expect_true_addresses("send-proxy-v2");
    expect_true_addresses("send-proxy-v2 proxy-v2-options crc32c,unique-id");
}

/// The log does not show its checks. When a server is killed, the other one serves all clients, before
/// and after the checks notice it.
#[test]
fn haproxy_checks_the_servers_and_leaves_out_a_dead_one() {
    let mut servers = [server(), server()];
    let addresses = servers.each_ref().map(|server| server.address);
    let options = "send-proxy-v2 check inter 100 fall 1 rise 1 on-marked-down shutdown-sessions";
    let Some(balancer) = Balancer::start(&addresses, options) else { return };
    let checked = |server: &mut Server| {
        // The log takes only so many lines of one kind a second.
        std::thread::park_timeout(Duration::from_millis(250));
        server.process.signal("USR2");
        let line = server.process.expect_log("event=state");
        let accepted = line.split("accepted=").nth(1).and_then(|rest| rest.split(' ').next());
        let accepted = accepted.and_then(|text| text.parse::<u32>().ok()).expect("a count");
        assert!(line.contains("names=0") && line.contains("refused=0"), "{line}");
        accepted
    };
    for server in &mut servers {
        eventually("three checks have come", || checked(server) >= 3);
        let log = server.process.log();
        assert!(!log.iter().any(|line| line.contains("event=refuse")), "{log:?}");
    }
    servers[0].process.signal("KILL");
    servers[0].process.wait();
    for name in ["Ana", "Bruno", "Camila", "Davi"] {
        let mut client = balancer.connect("127.0.0.7");
        client.send(&format!("USER {name}:20000\r\nLIST\r\n"));
        assert!(client.line().starts_with("LIST "), "{name} is let in");
    }
}

/// The address in the header decides who may take a name over, at whichever server.
#[test]
fn servers_that_share_names_behind_haproxy_know_clients_by_their_true_addresses() {
    use crate::cluster::{Engine, expect_list};

    let Some(engine) = Engine::start() else { return };
    let url = engine.url();
    let arguments = ["--proxy-protocol", "--proxy-from", "127.0.0.1", "--directory", &url];
    let mut servers = [(); 2].map(|()| Server::start_with(&arguments));
    for server in &mut servers {
        server.process.expect_log("event=engine_up");
    }
    // A balancer before each server, so that the test knows which server a client reaches.
    let balancer = |server: &Server| Balancer::start(&[server.address], "send-proxy-v2");
    let (Some(one), Some(other)) = (balancer(&servers[0]), balancer(&servers[1])) else { return };
    let mut ana = one.connect("127.0.0.7");
    ana.send("USER Ana:20000\r\nLIST\r\n");
    assert_eq!(ana.line(), "LIST ");
    let mut bruno = other.connect("127.0.0.8");
    bruno.send("USER Bruno:21500\r\n");
    expect_list(&mut bruno, &["Ana"]);
    bruno.send("ADDR Ana\r\n");
    assert_eq!(bruno.line(), "ADDR 127.0.0.7:20000");
    expect_list(&mut ana, &["Bruno"]);
    for server in &mut servers {
        server.process.signal("USR2");
        let line = server.process.expect_log("event=state");
        assert!(line.contains("names=2") && line.contains("remote=1"), "one at each: {line}");
    }
    let mut stranger = other.connect("127.0.0.9");
    stranger.send("USER Ana:20000\r\nLIST\r\n");
    assert_eq!(stranger.line_or_end(), None, "another address is another person");
    let mut again = other.connect("127.0.0.7");
    again.send("USER Ana:20000\r\n");
    expect_list(&mut again, &["Bruno"]);
    assert_eq!(ana.line_or_end(), None, "the same person has come back");
}
