//! No program is started on Windows: a pseudo-terminal there needs calls that are not safe.
//! `program.rs` starts programs on Unix.
//!
//! A person can run the program, and is told what to type. Read next: [`super::turning`].

use std::convert::Infallible;
use std::io;

use mio::{Registry, Token};

use super::recipe::Recipe;
use crate::cli::Failure;
use crate::console::language::{Text, text};

/// There is no value of this type.
#[derive(Debug)]
pub(super) struct ChildProgram {
    never: Infallible,
    pub(super) has_more: bool,
}

impl Recipe {
    /// Starts nothing.
    pub(super) fn start(
        &self,
        _: &[(&str, &str)],
        _: &Registry,
        _: Token,
    ) -> io::Result<ChildProgram> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// Whether programs can be started on terminals: on Windows they cannot.
pub(super) fn expect_terminals() -> Result<Infallible, Failure> {
    const NONE: Text = text!(
        "on Windows no program can be started on a terminal: leave COMMAND out and run it \
         yourself, as you will be told, or use papo in WSL",
        "no Windows não é possível iniciar um programa em um terminal: deixe COMANDO de fora e \
         execute-o você mesmo, como for dito, ou use o papo no WSL",
    );
    Err(Failure::run(NONE, &[]))
}

impl ChildProgram {
    pub(super) fn type_text(&mut self, _: &str) {
        match self.never {}
    }

    pub(super) fn flush(&mut self) {
        match self.never {}
    }

    pub(super) fn written(&mut self) -> Vec<u8> {
        match self.never {}
    }

    pub(super) fn ended_just_now(&mut self) -> bool {
        match self.never {}
    }
}
