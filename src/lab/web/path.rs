//! The path of a request: the names of folders, and of a file.
//!
//! The path is cut at its slashes first, and then each name is decoded. In the other order `a%2Fb`,
//! which is one name, would become two. A name is bytes, as in the file systems of Unix. Must not
//! know whether there is such a file. Read next: [`super::files`].

use std::borrow::Cow;

use super::status::Status;

/// A path below the root.
#[derive(Debug, Eq, PartialEq)]
pub struct Path<'a> {
    /// The names. None is empty, `.` or `..`, or has a slash.
    pub names: Vec<Cow<'a, [u8]>>,
    /// The path ends with a slash, so it is a folder's.
    pub is_folder: bool,
}

impl<'a> Path<'a> {
    /// The path in a target such as `/a%20b?c`, or `http://host/a%20b`.
    ///
    /// # Errors
    ///
    /// The status for a path that is malformed, or that cannot lead to a file.
    pub fn parse(target: &'a str) -> Result<Self, Status> {
        let path = without_host(split_query(target).0);
        let segments = path.strip_prefix('/').ok_or(Status::BadRequest)?.split('/');
        let mut found = Self { names: Vec::new(), is_folder: false };
        for segment in segments {
            let name = decode(segment).ok_or(Status::BadRequest)?;
            found.is_folder = matches!(&name[..], b"" | b".");
            match &name[..] {
                b"" | b"." => {}
                b".." => return Err(Status::Forbidden),
                _ if name.contains(&0) => return Err(Status::BadRequest),
                // No file has a slash in its name.
                _ if name.contains(&b'/') => return Err(Status::NotFound),
                _ => found.names.push(name),
            }
        }
        Ok(found)
    }
}

/// The location of the same folder, with a slash after its name.
///
/// It is relative to the folder above and names no host, so a forged target cannot send a client to
/// another host.
#[must_use]
pub fn as_folder(target: &str) -> String {
    let (path, query) = split_query(target);
    format!("./{}/{query}", path.rsplit('/').next().unwrap_or_default())
}

/// The path of a target, and the query after it with its `?`. A fragment is dropped: clients keep
/// it for themselves.
fn split_query(target: &str) -> (&str, &str) {
    let target = target.split('#').next().unwrap_or_default();
    target.split_at(target.find('?').unwrap_or(target.len()))
}

/// A client may name the host in the target too (RFC 9112, section 3.2.2).
fn without_host(path: &str) -> &str {
    match path.split_at_checked("http://".len()) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http://") => {
            rest.find('/').map_or("/", |slash| &rest[slash..])
        }
        _ => path,
    }
}

/// Decodes `%41` as `A`. `None`: a `%` has no two digits.
fn decode(text: &str) -> Option<Cow<'_, [u8]>> {
    if !text.contains('%') {
        return Some(Cow::Borrowed(text.as_bytes()));
    }
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
    Some(Cow::Owned(decoded))
}
