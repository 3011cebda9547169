//! Other programs on the server's port: other protocols, a client that never stops asking, too many
//! connections from one address. And the server without privileges.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::crowd::Crowd;
use crate::figure::Report;
use crate::host::{millis, pause, seconds, wait_for};
use crate::network::Network;
use crate::process::{PATIENCE, Server};
use crate::support::{Process, Raw};

/// D19: the first bytes of browsers, TLS clients, ssh, mail programs, and noise.
pub fn other_protocols(report: &mut Report) {
    report.say_scale("the first bytes of HTTP, TLS, ssh, SMTP and noise, 5 times each");
    let mut server = Server::start();
    let hello =
        [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(), vec![0x41; 506]].concat();
    let noise: Vec<u8> =
        (0..2048_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let said: [&[u8]; 5] = [
        b"GET / HTTP/1.1\r\nHost: papo\r\nUser-Agent: curl/8\r\nAccept: */*\r\n\r\n",
        &hello,
        b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n",
        b"EHLO example.org\r\n",
        &noise,
    ];
    let mut longest = Duration::ZERO;
    for bytes in said.iter().cycle().take(said.len() * 5) {
        let mut raw = Raw::connect(server.address);
        raw.send_bytes(bytes);
        longest = longest.max(raw.wait_closed());
    }
    report.at_most("closed within", longest, report.scaled(50.0, 500.0), "ms");
    let all = said.len() * 5;
    wait_for(seconds(3.0), || refusals_in(&server.papo.log()) == all);
    report.exactly("refusals in the log", refusals_in(&server.papo.log()), all);
    report.exactly("panics", server.logged("panicked"), 0_usize);
    report.exactly("server alive", usize::from(server.papo.status().is_none()), 1_usize);
}

/// The number of refusals in the log: one line each, or a count if there were too many in a second.
fn refusals_in(log: &str) -> usize {
    let refusals = log.lines().filter(|line| line.contains("event=refuse"));
    let told = refusals.map(|line| match line.split_once("suppressed=") {
        Some((_, count)) => count.trim().parse().unwrap_or(0),
        None => 1,
    });
    told.sum()
}

/// D18: a hundred connections from one address of a network, and one from another address.
pub fn one_address(report: &mut Report) {
    report.say_scale("100 connections from one host, 1 from another");
    let network = Network::of(3);
    let server = server_on(&network, 1);
    let dial = |crowd: &mut Crowd, host, name: &str| {
        network.within(host, || crowd.dial(&format!("USER {name}:20000\r\n")))
    };
    let mut crowd = Crowd::of(server.address);
    let many: Vec<_> = (0..100).map(|n| dial(&mut crowd, 2, &format!("u{n}"))).collect();
    crowd.run_for(seconds(1.0));
    let ended = crowd.ended(many.clone());
    report.exactly("let in", 100 - ended, 64_usize);
    let longest = crowd.lasted.iter().max().copied();
    report.at_most("the others closed within", millis(longest), 100.0, "ms");
    let other = dial(&mut crowd, 3, "other");
    let listed = crowd.wait_listed(other, 64, seconds(5.0));
    report.at_most("another host is served within", millis(listed), 250.0, "ms");
    let first_in = many.iter().copied().find(|&index| crowd.is_open(index)).expect("one of 64");
    crowd.close(first_in);
    crowd.run_for(seconds(0.2));
    let next = dial(&mut crowd, 2, "next");
    crowd.run_for(seconds(0.5));
    report.exactly("after one left, the next is let in", usize::from(crowd.is_open(next)), 1_usize);
}

/// A server on a host, and the address under which the others find it.
pub fn server_on(network: &Network, host: usize) -> Server {
    let prefix = network.on(host);
    let prefix: Vec<_> = prefix.iter().map(String::as_str).collect();
    let listen = format!("{}:10000", network.address(host));
    Server::start_after(&prefix, &listen, &[])
}

/// D34: as the user nobody, without capabilities, and without a way to get any.
pub fn no_privileges(report: &mut Report) {
    report.say_scale("uid 65534, empty capability sets, no_new_privs; no allow-list of calls yet");
    let prefix = [
        "setpriv",
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
        "--no-new-privs",
        "--bounding-set=-all",
        "--inh-caps=-all",
    ];
    // The user nobody cannot read the build folder, so the program is copied.
    let place = std::env::temp_dir().join(format!("{}-papo", crate::host::tag()));
    std::fs::copy(crate::process::papo(), &place).expect("a copy");
    let place_text = place.to_string_lossy().into_owned();
    let mut command = Command::new(prefix[0]);
    command.args(&prefix[1..]).args([&place_text, "server", "--listen", "127.0.0.1:0"]);
    let server = Server::of(crate::process::Papo::start(&mut command, Stdio::null()));
    let _ = std::fs::remove_file(place);
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.papo.id()));
    let status = status.expect("it lives");
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        line.split_whitespace().next().unwrap_or_default().to_string()
    };
    report.exactly("user it runs as", field("Uid:").parse().unwrap_or(f64::NAN), 65534.0);
    let capabilities =
        u64::from_str_radix(&field("CapEff:"), 16).map_or(f64::NAN, |set| set as f64);
    report.exactly("capabilities", capabilities, 0.0);
    let mut crowd = Crowd::of(server.address);
    let first = crowd.register("u", 1_000).start;
    let listed = crowd.wait_listed(first, 999, PATIENCE);
    report.at_most("1,000 clients served within", millis(listed), 2_000.0, "ms");
}

/// Another process that asks LIST without a pause until its input ends. Then it prints how many bytes
/// it has received.
pub fn start_loud(server: SocketAddr) -> Process {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    Process::start_command_with(command.args(["--loud", &server.to_string()]), Stdio::piped())
}

/// In that process.
#[allow(clippy::print_stdout, reason = "its one answer")]
pub fn be_loud(server: SocketAddr) {
    let mut stream = TcpStream::connect(server).expect("connects");
    stream.write_all(b"USER loud:20000\r\n").expect("registers");
    stream.set_nonblocking(true).expect("non-blocking");
    let mut input = std::io::stdin();
    rustix::io::ioctl_fionbio(&input, true).expect("non-blocking");
    let questions = b"LIST\r\n".repeat(512);
    let (mut scratch, mut sent, mut got) = (vec![0; 256 * 1024], 0, 0.0);
    let mut kept = Instant::now();
    while input.read(&mut [0; 8]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock) {
        // A KEEP between two questions, never within one.
        if sent == 0 && kept.elapsed() > seconds(4.0) && stream.write_all(b"KEEP\r\n").is_ok() {
            kept = Instant::now();
        }
        sent += stream.write(&questions[sent..]).unwrap_or(0);
        sent %= questions.len();
        match stream.read(&mut scratch) {
            Ok(0) => break,
            Ok(count) => got += count as f64,
            Err(_) => pause(Duration::from_micros(50)),
        }
    }
    println!("{got}");
}
