//! Networks that lose, slow and cut packets, between hosts made of namespaces.

use std::time::{Duration, Instant};

use crate::crowd::Crowd;
use crate::figure::Report;
use crate::host::{millis, pause, seconds, wait_for};
use crate::network::Network;
use crate::process::{PATIENCE, Papo, Server};
use crate::strangers::server_on;

/// A peer on a host of the network, registered.
fn peer_on(network: &Network, host: usize, server: &Server, name: &str) -> Papo {
    let on = network.on(host);
    let on: Vec<_> = on.iter().map(String::as_str).collect();
    server.peer_after(&on, server.address, name, &[])
}

/// D7: the link between a peer and the server is cut, without an error.
pub fn cut_from_server(report: &mut Report) {
    report.say_scale("one peer, cut for 25 s; planned 60 s");
    let network = Network::of(2);
    let on = network.on(1);
    let on: Vec<_> = on.iter().map(String::as_str).collect();
    let server = Server::start_after(&on, "10.77.1.2:10000", &["--trace"]);
    let peer = peer_on(&network, 2, &server, "Ana");
    // The cut comes right after a KEEP, so that the time of the last KEEP is known.
    let keeps = server.logged("< KEEP");
    let heard = wait_for(PATIENCE, || server.logged("< KEEP") > keeps);
    assert!(heard.is_some(), "Ana sends no KEEP");
    let cut = Instant::now();
    network.cut(1, 2);
    let gone = wait_for(PATIENCE, || server.logged("event=leave name=\"Ana\"") == 1);
    report.within("gone from the server after", millis(gone), (14_900.0, 16_000.0), "ms");
    let limit = seconds(25.0).saturating_sub(cut.elapsed());
    let offline = wait_for(limit, || peer.screen().contains("Lost the server"));
    let offline = offline.map(|_| cut.elapsed());
    report.at_most("the peer knows after", millis(offline), 20_000.0, "ms");
    pause(seconds(25.0).saturating_sub(cut.elapsed()));
    network.mend(1, 2);
    let back = wait_for(PATIENCE, || server.logged("event=join name=\"Ana\"") == 2);
    report.at_most("back after the mending", millis(back), 6_000.0, "ms");
}

/// D8: the link between two peers is cut. Both still reach the server.
pub fn cut_between_peers(report: &mut Report) {
    report.say_scale("one pair silent, one with text under way");
    let network = Network::of(3);
    let server = server_on(&network, 3);
    let mut texter = peer_on(&network, 1, &server, "Ana");
    let bruno = peer_on(&network, 2, &server, "Bruno");
    let mut idler = peer_on(&network, 1, &server, "Caio");
    let dora = peer_on(&network, 2, &server, "Dora");
    texter.type_text("/chat Bruno\n");
    idler.type_text("/chat Dora\n");
    bruno.expect_screen("Connected to Ana");
    dora.expect_screen("Connected to Caio");
    texter.expect_screen("Connected to Bruno");
    pause(seconds(0.5));
    network.cut(1, 2);
    let cut = Instant::now();
    texter.type_text("are you there?\n");
    let lost = |peer: &Papo| peer.screen().contains("Lost the connection");
    let (mut with_text, mut idle) = (None, None);
    while cut.elapsed() < seconds(35.0) && (with_text.is_none() || idle.is_none()) {
        with_text = with_text.or_else(|| lost(&texter).then(|| cut.elapsed()));
        idle = idle.or_else(|| lost(&idler).then(|| cut.elapsed()));
        pause(Duration::from_millis(5));
    }
    report.at_most("noticed with text under way after", millis(with_text), 20_000.0, "ms");
    report.at_most("noticed in silence after", millis(idle), 30_000.0, "ms");
    let told = texter.screen().matches("The last message to Bruno may not have arrived").count();
    report.at_least("told that text may be lost", told, 1.0, "");
    let still = ["Ana", "Bruno", "Caio", "Dora"]
        .map(|name| server.logged(&format!("event=leave name=\"{name}\"")));
    report.exactly("expelled by the server", still.iter().sum::<usize>(), 0_usize);
}

/// D9 with one packet in ten lost.
pub fn ten_percent(report: &mut Report) {
    lossy(report, 10);
}

/// D9 with three packets in ten lost.
pub fn thirty_percent(report: &mut Report) {
    lossy(report, 30);
}

fn lossy(report: &mut Report, percent: u32) {
    let (pairs, lines) = (10, 200);
    report.say_scale(format!(
        "{pairs} conversations of {lines} lines each way, up before the loss; planned 5,000 lines"
    ));
    let network = Network::of(3);
    let server = server_on(&network, 3);
    let people: Vec<_> = (0..pairs).map(|pair| pair_of(&network, &server, pair)).collect();
    network.lose(percent);
    let start = Instant::now();
    let (mut anas, mut brunos): (Vec<_>, Vec<_>) = people.into_iter().unzip();
    // A few lines at a time, as people type, for half a minute.
    for step in 0..lines / 10 {
        for (one, peer) in anas.iter_mut().chain(&mut brunos).enumerate() {
            let text: String = (0..10).map(|n| format!("{one} says {}\n", step * 10 + n)).collect();
            peer.type_text(&text);
        }
        pause(seconds(1.5));
    }
    let has_all = |peer: &Papo| peer.screen().contains(&format!(" says {}\n", lines - 1));
    wait_for(seconds(30.0), || anas.iter().chain(&brunos).all(has_all));
    let time = start.elapsed();
    let (mut torn, mut short, mut untold) = (0_usize, 0_usize, 0_usize);
    let ways = (0..pairs).flat_map(|pair| {
        let (ana, bruno) = (&anas[pair], &brunos[pair]);
        [(pair, ana, bruno), (pairs + pair, bruno, ana)]
    });
    for (one, from, to) in ways {
        let heard: Vec<_> = to.screen().lines().filter_map(said).collect();
        let wanted: Vec<_> = (0..lines).map(|n| format!("{one} says {n}")).collect();
        let is_short = heard.len() < lines;
        torn += usize::from(!wanted.starts_with(&heard));
        short += usize::from(is_short);
        untold += usize::from(heard.len() + told_of(&from.screen()) < lines);
    }
    report.exactly("ways with lines doubled or reordered", torn, 0_usize);
    report.exactly("ways with more lines lost than told", untold, 0_usize);
    // Fifteen seconds without an acknowledgement end a connection. If half of all packets are lost,
    // that happens.
    let most = if percent <= 10 { 0.0 } else { pairs as f64 };
    report.at_most("ways that broke, and said so", short, most, "");
    let expired = server.logged("reason=");
    if percent <= 10 {
        report.exactly("expelled by the server", expired, 0_usize);
    } else {
        network.lose_no_more();
        let healed = wait_for(seconds(20.0), || server.logged("event=join") == expired + 2 * pairs);
        report.at_most("all back after the loss", millis(healed), 20_000.0, "ms");
    }
    report.at_most("all said within", time, 120_000.0, "ms");
}

/// The number of lines that the screen reports as not sent, or as perhaps not arrived.
fn told_of(screen: &str) -> usize {
    let lost = |line: &str| {
        let count = line.strip_prefix("The last ")?.strip_suffix(" may not have arrived.")?;
        Some(count.split_once(" messages").map_or(1, |(count, _)| count.parse().expect("a count")))
    };
    let unsent = screen.matches("No active P2P connection").count();
    unsent + screen.lines().filter_map(lost).sum::<usize>()
}

/// The text of a line on a screen, such as `7 says 12`, without the name before it.
fn said(line: &str) -> Option<String> {
    let (_, text) = line.split_once(": ")?;
    text.contains(" says ").then(|| text.to_string())
}

fn pair_of(network: &Network, server: &Server, pair: usize) -> (Papo, Papo) {
    let mut ana = peer_on(network, 1, server, &format!("Ana{pair}"));
    let bruno = peer_on(network, 2, server, &format!("Bruno{pair}"));
    ana.type_text(&format!("/chat Bruno{pair}\n"));
    ana.expect_screen("Connected to");
    bruno.expect_screen("Connected to");
    (ana, bruno)
}

/// D10: a link of 64 kbit/s, much text, and a goodbye after it.
pub fn thin_link(report: &mut Report) {
    let (rounds, lines) = (3, 1_000);
    report.say_scale(format!("{rounds} times 100 KB and /bye over 64 kbit/s; planned 20"));
    let network = Network::of(3);
    let server = server_on(&network, 3);
    let bruno = peer_on(&network, 2, &server, "Bruno");
    let mut ana = peer_on(&network, 1, &server, "Ana");
    network.thin(2, "64kbit");
    let filler = "x".repeat(90);
    for round in 0..rounds {
        let text: String = (0..lines).map(|n| format!("{round} says {n} {filler}\n")).collect();
        ana.type_text(&format!("/chat Bruno\n{text}/bye\n"));
        let ended = |peer: &Papo| peer.screen().matches("ended the conversation").count();
        wait_for(seconds(45.0), || ended(&bruno) == round + 1);
    }
    let screen = bruno.screen();
    let heard: Vec<_> = screen.lines().filter_map(said).collect();
    let all = (0..rounds).flat_map(|round| (0..lines).map(move |n| (round, n)));
    let wanted: Vec<_> = all.map(|(round, n)| format!("{round} says {n} {filler}")).collect();
    let right = heard.iter().zip(&wanted).filter(|(one, other)| one == other).count();
    report.exactly("lines arrived, in order", right, wanted.len());
    let goodbyes = screen.matches("Ana ended the conversation").count();
    report.exactly("goodbyes arrived", goodbyes, rounds);
}

/// D28: the server and Ana on one host, Ana on loopback; Bruno on another.
pub fn loopback_and_remote(report: &mut Report) {
    report.say_scale("one call each way");
    let network = Network::of(2);
    let on = network.on(1);
    let on: Vec<_> = on.iter().map(String::as_str).collect();
    let server = Server::start_after(&on, "0.0.0.0:10000", &[]);
    let near = "127.0.0.1:10000".parse().expect("an address");
    let mut ana = server.peer_after(&on, near, "Ana", &[]);
    let on = network.on(2);
    let on: Vec<_> = on.iter().map(String::as_str).collect();
    let far = "10.77.1.2:10000".parse().expect("an address");
    let mut bruno = server.peer_after(&on, far, "Bruno", &[]);
    let mut calls = 0_usize;
    for (caller, name) in [(true, "Bruno"), (false, "Ana")] {
        let (one, other) = if caller { (&mut ana, &bruno) } else { (&mut bruno, &ana) };
        let before = other.screen().matches("hello").count();
        one.type_text(&format!("/chat {name}\nhello\n"));
        let heard = wait_for(seconds(8.0), || other.screen().matches("hello").count() > before);
        one.type_text("/bye\n");
        calls += usize::from(heard.is_some());
        pause(seconds(0.5));
    }
    report.exactly("calls that came through", calls, 2_usize);
    let doubts = [&ana, &bruno].map(|peer| peer.screen().matches("not verified").count());
    let doubts = doubts.iter().sum::<usize>();
    report.exactly("callers marked as not verified", doubts, 0_usize);
}

/// D36: loss, cuts, stops and kill -9 in turn. After them all clients must be back.
pub fn chaos(report: &mut Report) {
    let count = 60;
    report
        .say_scale(format!("{count} clients, 90 s of loss, cuts, stops and kill -9; planned 8 h"));
    let network = Network::of(2);
    let start = || server_on(&network, 1);
    let mut server = start();
    let mut crowd = Crowd::of(server.address);
    crowd.comes_back = true;
    network.within(2, || {
        crowd.register("u", count);
        for round in 0..6_u32 {
            network.lose(5 + 5 * (round % 3));
            crowd.run_for(seconds(4.0));
            match round % 3 {
                0 => network.cut(1, 2),
                1 => server.papo.stop(),
                _ => server.papo.kill(),
            }
            crowd.run_for(seconds(7.0));
            match round % 3 {
                0 => network.mend(1, 2),
                1 => server.papo.go_on(),
                _ => server = start(),
            }
            network.lose_no_more();
            crowd.run_for(seconds(4.0));
        }
        let healed = crowd.wait_listed(0, count - 1, seconds(40.0));
        report.at_most("all back after the last fault", millis(healed), 20_000.0, "ms");
    });
    let descriptors = crate::support::proc::descriptors(server.papo.id()).len();
    report.at_most("descriptors beyond the clients'", (descriptors - count) as f64, 16.0, "");
    report.at_most("resident memory", server.papo.resident_kib() / 1024.0, 8.0, "MiB");
    report.exactly("panics", server.logged("panicked"), 0_usize);
}
