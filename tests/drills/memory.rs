//! Memory: of idle clients, of those who do not read, of lines without an end, and under limits of
//! the system.

use std::io::{ErrorKind, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::crowd::Crowd;
use crate::figure::Report;
use crate::host::{memory_cgroup, memory_kills, millis, seconds};
use crate::process::{Server, Share};

/// J6: 9,000 idle users, as `ps` sees them.
pub fn idle_users(report: &mut Report) {
    let count = 9_000;
    report.say_scale(format!("{count} clients"));
    let server = Server::start();
    let before = server.papo.resident_kib();
    let mut crowd = Crowd::of(server.address);
    let everybody = crowd.register("user", count);
    crowd.run_for(seconds(6.0));
    let after = server.papo.resident_kib();
    report.exactly("gone", crowd.ended(everybody), 0_usize);
    report.at_most("resident before anybody came", before / 1024.0, 8.0, "MiB");
    report.at_most("resident with all of them", after / 1024.0, 16.0, "MiB");
    let each = (after - before) * 1024.0 / count as f64;
    report.at_most("for each", each, 512.0, "bytes");
}

/// J3: two hundred clients that ask for LIST and do not read.
pub fn mute_readers(report: &mut Report) {
    report.say_scale("1,000 names, 200 clients ask LIST 300 times each and never read");
    let server = Server::start();
    let mut crowd = Crowd::of(server.address);
    expect_mutes_bounded(report, &server, &mut crowd, (1_000, 200, 300));
}

/// D13: many clients, and many that do not read, in 96 MiB.
pub fn small_memory(report: &mut Report) {
    report.say_scale("9,000 clients and 900 mute readers in a cgroup of 96 MiB; planned 10,000");
    let cgroup = memory_cgroup(96 << 20);
    let join = format!("echo $$ > {}/cgroup.procs; exec \"$@\"", cgroup.display());
    let mut server = Server::start_after(&["sh", "-c", &join, "sh"], "127.0.0.1:0", &[]);
    let mut crowd = Crowd::of(server.address);
    expect_mutes_bounded(report, &server, &mut crowd, (9_000, 900, 30));
    report.exactly("killed for want of memory", memory_kills(&cgroup), 0.0);
    report.exactly("server alive", usize::from(server.papo.status().is_none()), 1_usize);
}

/// The figures with `names` clients, and `mutes` that ask for LIST `times` times and then do not read,
/// but go on sending KEEP.
fn expect_mutes_bounded(
    report: &mut Report,
    server: &Server,
    crowd: &mut Crowd,
    (names, mutes, times): (usize, usize, usize),
) {
    let everybody = crowd.register("u", names);
    let probe = crowd.probe("probe", Duration::from_millis(100));
    server.settle();
    let before = server.papo.resident_kib();
    crowd.take_p99();
    let mute = crowd.register("mute", mutes);
    let start = Instant::now();
    for index in mute {
        crowd.clients[index].reads = false;
        crowd.say(index, "LIST\r\n".repeat(times).as_bytes());
    }
    let (mut most, mut queue) = (before, 0.0_f64);
    while start.elapsed() < seconds(12.0) {
        crowd.run_for(seconds(1.0));
        most = most.max(server.papo.resident_kib());
        queue = queue.max(longest_send_queue(server.address).unwrap_or(f64::NAN));
    }
    let gone = crowd.wait_listed(probe, names, seconds(15.0)).map(|_| start.elapsed());
    report.within("the last mute one is gone after", millis(gone), (12_000.0, 17_000.0), "ms");
    report.at_most("memory grown", (most - before) / 1024.0, 64.0, "MiB");
    report.within("longest send queue", queue / 1024.0, (1.0, 128.0), "KiB");
    let p99 = crowd.take_p99();
    report.at_most("LIST p99 of the others", p99, report.scaled(50.0, 500.0), "ms");
    report.exactly("others gone", crowd.ended(everybody), 0_usize);
}

/// The most bytes that the kernel holds for one connection of a server, by `ss`.
fn longest_send_queue(server: SocketAddr) -> Option<f64> {
    let port = format!("sport = :{}", server.port());
    let output = Command::new("ss").args(["-tnmH", "state", "established", &port]).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    // skmem:(r0,rb131072,t0,tb65536,f0,w82000,o0,bl0,d0)
    let queued = |field: &str| field.strip_prefix('w')?.parse::<f64>().ok();
    text.split(',').filter_map(queued).fold(None, |most, one| Some(one.max(most.unwrap_or(0.0))))
}

/// D16: lines without an end. Each is closed at 512 bytes, without cost for the server.
pub fn line_bombs(report: &mut Report) {
    report.say_scale("10 connections, each ready to send 1 GB");
    let server = Server::start();
    let before = server.papo.resident_kib();
    let mut longest = Duration::ZERO;
    let mut taken = 0;
    for _ in 0..10 {
        let start = Instant::now();
        taken = taken.max(bomb(server.address));
        longest = longest.max(start.elapsed());
    }
    // The bytes that the kernel took before the server closed count, too.
    report.at_most("taken from one before the end", taken as f64 / 1e6, 16.0, "MB");
    report.at_most("closed within", longest, 1_000.0, "ms");
    report.at_most("memory grown", server.papo.resident_kib() - before, 1_024.0, "KiB");
    crate::host::pause(seconds(1.0));
    let share = Share::of(&server.papo);
    crate::host::pause(seconds(1.0));
    report.at_most("processor a second later", share.percent(&server.papo), 2.0, "%");
}

/// Sends up to a gigabyte without a line end. Returns how much the kernel took.
fn bomb(server: SocketAddr) -> usize {
    let mut stream = TcpStream::connect(server).expect("connects");
    stream.set_write_timeout(Some(seconds(10.0))).expect("a timeout");
    let piece = vec![b'x'; 64 * 1024];
    let mut taken = 0;
    while taken < 1 << 30 {
        match stream.write(&piece) {
            Ok(count) => taken += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    taken
}

/// D14: all abuse at once, with 256 MiB of address space.
pub fn small_address_space(report: &mut Report) {
    let time = 25.0;
    report
        .say_scale(format!("mute readers, line bombs, dribblers and churn, {time} s; planned 600"));
    let prefix = ["prlimit", "--as=268435456"];
    let mut server = Server::start_after(&prefix, "127.0.0.1:0", &[]);
    let mut crowd = Crowd::of(server.address);
    let everybody = crowd.register("u", 3_000);
    let probe = crowd.probe("probe", Duration::from_millis(100));
    let start = Instant::now();
    let mut round = 0;
    while start.elapsed() < seconds(time) {
        let mutes = crowd.register(&format!("mute{round}x"), 50);
        for index in mutes {
            crowd.clients[index].reads = false;
            crowd.say(index, "LIST\r\n".repeat(100).as_bytes());
        }
        for _ in 0..50 {
            crowd.dial("USER a");
        }
        bomb(server.address);
        crowd.run_for(seconds(1.0));
        round += 1;
    }
    report.exactly("server alive", usize::from(server.papo.status().is_none()), 1_usize);
    report.exactly("others gone", crowd.ended(everybody), 0_usize);
    let listed = crowd.wait_listed(probe, 3_000, seconds(25.0));
    report.at_most("all abuse gone within", millis(listed), 20_000.0, "ms");
}
