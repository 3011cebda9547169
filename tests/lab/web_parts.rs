//! The parts of `papo lab web`: the request, the path, the range, and the head of an answer.

use std::borrow::Cow;

use papo::lab::web::Facts;
use papo::lab::web::path::{Path, as_folder};
use papo::lab::web::range::{Selection, select};
use papo::lab::web::request::{HEAD_BYTES_MAX, HttpRequest};
use papo::lab::web::response::Response;
use papo::lab::web::status::Status;
use papo::lab::web::validators::Validators;

fn parsed(text: &str) -> Result<Option<(usize, HttpRequest<'_>)>, Status> {
    HttpRequest::parse(text.as_bytes())
}

#[test]
fn an_unfinished_request_is_none_yet() {
    let text = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
    for end in 0..text.len() {
        assert!(matches!(parsed(&text[..end]), Ok(None)), "{end}");
    }
    let (length, request) = parsed(text).expect("good").expect("whole");
    assert_eq!((length, request.target, request.closes), (text.len(), "/a", false));
}

#[test]
fn the_connection_is_kept_or_closed_as_the_client_asks() {
    let cases = [
        ("1.0\r\n", true),
        ("1.0\r\nConnection: Keep-Alive\r\n", false),
        ("1.0\r\nConnection: keep-alive, close\r\n", true),
        ("1.1\r\nHost: x\r\n", false),
        ("1.1\r\nHost: x\r\nConnection: upgrade, close\r\n", true),
        ("1.1\r\nHost: x\r\nConnection: te\r\nConnection: close\r\n", true),
        ("1.1\r\nHost: x\r\nContent-Length: 0\r\n", false),
        // A request with a body is answered, and the body is not read.
        ("1.1\r\nHost: x\r\nContent-Length: 5\r\n", true),
        ("1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n", true),
    ];
    for (rest, closes) in cases {
        let text = format!("GET / HTTP/{rest}\r\n");
        let (_, request) = parsed(&text).expect("good").expect("whole");
        assert_eq!(request.closes, closes, "{rest}");
    }
}

/// The names of a path, and whether it is a folder's.
type Expected<'a> = (&'a [&'a [u8]], bool);

#[test]
fn a_path_is_cut_at_its_slashes_and_then_decoded_once() {
    let cases: [(&str, Result<Expected<'_>, Status>); 19] = [
        ("/", Ok((&[], true))),
        ("/a%20b?c=%20", Ok((&[b"a b"], false))),
        ("/a/b/", Ok((&[b"a", b"b"], true))),
        ("/a/b/.", Ok((&[b"a", b"b"], true))),
        ("//./a", Ok((&[b"a"], false))),
        ("/%252e", Ok((&[b"%2e"], false))),
        ("/Jo%e3o", Ok((&[b"Jo\xe3o"], false))),
        ("http://host/x", Ok((&[b"x"], false))),
        ("HTTP://host", Ok((&[], true))),
        ("http://host?a=/b", Ok((&[], true))),
        ("/%2e%2e/x", Err(Status::Forbidden)),
        ("/a/..", Err(Status::Forbidden)),
        ("/a.txt%2F", Err(Status::NotFound)),
        ("/a%2fb", Err(Status::NotFound)),
        ("*", Err(Status::BadRequest)),
        ("host:80", Err(Status::BadRequest)),
        ("/%", Err(Status::BadRequest)),
        ("/%zz", Err(Status::BadRequest)),
        ("/%00", Err(Status::BadRequest)),
    ];
    for (target, expected) in cases {
        let names = |names: &[&[u8]]| names.iter().map(|name| Cow::Owned(name.to_vec())).collect();
        let path = |(found, is_folder)| Path { names: names(found), is_folder };
        assert_eq!(Path::parse(target), expected.map(path), "{target}");
    }
}

#[test]
fn a_folder_is_redirected_to_its_slash_with_its_query() {
    for (target, expected) in [
        ("/sub", "./sub/"),
        ("/a/sub?x=1&y=/z", "./sub/?x=1&y=/z"),
        ("//evil.example/sub", "./sub/"),
        ("http://host/sub?", "./sub/?"),
    ] {
        assert_eq!(as_folder(target), expected, "{target}");
    }
}

#[test]
fn every_mistake_has_its_status() {
    let long = "x".repeat(HEAD_BYTES_MAX);
    let cases = [
        ("POST / HTTP/1.0\r\n\r\n".to_string(), Status::MethodNotAllowed),
        ("BREW / HTTP/1.0\r\n\r\n".to_string(), Status::NotImplemented),
        ("get / HTTP/1.0\r\n\r\n".to_string(), Status::NotImplemented),
        ("GET / HTTP/3.0\r\n\r\n".to_string(), Status::VersionNotSupported),
        ("GET / HTTP/x\r\n\r\n".to_string(), Status::BadRequest),
        ("GET /\r\n\r\n".to_string(), Status::BadRequest),
        ("\u{1}\u{2}\r\n".to_string(), Status::BadRequest),
        ("GET / HTTP/1.0\r\nA : b\r\n\r\n".to_string(), Status::BadRequest),
        ("GET / HTTP/1.0\r\nA: b\r\n c\r\n\r\n".to_string(), Status::BadRequest),
        (format!("GET /{} HTTP/1.0\r\n\r\n", &long[..5000]), Status::TargetTooLong),
        (format!("GET /{long}"), Status::TargetTooLong),
        (format!("GET / HTTP/1.0\r\nA: {long}"), Status::HeadersTooLarge),
        (format!("GET / HTTP/1.0\r\n{}\r\n", "A: b\r\n".repeat(65)), Status::HeadersTooLarge),
    ];
    for (text, expected) in cases {
        assert_eq!(parsed(&text).err(), Some(expected), "{:.40}", text);
    }
}

/// RFC 9112, section 3.2.
#[test]
fn a_request_of_http_1_1_names_one_host() {
    for (headers, is_good) in [
        ("", false),
        ("Host: a\r\nHost: a\r\n", false),
        ("Host: a b\r\n", false),
        ("Host: a/b\r\n", false),
        ("Host: user@a\r\n", false),
        ("Host:\r\n", true),
        ("Host: [::1]:8001\r\n", true),
    ] {
        let text = format!("GET / HTTP/1.1\r\n{headers}\r\n");
        assert_eq!(parsed(&text).err(), (!is_good).then_some(Status::BadRequest), "{headers}");
    }
    assert!(parsed("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n").is_err());
}

/// RFC 9112, section 6: two readings of where a body ends are two different requests.
#[test]
fn a_body_of_unclear_length_is_refused() {
    let bad = Status::BadRequest;
    for (version, headers, expected) in [
        (1, "Content-Length: 0\r\nContent-Length: 44\r\n", bad),
        (1, "Content-Length: 5\r\nContent-Length: 5\r\n", bad),
        (1, "Content-Length: 5, 5\r\n", bad),
        (1, "Content-Length: abc\r\n", bad),
        (1, "Content-Length: +5\r\n", bad),
        (1, "Content-Length: -1\r\n", bad),
        (1, "Content-Length: 0x5\r\n", bad),
        (1, "Content-Length:\r\n", bad),
        (1, "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", bad),
        (0, "Transfer-Encoding: chunked\r\n", bad),
        (1, "Transfer-Encoding:\r\n", bad),
        (1, "Transfer-Encoding: identity\r\n", bad),
        (1, "Transfer-Encoding: chunked, gzip\r\n", bad),
        (1, "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", bad),
        (1, "Transfer-Encoding: gzip, chunked\r\n", Status::NotImplemented),
    ] {
        let text = format!("GET / HTTP/1.{version}\r\nHost: x\r\n{headers}\r\n");
        assert_eq!(parsed(&text).err(), Some(expected), "{headers}");
    }
}

/// RFC 9110, section 14.1.2.
#[test]
fn a_range_selects_bytes_or_nothing_or_all() {
    use Selection::{Part, Unsatisfiable, Whole};
    let cases = [
        ("bytes=0-4", 10, Part(0..5)),
        ("bytes=5-", 10, Part(5..10)),
        ("bytes=0-", 10, Part(0..10)),
        ("bytes=-3", 10, Part(7..10)),
        ("bytes=-30", 10, Part(0..10)),
        ("bytes=9-9999999999999999999999", 10, Part(9..10)),
        ("BYTES=, 1-2 ,", 10, Part(1..3)),
        ("bytes=20-30,1-2", 10, Part(1..3)),
        ("bytes=10-", 10, Unsatisfiable),
        ("bytes=99999999999999999999-", 10, Unsatisfiable),
        ("bytes=-0", 10, Unsatisfiable),
        ("bytes=10-11,20-21", 10, Unsatisfiable),
        ("bytes=0-", 0, Unsatisfiable),
        ("bytes=-5", 0, Whole),
        ("bytes=0-1,4-5", 10, Whole),
        ("bytes=4-1", 10, Whole),
        ("bytes=", 10, Whole),
        ("bytes=-", 10, Whole),
        ("bytes=a-b", 10, Whole),
        ("bytes=+1-2", 10, Whole),
        ("bytes= =1-2", 10, Whole),
        ("lines=1-2", 10, Whole),
        ("1-2", 10, Whole),
    ];
    for (value, length, expected) in cases {
        assert_eq!(select(value.as_bytes(), length), expected, "{value} of {length}");
    }
}

/// The date of the RFC's own examples.
const MODIFIED_S: u64 = 784_111_777;

fn validators(now_s: u64) -> Validators {
    Validators::new(Facts { length: 5, modified_s: MODIFIED_S, modified_ns: 255 }, now_s)
}

fn head(response: &Response, now_s: u64) -> String {
    let mut out = Vec::new();
    response.write(now_s, &mut out);
    String::from_utf8(out).expect("ASCII")
}

#[test]
fn a_head_as_it_goes_out() {
    let mut file = Response::file(b"a.HTML", 5, &validators(MODIFIED_S + 1));
    file.closes = true;
    let expected = "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:38 GMT\r\nServer: papo\r\n\
            Content-Type: text/html; charset=utf-8\r\nContent-Length: 5\r\n\
            Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n\
            Accept-Ranges: bytes\r\nETag: \"2ebc98a1.ff-5\"\r\nConnection: close\r\n\
            X-Content-Type-Options: nosniff\r\n\r\n";
    assert_eq!(head(&file, MODIFIED_S + 1), expected);
}

/// RFC 9110, sections 8.8.1 and 8.8.2.1.
#[test]
fn a_file_of_this_very_second_has_a_weak_tag_and_no_date_lies_in_the_future() {
    for now_s in [MODIFIED_S - 1, MODIFIED_S] {
        let head = head(&Response::file(b"a", 5, &validators(now_s)), now_s);
        assert!(head.contains("\r\nETag: W/\"2ebc98a1.ff-5\"\r\n"), "{head}");
        let dates: Vec<_> = head.lines().filter_map(|line| line.split_once(": Sun")).collect();
        assert!(dates.len() == 2 && dates[0].1 == dates[1].1, "Date and Last-Modified: {head}");
    }
}

#[test]
fn an_answer_has_the_headers_of_its_status() {
    let validators = validators(MODIFIED_S + 1);
    let moved = head(&Response::moved("./a/"), u64::MAX);
    assert!(moved.contains("\r\nLocation: ./a/\r\n") && moved.contains("9999"), "{moved}");
    let refused = head(&Response::error(Status::MethodNotAllowed), 0);
    assert!(refused.contains("\r\nAllow: GET, HEAD\r\n"), "{refused}");
    let part = head(&Response::part(b"a", 5, &(1..3), &validators), 0);
    for line in ["HTTP/1.1 206 ", "Content-Range: bytes 1-2/5\r\n", "Content-Length: 2\r\n"] {
        assert!(part.contains(line), "{line} in {part}");
    }
    let none = head(&Response::unsatisfiable(5), 0);
    assert!(none.contains("416") && none.contains("Content-Range: bytes */5\r\n"), "{none}");
    let known = head(&Response::not_modified(&validators), 0);
    assert!(known.contains("304") && known.contains("ETag: \"2ebc98a1.ff-5\""), "{known}");
    assert!(!known.contains("\r\nContent-") && known.ends_with("\r\n\r\n"), "{known}");
}
