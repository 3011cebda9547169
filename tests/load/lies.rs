//! Servers with one wrong answer. Each lie must be found, and the same server without a lie must pass.

#![allow(clippy::wildcard_enum_match_arm, reason = "most lies are in one place only")]

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use super::{report, run, start};

/// It begins to lie after this number of requests of a connection, when registration is over.
const HONEST_FOR: usize = 1;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Lie {
    /// No lie.
    Never,
    /// Another port than was registered.
    Port,
    /// Another address than before.
    Host,
    /// In the edition of 2026, another name than was asked for.
    Name,
    /// A second answer to one request.
    Unasked,
    /// An answer to another request.
    Kind,
    /// A line that means nothing.
    Rubbish,
    /// A LIST without a client that is online.
    Missing,
    /// A LIST that has a name twice.
    Twice,
    /// A LIST with a name that is not online.
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

/// It is no failure if the client closes during an answer.
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

/// KEEPs have no answers. At the end of the run each client asks for its own address.
#[test]
fn a_server_that_forgets_its_clients_is_found_at_the_end_of_a_keep_run() {
    let options = "--mix keep --clients 4 --keepalive 0.1 --seconds 0.3";
    let (status, report) = run(serve(Lie::Port), options);
    assert_eq!((status, report.number("wrong")), (1, 4.0), "{report:?}");
    assert!(report.number("operations") >= 4.0, "{report:?}");
}

/// A server that closes all clients ends the run.
#[test]
fn clients_that_the_server_closes_are_counted() {
    let server = crate::support::Server::start_with(&["--keepalive", "0.3"]);
    let load = start(server.address, "--mix keep --clients 4 --keepalive 60 --seconds 60 --json");
    let (status, report) = report(load);
    assert_eq!((status, report.number("lost")), (1, 4.0), "{report:?}");
}
