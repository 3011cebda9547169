//! `papo lab web`: the files that it serves, and the requests that it refuses.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::{Service, recv_all};
use crate::support::{Folder, Process, Raw, eventually, tools};

/// A folder with a site in it.
pub(crate) struct Site {
    pub(crate) root: Folder,
}

impl Site {
    pub(crate) fn new(name: &str) -> Self {
        let site = Self { root: Folder::new(&format!("web-{name}")) };
        site.write("public/index.html", b"<title>papo</title>");
        site.write("public/folder/index.html", b"in a folder");
        site.write("public/a b.css", b"p {}");
        site.write("secret.txt", b"SECRET");
        site
    }

    pub(crate) fn write(&self, path: &str, bytes: &[u8]) {
        self.root.write(path, bytes);
    }

    pub(crate) fn public(&self) -> PathBuf {
        self.root.join("public")
    }

    pub(crate) fn serve(&self) -> Service {
        Service::start(&["web", "--root", self.public().to_str().expect("UTF-8")])
    }
}

/// The answer to one request in HTTP/1.0.
pub(crate) fn ask(service: &Service, request: &str) -> String {
    let mut raw = service.connect();
    raw.send(request);
    String::from_utf8_lossy(&recv_all(&mut raw)).into_owned()
}

pub(crate) fn get(service: &Service, target: &str) -> String {
    ask(service, &format!("GET {target} HTTP/1.0\r\n\r\n"))
}

pub(crate) fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or(answer)
}

#[test]
fn files_that_exist_are_served_and_nothing_else() {
    let site = Site::new("statuses");
    let service = site.serve();
    let cases = [
        ("/", "200"),
        ("/index.html", "200"),
        ("/a%20b.css?version=2", "200"),
        ("/folder/", "200"),
        ("/folder", "301"),
        ("/./folder//index.html", "200"),
        ("http://example.org/index.html", "200"),
        ("/no-such-file", "404"),
        ("/index.html/x", "404"),
        ("/index.html/", "404"),
        ("/index.html/.", "404"),
        ("/index.html%2F", "404"),
        ("/folder%2Findex.html", "404"),
        ("*", "400"),
        ("/%zz", "400"),
    ];
    for (target, expected) in cases {
        assert_eq!(status(&get(&service, target)), expected, "{target}");
    }
    let page = get(&service, "/");
    let (head, body) = page.split_once("\r\n\r\n").expect("a head");
    assert_eq!(body, "<title>papo</title>");
    for line in ["Content-Type: text/html; charset=utf-8", "Content-Length: 19", "Date: "] {
        assert!(head.contains(line), "{line} in {head}");
    }
    let head = ask(&service, "HEAD / HTTP/1.0\r\n\r\n");
    assert!(head.contains("Content-Length: 19") && head.ends_with("\r\n\r\n"), "{head}");
    let head = ask(&service, "HEAD /none HTTP/1.0\r\n\r\n");
    assert!(head.starts_with("HTTP/1.1 404") && head.ends_with("\r\n\r\n"), "{head}");
}

#[test]
fn nothing_leads_out_of_the_root() {
    let site = Site::new("outside");
    symlink("../secret.txt", site.public().join("link.txt")).expect("a link");
    symlink("..", site.public().join("up")).expect("a link");
    symlink("/etc", site.public().join("etc")).expect("a link");
    symlink("index.html", site.public().join("inside.html")).expect("a link");
    let fifo = Command::new("mkfifo").arg(site.public().join("fifo")).status();
    assert!(fifo.expect("mkfifo runs").success());
    let service = site.serve();
    for target in [
        "/../secret.txt",
        "/folder/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e%2fsecret.txt",
        "//../secret.txt",
        "/%252e%252e/secret.txt",
        "/..\\secret.txt",
        "/link.txt",
        "/up/secret.txt",
        "/etc/hostname",
        "/inside.html",
        "//etc/hostname",
        "/fifo",
        "/index.html%00.css",
    ] {
        let answer = get(&service, target);
        let is_refused = ["400", "403", "404"].contains(&status(&answer));
        assert!(is_refused && !answer.contains("SECRET"), "{target}: {answer}");
    }
    assert_eq!(status(&get(&service, "/")), "200", "the FIFO does not block the service");
}

#[test]
fn without_an_index_the_page_and_the_log_say_what_to_do() {
    let site = Site::new("no-index");
    fs::remove_file(site.public().join("index.html")).expect("it was there");
    let root = site.public();
    let words = ["lab", "web", "--listen", "127.0.0.1:0", "--root", root.to_str().expect("UTF-8")];
    let mut process = Process::start(&words);
    process.expect_log("no index.html");
    let service = Service::of(process);
    let page = get(&service, "/");
    assert_eq!(status(&page), "403");
    assert!(page.contains("This folder has no index.html. Put one there"), "{page}");
    assert!(page.contains("Esta pasta não tem index.html"), "{page}");
    assert_eq!(status(&get(&service, "/a%20b.css")), "200");
}

#[test]
fn a_wrong_request_is_answered_and_the_connection_closed() {
    let site = Site::new("wrong");
    let service = site.serve();
    let long = "x".repeat(20_000);
    let cases = [
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc".to_string(), "405"),
        ("BREW / HTTP/1.1\r\nHost: x\r\n\r\n".to_string(), "501"),
        ("GET / HTTP/2.0\r\n\r\n".to_string(), "505"),
        ("GET / HTTP/1.1\r\n\r\n".to_string(), "400"),
        ("\x16\x03\x01\x02\0\x01\0".to_string(), "400"),
        (format!("GET /{long} HTTP/1.0\r\n\r\n"), "414"),
        (format!("GET / HTTP/1.0\r\nCookie: {long}\r\n\r\n"), "431"),
        (format!("POST / HTTP/1.0\r\n\r\n{}", "x".repeat(1_000_000)), "405"),
    ];
    for (request, expected) in cases {
        assert_eq!(status(&ask(&service, &request)), expected, "{request:.40}");
    }
}

#[test]
fn many_requests_in_one_segment_cost_no_memory() {
    let site = Site::new("requests");
    let page = vec![b'x'; 40 * 1024];
    site.write("public/page", &page);
    let service = site.serve();
    let before = service.resident_kib();
    let mute: Vec<_> = (0..8)
        .map(|_| {
            let mut raw = Raw::connect_narrow(service.address);
            raw.send(&"GET /page HTTP/1.1\r\nHost: x\r\n\r\n".repeat(1700));
            raw
        })
        .collect();
    assert_eq!(status(&get(&service, "/")), "200");
    let grown = service.resident_kib().saturating_sub(before);
    assert!(grown < 8 * 256, "{grown} KiB for {} clients", mute.len());
}

#[test]
fn a_connection_is_kept_and_requests_may_come_many_at_once_and_in_pieces() {
    let site = Site::new("alive");
    let service = site.serve();
    let one = "GET /folder/ HTTP/1.1\r\nHost: x\r\n\r\n";
    let last = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let mut raw = service.connect();
    for byte in one.bytes() {
        raw.send_bytes(&[byte]);
    }
    raw.send(&one.repeat(50));
    raw.send(last);
    let all = String::from_utf8(recv_all(&mut raw)).expect("text");
    assert_eq!(all.matches("HTTP/1.1 200 OK").count(), 52);
    assert_eq!(all.matches("in a folder").count(), 51);
    assert!(all.ends_with("<title>papo</title>"));
}

#[test]
fn a_file_that_the_client_has_is_not_sent_again() {
    let site = Site::new("fresh");
    let service = site.serve();
    let answer = get(&service, "/");
    let date = answer.lines().find_map(|line| line.strip_prefix("Last-Modified: "));
    let date = date.expect("a date");
    let again = format!("GET / HTTP/1.0\r\nIf-Modified-Since: {date}\r\n\r\n");
    let answer = ask(&service, &again);
    assert!(status(&answer) == "304" && answer.ends_with("\r\n\r\n"), "{answer}");
    let older = again.replace(date, "Sun, 06 Nov 1994 08:49:37 GMT");
    assert_eq!(status(&ask(&service, &older)), "200");
}

/// 24 MB to each of four clients, one of which does not read.
#[test]
fn a_file_longer_than_memory_is_streamed() {
    const LENGTH: usize = 24 << 20;
    let site = Site::new("long");
    let bytes: Vec<u8> = (0..LENGTH).map(|at| (at / 7 % 251) as u8).collect();
    site.write("public/long.bin", &bytes);
    let service = site.serve();
    let before = service.resident_kib();
    let mut mute = service.connect();
    mute.send("GET /long.bin HTTP/1.0\r\n\r\n");
    for _ in 0..3 {
        let mut raw = service.connect();
        // Two requests at once: the second answer waits until the first is out.
        raw.send("GET /long.bin HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.0\r\n\r\n");
        let all = recv_all(&mut raw);
        let head = all.windows(4).position(|four| four == b"\r\n\r\n").expect("a head") + 4;
        assert!(all[head..head + LENGTH] == bytes, "the file as it is");
        assert!(all.ends_with(b"<title>papo</title>"));
    }
    let grown = service.resident_kib().saturating_sub(before);
    assert!(grown < 4096, "{grown} KiB to send {LENGTH} bytes four times");
}

/// The client notices it only by an end that comes too early.
#[test]
fn a_file_that_shrinks_meanwhile_ends_early() {
    let site = Site::new("shrinks");
    site.write("public/long.bin", &vec![b'x'; 64 << 20]);
    let service = site.serve();
    let mut raw = Raw::connect_narrow(service.address);
    raw.send("GET /long.bin HTTP/1.0\r\n\r\n");
    let mut first = [0; 1000];
    raw.stream.read_exact(&mut first).expect("it begins");
    let file = fs::File::options().write(true).open(site.public().join("long.bin"));
    file.and_then(|file| file.set_len(1 << 20)).expect("shrinks");
    let mut rest = Vec::new();
    let _ = raw.stream.read_to_end(&mut rest);
    assert!(rest.len() < 32 << 20, "{} bytes", rest.len());
    assert_eq!(status(&get(&service, "/")), "200");
}

#[test]
fn an_unfinished_request_is_closed_in_time_and_delays_no_other_client() {
    let site = Site::new("slow");
    let service = site.serve();
    let mut slow: Vec<_> = (0..200).map(|_| service.connect()).collect();
    for raw in &mut slow {
        raw.send("GET / HTTP/1.0\r\nA: ");
    }
    assert_eq!(status(&get(&service, "/")), "200");
    let mut ticking = slow.pop().expect("one of them");
    let mut is_closed = || {
        let is_refused = ticking.stream.write_all(b"X").is_err();
        is_refused || !ticking.is_silent_for(Duration::from_millis(20))
    };
    eventually("a byte now and then does not keep it open", &mut is_closed);
    for mut raw in slow {
        raw.wait_closed();
    }
}

/// The output of curl. `None`, and SKIPPED: it is not installed.
fn curl(arguments: &[&str]) -> Option<String> {
    let mut command = Command::new(tools::wanted(&["curl"])?);
    let output = command.args(["-s", "--max-time", "20"]).args(arguments).output();
    let output = output.expect("curl runs");
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn curl_gets_pages_follows_and_keeps_its_connection() {
    let site = Site::new("curl");
    let service = site.serve();
    let url = |path: &str| format!("http://{}{path}", service.address);
    let Some(page) = curl(&["-L", &url("/folder")]) else { return };
    assert_eq!(page, "in a folder");
    let write = "%{http_code} %{num_connects} %{size_download}\n";
    let urls = [url("/"), url("/none"), url("/a%20b.css")];
    let said = curl(&["-o", "/dev/null", "-w", write, &urls[0], "-o", "/dev/null", &urls[1]]);
    assert_eq!(said.as_deref(), Some("200 1 19\n404 0 14\n"));
    let head = curl(&["-I", "--http1.0", &urls[2]]).expect("curl is there");
    assert!(head.contains("text/css") && head.contains("Content-Length: 4"), "{head}");
    let date = site.public().join("index.html");
    let code = curl(&["-o", "/dev/null", "-w", "%{http_code}", "-z", path(&date), &urls[0]]);
    assert_eq!(code.as_deref(), Some("304"));
}

fn path(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}
