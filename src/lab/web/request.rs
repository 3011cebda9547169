//! One HTTP request: its end, its method and its target.
//!
//! httparse parses the head, and this file interprets it for a server of files. Must not know files
//! or connections. Read next: [`super::path`].

use httparse::{EMPTY_HEADER, Error, Status as Parsed};

use super::conditions::Conditions;
use super::headers::Headers;
use super::status::Status;

/// Longest head of a request, its empty line included.
pub const HEAD_BYTES_MAX: usize = 8 * 1024;

/// Longest target: a path and a query.
pub const TARGET_BYTES_MAX: usize = 4 * 1024;

/// Most header lines.
pub const HEADERS_MAX: usize = 64;

/// Known methods that are not allowed, because files can only be read.
const OTHER_METHODS: [&str; 7] = ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT"];

/// The method of a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Method {
    /// Send the head and the file.
    Get,
    /// Send only the head.
    Head,
}

/// A request that can be answered.
#[derive(Debug)]
pub struct HttpRequest<'a> {
    /// The method.
    pub method: Method,
    /// The target in the first line: `/a%20b?c`, or a whole address.
    pub target: &'a str,
    /// The connection ends after the answer.
    pub closes: bool,
    pub(super) conditions: Conditions<'a>,
}

impl<'a> HttpRequest<'a> {
    /// The first request in `bytes`, with its length. `None`: it is not complete.
    ///
    /// # Errors
    ///
    /// The status for a wrong request. The start of the next request is then unknown.
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

/// A request of HTTP/1.1 has one host, and no request has two (RFC 9112, section 3.2). The files
/// are the same for every host.
fn check_host(is_1_1: bool, headers: Headers<'_, '_>) -> Result<(), Status> {
    let is_needed = is_1_1 || headers.has("host");
    match headers.only("host") {
        Some(host) if host.iter().all(|&byte| may_be_in_host(byte)) => Ok(()),
        None if !is_needed => Ok(()),
        _ => Err(Status::BadRequest),
    }
}

/// Whether a host such as `host:8001` or `[::1]:8001` may have this byte.
fn may_be_in_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=:[]".contains(&byte)
}

/// Whether a body follows (RFC 9112, section 6). No request for a file needs a body, so none is
/// read: the connection is closed after the answer instead. If two programs disagree about the end
/// of a body, they see different requests in the same bytes ("request smuggling"). So an ambiguous
/// length is refused.
fn has_body(is_1_1: bool, headers: Headers<'_, '_>) -> Result<bool, Status> {
    let has_length = headers.has("content-length");
    if headers.has("transfer-encoding") {
        // HTTP/1.0 has no such header, and with both headers the length is ambiguous.
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

/// Only `chunked` as the last coding marks the end of a body.
fn check_codings(headers: Headers<'_, '_>) -> Result<(), Status> {
    let is_chunked: Vec<_> = headers
        .items("transfer-encoding")
        .map(|coding| coding.eq_ignore_ascii_case(b"chunked"))
        .collect();
    match is_chunked[..] {
        [true] => Ok(()),
        // `chunked` after another coding, such as gzip, which is not implemented.
        [ref others @ .., true] if !others.contains(&true) => Err(Status::NotImplemented),
        _ => Err(Status::BadRequest),
    }
}

/// The status for a head that is too long.
fn too_long(bytes: &[u8]) -> Status {
    if first_line(bytes).len() > TARGET_BYTES_MAX {
        Status::TargetTooLong
    } else {
        Status::HeadersTooLarge
    }
}

/// The status for a request without a known version.
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
