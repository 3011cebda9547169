//! The head of an answer of HTTP, and the short text of an answer that is no file.
//!
//! Must not know files or connections. Read next: [`super::Web`], which sends them.

use std::fmt::Write;
use std::time::{Duration, UNIX_EPOCH};

use super::status::Status;

/// An answer, without the file that may follow it.
#[derive(Debug)]
pub struct Response {
    /// How it went.
    pub status: Status,
    content_type: &'static str,
    /// Of what follows the head, in bytes; for HEAD, of what would.
    pub length: u64,
    modified_s: Option<u64>,
    location: Option<String>,
    /// What follows the head where no file does.
    pub text: String,
    /// The connection ends behind it.
    pub closes: bool,
}

impl Response {
    /// A file, or the word that the client has it.
    #[must_use]
    pub fn file(name: &str, length: u64, modified_s: u64, is_news: bool) -> Self {
        Self {
            status: if is_news { Status::Ok } else { Status::NotModified },
            content_type: content_type(name),
            length,
            modified_s: Some(modified_s),
            location: None,
            text: String::new(),
            closes: false,
        }
    }

    /// An answer that says only how it went.
    #[must_use]
    pub fn error(status: Status) -> Self {
        let text = format!("{}\n", status.line());
        Self {
            status,
            content_type: "text/plain; charset=utf-8",
            length: text.len() as u64,
            modified_s: None,
            location: None,
            text,
            closes: false,
        }
    }

    /// Sends the client elsewhere.
    #[must_use]
    pub fn moved(to: &str) -> Self {
        Self { location: Some(to.to_string()), ..Self::error(Status::MovedPermanently) }
    }

    /// Writes the head, dated by the clock on the wall, and the text.
    pub fn write(&self, date_s: i64, out: &mut Vec<u8>) {
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
        head.push_str(&self.text);
        out.extend_from_slice(head.as_bytes());
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
