//! The view that draws, in a build without the line editor: `live/` has it. No value of it exists,
//! so the compiler leaves out each call.

use super::command::ConsoleAnswer;
use super::device::Output;
use crate::machine::Typed;
use crate::peer::notice::Notice;

/// The bytes that restore a screen. Nothing is drawn, so there are none.
pub const RESTORE: &str = "";

/// A view that cannot be made.
#[derive(Debug)]
pub enum Live {}

/// The same as of the view that draws.
#[allow(missing_docs, reason = "`live/` has them")]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Wish {
    Stop,
    Suspend,
}

#[allow(missing_docs, clippy::missing_errors_doc, reason = "`live/` has them")]
impl Live {
    pub fn type_bytes(&mut self, _: &[u8]) {
        match *self {}
    }

    pub fn end_typing(&mut self) {
        match *self {}
    }

    pub fn is_typing(&self) -> bool {
        match *self {}
    }

    pub fn is_script(&self) -> bool {
        match *self {}
    }

    pub fn reads_ahead(&self) -> bool {
        match *self {}
    }

    pub fn next_typed(&mut self) -> Option<Typed> {
        match *self {}
    }

    pub fn answer(&mut self, _: &ConsoleAnswer, _: &mut Output) {
        match *self {}
    }

    pub fn show(&mut self, _: Notice, _: &mut Output) {
        match *self {}
    }

    pub fn show_skipped(&mut self, _: usize, _: &mut Output) {
        match *self {}
    }

    pub fn show_log(&mut self, _: &[u8], _: &mut Output) {
        match *self {}
    }

    pub fn take_screen(&mut self, _: &mut Output) {
        match *self {}
    }

    pub fn release_screen(&mut self, _: &mut Output) {
        match *self {}
    }

    pub fn resize(&mut self, _: u16, _: u16) {
        match *self {}
    }

    pub fn draw(&mut self, _: &mut Output) {
        match *self {}
    }

    pub fn next_wish(&mut self) -> Option<Wish> {
        match *self {}
    }

    pub fn typing_settles_in(&self) -> Option<u64> {
        match *self {}
    }

    pub fn settle_typing(&mut self) {
        match *self {}
    }
}
