//! `papo lab dict`: the guide's exercises, with its own client.

use std::time::Duration;

use papo::lab::dict::{Dict, REST_WAITS_MS};
use papo::machine::{Action, Framing, LineLimit, Machine, Millis};
use papo::timer_wheel::TICK_MS;

use super::{Service, python, recv};
use crate::driver::Driver;
use crate::support::{Raw, quiet_address};

/// The guide's program, unchanged except for the port.
const GUIDES_CLIENT: &str = r"
import socket as s

HOST = '127.0.0.1'
PORT = 9999

sock = s.socket(s.AF_INET, s.SOCK_STREAM)

sock.connect((HOST, PORT))

sock.sendall(b'Vamos aprender isto!')
resposta = sock.recv(1024)

print('Recebi %s' % resposta)

sock.close()
";

/// The guide's exercises 2 to 7 and 3.4: host and port from the command line, its two functions,
/// input in a loop, EXIT is not sent.
const EXERCISES_CLIENT: &str = r"
import sys
import socket as s

def create_tcp_client_socket(address, port):
    sock = s.socket(s.AF_INET, s.SOCK_STREAM)
    sock.connect((address, port))
    return sock

sock = create_tcp_client_socket(sys.argv[1], int(sys.argv[2]))
while True:
    msg = input()
    if msg == 'EXIT':
        break
    sock.sendall(msg.encode())
    print(sock.recv(1024).decode())
sock.close()
";

/// Sends without a line end, and takes one `recv` for the answer.
#[track_caller]
fn ask(raw: &mut Raw, question: &str, answer: &str) {
    raw.send(question);
    assert_eq!(String::from_utf8_lossy(&recv(raw, 1024)), answer, "{question}");
}

#[test]
fn the_guides_client_works_unchanged() {
    for (options, expected) in [
        (["dict"].as_slice(), "Recebi b'comando desconhecido'\n"),
        (&["dict", "--implicit-add"], "Recebi b'0'\n"),
    ] {
        let service = Service::start(options);
        let script = GUIDES_CLIENT.replace("9999", &service.address.port().to_string());
        let Some(printed) = python(&script, &[], "") else { return };
        assert_eq!(printed, expected);
    }
}

#[test]
fn the_client_of_the_guides_exercises_works_unchanged() {
    let service = Service::start(&["dict"]);
    let port = service.address.port().to_string();
    let typed = "LIST\nADD,um\nADD,dois, três\nLIST\nGET 1\nGET 7\nREMOVE,0\nLIST\nEXIT\nADD,x\n";
    let Some(printed) = python(EXERCISES_CLIENT, &["localhost", &port], typed) else { return };
    let expected = "dicionário vazio\n0\n1\num,dois, três\ndois, três\nchave inexistente\n\
        removido\ndois, três\n";
    assert_eq!(printed, expected);
    let mut raw = service.connect();
    ask(&mut raw, "LIST", "dois, três");
}

#[test]
fn the_earlier_exercise_stores_what_is_no_command() {
    let service = Service::start(&["dict", "--implicit-add"]);
    let mut raw = service.connect();
    ask(&mut raw, "LIST", "dicionário vazio");
    ask(&mut raw, "Vamos aprender isto!", "0");
    ask(&mut raw, "GET", "1");
    ask(&mut raw, "LIST", "Vamos aprender isto!,GET");
    ask(&mut raw, "GET 0", "Vamos aprender isto!");
}

#[test]
fn several_clients_share_one_dictionary_and_keys_are_not_used_again() {
    let service = Service::start(&["dict"]);
    let (mut ana, mut bruno) = (service.connect(), service.connect());
    ask(&mut ana, "ADD,da Ana", "0");
    ask(&mut bruno, "ADD,do Bruno", "1");
    ask(&mut bruno, "REMOVE,0", "removido");
    ask(&mut ana, "GET 0", "chave inexistente");
    ask(&mut ana, "REMOVE,0", "chave inexistente");
    ask(&mut ana, "ADD,outra vez", "2");
    ask(&mut bruno, "LIST", "do Bruno,outra vez");
    ask(&mut bruno, "GET x", "chave inexistente");
}

/// Programs that send lines get lines.
#[test]
fn lines_may_come_many_at_once_and_in_pieces() {
    let service = Service::start(&["dict"]);
    let mut raw = service.connect();
    raw.send("ADD,a\r\nADD,b\nGET 1\nLI");
    for expected in ["0\n", "1\n", "b\n"] {
        assert_eq!(raw.line_or_end().as_deref(), Some(expected));
    }
    assert!(raw.is_silent_for(Duration::from_millis(200)), "LI may become LIST");
    raw.send("ST\n");
    assert_eq!(raw.line_or_end().as_deref(), Some("a,b\n"));
    raw.send("GET 0");
    raw.half_close();
    assert_eq!(raw.line_or_end().as_deref(), Some("a"));
    raw.wait_closed();
}

#[test]
fn a_long_text_a_binary_text_and_one_text_too_many_are_answered() {
    let service = Service::start(&["dict"]);
    let mut raw = service.connect();
    raw.send(&format!("ADD,{}\n", "x".repeat(5000)));
    assert_eq!(raw.line_or_end().as_deref(), Some("mensagem demasiado longa\n"));
    raw.send_bytes(b"ADD,\0\xff\nGET 0\n");
    assert_eq!(raw.line_or_end().as_deref(), Some("0\n"));
    assert_eq!(raw.line_or_end().as_deref(), Some("\0\u{fffd}\n"));
    for key in 1.. {
        raw.send(&format!("ADD,{}\n", "y".repeat(4000)));
        let answer = raw.line_or_end().expect("an answer");
        if answer == "dicionário cheio\n" {
            break;
        }
        assert_eq!(answer, format!("{key}\n"));
        assert!(key < 1000, "it is never full");
    }
    raw.send("REMOVE,0\nREMOVE,1\n");
    for _ in 0..2 {
        assert_eq!(raw.line_or_end().as_deref(), Some("removido\n"));
    }
    raw.send(&format!("ADD,{}\n", "y".repeat(4000)));
    let key = raw.line_or_end().expect("a key");
    assert!(key.trim_end().parse::<u64>().is_ok(), "there is room again: {key}");
    let mut endless = service.connect();
    endless.send(&"z".repeat(200_000));
    endless.wait_closed();
}

/// Each LIST is a quarter of a megabyte.
#[test]
fn a_client_that_sends_requests_and_does_not_read_costs_no_memory() {
    let service = Service::start(&["dict"]);
    let mut raw = service.connect();
    for _ in 0..60 {
        raw.send(&format!("ADD,{}\n", "x".repeat(4000)));
        raw.line_or_end().expect("a key");
    }
    let before = service.resident_kib();
    let mut mute = Raw::connect_narrow(service.address);
    mute.send(&"LIST\n".repeat(1000));
    raw.send("GET 0\n");
    assert_eq!(raw.line_or_end().map(|line| line.len()), Some(4001));
    let grown = service.resident_kib().saturating_sub(before);
    assert!(grown < 4096, "{grown} KiB for one client");
}

/// Exercise 8: `cat mensagens.txt | python3 cliente.py localhost 9999`, with our client.
#[test]
fn a_file_of_messages_arrives_up_to_exit() {
    let service = Service::start(&["dict", "--implicit-add"]);
    let to = format!("localhost:{}", service.address.port());
    let mut client = crate::support::Process::start(&["lab", "client", &to]);
    client.type_text("primeira\nsegunda\nterceira\nEXIT\nnunca\n");
    let (status, screen, errors) = client.finish();
    assert_eq!((status, screen), (0, ["0", "1", "2"].map(String::from).to_vec()), "{errors:?}");
    ask(&mut service.connect(), "LIST", "primeira,segunda,terceira");
    let nobody = quiet_address().to_string();
    let (status, _, errors) = crate::support::Process::start(&["lab", "client", &nobody]).finish();
    assert!(status == 1 && errors.iter().any(|line| line.contains(&nobody)), "{errors:?}");
}

/// With the test's own clock: a busy machine may need more than 20 ms.
#[test]
fn a_text_without_an_end_ends_when_nothing_has_followed_for_a_while() {
    let mut dict = Driver::new(Dict::default());
    dict.framing = Framing::Lines(LineLimit { keep: 100, close: 100 });
    let conn = dict.accept(([127, 0, 0, 1], 40_000).into(), [127, 0, 0, 1].into());
    dict.arrive(conn, b"GE");
    dict.wait(19);
    dict.arrive(conn, b"T 0");
    let first = dict.machine.next_deadline().expect("a key in the wheel");
    assert!(first < Millis(REST_WAITS_MS) + TICK_MS, "{first:?}");
    dict.wait(first.since(dict.now));
    assert!(dict.take_log().is_empty(), "the second half has just come");
    dict.wait(3 * REST_WAITS_MS);
    let log = dict.take_log();
    assert!(matches!(log[0].action, Action::EndLine { .. }));
    let now = log[0].at;
    assert!(now >= Millis(19 + REST_WAITS_MS) && now.since(Millis(19)) < 3 * REST_WAITS_MS);
    assert!(!log[1].bytes.is_empty(), "it is answered");
}
