//! The status of an answer, as HTTP numbers it (RFC 9110, section 15).
//!
//! Only those that this server sends are here. This file must import nothing of its neighbours:
//! all of them use it. Read next: [`super::request`].

/// How a request was answered.
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
    /// The file exists, and is not served.
    Forbidden,
    /// No file has this name.
    NotFound,
    /// The method is a known one, but neither GET nor HEAD.
    MethodNotAllowed,
    /// The client asked for the file only if it is the one it knows, and it is another.
    PreconditionFailed,
    /// The target is longer than [`super::request::TARGET_BYTES_MAX`].
    TargetTooLong,
    /// No byte of the file lies in the range that was asked for.
    RangeNotSatisfiable,
    /// The head is longer than [`super::request::HEAD_BYTES_MAX`].
    HeadersTooLarge,
    /// Nobody here knows the method, or the coding of the body.
    NotImplemented,
    /// The server has no descriptor left.
    Unavailable,
    /// The request is not of HTTP/1.0 or HTTP/1.1.
    VersionNotSupported,
}

impl Status {
    /// The number and the phrase, as they stand in the first line of an answer.
    #[must_use]
    pub fn line(self) -> &'static str {
        match self {
            Self::Ok => "200 OK",
            Self::PartialContent => "206 Partial Content",
            Self::MovedPermanently => "301 Moved Permanently",
            Self::NotModified => "304 Not Modified",
            Self::BadRequest => "400 Bad HttpRequest",
            Self::Forbidden => "403 Forbidden",
            Self::NotFound => "404 Not Found",
            Self::MethodNotAllowed => "405 Method Not Allowed",
            Self::PreconditionFailed => "412 Precondition Failed",
            Self::TargetTooLong => "414 URI Too Long",
            Self::RangeNotSatisfiable => "416 Range Not Satisfiable",
            Self::HeadersTooLarge => "431 HttpRequest Header Fields Too Large",
            Self::NotImplemented => "501 Not Implemented",
            Self::Unavailable => "503 Service Unavailable",
            Self::VersionNotSupported => "505 HTTP Version Not Supported",
        }
    }
}
