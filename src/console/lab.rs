//! The notices of the lab: received bytes go to stdout, events go to the log.
//!
//! Typed text comes as whole lines. Read next: [`super::plain`], the same for the chat.

use std::io::ErrorKind;

use super::device::Output;
use super::typed_lines::TypedLines;
use super::visible::visible;
use crate::lab::Notice;
use crate::machine::CloseReason;

/// The person's view of a service, or of its client.
#[derive(Debug)]
pub struct LabView {
    /// The lines that a person types to a client.
    pub typed: TypedLines,
    /// stdout is a terminal, so bytes of strangers are made harmless. A file gets them unchanged.
    is_screen: bool,
}

impl LabView {
    /// `is_screen`: stdout is a terminal.
    #[must_use]
    pub fn new(is_screen: bool) -> Self {
        Self { typed: TypedLines::default(), is_screen }
    }

    /// Writes a notice, or logs it.
    pub fn show(&mut self, notice: Notice, output: &mut Output) {
        match notice {
            Notice::Entered(who) => log::info!("{who} entered"),
            Notice::Left(who, reason) => log::info!("{who} left{}", why(reason)),
            Notice::Said(bytes) if self.is_screen => {
                for line in bytes.split_inclusive(|&byte| byte == b'\n') {
                    let text = line.strip_suffix(b"\n").unwrap_or(line);
                    let text = text.strip_suffix(b"\r").unwrap_or(text);
                    output.screen.extend(visible(text).bytes());
                    output.screen.extend(line.ends_with(b"\n").then_some(b'\n'));
                }
            }
            Notice::Said(bytes) => output.screen.extend(bytes),
            Notice::Moved { who, bytes, elapsed_ms, is_total } => {
                let what = if is_total { "in all: " } else { "" };
                let text = format!("{who} {what}{}\n", speed(bytes, elapsed_ms));
                output.screen.extend(text.bytes());
            }
            Notice::Failed(who, error) => {
                let text = format!("papo: {who}: {}\n", std::io::Error::from(error));
                output.errors.extend(text.bytes());
            }
        }
    }
}

fn why(reason: CloseReason) -> &'static str {
    match reason {
        CloseReason::Asked | CloseReason::Failed(ErrorKind::ConnectionReset) => "",
        CloseReason::Failed(_) => ": lost",
        CloseReason::LineTooLong => ": its line was too long",
        CloseReason::SlowReader => ": it does not read",
    }
}

/// In the lecture's unit, where a kb is 1024 bits.
fn speed(bytes: u64, elapsed_ms: u64) -> String {
    let kilobits = u128::from(bytes) * 8 / 1024;
    let rate = kilobits * 1000 / u128::from(elapsed_ms.max(1));
    let (seconds, tenths) = (elapsed_ms / 1000, elapsed_ms % 1000 / 100);
    format!("{bytes} bytes in {seconds}.{tenths} s: {rate} kb/s")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unit_is_the_lectures() {
        // Its sender counts buffers of 8192 bytes as 64 kb, over ten seconds.
        assert_eq!(speed(8192 * 10, 10_000), "81920 bytes in 10.0 s: 64 kb/s");
        assert_eq!(speed(0, 0), "0 bytes in 0.0 s: 0 kb/s");
    }

    #[test]
    fn a_terminal_gets_harmless_text_and_a_file_gets_all_bytes() {
        let said = || Notice::Said(b"a\x1b[2J\r\nb".to_vec());
        for (is_screen, expected) in [(true, b"a^[[2J\nb".as_slice()), (false, b"a\x1b[2J\r\nb")] {
            let mut output = Output::default();
            LabView::new(is_screen).show(said(), &mut output);
            assert_eq!(output.screen, expected);
        }
    }
}
