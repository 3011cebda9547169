//! Servers that do their work almost right. Each lie must be found, and nothing else: the same
//! server that does not lie passes.

#![allow(clippy::wildcard_enum_match_arm, reason = "most lies are told in one place only")]

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use super::{report, run, start};

/// After so many questions of one connection it begins to lie: registering is over then.
const HONEST_FOR: usize = 1;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Lie {
    /// None at all.
    Never,
    /// Another port than was registered.
    Port,
    /// Another address than before.
    Host,
    /// In the newer edition, with another name than was asked for.
    Name,
    /// A line that nobody asked for.
    Unasked,
    /// An answer to another question.
    Kind,
    /// A line that means nothing.
    Rubbish,
    /// A LIST without one who is there.
    Missing,
    /// A LIST that has somebody twice.
    Twice,
    /// A LIST with somebody who is not there.
    Stranger,
    /// A LIST with the asker's own name.
    Asker,
    /// No answer.
    Silence,
    /// The connection is closed instead.
    HangUp,
}

type Table = Arc<Mutex<Vec<(String, String)>>>;

/// A server that serves until the test ends, one thread a connection.
fn serve(lie: Lie) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("any port");
    let address = listener.local_addr().expect("its address");
    let table = Table::default();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let table = Arc::clone(&table);
            std::thread::spawn(move || attend(&stream, lie, &table));
        }
    });
    address
}

/// That the client is gone in the middle of an answer is no failure.
fn attend(stream: &TcpStream, lie: Lie, table: &Table) {
    let mut me = String::new();
    let mut asked = 0;
    for line in BufReader::new(stream).lines().map_while(Result::ok) {
        if let Some((name, port)) = line.strip_prefix("USER ").and_then(|it| it.split_once(':')) {
            me = name.to_string();
            table.lock().expect("held by nobody").push((me.clone(), port.to_string()));
        } else if line != "KEEP" {
            asked += 1;
            let lie = if asked > HONEST_FOR { lie } else { Lie::Never };
            if lie == Lie::HangUp {
                break;
            }
            let answer = answer(&line, &me, lie, &table.lock().expect("held by nobody"));
            if (&*stream).write_all(answer.as_bytes()).is_err() {
                break;
            }
        }
    }
    table.lock().expect("held by nobody").retain(|(name, _)| *name != me);
}

fn answer(line: &str, me: &str, lie: Lie, table: &[(String, String)]) -> String {
    if lie == Lie::Silence {
        return String::new();
    }
    if lie == Lie::Rubbish {
        return "500 Internal Server Error\r\n".to_string();
    }
    let Some(name) = line.strip_prefix("ADDR ") else { return list(me, lie, table) };
    let port = table.iter().find(|(known, _)| known == name).map_or("1", |(_, port)| port);
    match lie {
        Lie::Port => "ADDR 127.0.0.1:65535\r\n".to_string(),
        Lie::Host => format!("ADDR 127.0.0.2:{port}\r\n"),
        Lie::Name => format!("ADDR Mallory:127.0.0.1:{port}\r\n"),
        Lie::Unasked => format!("ADDR 127.0.0.1:{port}\r\n").repeat(2),
        Lie::Kind => "LIST \r\n".to_string(),
        _ => format!("ADDR 127.0.0.1:{port}\r\n"),
    }
}

fn list(me: &str, lie: Lie, table: &[(String, String)]) -> String {
    let others = table.iter().map(|(name, _)| name.as_str()).filter(|name| *name != me);
    let mut names: Vec<&str> = others.collect();
    match lie {
        Lie::Missing => drop(names.pop()),
        Lie::Twice => names.push(names[0]),
        Lie::Stranger => names.push("Mallory"),
        Lie::Asker => names.push(me),
        _ => {}
    }
    format!("LIST {}\r\n", names.join(":"))
}

#[test]
fn a_server_that_does_not_lie_passes() {
    for mix in ["lookup", "list", "churn", "keep --keepalive 0.1"] {
        let options = format!("--mix {mix} --clients 4 --seconds 0.3");
        let (status, report) = run(serve(Lie::Never), &options);
        assert_eq!(status, 0, "{mix}: {report:?}");
        assert!(report.number("operations") > 0.0, "{mix}: {report:?}");
    }
}

#[test]
fn every_lie_is_found_and_counted() {
    for (mix, lie, key) in [
        ("lookup", Lie::Port, "wrong"),
        ("lookup", Lie::Host, "wrong"),
        ("lookup", Lie::Name, "wrong"),
        ("lookup", Lie::Unasked, "wrong"),
        ("lookup", Lie::Kind, "wrong"),
        ("lookup", Lie::Rubbish, "wrong"),
        ("list", Lie::Missing, "wrong"),
        ("list", Lie::Twice, "wrong"),
        ("list", Lie::Stranger, "wrong"),
        ("list", Lie::Asker, "wrong"),
        ("list", Lie::Rubbish, "wrong"),
        ("lookup", Lie::Silence, "unanswered"),
        ("lookup", Lie::HangUp, "lost"),
    ] {
        let options = format!("--mix {mix} --clients 4 --rate 100 --seconds 0.4");
        let (status, report) = run(serve(lie), &options);
        assert_eq!(status, 1, "{lie:?}: {report:?}");
        assert!(report.number(key) > 0.0, "{lie:?}: {report:?}");
    }
}

/// The question and the answer are shown, for the person who must find the reason.
#[test]
fn the_first_wrong_answers_are_shown() {
    let load = start(serve(Lie::Port), "--clients 4 --seconds 0.3 --pipeline 4");
    let (status, screen, log) = load.finish();
    assert_eq!(status, 1, "{log:?}");
    let shown = log.iter().filter(|line| line.contains(r#"answered "ADDR 127.0.0.1:65535""#));
    assert_eq!(shown.count(), 5, "{log:?}");
    let last = screen.last().expect("a report");
    assert!(last.starts_with("wrong   ") && !last.starts_with("wrong   0 "), "{screen:?}");
}

/// A run of KEEPs has no answers. At its end everybody is asked for.
#[test]
fn a_server_that_forgets_its_clients_is_found_by_the_roll_call() {
    let options = "--mix keep --clients 4 --keepalive 0.1 --seconds 0.3";
    let (status, report) = run(serve(Lie::Port), options);
    assert_eq!((status, report.number("wrong")), (1, 4.0), "{report:?}");
    assert!(report.number("operations") >= 4.0, "{report:?}");
}

/// A client that is thrown out is counted, and a server that throws everybody out ends the run.
#[test]
fn clients_that_are_thrown_out_are_counted() {
    let server = crate::support::Server::start_with(&["--keepalive", "0.3"]);
    let load = start(server.address, "--mix keep --clients 4 --keepalive 60 --seconds 60 --json");
    let (status, report) = report(load);
    assert_eq!((status, report.number("lost")), (1, 4.0), "{report:?}");
}
