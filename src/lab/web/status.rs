//! How a request went, as HTTP numbers it (RFC 9110, section 15): those that are said here.

use super::files::Missing;

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
    /// As it stands in the first line of an answer.
    #[must_use]
    pub fn line(self) -> &'static str {
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
