//! Several servers that share names through an engine: a server dies or is stopped, the engine dies
//! and comes back, the link between them is cut.
//!
//! Read next: [`super::engine`], the engine of a drill.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::crowd::Crowd;
use crate::engine::Engine;
use crate::figure::Report;
use crate::host::{millis, seconds, wait_for};
use crate::network::Network;
use crate::process::Server;
use crate::support::Raw;

/// All names must be claimed again, or listed again, within this time, in milliseconds.
const AGAIN_MS_MAX: f64 = 5_000.0;

/// A server at this engine, once it is connected to it.
fn server(engine: &Engine) -> Server {
    let server = Server::start_after(&[], "127.0.0.1:0", &["--directory", &engine.url()]);
    server.papo.expect_log("event=engine_up");
    server
}

/// The server of each name in the engine.
fn owners(engine: &Engine) -> Vec<String> {
    let mut raw = Raw::connect(engine.address);
    raw.send("HVALS papo:names\r\n");
    let count = raw.line();
    let count = count.strip_prefix('*').and_then(|text| text.parse().ok()).unwrap_or(0);
    let value = |_: usize| {
        let _length = raw.line();
        raw.line().split(' ').next().unwrap_or_default().to_string()
    };
    (0..count).map(value).collect()
}

/// How long it takes until the engine has this number of names of other servers.
fn wait_owned(
    engine: &Engine,
    crowd: &mut Crowd,
    (count, not_by): (usize, &str),
) -> Option<Duration> {
    wait_for(seconds(30.0), || {
        crowd.run_for(Duration::from_millis(20));
        owners(engine).iter().filter(|owner| *owner != not_by).count() == count
    })
}

/// The fewest names in LIST during this time, asked for again and again.
fn fewest_listed(crowd: &mut Crowd, asker: usize, time: f64) -> usize {
    let (mut fewest, end) = (usize::MAX, Instant::now() + seconds(time));
    while Instant::now() < end {
        fewest = fewest.min(crowd.count_listed(asker, seconds(5.0)).unwrap_or(0));
        crowd.run_for(Duration::from_millis(50));
    }
    fewest
}

/// A crowd whose clients go to the next server when they lose one.
fn crowd_of(servers: &[SocketAddr]) -> Crowd {
    let mut crowd = Crowd::of(servers[0]);
    crowd.servers = servers.to_vec();
    crowd.comes_back = true;
    crowd
}

/// K1: kill -9 of one of three servers. Its clients come back through the others, with the same name
/// and port, and none is missing from LIST at any time.
pub fn killed_server(report: &mut Report) {
    let count = report.scaled(3_000, 300);
    report.say_scale(format!("{count} people at the server that is killed"));
    let Some(engine) = Engine::start() else { return };
    let (mut first, others) = (server(&engine), [server(&engine), server(&engine)]);
    let mut crowd = crowd_of(&[first.address, others[0].address, others[1].address]);
    crowd.register("u", count);
    wait_owned(&engine, &mut crowd, (count, "")).expect("all are claimed");
    let dead = owners(&engine)[0].clone();
    let mut watcher = Crowd::of(others[1].address);
    let asker = watcher.register("watcher", 1).start;
    watcher.wait_listed(asker, count, seconds(20.0)).expect("all are known at another server");
    first.papo.kill();
    let took = wait_owned(&engine, &mut crowd, (count + 1, &dead));
    report.at_most("claimed again through others within", millis(took), 10_000.0, "ms");
    // Until the lease of the dead server has ended, and its names would have been given back.
    let mut fewest = usize::MAX;
    for _ in 0..40 {
        crowd.run_for(Duration::from_millis(500));
        fewest = fewest.min(watcher.count_listed(asker, seconds(5.0)).unwrap_or(0));
        watcher.run_for(Duration::from_millis(20));
    }
    report.exactly("names in LIST meanwhile, fewest", fewest, count);
    let listed = watcher.count_listed(asker, seconds(5.0)).unwrap_or(0);
    report.exactly("listed when its lease has ended", listed, count);
    let left = owners(&engine).iter().filter(|owner| **owner == dead).count();
    report.exactly("owned by the server that is gone", left, 0_usize);
}

/// K2: SIGSTOP of one of two servers, for longer than its lease. Its clients leave the LIST of the
/// other one. When it goes on they are claimed again, and none is closed.
pub fn stopped_server(report: &mut Report) {
    let count = report.scaled(1_000, 200);
    report.say_scale(format!("{count} people, SIGSTOP for 20 s"));
    let Some(engine) = Engine::start() else { return };
    let (first, other) = (server(&engine), server(&engine));
    let mut crowd = Crowd::of(first.address);
    let everybody = crowd.register("u", count);
    let mut watcher = Crowd::of(other.address);
    let asker = watcher.register("watcher", 1).start;
    watcher.wait_listed(asker, count, seconds(20.0)).expect("all are known at the other");
    first.papo.stop();
    for _ in 0..200 {
        crowd.run_for(Duration::from_millis(50));
        watcher.run_for(Duration::from_millis(50));
    }
    let listed = watcher.count_listed(asker, seconds(5.0));
    report.exactly("listed elsewhere while it stands still", listed.unwrap_or(usize::MAX), 0_usize);
    first.papo.go_on();
    let again = wait_for(seconds(30.0), || {
        crowd.run_for(Duration::from_millis(20));
        watcher.count_listed(asker, seconds(5.0)) == Some(count)
    });
    report.at_most("listed elsewhere again within", millis(again), AGAIN_MS_MAX, "ms");
    crowd.run_for(seconds(5.0));
    report.exactly("expelled", crowd.ended(everybody), 0_usize);
}

/// K3: kill -9 of the engine, which comes back after 8 s: with its data, then without. LIST stays as it
/// was, a join takes two seconds, and all names are claimed again.
pub fn killed_engine(report: &mut Report) {
    let count = report.scaled(500, 100);
    report.say_scale(format!("{count} people at each of two servers; the engine is away for 8 s"));
    let (mut fewest, mut expelled, mut admitted) = (usize::MAX, 0, 0.0_f64);
    for keeps in [true, false] {
        let engine = if keeps { Engine::start_lasting() } else { Engine::start() };
        let Some(mut engine) = engine else { return };
        let (first, other) = (server(&engine), server(&engine));
        let (mut one, mut two) = (Crowd::of(first.address), Crowd::of(other.address));
        let (here, there) = (one.register("u", count), two.register("v", count));
        two.wait_listed(there.start, 2 * count - 1, seconds(20.0)).expect("all know each other");
        engine.kill();
        first.papo.expect_log("event=engine_down");
        one.run_for(Duration::from_millis(100));
        let newcomer = one.register("newcomer", 1).start;
        let heard = one.wait_listed(newcomer, 2 * count, seconds(10.0));
        admitted = admitted.max(millis(heard));
        for _ in 0..10 {
            one.run_for(Duration::from_millis(300));
            fewest = fewest.min(fewest_listed(&mut two, there.start, 0.3));
        }
        engine.start_again();
        let again = wait_owned(&engine, &mut one, (2 * count + 1, ""));
        fewest = fewest.min(fewest_listed(&mut two, there.start, 1.0));
        let with_data = "with its data: all claimed again within";
        let name = if keeps { with_data } else { "without: all claimed again within" };
        report.at_most(name, millis(again), AGAIN_MS_MAX, "ms");
        one.run_for(seconds(1.0));
        two.run_for(seconds(1.0));
        expelled += one.ended(here) + two.ended(there);
    }
    report.exactly("names in LIST meanwhile, fewest", fewest, 2 * count - 1);
    report.within("a newcomer without engine is let in after", admitted, (1_900.0, 2_600.0), "ms");
    report.exactly("expelled", expelled, 0_usize);
}

/// K4: a server is cut from the engine for 20 s. Two clients take one name meanwhile, one at each
/// server. When the link is back one of the two is closed, and all LISTs agree.
pub fn cut_from_engine(report: &mut Report) {
    let count = 50;
    report.say_scale(format!("{count} people at each of two servers, one 20 s without the engine"));
    let network = Network::of(3);
    let open = ["--appendonly", "no", "--bind", "0.0.0.0", "--protected-mode", "no"];
    let Some(engine) = network.within(3, || Engine::start_with(&open)) else { return };
    let url = format!("redis://{}:{}", network.address(3), engine.address.port());
    let start = |host: usize| {
        let on = network.on(host);
        let on: Vec<_> = on.iter().map(String::as_str).collect();
        let listen = format!("{}:10000", network.address(host));
        let server = Server::start_after(&on, &listen, &["--directory", &url]);
        server.papo.expect_log("event=engine_up");
        server
    };
    let (first, other) = (start(1), start(2));
    let (mut one, mut two) = (Crowd::of(first.address), Crowd::of(other.address));
    let here = network.within(1, || one.register("u", count));
    let there = network.within(2, || two.register("v", count));
    two.wait_listed(there.start, 2 * count - 1, seconds(20.0)).expect("all know each other");
    network.cut(1, 3);
    first.papo.expect_log("event=engine_down");
    let ana = network.within(1, || one.dial("USER Ana:1\r\n"));
    let rival = network.within(2, || two.dial("USER Ana:2\r\n"));
    let mut fewest = usize::MAX;
    for _ in 0..40 {
        one.run_for(Duration::from_millis(250));
        two.run_for(Duration::from_millis(250));
        fewest = fewest.min(one.count_listed(here.start, seconds(5.0)).unwrap_or(0));
    }
    report.at_least("names in LIST without the engine, fewest", fewest, (2 * count - 1) as f64, "");
    let still = two.count_listed(there.start, seconds(5.0)).unwrap_or(usize::MAX);
    report.exactly("listed elsewhere of those cut off", still.abs_diff(count), 0_usize);
    network.mend(1, 3);
    let again = wait_for(seconds(30.0), || {
        one.run_for(Duration::from_millis(20));
        let lists = [(&mut two, there.start), (&mut one, here.start)];
        lists.map(|(crowd, asker)| crowd.count_listed(asker, seconds(5.0))) == [Some(2 * count); 2]
    });
    report.at_most("all LISTs agree again within", millis(again), AGAIN_MS_MAX, "ms");
    report.exactly("of two with one name, closed", one.ended([ana]) + two.ended([rival]), 1_usize);
    report.exactly("expelled", one.ended(here) + two.ended(there), 0_usize);
}

/// The names of K5, fewer than its clients.
const NAMES: usize = 40;

/// A client of K5, and since when it has its name, as far as a client can know.
struct Claimant {
    side: usize,
    client: usize,
    name: usize,
    /// When LIST was first answered: from then on the client has its name.
    since: Option<Instant>,
}

/// K5: clients come and go at three servers, with names that others want too. Meanwhile a server is
/// stopped for less than its lease, another one is killed, and the engine is killed. No name has two
/// clients, except in the five seconds after the engine's return. In the end all LISTs are right.
pub fn churn_of_names(report: &mut Report) {
    let time = report.scaled(60.0, 40.0);
    report.say_scale(format!("{NAMES} names, 15 people at each of three servers, {time} s"));
    let Some(mut engine) = Engine::start() else { return };
    let mut servers = [server(&engine), server(&engine), server(&engine)];
    let mut sides = servers.each_ref().map(|server| Crowd::of(server.address));
    let mut die = Crowd::of(servers[0].address);
    let (mut people, mut joins, mut twice): (Vec<Claimant>, u64, usize) = (Vec::new(), 0, 0);
    let (start, mut faults) = (Instant::now(), 0);
    let mut excused_until = start;
    let due = [time * 0.2, time * 0.2 + 8.0, time * 0.4, time * 0.7, f64::INFINITY];
    while start.elapsed() < seconds(time) {
        if start.elapsed().as_secs_f64() > due[faults] {
            faults += 1;
            match faults {
                1 => servers[1].papo.stop(),
                2 => servers[1].papo.go_on(),
                3 => {
                    servers[2].papo.kill();
                    sides[2].servers = vec![servers[0].address];
                }
                _ => {
                    engine.kill();
                    engine.start_again();
                    excused_until = Instant::now() + Duration::from_millis(AGAIN_MS_MAX as u64);
                }
            }
        }
        joins += churn(&mut people, &mut sides, &mut die);
        people.retain(|it| sides[it.side].is_open(it.client));
        if Instant::now() > excused_until {
            twice += owned_twice(&people);
        }
    }
    // The last fault was a while ago. No client comes or goes any more.
    for _ in 0..50 {
        sides.iter_mut().for_each(|side| side.run_for(Duration::from_millis(33)));
    }
    people.retain(|it| sides[it.side].is_open(it.client));
    report.at_least("names taken", joins, time * 5.0, "");
    report.exactly("names owned twice", twice + owned_twice(&people), 0_usize);
    let mut missing = 0;
    for number in 0..people.len() {
        let Claimant { side, client, .. } = people[number];
        let listed = sides[side].count_listed(client, seconds(5.0)).unwrap_or(usize::MAX);
        missing += listed.abs_diff(people.len() - 1);
    }
    report.exactly("people missing from a LIST, or too many", missing, 0_usize);
    let lacking = owners(&engine).len().abs_diff(people.len());
    report.exactly("people whom the engine lacks", lacking, 0_usize);
}

/// Lets a short time pass, in which clients leave and others come. Returns how many took a name.
fn churn(people: &mut Vec<Claimant>, sides: &mut [Crowd; 3], die: &mut Crowd) -> u64 {
    let mut joins = 0;
    for (side, crowd) in sides.iter_mut().enumerate() {
        let here = people.iter().filter(|it| it.side == side).count();
        if here < 15 {
            let name = (die.throw() * NAMES as f64) as usize;
            let port = 20_000 + crowd.clients.len();
            let client = crowd.dial(&format!("USER n{name}:{port}\r\n"));
            people.push(Claimant { side, client, name, since: None });
        }
        let is_in = |it: &Claimant| it.side == side && it.since.is_some();
        if die.throw() < 0.1
            && let Some(leaver) = people.iter().position(is_in)
        {
            crowd.close(people.remove(leaver).client);
        }
        crowd.run_for(Duration::from_millis(5));
        let unproven = people.iter_mut().filter(|it| it.side == side && it.since.is_none());
        for claimant in unproven {
            let client = &mut crowd.clients[claimant.client];
            if client.asked_at.is_none() && client.has_greeted && client.reply.is_empty() {
                crowd.ask(claimant.client);
            } else if !client.reply.is_empty() && client.stream.is_some() {
                claimant.since = Some(Instant::now());
                joins += 1;
            }
        }
    }
    joins
}

/// How many clients have a name that another client has, too.
fn owned_twice(people: &[Claimant]) -> usize {
    let owners =
        |name: usize| people.iter().filter(move |it| it.name == name && it.since.is_some());
    (0..NAMES).map(|name| owners(name).count().saturating_sub(1)).sum()
}
