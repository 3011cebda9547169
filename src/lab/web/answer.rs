//! The answer to one request: the file, and the part of it that is sent.
//!
//! The order is the one of RFC 9110, section 13.2: first the file is found, then the conditions
//! count, and then the range. Must not know connections. Read next: [`super::response`].

use std::borrow::Cow;

use super::conditions::Verdict;
use super::files::{Facts, FileSending, Files, Found, Missing};
use super::path::{self, Path};
use super::range::{self, Selection};
use super::request::{HttpRequest, Method};
use super::response::Response;
use super::status::Status;
use super::validators::Validators;

/// The head of an answer, and the bytes of a file that follow it.
pub(super) struct WebAnswer<F> {
    pub(super) response: Response,
    pub(super) body: Option<FileSending<F>>,
}

/// The file that stands for its folder.
const INDEX: Cow<'static, [u8]> = Cow::Borrowed(b"index.html");

/// Answers a request at the wall-clock time `now_s`.
pub(super) fn answer<S: Files>(
    files: &S,
    request: &HttpRequest<'_>,
    now_s: u64,
) -> WebAnswer<S::File> {
    let mut answer = match find(files, request) {
        Ok(opened) => answer_with_file(request, opened, now_s),
        Err(response) => WebAnswer { response, body: None },
    };
    answer.response.closes = request.closes;
    if request.method == Method::Head {
        answer.response.text.clear();
        answer.body = None;
    }
    answer
}

/// A file that was found.
struct Opened<'a, F> {
    name: Cow<'a, [u8]>,
    file: F,
    facts: Facts,
}

/// The requested file, or the answer that says why there is none.
fn find<'a, S: Files>(
    files: &S,
    request: &HttpRequest<'a>,
) -> Result<Opened<'a, S::File>, Response> {
    let failed = |missing: Missing| Response::error(missing.into());
    let Path { mut names, is_folder } = Path::parse(request.target).map_err(Response::error)?;
    match files.open(&names).map_err(failed)? {
        // A file has no slash after its name.
        Found::File(..) if is_folder => return Err(Response::error(Status::NotFound)),
        Found::File(file, facts) => {
            return Ok(Opened { name: names.pop().unwrap_or_default(), file, facts });
        }
        // Without the slash, a browser would look for the page's names beside the folder.
        Found::Folder if !is_folder => {
            return Err(Response::moved(&path::as_folder(request.target)));
        }
        Found::Folder => names.push(INDEX),
    }
    match files.open(&names) {
        Ok(Found::File(file, facts)) => Ok(Opened { name: INDEX, file, facts }),
        // The folder exists, and has nothing to show.
        Ok(Found::Folder) | Err(Missing::NotFound) => Err(Response::no_index()),
        Err(missing) => Err(failed(missing)),
    }
}

fn answer_with_file<F>(
    request: &HttpRequest<'_>,
    opened: Opened<'_, F>,
    now_s: u64,
) -> WebAnswer<F> {
    let Opened { name, file, facts } = opened;
    let current = Validators::new(facts, now_s);
    let only = |response| WebAnswer { response, body: None };
    match request.conditions.verdict(&current) {
        Verdict::Failed => return only(Response::error(Status::PreconditionFailed)),
        Verdict::NotModified => return only(Response::not_modified(&current)),
        Verdict::Send => {}
    }
    let length = facts.length;
    // A range has a meaning for GET only.
    let range = request.conditions.range(&current).filter(|_| request.method == Method::Get);
    match range.map_or(Selection::Whole, |value| range::select(value, length)) {
        Selection::Unsatisfiable => only(Response::unsatisfiable(length)),
        Selection::Whole => WebAnswer {
            response: Response::file(&name, length, &current),
            body: Some(FileSending::new(file, 0..length)),
        },
        Selection::Part(part) => WebAnswer {
            response: Response::part(&name, length, &part, &current),
            body: Some(FileSending::new(file, part)),
        },
    }
}
