//! Many clients at once: ten thousand of them, bursts of dials, restarts, churn, and the end of the
//! server under load.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};

use crate::crowd::Crowd;
use crate::figure::Report;
use crate::host::{millis, seconds};
use crate::process::{PATIENCE, Server, Share};
use crate::support::{proc, quiet_address};

/// D1: ten thousand clients who send KEEP.
pub fn ten_thousand(report: &mut Report) {
    let (count, time) = (10_000, 60.0);
    report.say_scale(format!("{count} clients, {time} s; planned 10 minutes"));
    let server = Server::start();
    let mut crowd = Crowd::of(server.address);
    let everybody = crowd.register("u", count);
    let probe = crowd.probe("probe", Duration::from_millis(100));
    server.settle();
    crowd.run_for(seconds(2.0));
    crowd.take_p99();
    let share = Share::of(&server.papo);
    crowd.run_for(seconds(time));
    let percent = share.percent(&server.papo);
    report.exactly("false expiries", crowd.ended(everybody), 0_usize);
    report.at_most("resident memory", server.papo.resident_kib() / 1024.0, 40.0, "MiB");
    report.at_most("processor at 2000 KEEP/s", percent, 15.0, "%");
    report.at_most("LIST p99", crowd.take_p99(), 20.0, "ms");
    let listed = crowd.count_listed(probe, seconds(5.0)).unwrap_or(0);
    report.exactly("listed", listed, count);
}

/// D2: two thousand clients connect while the server is stopped for 300 ms.
pub fn burst(report: &mut Report) {
    let count = 2_000;
    report.say_scale(format!("{count} connections during SIGSTOP for 300 ms"));
    let server = Server::start();
    let mut crowd = Crowd::of(server.address);
    let asker = crowd.register("asker", 1).start;
    server.papo.stop();
    let start = Instant::now();
    for number in 0..count {
        crowd.dial(&format!("USER u{number}:20000\r\n"));
    }
    crowd.run_for(seconds(0.3).saturating_sub(start.elapsed()));
    let start = Instant::now();
    server.papo.go_on();
    let listed = crowd.wait_listed(asker, count, seconds(10.0)).map(|_| start.elapsed());
    report.at_most("all registered within", millis(listed), report.scaled(500.0, 2_000.0), "ms");
    report.exactly("turned away", crowd.ended(0..=count), 0_usize);
}

/// D3: kill -9 and a new server on the same port, several times. All clients come back.
pub fn restarts(report: &mut Report) {
    let (count, times) = report.scaled((9_900, 3), (1_000, 2));
    report.say_scale(format!("{count} clients, {times} times; planned 10,000 and 50"));
    restart(report, count, times);
}

/// J5: kill -9 and restart on the same port, five times.
pub fn five_restarts(report: &mut Report) {
    report.say_scale("200 clients, 5 times");
    restart(report, 200, 5);
}

fn restart(report: &mut Report, count: usize, times: usize) {
    let address = quiet_address();
    let listen = address.to_string();
    let mut server = Server::start_after(&[], &listen, &[]);
    let mut crowd = Crowd::of(address);
    crowd.comes_back = true;
    let asker = crowd.register("asker", 1).start;
    crowd.register("u", count);
    let (mut binds, mut slowest, mut back) = (0_usize, Duration::ZERO, Duration::ZERO);
    for _ in 0..times {
        server.papo.kill();
        // The clients notice, and the first ones dial without success.
        crowd.run_for(seconds(0.4));
        let start = Instant::now();
        server = Server::start_after(&[], &listen, &[]);
        binds += 1;
        slowest = slowest.max(start.elapsed());
        let listed = crowd.wait_listed(asker, count, seconds(30.0));
        back = back.max(listed.map_or(Duration::MAX, |_| start.elapsed()));
    }
    report.exactly("binds at the first attempt", binds, times);
    report.at_most("slowest start", slowest, 1_000.0, "ms");
    report.at_most("all listed again within", back, 10_000.0, "ms");
    let tried = crowd.clients.iter().map(|client| client.tried_most).max().unwrap_or(0);
    report.at_most("most attempts of one client", f64::from(tried), 8.0, "");
}

/// How long the deadline of a client that has left stays in the server's timer wheel.
const WHEEL_TURNS: Duration = Duration::from_secs(16);

/// D29: clients that come and go leave no memory and no descriptors behind.
pub fn churn(report: &mut Report) {
    churn_of(report, 200_000, WHEEL_TURNS);
    report.say_scale(format!("{}; planned 1,000,000", report.scale));
}

/// J4: the same with 20,000.
pub fn small_churn(report: &mut Report) {
    churn_of(report, 20_000, Duration::ZERO);
}

/// Memory is measured after a tenth of the connections and after `warm_up`: until then the wheel fills
/// with the deadlines of clients that have left.
fn churn_of(report: &mut Report, count: usize, warm_up: Duration) {
    report.say_scale(format!(
        "{count} connections, a third silent, a third with garbage, a third registering"
    ));
    let server = Server::start();
    let mut crowd = Crowd::of(server.address);
    let live = crowd.register("live", 20);
    crowd.run_for(seconds(0.5));
    let id = server.papo.id();
    let descriptors = proc::descriptors(id).len();
    let (start, mut warm) = (Instant::now(), 0);
    while warm < count / 10 || start.elapsed() < warm_up {
        come_and_go(&mut crowd, server.address, warm..warm + 1_000);
        warm += 1_000;
    }
    let before = server.papo.resident_kib();
    come_and_go(&mut crowd, server.address, warm..warm + count);
    crowd.run_until(seconds(5.0), |_| proc::descriptors(id).len() == descriptors);
    let grown = server.papo.resident_kib() - before;
    report.at_most("memory grown after warming up", grown, 1_024.0, "KiB");
    let left = proc::descriptors(id).len();
    report.exactly("descriptors left behind", left.saturating_sub(descriptors), 0_usize);
    report.exactly("others gone", crowd.ended(live.clone()), 0_usize);
    let newcomer = crowd.register("newcomer", 1).start;
    let served = crowd.wait_listed(newcomer, live.len(), PATIENCE);
    report.at_most("a newcomer is served within", millis(served), 250.0, "ms");
}

/// A third of the connections sends nothing, a third garbage, a third USER, and then all close. They
/// come from many addresses, because a used port is free again only after a minute.
fn come_and_go(crowd: &mut Crowd, server: SocketAddr, numbers: std::ops::Range<usize>) {
    let mut open = VecDeque::new();
    for number in numbers {
        let source = IpAddr::V4(Ipv4Addr::new(127, 0, 1, (number % 64) as u8 + 1));
        let mut stream = connect_from(source, server);
        match number % 3 {
            0 => {}
            1 => {
                let _ = stream.write_all(b"\x16\x03 GET / HTTP/1.1\r\n\r\n");
                // The server closes. This wait also keeps the drill from being faster than it.
                let _ = stream.read(&mut [0; 64]);
            }
            _ => {
                let _ = stream.write_all(format!("USER c{number}:1\r\n").as_bytes());
            }
        }
        open.push_back(stream);
        if open.len() > 32 {
            open.pop_front();
        }
        if number % 500 == 0 {
            crowd.run_for(Duration::from_millis(1));
        }
    }
}

fn connect_from(source: IpAddr, server: SocketAddr) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    socket.bind(&SocketAddr::new(source, 0).into()).expect("an address of this machine");
    socket.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    socket.connect(&server.into()).expect("connects");
    socket.into()
}

/// D33: SIGTERM under load. The server ends in order, and all clients see the end.
pub fn orderly_end(report: &mut Report) {
    let count = report.scaled(10_000, 1_000);
    report.say_scale(format!("{count} clients"));
    let mut server = Server::start();
    let mut crowd = Crowd::of(server.address);
    let everybody = crowd.register("u", count);
    crowd.run_for(seconds(2.0));
    server.papo.signal("TERM");
    let (took, status) = server.papo.wait(seconds(10.0));
    report.at_most("ends within", millis(took), report.scaled(1_000.0, 3_000.0), "ms");
    report.exactly("exit status", status.map_or(f64::NAN, f64::from), 0.0);
    let all = everybody.clone();
    crowd.run_until(seconds(5.0), |crowd| crowd.ended(all.clone()) == count);
    report.exactly("clients who saw the end", crowd.ended(everybody), count);
}

/// D17: one client asks for LIST as fast as it can.
pub fn loud_client(report: &mut Report) {
    let time = report.scaled(20.0, 5.0);
    report.say_scale(format!("1,000 names, one client pipelines LIST for {time} s"));
    let server = Server::start();
    let mut crowd = Crowd::of(server.address);
    let everybody = crowd.register("u", 1_000);
    crowd.probe("probe", Duration::from_millis(10));
    server.settle();
    crowd.run_for(seconds(1.0));
    crowd.take_p99();
    crowd.run_for(seconds(3.0));
    let idle = crowd.take_p99();
    let mut loud = crate::strangers::start_loud(server.address);
    crowd.run_for(seconds(time));
    let p99 = crowd.take_p99();
    loud.end_input();
    let bytes: f64 = loud.expect_screen("").parse().expect("a number of bytes");
    report.at_least("the loud client got", bytes / time / 1e6, 10.0, "MB/s");
    report.at_most("LIST p99 of the others", p99, report.scaled(20.0, 250.0), "ms");
    // Below a millisecond a ratio means nothing.
    let ratio = p99 / idle.max(1.0);
    report.at_most("times what it was", ratio, report.scaled(5.0, 100.0), "");
    report.exactly("others gone", crowd.ended(everybody), 0_usize);
}
