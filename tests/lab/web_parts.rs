//! `papo lab web`, part by part: what is in a request, and what a head looks like.

use papo::lab::web::request::{HEAD_BYTES_MAX, Request};
use papo::lab::web::response::Response;
use papo::lab::web::status::Status;

fn parsed(text: &str) -> Result<Option<(usize, Request<'_>)>, Status> {
    Request::parse(text.as_bytes())
}

#[test]
fn a_request_that_is_not_all_there_is_none_yet() {
    let text = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
    for end in 0..text.len() {
        assert!(matches!(parsed(&text[..end]), Ok(None)), "{end}");
    }
    let (length, request) = parsed(text).expect("good").expect("whole");
    assert_eq!((length, request.target, request.closes), (text.len(), "/a", false));
}

#[test]
fn who_closes() {
    let cases = [
        ("1.0\r\n", true),
        ("1.0\r\nConnection: Keep-Alive\r\n", false),
        ("1.1\r\nHost: x\r\n", false),
        ("1.1\r\nHost: x\r\nConnection: upgrade, close\r\n", true),
        ("1.1\r\nHost: x\r\nContent-Length: 5\r\n", true),
    ];
    for (rest, closes) in cases {
        let text = format!("GET / HTTP/{rest}\r\n");
        let (_, request) = parsed(&text).expect("good").expect("whole");
        assert_eq!(request.closes, closes, "{rest}");
    }
}

#[test]
fn paths_are_decoded_once() {
    let cases = [
        ("/a%20b?c=%20", Ok("/a b")),
        ("/%2e%2e/x", Ok("/../x")),
        ("/%252e", Ok("/%2e")),
        ("http://host/x", Ok("/x")),
        ("HTTP://host", Ok("/")),
        ("http://host?a=/b", Ok("/")),
        ("*", Err(Status::BadRequest)),
        ("/%", Err(Status::BadRequest)),
        ("/%zz", Err(Status::BadRequest)),
        ("/%ff", Err(Status::BadRequest)),
        ("/%00", Err(Status::BadRequest)),
    ];
    for (target, expected) in cases {
        let text = format!("GET {target} HTTP/1.0\r\n\r\n");
        let (_, request) = parsed(&text).expect("good").expect("whole");
        assert_eq!(request.path(), expected.map(str::to_string), "{target}");
    }
}

#[test]
fn what_is_wrong_has_its_status() {
    let long = "x".repeat(HEAD_BYTES_MAX);
    let cases = [
        ("POST / HTTP/1.0\r\n\r\n".to_string(), Status::MethodNotAllowed),
        ("GET / HTTP/1.1\r\n\r\n".to_string(), Status::BadRequest),
        ("GET / HTTP/3.0\r\n\r\n".to_string(), Status::BadRequest),
        ("\u{1}\u{2}\r\n".to_string(), Status::BadRequest),
        (format!("GET /{} HTTP/1.0\r\n\r\n", &long[..5000]), Status::TargetTooLong),
        (format!("GET /{long}"), Status::TargetTooLong),
        (format!("GET / HTTP/1.0\r\nA: {long}"), Status::HeadersTooLarge),
        (format!("GET / HTTP/1.0\r\n{}\r\n", "A: b\r\n".repeat(65)), Status::HeadersTooLarge),
    ];
    for (text, expected) in cases {
        assert_eq!(parsed(&text).err(), Some(expected), "{:.40}", text);
    }
}

#[test]
fn a_date_decides_whether_there_is_news() {
    let text = "GET / HTTP/1.0\r\nIf-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n";
    let (_, request) = parsed(text).expect("good").expect("whole");
    assert!(!request.is_modified_since(784_111_777));
    assert!(request.is_modified_since(784_111_778));
}

#[test]
fn a_head_as_it_goes_out() {
    let mut out = Vec::new();
    let mut file = Response::file("a.HTML", 5, 784_111_777, true);
    file.closes = true;
    file.write(0, &mut out);
    let expected = "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nServer: papo\r\n\
            Content-Type: text/html; charset=utf-8\r\nContent-Length: 5\r\n\
            Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\nConnection: close\r\n\
            X-Content-Type-Options: nosniff\r\n\r\n";
    assert_eq!(String::from_utf8(out).expect("ASCII"), expected);
}

#[test]
fn a_moved_answer_says_where_to() {
    let mut out = Vec::new();
    Response::moved("./a/").write(i64::MAX, &mut out);
    let head = String::from_utf8(out).expect("ASCII");
    assert!(head.contains("\r\nLocation: ./a/\r\n") && head.contains("9999"), "{head}");
}
