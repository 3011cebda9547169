//! One request of HTTP: where it ends, and what it asks for.
//!
//! httparse takes it apart; here is what that means for a server of files. Must not know files or
//! connections. Read next: [`super::files`].

use std::time::UNIX_EPOCH;

use httparse::{EMPTY_HEADER, Error, Header, Status as Parsed};

use super::status::Status;

/// Longest head of a request, its empty line included.
pub const HEAD_BYTES_MAX: usize = 8 * 1024;

/// Longest target: the path and what follows it.
pub const TARGET_BYTES_MAX: usize = 4 * 1024;

/// Most header lines.
pub const HEADERS_MAX: usize = 64;

/// What may be done with a file here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Method {
    /// Send it.
    Get,
    /// Send all that GET sends, but the file.
    Head,
}

/// A request that can be answered.
#[derive(Debug)]
pub struct Request<'a> {
    /// What to do.
    pub method: Method,
    /// As it stands in the first line: `/a%20b?c`, or a whole address.
    pub target: &'a str,
    /// The connection ends behind the answer.
    pub closes: bool,
    modified_since: Option<&'a [u8]>,
}

impl<'a> Request<'a> {
    /// The first request in `bytes`, with its length. `None`: it is not all there.
    ///
    /// # Errors
    ///
    /// The status that says what is wrong with it. Where the next one begins is unknown then.
    pub fn parse(bytes: &'a [u8]) -> Result<Option<(usize, Self)>, Status> {
        let mut headers = [EMPTY_HEADER; HEADERS_MAX];
        let mut parsed = httparse::Request::new(&mut headers);
        let length = match parsed.parse(bytes) {
            Ok(Parsed::Complete(length)) if length <= HEAD_BYTES_MAX => length,
            Ok(Parsed::Partial) if bytes.len() < HEAD_BYTES_MAX => return Ok(None),
            Ok(_) => return Err(too_long(bytes)),
            Err(Error::TooManyHeaders) => return Err(Status::HeadersTooLarge),
            Err(_) => return Err(Status::BadRequest),
        };
        let (Some(method), Some(target)) = (parsed.method, parsed.path) else {
            return Err(Status::BadRequest);
        };
        let is_1_1 = parsed.version == Some(1);
        Ok(Some((length, Self::of(method, target, is_1_1, parsed.headers)?)))
    }

    fn of(
        method: &str,
        target: &'a str,
        is_1_1: bool,
        headers: &[Header<'a>],
    ) -> Result<Self, Status> {
        if target.len() > TARGET_BYTES_MAX {
            return Err(Status::TargetTooLong);
        }
        let hosts = headers.iter().filter(|header| header.name.eq_ignore_ascii_case("host"));
        if is_1_1 && hosts.count() != 1 {
            return Err(Status::BadRequest);
        }
        let method = match method {
            "GET" => Method::Get,
            "HEAD" => Method::Head,
            // It may have a body, and where that ends nobody here wants to find out.
            _ => return Err(Status::MethodNotAllowed),
        };
        let named = |name| value(headers, name);
        let has_body = named("content-length").is_some_and(|length| length != b"0")
            || named("transfer-encoding").is_some();
        let connection = named("connection").unwrap_or_default();
        let keeps = if is_1_1 {
            !has_token(connection, "close")
        } else {
            has_token(connection, "keep-alive")
        };
        let modified_since = named("if-modified-since");
        Ok(Self { method, target, closes: !keeps || has_body, modified_since })
    }

    /// The path, decoded, with no question behind it.
    ///
    /// # Errors
    ///
    /// Where it is none, or what it stands for is no text.
    pub fn path(&self) -> Result<String, Status> {
        let path = self.target.split(['?', '#']).next().unwrap_or_default();
        let path = match path.split_at_checked("http://".len()) {
            Some((scheme, place)) if scheme.eq_ignore_ascii_case("http://") => {
                place.find('/').map_or("/", |slash| &place[slash..])
            }
            _ => path,
        };
        let decoded = decode(path).ok_or(Status::BadRequest)?;
        let is_path = decoded.starts_with('/') && !decoded.contains('\0');
        if is_path { Ok(decoded) } else { Err(Status::BadRequest) }
    }

    /// The same place with a slash behind it, seen from here: no host of anybody's can be in that.
    #[must_use]
    pub fn as_folder(&self) -> String {
        let path = self.target.split(['?', '#']).next().unwrap_or_default();
        format!("./{}/", path.rsplit('/').next().unwrap_or_default())
    }

    /// Whether the client lacks a file that was changed at this time.
    #[must_use]
    pub fn is_modified_since(&self, modified_s: u64) -> bool {
        let text = self.modified_since.and_then(|text| std::str::from_utf8(text).ok());
        let since = text.and_then(|text| httpdate::parse_http_date(text).ok());
        let since = since.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        since.is_none_or(|since| modified_s > since.as_secs())
    }
}

/// Of what is too long in this head.
fn too_long(bytes: &[u8]) -> Status {
    let first_line = bytes.iter().position(|&byte| byte == b'\n').unwrap_or(bytes.len());
    if first_line > TARGET_BYTES_MAX { Status::TargetTooLong } else { Status::HeadersTooLarge }
}

fn value<'a>(headers: &[Header<'a>], name: &str) -> Option<&'a [u8]> {
    let found = headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
    Some(found.value)
}

fn has_token(list: &[u8], token: &str) -> bool {
    let mut items = list.split(|&byte| byte == b',').map(<[u8]>::trim_ascii);
    items.any(|item| item.eq_ignore_ascii_case(token.as_bytes()))
}

/// `%41` is `A`. `None` where a `%` stands alone, or the bytes are no UTF-8.
fn decode(text: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(if byte == b'%' {
            let digits = [bytes.next()?, bytes.next()?].map(|digit| char::from(digit).to_digit(16));
            u8::try_from(digits[0]? * 16 + digits[1]?).ok()?
        } else {
            byte
        });
    }
    String::from_utf8(decoded).ok()
}
