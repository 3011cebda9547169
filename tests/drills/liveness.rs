//! The clients that expire, and when: the 15 seconds of the handout with stopped servers, silent and
//! killed clients, connections that send a byte now and then, and clocks that jump.

use std::process::Command;
use std::time::Duration;

use crate::crowd::Crowd;
use crate::figure::Report;
use crate::host::{fresh_path, millis, pause, seconds, wait_for};
use crate::process::{Server, Share};
use crate::support::Process;

/// D5: some clients go silent, as a stopped host does. Each of them expires 15 to 16 s after its last
/// line, and no other client does.
pub fn silent_clients(report: &mut Report) {
    let (all, silent) = report.scaled((9_000, 1_000), (1_000, 100));
    report.say_scale(format!(
        "{silent} of {all} clients stop sending, one process on SIGSTOP; planned 1,000 of 10,000"
    ));
    expect_expiry(report, &Server::start(), all, silent);
}

/// The figures of D5. D24 has the same ones, with a clock that jumps.
pub fn expect_expiry(report: &mut Report, server: &Server, all: usize, silent: usize) {
    let stopped = server.peer("stopped", &[]);
    let mut crowd = Crowd::of(server.address);
    crowd.register("u", all);
    crowd.run_for(seconds(6.0));
    stopped.stop();
    // The last line of each was at another time, up to five seconds ago.
    let step = all / silent;
    let is_silent = |index: usize| index.is_multiple_of(step);
    for index in (0..all).filter(|&index| is_silent(index)) {
        crowd.clients[index].keeps = false;
    }
    crowd.run_for(seconds(17.0));
    let gone: Vec<_> = (0..all).filter(|&index| is_silent(index)).collect();
    let times: Vec<_> = gone.iter().map(|&index| crowd.clients[index].silent_ms()).collect();
    report.exactly("silent clients gone", crowd.ended(gone.iter().copied()), gone.len());
    let least = times.iter().copied().fold(f64::INFINITY, f64::min);
    let most = times.iter().copied().fold(0.0, f64::max);
    report.within("first gone after its last word", least, (15_000.0, 16_000.0), "ms");
    report.within("last gone after its last word", most, (15_000.0, 16_000.0), "ms");
    let others: Vec<_> = (0..all).filter(|&index| !is_silent(index)).collect();
    report.exactly("others gone", crowd.ended(others.iter().copied()), 0_usize);
    // By LIST and not by the log, which leaves lines out when many clients leave at once.
    let listed = crowd.count_listed(others[0], seconds(5.0));
    let is_gone = listed == Some(others.len() - 1);
    report.exactly("stopped process gone", usize::from(is_gone), 1_usize);
}

/// D4: the server is stopped for 20 s while all clients go on sending KEEP. When it goes on, no client
/// expires.
pub fn stopped_server(report: &mut Report) {
    stop_server(report, 1_000);
}

/// J2: the same with 300.
pub fn stopped_server_of_300(report: &mut Report) {
    stop_server(report, 300);
}

fn stop_server(report: &mut Report, count: usize) {
    report.say_scale(format!("{count} clients, SIGSTOP for 20 s"));
    let server = Server::start();
    let mut crowd = Crowd::of(server.address);
    let everybody = crowd.register("u", count);
    crowd.run_for(seconds(1.0));
    server.papo.stop();
    crowd.run_for(seconds(20.0));
    server.papo.go_on();
    crowd.run_for(seconds(1.0));
    let probe = crowd.probe("probe", Duration::from_millis(20));
    crowd.run_for(seconds(3.0));
    let p99 = crowd.take_p99();
    report.exactly("expelled", crowd.ended(everybody), 0_usize);
    let listed = crowd.count_listed(probe, seconds(5.0)).unwrap_or(0);
    report.exactly("still listed", listed, count);
    report.at_most("LIST p99 a second later", p99, report.scaled(50.0, 250.0), "ms");
}

/// D6: a client is killed. Its kernel closes the connection, and the name is free at once.
pub fn killed_client(report: &mut Report) {
    let count = 10;
    report.say_scale(format!("{count} peers, SIGKILL one after the other"));
    let server = Server::start();
    let mut times = Vec::new();
    for number in 0..count {
        let mut peer = server.peer(&format!("p{number}"), &[]);
        peer.kill();
        let gone = format!("event=leave name=\"p{number}\"");
        times.push(millis(wait_for(seconds(5.0), || server.logged(&gone) == 1)));
    }
    let most = times.iter().copied().fold(0.0, |most, time| if time <= most { most } else { time });
    report.at_most("slowest to be gone", most, 100.0, "ms");
}

/// D15: connections that send a byte now and then, and never a line. Bytes do not extend their time,
/// and they delay no other client.
pub fn dribblers(report: &mut Report) {
    let count = report.scaled(5_000, 500);
    report.say_scale(format!("{count} connections, a byte every 2 s"));
    let server = Server::start();
    let mut crowd = Crowd::of(server.address);
    crowd.refrain = (b"x", seconds(2.0));
    let strangers = 0..count;
    for number in strangers.clone() {
        crowd.dial("USER a");
        if number % 200 == 199 {
            crowd.run_for(Duration::from_millis(10));
        }
    }
    crowd.run_for(seconds(1.0));
    let newcomer = crowd.register("newcomer", 1).start;
    let heard = crowd.wait_listed(newcomer, 0, seconds(5.0));
    report.at_most("a newcomer is served within", millis(heard), 100.0, "ms");
    crowd.run_for(seconds(17.0));
    let lasted = |index: usize| {
        let client = &crowd.clients[index];
        let ended = client.ended_at.map(|ended| ended.saturating_duration_since(client.dialed_at));
        millis(ended)
    };
    let times: Vec<_> = strangers.clone().map(lasted).collect();
    report.exactly("closed", crowd.ended(strangers), count);
    let least = times.iter().copied().fold(f64::INFINITY, f64::min);
    let most = times.iter().copied().fold(0.0, f64::max);
    report.within("first closed after", least, (15_000.0, 16_000.0), "ms");
    report.within("last closed after", most, (15_000.0, 16_500.0), "ms");
}

/// D24: the wall clock jumps a day ahead and a day back, by `faketime`. The expiry must not change.
pub fn jumping_clock(report: &mut Report) {
    report.say_scale("100 of 1,000 clients silent; the clock jumps +1 and -1 day every second");
    let jumps = fresh_path("jumps");
    let set = |offset: &str| std::fs::write(&jumps, offset).expect("the offset is written");
    set("+0");
    // The library of faketime reads the offset from the file at every call.
    let script = "export FAKETIME_TIMESTAMP_FILE=\"$1\" FAKETIME_NO_CACHE=1 \
                  FAKETIME_DONT_FAKE_MONOTONIC=1; shift; \
                  exec faketime -f +0 env -u FAKETIME \"$@\"";
    let file = jumps.to_string_lossy().into_owned();
    let prefix = ["sh", "-c", script, "sh", &file];
    let server = Server::start_after(&prefix, "127.0.0.1:0", &[]);
    let jump = "while :; do echo +1d > \"$0\"; sleep 1; echo -1d > \"$0\"; sleep 1; done";
    let _jumper = Process::start_command(Command::new("sh").args(["-c", jump, &file]));
    expect_expiry(report, &server, 1_000, 100);
    let days = days_in(&server.papo.log());
    report.at_least("different days in the log", days, 2.0, "");
}

/// The number of different dates in the log. It proves that the clock has jumped.
fn days_in(log: &str) -> usize {
    let mut days: Vec<_> = log.lines().filter_map(|line| line.get(..10)).collect();
    days.sort_unstable();
    days.dedup();
    days.len()
}

/// D32: without clients the server sleeps. With a hundred clients that send KEEP it wakes up only for
/// these.
pub fn idle(report: &mut Report) {
    let time = report.scaled(60.0, 8.0);
    report.say_scale(format!("{time} s each; counts wake-ups by the kernel's own statistics"));
    let server = Server::start();
    pause(seconds(0.5));
    let sleeps = || crate::support::proc::sleeps(server.papo.id());
    let (before, share) = (sleeps(), Share::of(&server.papo));
    pause(seconds(time));
    report.exactly("wake-ups with nobody there", sleeps() - before, 0_usize);
    report.at_most("processor with nobody there", share.percent(&server.papo), 0.2, "%");
    let mut crowd = Crowd::of(server.address);
    crowd.register("u", 100);
    crowd.run_for(seconds(1.0));
    let before = sleeps();
    crowd.run_for(seconds(time));
    let rate = (sleeps() - before) as f64 / time;
    report.at_most("wake-ups with 100 clients", rate, 21.0, "1/s");
}
