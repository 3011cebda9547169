//! One request of HTTP: where it ends, and what it asks for.
//!
//! httparse takes the head apart, and here is what its parts mean for a server of files. Must not
//! know files or connections. Read next: [`super::path`].

use httparse::{EMPTY_HEADER, Error, Status as Parsed};

use super::conditions::Conditions;
use super::headers::Headers;
use super::status::Status;

/// Longest head of a request, its empty line included.
pub const HEAD_BYTES_MAX: usize = 8 * 1024;

/// Longest target: the path and what follows it.
pub const TARGET_BYTES_MAX: usize = 4 * 1024;

/// Most header lines.
pub const HEADERS_MAX: usize = 64;

/// Methods that HTTP has, and that are of no use for a file that only can be read.
const OTHER_METHODS: [&str; 7] = ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT"];

/// The thing that is to be done with a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Method {
    /// Send it.
    Get,
    /// Send all that GET sends, but not the file.
    Head,
}

/// A request that can be answered.
#[derive(Debug)]
pub struct HttpRequest<'a> {
    /// The thing to do with it.
    pub method: Method,
    /// As it stands in the first line: `/a%20b?c`, or a whole address.
    pub target: &'a str,
    /// The connection ends behind the answer.
    pub closes: bool,
    pub(super) conditions: Conditions<'a>,
}

impl<'a> HttpRequest<'a> {
    /// The first request in `bytes`, with its length. `None`: it is not complete.
    ///
    /// # Errors
    ///
    /// The status that says what is wrong with it. The start of the next one is unknown then.
    pub fn parse(bytes: &'a [u8]) -> Result<Option<(usize, Self)>, Status> {
        let mut headers = [EMPTY_HEADER; HEADERS_MAX];
        let mut parsed = httparse::Request::new(&mut headers);
        let length = match parsed.parse(bytes) {
            Ok(Parsed::Complete(length)) if length <= HEAD_BYTES_MAX => length,
            Ok(Parsed::Partial) if bytes.len() < HEAD_BYTES_MAX => return Ok(None),
            Ok(_) => return Err(too_long(bytes)),
            Err(Error::TooManyHeaders) => return Err(Status::HeadersTooLarge),
            Err(Error::Version) => return Err(other_version(bytes)),
            Err(_) => return Err(Status::BadRequest),
        };
        let (Some(method), Some(target)) = (parsed.method, parsed.path) else {
            return Err(Status::BadRequest);
        };
        let is_1_1 = parsed.version == Some(1);
        Ok(Some((length, Self::of(method, target, is_1_1, Headers(parsed.headers))?)))
    }

    fn of(
        method: &str,
        target: &'a str,
        is_1_1: bool,
        headers: Headers<'_, 'a>,
    ) -> Result<Self, Status> {
        if target.len() > TARGET_BYTES_MAX {
            return Err(Status::TargetTooLong);
        }
        check_host(is_1_1, headers)?;
        let has_body = has_body(is_1_1, headers)?;
        let method = match method {
            "GET" => Method::Get,
            "HEAD" => Method::Head,
            other if OTHER_METHODS.contains(&other) => return Err(Status::MethodNotAllowed),
            _ => return Err(Status::NotImplemented),
        };
        let is_last = headers.lists("connection", "close");
        let keeps = !is_last && (is_1_1 || headers.lists("connection", "keep-alive"));
        Ok(Self { method, target, closes: !keeps || has_body, conditions: Conditions::of(headers) })
    }
}

/// HTTP/1.1 names one host, and nobody names two (RFC 9112, section 3.2). All hosts are served the
/// same files, so it does not matter which one it is.
fn check_host(is_1_1: bool, headers: Headers<'_, '_>) -> Result<(), Status> {
    let is_needed = is_1_1 || headers.has("host");
    match headers.only("host") {
        Some(host) if host.iter().all(|&byte| may_be_in_host(byte)) => Ok(()),
        None if !is_needed => Ok(()),
        _ => Err(Status::BadRequest),
    }
}

/// A name, or an address, and a port: `host:8001`, `[::1]:8001`.
fn may_be_in_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=:[]".contains(&byte)
}

/// Whether a body follows (RFC 9112, section 6). No request for a file needs a body, so none is
/// read: the connection is closed behind the answer instead. Two programs that disagree about
/// where a body ends can be made to see two different requests in the same bytes ("request
/// smuggling"). So a length that can be read in two ways is refused, and is never guessed.
fn has_body(is_1_1: bool, headers: Headers<'_, '_>) -> Result<bool, Status> {
    let has_length = headers.has("content-length");
    if headers.has("transfer-encoding") {
        // HTTP/1.0 has no such header, and with both of them the body has two ends.
        if !is_1_1 || has_length {
            return Err(Status::BadRequest);
        }
        check_codings(headers)?;
        return Ok(true);
    }
    if !has_length {
        return Ok(false);
    }
    let length = headers.only("content-length").ok_or(Status::BadRequest)?;
    let is_number = !length.is_empty() && length.iter().all(u8::is_ascii_digit);
    if !is_number {
        return Err(Status::BadRequest);
    }
    Ok(length.iter().any(|&digit| digit != b'0'))
}

/// Only `chunked`, as the last coding, says where a body ends.
fn check_codings(headers: Headers<'_, '_>) -> Result<(), Status> {
    let is_chunked: Vec<_> = headers
        .items("transfer-encoding")
        .map(|coding| coding.eq_ignore_ascii_case(b"chunked"))
        .collect();
    match is_chunked[..] {
        [true] => Ok(()),
        // Behind another coding, such as gzip, that nobody here knows.
        [ref others @ .., true] if !others.contains(&true) => Err(Status::NotImplemented),
        _ => Err(Status::BadRequest),
    }
}

/// Which part of a head is too long.
fn too_long(bytes: &[u8]) -> Status {
    if first_line(bytes).len() > TARGET_BYTES_MAX {
        Status::TargetTooLong
    } else {
        Status::HeadersTooLarge
    }
}

/// Another version of HTTP, or no version at all.
fn other_version(bytes: &[u8]) -> Status {
    let version = first_line(bytes).rsplit(|&byte| byte == b' ').next().unwrap_or_default();
    match version.trim_ascii_end() {
        [b'H', b'T', b'T', b'P', b'/', major, b'.', minor]
            if major.is_ascii_digit() && minor.is_ascii_digit() =>
        {
            Status::VersionNotSupported
        }
        _ => Status::BadRequest,
    }
}

fn first_line(bytes: &[u8]) -> &[u8] {
    bytes.split(|&byte| byte == b'\n').next().unwrap_or_default()
}
