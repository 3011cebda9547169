//! No descriptors are left: in the server, by its own limit or because the limit is lowered; and in a
//! peer.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::crowd::Crowd;
use crate::figure::Report;
use crate::host::{millis, run, seconds};
use crate::process::{Server, Share};
use crate::support::{Raw, proc};

/// Clients that are connected before no descriptors are left.
const LIVE: usize = 30;

/// Clients that dial again and again after that.
const MORE: usize = 200;

/// J1: started under `prlimit --nofile=64`, the server knows how many clients it can serve, and resets
/// the others.
pub fn small_limit(report: &mut Report) {
    let time = report.scaled(20.0, 6.0);
    report.say_scale(format!("64 descriptors, {LIVE} clients, {MORE} more for {time} s"));
    let prefix = ["prlimit", "--nofile=64:64"];
    let server = Server::start_after(&prefix, "127.0.0.1:0", &[]);
    let mut crowd = Crowd::of(server.address);
    crowd.register("live", LIVE - 1);
    let probe = crowd.probe("probe", Duration::from_millis(20));
    // 64 less the server's reserve is room for 32.
    press(report, &server, &mut crowd, (time, 2));
    expect_room(report, &mut crowd, probe);
}

/// D11: the limit is lowered below the one with which the server was started, so that `accept` itself
/// fails.
pub fn lowered_limit(report: &mut Report) {
    let time = report.scaled(20.0, 6.0);
    report.say_scale(format!("{LIVE} clients, room for 4 more, {MORE} want it for {time} s"));
    let server = Server::start();
    let mut crowd = Crowd::of(server.address);
    crowd.register("live", LIVE - 1);
    let probe = crowd.probe("probe", Duration::from_millis(20));
    crowd.run_for(seconds(0.5));
    let limit = proc::next_descriptor(server.papo.id()) + 4;
    let id = server.papo.id().to_string();
    run(&["prlimit", "--pid", &id, &format!("--nofile={limit}:{limit}")]);
    press(report, &server, &mut crowd, (time, 4));
    expect_room(report, &mut crowd, probe);
}

/// Two hundred clients dial, are reset, and dial again. `room` of them find a place. The figures are
/// about the clients that were connected before.
fn press(report: &mut Report, server: &Server, crowd: &mut Crowd, (time, room): (f64, usize)) {
    crowd.run_for(seconds(0.5));
    crowd.take_p99();
    crowd.comes_back = true;
    let (share, log) = (Share::of(&server.papo), server.papo.log().len());
    let began = Instant::now();
    let more: Vec<_> = (0..MORE).map(|_| crowd.dial("")).collect();
    for &index in &more {
        crowd.clients[index].keeps = false;
    }
    crowd.run_for(seconds(time));
    let lines = commonest_kind(&server.papo.log()[log..]);
    report.at_most("processor under pressure", share.percent(&server.papo), 5.0, "%");
    // Ten lines belong to the second that has begun.
    let rate = lines.saturating_sub(10) as f64 / began.elapsed().as_secs_f64();
    report.at_most("log lines of one kind under pressure", rate, 10.0, "1/s");
    let p99 = crowd.take_p99();
    report.at_most("LIST p99 of those inside", p99, report.scaled(50.0, 250.0), "ms");
    report.exactly("of those inside, gone", crowd.ended(0..LIVE), 0_usize);
    let waits = |&index: &usize| {
        let client = &crowd.clients[index];
        crowd.is_open(index).then(|| client.dialed_at.elapsed())
    };
    let mut open: Vec<_> = more.iter().filter_map(waits).collect();
    open.sort();
    // The clients that found a place are connected the longest, and do not wait.
    open.truncate(open.len().saturating_sub(room));
    let waiting = open.into_iter().max().unwrap_or_default();
    let shed = crowd.lasted.iter().copied().filter(|time| *time < seconds(14.0)).max();
    let longest = shed.map(|shed| shed.max(waiting));
    report.at_most("longest until one is sent away", millis(longest), 1_000.0, "ms");
    report.at_least("sent away", crowd.lasted.len(), MORE as f64, "");
    for index in more {
        crowd.close(index);
    }
    crowd.comes_back = false;
}

/// How many lines there are of the kind (`event=refuse`) of which there are most.
fn commonest_kind(log: &str) -> usize {
    let mut counts = BTreeMap::<&str, usize>::new();
    for line in log.lines().filter(|line| !line.contains("suppressed=")) {
        let kind = line.split(' ').find(|word| word.starts_with("event="));
        *counts.entry(kind.unwrap_or_default()).or_default() += 1;
    }
    counts.into_values().max().unwrap_or_default()
}

/// Ten clients leave. Then a new client is served soon.
fn expect_room(report: &mut Report, crowd: &mut Crowd, probe: usize) {
    for index in 0..10 {
        crowd.close(index);
    }
    let start = Instant::now();
    // The new client dials again if the server has not noticed the free places yet.
    crowd.comes_back = true;
    let newcomer = crowd.dial("USER newcomer:20000\r\n");
    let named = |crowd: &Crowd| {
        let reply = String::from_utf8_lossy(&crowd.clients[probe].reply).into_owned();
        reply.contains("newcomer")
    };
    let is_in = crowd.run_until(seconds(5.0), named);
    let time = is_in.then(|| start.elapsed());
    report.at_most("a free place is taken within", millis(time), 600.0, "ms");
    report.exactly("the newcomer stays", usize::from(crowd.is_open(newcomer)), 1_usize);
}

/// D12: many callers connect to a peer with few descriptors. Its commands and its conversation go on.
pub fn small_limit_in_a_peer(report: &mut Report) {
    report.say_scale("24 descriptors, 30 callers who say nothing");
    let server = Server::start();
    let bruno = server.peer("Bruno", &[]);
    let prefix = ["prlimit", "--nofile=24:24"];
    let mut ana = server.peer_after(&prefix, server.address, "Ana", &[]);
    ana.type_text("/chat Bruno\n");
    ana.expect_screen("Connected to Bruno");
    bruno.expect_screen("Connected to Ana");
    let mut asker = Raw::connect(server.address);
    asker.send("USER asker:9\r\nADDR Ana\r\n");
    let line = asker.line();
    let address = line.strip_prefix("ADDR ").and_then(|text| text.parse().ok());
    let address = address.expect("an address");
    let callers: Vec<_> = (0..30).map(|_| Raw::connect(address)).collect();
    let share = Share::of(&ana);
    crate::host::pause(seconds(2.0));
    report.at_most("processor of the peer", share.percent(&ana), 5.0, "%");
    let start = Instant::now();
    ana.type_text("/list\n");
    let listed = crate::host::wait_for(seconds(5.0), || ana.screen().contains("Online (besides"));
    report.at_most("/list is answered within", millis(listed), 1_000.0, "ms");
    ana.type_text("still here\n");
    let heard = crate::host::wait_for(seconds(5.0), || bruno.screen().contains("still here"));
    report.at_most("the conversation goes on within", millis(heard), 1_000.0, "ms");
    report.exactly("peer still alive", usize::from(ana.status().is_none()), 1_usize);
    assert!(start.elapsed() < seconds(15.0), "the callers have timed out, so this proves nothing");
    drop(callers);
}
