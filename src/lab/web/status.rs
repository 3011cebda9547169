//! The status of an HTTP answer (RFC 9110, section 15).
//!
//! Only the statuses that this server sends are here. This file must import none of its neighbours,
//! because all of them use it. Read next: [`super::request`].

/// The status of an answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Status {
    /// The file follows.
    Ok,
    /// A part of the file follows.
    PartialContent,
    /// The path is a folder's, and lacks the slash at its end.
    MovedPermanently,
    /// The client has the file already.
    NotModified,
    /// The request is malformed.
    BadRequest,
    /// The file exists, but is not served.
    Forbidden,
    /// No file has this name.
    NotFound,
    /// The method is a known one, but neither GET nor HEAD.
    MethodNotAllowed,
    /// The file is not the version that the client wants.
    PreconditionFailed,
    /// The target is longer than [`super::request::TARGET_BYTES_MAX`].
    TargetTooLong,
    /// No byte of the file is in the requested range.
    RangeNotSatisfiable,
    /// The head is longer than [`super::request::HEAD_BYTES_MAX`].
    HeadersTooLarge,
    /// The method, or the coding of the body, is unknown.
    NotImplemented,
    /// The server has no descriptor left.
    Unavailable,
    /// The request is not of HTTP/1.0 or HTTP/1.1.
    VersionNotSupported,
}

impl Status {
    /// The number and the phrase for the first line of an answer.
    #[must_use]
    pub fn line(self) -> &'static str {
        match self {
            Self::Ok => "200 OK",
            Self::PartialContent => "206 Partial Content",
            Self::MovedPermanently => "301 Moved Permanently",
            Self::NotModified => "304 Not Modified",
            Self::BadRequest => "400 Bad Request",
            Self::Forbidden => "403 Forbidden",
            Self::NotFound => "404 Not Found",
            Self::MethodNotAllowed => "405 Method Not Allowed",
            Self::PreconditionFailed => "412 Precondition Failed",
            Self::TargetTooLong => "414 URI Too Long",
            Self::RangeNotSatisfiable => "416 Range Not Satisfiable",
            Self::HeadersTooLarge => "431 Request Header Fields Too Large",
            Self::NotImplemented => "501 Not Implemented",
            Self::Unavailable => "503 Service Unavailable",
            Self::VersionNotSupported => "505 HTTP Version Not Supported",
        }
    }
}
