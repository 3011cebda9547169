//! `papo lab web` against the rules of RFC 9110 and RFC 9112, and file names of any bytes.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::process::Command;

use super::Service;
use super::web::{Site, ask, get, status};
use crate::support::Process;

/// RFC 9112, section 11.2: bytes that are a body to one program must not be a request to another.
#[test]
fn a_body_is_never_answered_as_a_request() {
    let site = Site::new("bodies");
    let service = site.serve();
    let smuggled = "GET /folder/ HTTP/1.1\r\nHost: x\r\n\r\n";
    let length = smuggled.len();
    for (headers, expected) in [
        (format!("Content-Length: 0\r\nContent-Length: {length}"), "400"),
        ("Content-Length: abc".to_string(), "400"),
        (format!("Content-Length: {length}\r\nTransfer-Encoding: chunked"), "400"),
        ("Transfer-Encoding: xchunked".to_string(), "400"),
        ("Transfer-Encoding: gzip, chunked".to_string(), "501"),
        (format!("Content-Length: {length}"), "200"),
        ("Transfer-Encoding: chunked".to_string(), "200"),
    ] {
        let request = format!("GET / HTTP/1.1\r\nHost: x\r\n{headers}\r\n\r\n{smuggled}");
        let answer = ask(&service, &request);
        assert_eq!(status(&answer), expected, "{headers}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{headers}: {answer}");
        assert!(answer.contains("Connection: close\r\n"), "{headers}: {answer}");
    }
}

#[test]
fn the_root_is_the_folder_that_the_path_has_now() {
    let site = Site::new("replaced");
    let service = site.serve();
    fs::rename(site.public(), site.root.join("old")).expect("is renamed");
    assert_eq!(status(&get(&service, "/")), "404");
    fs::create_dir(site.public()).expect("is made again");
    site.write("public/index.html", b"new");
    assert!(get(&service, "/").ends_with("\r\n\r\nnew"));
    fs::remove_dir_all(site.public()).expect("is removed");
    fs::rename(site.root.join("old"), site.public()).expect("is renamed back");
    assert!(get(&service, "/").ends_with("<title>papo</title>"));
}

/// Names of files are bytes, and older systems wrote them in Latin-1.
#[test]
fn a_name_may_be_any_bytes() {
    let site = Site::new("bytes");
    let name = site.public().join(OsStr::from_bytes(b"r\xe1.txt"));
    fs::write(name, b"in Latin-1").expect("is written");
    let answer = get(&site.serve(), "/r%e1.txt");
    assert!(answer.contains("text/plain") && answer.ends_with("in Latin-1"), "{answer}");
}

/// The name of the root is bytes, too.
#[test]
fn the_root_may_be_any_bytes() {
    let site = Site::new("root");
    let root = site.root.join(OsStr::from_bytes(b"r\xe1"));
    fs::rename(site.public(), &root).expect("is renamed");
    let joined = [b"--root=", root.as_os_str().as_bytes()].concat();
    let words: [Vec<OsString>; 3] =
        [vec!["--root".into(), root.clone().into()], vec![OsString::from_vec(joined)], Vec::new()];
    for words in words {
        let mut papo = Command::new(env!("CARGO_BIN_EXE_papo"));
        papo.args(["lab", "web", "--listen", "127.0.0.1:0"]).args(&words);
        if words.is_empty() {
            papo.env("PAPO_ROOT", &root);
        }
        let service = Service::of(Process::start_command(&mut papo));
        assert!(get(&service, "/").ends_with("<title>papo</title>"), "{words:?}");
    }
}

/// A download that broke off continues where it ended.
#[test]
fn a_part_of_a_file_is_sent_alone() {
    let site = Site::new("range");
    let bytes: Vec<u8> = (0..300_000).map(|at| b'a' + (at / 1000 % 26) as u8).collect();
    site.write("public/long.bin", &bytes);
    let service = site.serve();
    let request = "GET /long.bin HTTP/1.0\r\nRange: bytes=100000-";
    let answer = ask(&service, &format!("{request}\r\n\r\n"));
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    assert!(head.contains("Content-Range: bytes 100000-299999/300000"), "{head}");
    assert!(status(head) == "206" && body.as_bytes() == &bytes[100_000..], "{head}");
    assert_eq!(status(&ask(&service, &format!("{request}\r\nIf-Range: \"x\"\r\n\r\n"))), "200");
}
