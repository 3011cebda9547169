//! Requests of browsers, and the heads of the answers.
//!
//! Only GET and HEAD of three paths are answered. The host of a request must be an address or
//! `localhost`: a foreign page can let its own name point here (DNS rebinding), but its requests
//! then have that name. Knows no connection. Read next: [`super`].

use std::net::IpAddr;

use httparse::{EMPTY_HEADER, Status};

use super::metrics::METRICS_TYPE;

/// Longest head of a request, in bytes.
pub const REQUEST_BYTES_MAX: usize = 8 * 1024;

/// Most header lines of a request.
const HEADERS_MAX: usize = 64;

/// The head before the events. A browser that loses the connection connects again after 1 s.
pub(super) const EVENTS_HEAD: &str = "HTTP/1.1 200 OK\r\n\
    Content-Type: text/event-stream\r\n\
    Cache-Control: no-store\r\n\
    X-Content-Type-Options: nosniff\r\n\
    Connection: close\r\n\
    \r\n\
    retry: 1000\n\n";

/// The resources of this server.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Resource {
    Page,
    Events,
    Metrics,
}

/// A valid request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct WebRequest {
    pub(super) resource: Resource,
    /// The method is HEAD, so the answer has no body.
    pub(super) is_head: bool,
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Refused {
    /// It is not HTTP, or too long.
    Bad,
    /// Its method is not GET or HEAD.
    Method,
    /// Its path is not one of the three.
    Path,
    /// Its host is not an address or `localhost`.
    Host,
    /// There are too many viewers.
    Full,
}

/// Reads a request. `None`: it is not complete.
pub(super) fn read(bytes: &[u8]) -> Result<Option<WebRequest>, Refused> {
    let mut headers = [EMPTY_HEADER; HEADERS_MAX];
    let mut request = httparse::Request::new(&mut headers);
    match request.parse(bytes) {
        Ok(Status::Complete(length)) if length <= REQUEST_BYTES_MAX => {}
        Ok(Status::Partial) if bytes.len() <= REQUEST_BYTES_MAX => return Ok(None),
        Ok(_) | Err(_) => return Err(Refused::Bad),
    }
    let is_head = match request.method {
        Some("GET") => false,
        Some("HEAD") => true,
        _ => return Err(Refused::Method),
    };
    let mut hosts = request.headers.iter().filter(|it| it.name.eq_ignore_ascii_case("host"));
    match (hosts.next(), hosts.next()) {
        (Some(host), None) if is_own(host.value) => {}
        _ => return Err(Refused::Host),
    }
    let resource = match request.path.map(|path| path.split('?').next().unwrap_or_default()) {
        Some("/") => Resource::Page,
        Some("/events") => Resource::Events,
        Some("/metrics") => Resource::Metrics,
        _ => return Err(Refused::Path),
    };
    Ok(Some(WebRequest { resource, is_head }))
}

/// Whether a host is an address or `localhost`, with or without a port.
fn is_own(host: &[u8]) -> bool {
    let Ok(host) = str::from_utf8(host) else { return false };
    let host = host.trim();
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let ip = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    name.eq_ignore_ascii_case("localhost") || ip.parse::<IpAddr>().is_ok()
}

/// The answer with the page. Its policy lets it load nothing from elsewhere.
pub(super) fn page(page: &str, policy: &str) -> Vec<u8> {
    let policy = format!("Content-Security-Policy: {policy}; frame-ancestors 'none'\r\n");
    answer("200 OK", "text/html; charset=utf-8", &policy, page).into_bytes()
}

pub(super) fn metrics(text: &str) -> String {
    answer("200 OK", METRICS_TYPE, "", text)
}

/// The head of an answer, with its blank line.
pub(super) fn head(answer: &[u8]) -> &[u8] {
    let end = answer.windows(4).position(|it| it == b"\r\n\r\n").map_or(answer.len(), |at| at + 4);
    &answer[..end]
}

/// The answer to a refused request, with the reason.
pub(super) fn refused(why: Refused) -> String {
    let (status, header, text) = match why {
        Refused::Bad => ("400 Bad Request", "", "This is no request of HTTP/1.1.\n"),
        Refused::Method => {
            ("405 Method Not Allowed", "Allow: GET, HEAD\r\n", "Only GET and HEAD are served.\n")
        }
        Refused::Path => ("404 Not Found", "", "There are /, /events and /metrics.\n"),
        Refused::Host => {
            ("403 Forbidden", "", "Ask by an address, such as 127.0.0.1, or by localhost.\n")
        }
        Refused::Full => {
            ("503 Service Unavailable", "Retry-After: 5\r\n", "Too many viewers: try later.\n")
        }
    };
    answer(status, "text/plain; charset=utf-8", header, text)
}

fn answer(status: &str, content_type: &str, header: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\
         Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n{header}\
         Connection: close\r\n\r\n{body}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(method: &str, path: &str, host: &str) -> Result<Option<WebRequest>, Refused> {
        read(format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes())
    }

    fn get(path: &str, host: &str) -> Result<Option<Resource>, Refused> {
        let request = ask("GET", path, host)?;
        assert!(request.is_none_or(|it| !it.is_head));
        Ok(request.map(|it| it.resource))
    }

    #[test]
    fn head_has_the_same_head_as_get() {
        let expected = WebRequest { resource: Resource::Metrics, is_head: true };
        assert_eq!(ask("HEAD", "/metrics", "127.0.0.1"), Ok(Some(expected)));
        let whole = metrics("papo 1\n");
        let head = std::str::from_utf8(head(whole.as_bytes())).expect("UTF-8");
        assert_eq!(whole, format!("{head}papo 1\n"));
    }

    #[test]
    fn three_paths_are_served_and_no_other() {
        assert_eq!(get("/", "127.0.0.1:10090"), Ok(Some(Resource::Page)));
        assert_eq!(get("/?lang=pt", "localhost"), Ok(Some(Resource::Page)));
        assert_eq!(get("/events", "[::1]:10090"), Ok(Some(Resource::Events)));
        assert_eq!(get("/metrics", "192.168.0.7:80"), Ok(Some(Resource::Metrics)));
        for path in ["/x", "//", "/../etc/passwd", "http://127.0.0.1/"] {
            assert_eq!(get(path, "127.0.0.1"), Err(Refused::Path), "{path}");
        }
    }

    #[test]
    fn a_host_that_is_a_name_is_refused() {
        for host in ["evil.example", "evil.example:10090", "localhost.evil.example", "", "::x"] {
            assert_eq!(get("/", host), Err(Refused::Host), "{host}");
        }
        assert_eq!(read(b"GET / HTTP/1.1\r\n\r\n"), Err(Refused::Host), "no host");
        let two = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n\r\n";
        assert_eq!(read(two), Err(Refused::Host));
    }

    #[test]
    fn other_methods_and_other_protocols_are_refused() {
        assert_eq!(read(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"), Err(Refused::Method));
        assert_eq!(read(b"USER Ana:20000\r\n"), Err(Refused::Bad));
        assert_eq!(read(b"GET / HTT"), Ok(None));
        let long = [b"GET / HTTP/1.1\r\nX: ".as_slice(), &[b'x'; REQUEST_BYTES_MAX]].concat();
        assert_eq!(read(&long), Err(Refused::Bad));
    }

    #[test]
    fn every_answer_has_its_length() {
        for why in [Refused::Bad, Refused::Method, Refused::Path, Refused::Host, Refused::Full] {
            let answer = refused(why);
            let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
            assert!(head.contains(&format!("\r\nContent-Length: {}\r\n", body.len())), "{head}");
        }
    }
}
