//! The program `papo`: its arguments in, its exit status out. Everything else is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    // What is not UTF-8 on the command line is no name and no option of ours.
    let arguments = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
    ExitCode::from(papo::cli::main(&arguments.collect::<Vec<_>>()))
}
