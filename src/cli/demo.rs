//! `papo demo`.

use super::Failure;

/// Not there yet.
///
/// # Errors
///
/// Always.
pub fn run(_arguments: &[String]) -> Result<u8, Failure> {
    Err(Failure::Run("not there yet".to_string()))
}
