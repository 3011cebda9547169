//! Which file answers a request, and all that a web server needs to know of a disk.
//!
//! A machine has no descriptor: [`Files`] is implemented where files are opened. Read next:
//! [`super::response`].

use super::request::{Method, Request};
use super::response::Response;
use super::status::Status;

/// The folder that is served. Implemented where files are opened; a machine has no descriptor.
pub trait Files {
    /// A file that is open.
    type File;

    /// Opens what is below the root under these names, which are neither `.` nor `..` and have no
    /// slash.
    ///
    /// # Errors
    ///
    /// Where there is no file that may be served.
    fn open(&self, names: &[&str]) -> Result<Found<Self::File>, Missing>;

    /// Appends what stands at `at`, at most `bytes_max` bytes, and says how many those are: 0
    /// behind the end, or where nothing can be read any more.
    fn read(&self, file: &Self::File, at: u64, bytes_max: usize, out: &mut Vec<u8>) -> usize;
}

/// What there is under a name.
#[derive(Debug)]
pub enum Found<F> {
    /// A file, its length in bytes, and when it was changed, in seconds since 1970.
    File {
        /// To read from.
        file: F,
        /// In bytes.
        length: u64,
        /// In seconds since 1970.
        modified_s: u64,
    },
    /// A folder.
    Folder,
}

/// Why there is nothing to serve.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Missing {
    /// No such name.
    NotFound,
    /// It is there, and may not be read, or is no file, or leads out of the root.
    Forbidden,
    /// Not now: descriptors have run out.
    Unavailable,
}

/// The answer to a request, and the file that follows it.
pub(super) fn answer<S: Files>(files: &S, request: &Request<'_>) -> (Response, Option<S::File>) {
    let (mut response, file) = match find(files, request) {
        Ok((response, file)) => (response, Some(file)),
        Err(response) => (response, None),
    };
    response.closes = request.closes;
    let is_wanted = request.method == Method::Get;
    if !is_wanted {
        response.text.clear();
    }
    let file = file.filter(|_| is_wanted && response.status == Status::Ok);
    (response, file)
}

/// The file that is asked for, or the answer that says why there is none.
fn find<S: Files>(files: &S, request: &Request<'_>) -> Result<(Response, S::File), Response> {
    let path = request.path().map_err(Response::error)?;
    let mut names: Vec<&str> = path.split('/').filter(|name| !["", "."].contains(name)).collect();
    if names.contains(&"..") {
        return Err(Response::error(Status::Forbidden));
    }
    let mut found = files.open(&names).map_err(|missing| Response::error(missing.into()))?;
    if matches!(found, Found::Folder) {
        if !path.ends_with('/') {
            // Or the names in the page would be looked for beside the folder.
            return Err(Response::moved(&request.as_folder()));
        }
        names.push("index.html");
        found = files.open(&names).map_err(|missing| match missing {
            // There is a folder, and nothing to show of it.
            Missing::NotFound => Response::error(Status::Forbidden),
            Missing::Forbidden | Missing::Unavailable => Response::error(missing.into()),
        })?;
    }
    let Found::File { file, length, modified_s } = found else {
        return Err(Response::error(Status::Forbidden));
    };
    let name = names.last().copied().unwrap_or_default();
    let is_news = request.is_modified_since(modified_s);
    Ok((Response::file(name, length, modified_s, is_news), file))
}
