//! The head of an answer of HTTP, and the short text of an answer that is no file.
//!
//! Must not know files or connections. Read next: [`super::Web`], which sends them.

use std::fmt::Write;
use std::time::{Duration, UNIX_EPOCH};

use super::Missing;
use super::request::{Method, Request};

/// How it went.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Status {
    /// Here it is.
    Ok,
    /// A folder has a slash at its end.
    MovedPermanently,
    /// The client has it.
    NotModified,
    /// Not understood.
    BadRequest,
    /// Not for you.
    Forbidden,
    /// No such name.
    NotFound,
    /// Neither GET nor HEAD.
    MethodNotAllowed,
    /// Longer than [`super::request::TARGET_BYTES_MAX`].
    TargetTooLong,
    /// Longer than [`super::request::HEAD_BYTES_MAX`].
    HeadersTooLarge,
    /// Not now.
    Unavailable,
}

impl Status {
    fn line(self) -> &'static str {
        match self {
            Self::Ok => "200 OK",
            Self::MovedPermanently => "301 Moved Permanently",
            Self::NotModified => "304 Not Modified",
            Self::BadRequest => "400 Bad Request",
            Self::Forbidden => "403 Forbidden",
            Self::NotFound => "404 Not Found",
            Self::MethodNotAllowed => "405 Method Not Allowed",
            Self::TargetTooLong => "414 URI Too Long",
            Self::HeadersTooLarge => "431 Request Header Fields Too Large",
            Self::Unavailable => "503 Service Unavailable",
        }
    }
}

impl From<Missing> for Status {
    fn from(missing: Missing) -> Self {
        match missing {
            Missing::NotFound => Self::NotFound,
            Missing::Forbidden => Self::Forbidden,
            Missing::Unavailable => Self::Unavailable,
        }
    }
}

/// An answer, without the file that may follow it.
#[derive(Debug)]
pub struct Response {
    status: Status,
    content_type: &'static str,
    /// Of what follows the head, in bytes.
    pub length: u64,
    modified_s: Option<u64>,
    location: Option<String>,
    /// The text that follows, where no file does.
    text: String,
    /// The connection ends behind it.
    pub closes: bool,
}

impl Response {
    /// A file, or that it has not changed.
    #[must_use]
    pub fn file(name: &str, length: u64, modified_s: u64, is_fresh: bool, closes: bool) -> Self {
        Self {
            status: if is_fresh { Status::Ok } else { Status::NotModified },
            content_type: content_type(name),
            length,
            modified_s: Some(modified_s),
            location: None,
            text: String::new(),
            closes,
        }
    }

    /// An answer that says only how it went.
    #[must_use]
    pub fn error(status: Status, closes: bool) -> Self {
        let text = format!("{}\n", status.line());
        let content_type = "text/plain; charset=utf-8";
        let length = text.len() as u64;
        Self { status, content_type, length, modified_s: None, location: None, text, closes }
    }

    /// Sends the client elsewhere.
    #[must_use]
    pub fn moved(to: &str, closes: bool) -> Self {
        let location = Some(to.to_string());
        Self { location, ..Self::error(Status::MovedPermanently, closes) }
    }

    /// Whether a file follows.
    #[must_use]
    pub fn has_body(&self) -> bool {
        self.status == Status::Ok
    }

    /// The same without its text, where the request was HEAD.
    #[must_use]
    pub fn without_body_if(mut self, request: &Request<'_>) -> Self {
        if request.method == Method::Head {
            self.text.clear();
        }
        self
    }

    /// Writes the head, dated by the clock on the wall.
    pub fn write_head(&self, date_s: i64, out: &mut Vec<u8>) {
        let mut head = String::with_capacity(256);
        let date = http_date(u64::try_from(date_s).unwrap_or(0));
        // Writing to a String does not fail.
        let _ = write!(head, "HTTP/1.1 {}\r\nDate: {date}\r\nServer: papo\r\n", self.status.line());
        if self.status != Status::NotModified {
            let (content_type, length) = (self.content_type, self.length);
            let _ = write!(head, "Content-Type: {content_type}\r\nContent-Length: {length}\r\n");
        }
        if let Some(modified_s) = self.modified_s {
            let _ = write!(head, "Last-Modified: {}\r\n", http_date(modified_s));
        }
        if let Some(location) = &self.location {
            let _ = write!(head, "Location: {location}\r\n");
        }
        if self.status == Status::MethodNotAllowed {
            head.push_str("Allow: GET, HEAD\r\n");
        }
        head.push_str(if self.closes {
            "Connection: close\r\n"
        } else {
            // For clients of HTTP/1.0 that asked for it; the others take no harm.
            "Connection: keep-alive\r\n"
        });
        head.push_str("X-Content-Type-Options: nosniff\r\n\r\n");
        out.extend_from_slice(head.as_bytes());
    }

    /// Writes the text, where there is one.
    pub fn write_text(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.text.as_bytes());
    }
}

fn http_date(seconds: u64) -> String {
    // Beyond the year 9999 there is no such date.
    const LAST: u64 = 253_402_300_799;
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds.min(LAST)))
}

/// By the end of the name. The lecture's list, and what pages have besides.
fn content_type(name: &str) -> &'static str {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    match ending.to_ascii_lowercase().as_str() {
        "html" | "htm" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "txt" | "md" => "text/plain; charset=utf-8",
        "json" => "application/json",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "pdf" => "application/pdf",
        "wasm" => "application/wasm",
        "woff2" => "font/woff2",
        "mp4" => "video/mp4",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_as_it_goes_out() {
        let mut out = Vec::new();
        Response::file("a.HTML", 5, 784_111_777, true, true).write_head(0, &mut out);
        let expected = "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nServer: papo\r\n\
            Content-Type: text/html; charset=utf-8\r\nContent-Length: 5\r\n\
            Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\nConnection: close\r\n\
            X-Content-Type-Options: nosniff\r\n\r\n";
        assert_eq!(String::from_utf8(out).expect("ASCII"), expected);
    }

    #[test]
    fn a_moved_answer_says_where_to() {
        let mut out = Vec::new();
        Response::moved("./a/", false).write_head(i64::MAX, &mut out);
        let head = String::from_utf8(out).expect("ASCII");
        assert!(head.contains("\r\nLocation: ./a/\r\n") && head.contains("9999"), "{head}");
    }
}
