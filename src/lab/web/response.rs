//! The head of an HTTP answer, and the short text of an answer without a file.
//!
//! Must not know files or connections. Read next: [`super::Web`], which sends them.

use std::fmt::Write;
use std::ops::Range;

use super::status::Status;
use super::validators::{Validators, http_date};

/// The type of a short text.
const PLAIN_TEXT: &str = "text/plain; charset=utf-8";

/// An answer, without the file that may follow it.
#[derive(Debug)]
pub struct Response {
    /// The status.
    pub status: Status,
    /// The type and the length of the body. The answer to HEAD has them too. `None`: this answer
    /// has no body.
    content: Option<(&'static str, u64)>,
    /// The version of the file.
    version: Option<Validators>,
    /// Further header lines, each with its end.
    fields: String,
    /// The body of an answer without a file.
    pub text: String,
    /// The connection ends after this answer.
    pub closes: bool,
}

impl Response {
    /// A whole file.
    #[must_use]
    pub fn file(name: &[u8], length: u64, current: &Validators) -> Self {
        Self {
            status: Status::Ok,
            content: Some((content_type(name), length)),
            version: Some(*current),
            fields: String::new(),
            text: String::new(),
            closes: false,
        }
    }

    /// A part of a file that has `length` bytes in all.
    #[must_use]
    pub fn part(name: &[u8], length: u64, part: &Range<u64>, current: &Validators) -> Self {
        let whole = Self::file(name, length, current);
        let (first, last) = (part.start, part.end - 1);
        let fields = format!("Content-Range: bytes {first}-{last}/{length}\r\n");
        let content = Some((content_type(name), part.end - part.start));
        Self { status: Status::PartialContent, content, fields, ..whole }
    }

    /// The client has this version of the file.
    #[must_use]
    pub fn not_modified(current: &Validators) -> Self {
        let (content, version, text) = (None, Some(*current), String::new());
        Self { content, version, text, ..Self::error(Status::NotModified) }
    }

    /// A file of `length` bytes has none of the requested bytes.
    #[must_use]
    pub fn unsatisfiable(length: u64) -> Self {
        let fields = format!("Content-Range: bytes */{length}\r\n");
        Self { fields, ..Self::error(Status::RangeNotSatisfiable) }
    }

    /// The file has another address.
    #[must_use]
    pub fn moved(to: &str) -> Self {
        let fields = format!("Location: {to}\r\n");
        Self { fields, ..Self::error(Status::MovedPermanently) }
    }

    /// A folder without an index.html: the answer does not list its files.
    #[must_use]
    pub fn no_index() -> Self {
        const WHY: &str = "\
            This folder has no index.html. Put one there, or ask for a file by its name.\n\
            Esta pasta não tem index.html. Crie um, ou peça um arquivo pelo nome.\n";
        let error = Self::error(Status::Forbidden);
        let text = error.text + WHY;
        Self { content: Some((PLAIN_TEXT, text.len() as u64)), text, ..error }
    }

    /// An answer with only its status.
    #[must_use]
    pub fn error(status: Status) -> Self {
        let is_method = status == Status::MethodNotAllowed;
        let text = format!("{}\n", status.line());
        Self {
            status,
            content: Some((PLAIN_TEXT, text.len() as u64)),
            fields: if is_method { "Allow: GET, HEAD\r\n".into() } else { String::new() },
            version: None,
            text,
            closes: false,
        }
    }

    /// Writes the head, with the wall-clock time as its date, and the text.
    pub fn write(&self, now_s: u64, out: &mut Vec<u8>) {
        let mut head = String::with_capacity(384);
        let date = http_date(now_s);
        // Writing to a String does not fail.
        let _ = write!(head, "HTTP/1.1 {}\r\nDate: {date}\r\nServer: papo\r\n", self.status.line());
        if let Some((content_type, length)) = self.content {
            let _ = write!(head, "Content-Type: {content_type}\r\nContent-Length: {length}\r\n");
        }
        if let Some(version) = &self.version {
            self.write_version(version, now_s, &mut head);
        }
        head.push_str(&self.fields);
        // HTTP/1.0 needs "keep-alive", and HTTP/1.1 ignores it.
        head.push_str(if self.closes { "Connection: close" } else { "Connection: keep-alive" });
        head.push_str("\r\nX-Content-Type-Options: nosniff\r\n\r\n");
        head.push_str(&self.text);
        out.extend_from_slice(head.as_bytes());
    }

    /// Writes the version. A client that has the file already needs only the tag.
    fn write_version(&self, version: &Validators, now_s: u64, head: &mut String) {
        if self.content.is_some() {
            // No answer may have a date in the future (RFC 9110, section 8.8.2.1).
            let modified = http_date(version.modified_s().min(now_s));
            let _ = write!(head, "Last-Modified: {modified}\r\nAccept-Ranges: bytes\r\n");
        }
        head.push_str("ETag: ");
        version.write_etag(head);
        head.push_str("\r\n");
    }
}

/// The type of a file, by the end of its name: the lecture's list, and further types of web pages.
fn content_type(name: &[u8]) -> &'static str {
    let ending = name.rsplit(|&byte| byte == b'.').next().filter(|end| end.len() < name.len());
    match &ending.unwrap_or_default().to_ascii_lowercase()[..] {
        b"html" | b"htm" => "text/html; charset=utf-8",
        b"css" => "text/css; charset=utf-8",
        b"js" | b"mjs" => "text/javascript; charset=utf-8",
        b"txt" | b"md" => "text/plain; charset=utf-8",
        b"json" => "application/json",
        b"jpg" | b"jpeg" => "image/jpeg",
        b"gif" => "image/gif",
        b"png" => "image/png",
        b"svg" => "image/svg+xml",
        b"webp" => "image/webp",
        b"ico" => "image/x-icon",
        b"pdf" => "application/pdf",
        b"wasm" => "application/wasm",
        b"woff2" => "font/woff2",
        b"mp4" => "video/mp4",
        _ => "application/octet-stream",
    }
}
