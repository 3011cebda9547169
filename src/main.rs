//! The program `papo`: its arguments in, its exit status out. Everything else is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(papo::cli::main(std::env::args_os().skip(1)))
}
