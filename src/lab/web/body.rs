//! Whether a body follows the head of a request (RFC 9112, section 6).
//!
//! No request for a file needs a body, so none is read: the connection is closed behind the answer
//! instead. Two programs that disagree about where a body ends can be made to see two different
//! requests in the same bytes ("request smuggling"). So a length that can be read in two ways is
//! refused, and is never guessed. Read next: [`super::path`].

use super::headers::Headers;
use super::status::Status;

/// Whether a body follows.
///
/// # Errors
///
/// The status for a head that does not say clearly where its body ends.
pub(super) fn has_body(is_1_1: bool, headers: Headers<'_, '_>) -> Result<bool, Status> {
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
