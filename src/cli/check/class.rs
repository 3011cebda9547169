//! The programs of a class: a folder in which each has a folder of its own.
//!
//! ```text
//! class/ana/run       how it is started: a command for sh, with {port} and {name} in it,
//!                     or a script that begins with #!, which gets both as arguments
//! class/ana/type      its commands, if they are not the usual ones: chat=/talk {name}
//! class/ana/login     the lines that it asks for at its start: {name}
//! ```
//!
//! Read next: [`super::turning`].

use std::fs;
use std::path::{Path, PathBuf};

use super::recipe::Recipe;
use super::turning::Tested;
use super::typing::Commands;
use crate::cli::Failure;
use crate::console::language::{Text, text};

/// Most bytes of one of these files. A longer file is no command.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// All programs of a class, in the order of their folders' names. `typed` and `logins` are for
/// programs without such files.
pub(super) fn programs(
    folder: &str,
    typed: &[String],
    logins: &[String],
) -> Result<Vec<(String, Tested)>, Failure> {
    const CANNOT: Text = text!("cannot read {path}", "não foi possível ler {path}");
    const NONE: Text = text!(
        "no folder in {path} has a file named run",
        "nenhuma pasta em {path} tem um arquivo run",
    );
    let failed = |error| Failure::run(CANNOT, &[("path", &folder)]).because(error);
    let entries = fs::read_dir(folder).map_err(failed)?;
    let mut folders: Vec<PathBuf> = entries.filter_map(|it| Some(it.ok()?.path())).collect();
    folders.sort();
    let mut programs = Vec::new();
    for folder in folders.iter().filter(|folder| folder.join("run").is_file()) {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        programs.push((name, program(folder, typed, logins)?));
    }
    if programs.is_empty() { Err(Failure::run(NONE, &[("path", &folder)])) } else { Ok(programs) }
}

fn program(folder: &Path, typed: &[String], logins: &[String]) -> Result<Tested, Failure> {
    let typed = lines(&folder.join("type")).unwrap_or_else(|| typed.to_vec());
    let logins = lines(&folder.join("login")).unwrap_or_else(|| logins.to_vec());
    let run = lines(&folder.join("run")).unwrap_or_default();
    let is_script = run.first().is_some_and(|line| line.starts_with("#!"));
    let command = if is_script {
        ["./run", "{port}", "{name}"].map(String::from).to_vec()
    } else {
        vec!["sh".to_string(), "-c".to_string(), run.join("\n")]
    };
    let recipe = Recipe { command, folder: Some(folder.to_path_buf()) };
    Ok(Tested { recipe: Some(recipe), commands: Commands::new(&typed, logins)? })
}

/// The lines of a file that are not blank. `None`: there is no such file.
fn lines(path: &Path) -> Option<Vec<String>> {
    let length = fs::metadata(path).ok()?.len();
    let text =
        if length > FILE_BYTES_MAX { String::new() } else { fs::read_to_string(path).ok()? };
    Some(text.lines().filter(|line| !line.trim().is_empty()).map(String::from).collect())
}
