//! The pauses of the demo: for a reader, for a person who presses Enter, or none for a program.
//!
//! Must not wait: [`super::stage`] does.

use std::time::Duration;

/// The time that a reader needs for each entry, to find its column, and for each character of it.
const ENTRY: Duration = Duration::from_millis(400);
const CHARACTER: Duration = Duration::from_millis(40);

/// When the next entry is printed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum DemoPace {
    /// At once.
    AtOnce,
    /// When a reader has had time for the one before it.
    Reading,
    /// A row of the table at a time, when the person presses Enter.
    Step,
}

impl DemoPace {
    /// The pace for this kind of stdout. `steps`: `--step` is given.
    pub(super) fn new(is_terminal: bool, steps: bool) -> Self {
        match (steps, is_terminal) {
            (true, _) => Self::Step,
            (false, true) => Self::Reading,
            (false, false) => Self::AtOnce,
        }
    }

    /// How long the demo waits after this text.
    pub(super) fn pause(self, text: &str) -> Duration {
        match self {
            Self::AtOnce | Self::Step => Duration::ZERO,
            Self::Reading => {
                let characters = text.chars().filter(|it| it.is_alphanumeric()).count();
                ENTRY + CHARACTER * u32::try_from(characters).unwrap_or(0)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_is_waited_for_and_a_program_is_not() {
        let [piped, shown] = [false, true].map(|is_terminal| DemoPace::new(is_terminal, false));
        assert_eq!(piped.pause("<aguardando conexão>"), Duration::ZERO);
        let [short, long] = ["> Ana", "- Nenhuma conexão P2P ativa"].map(|it| shown.pause(it));
        assert!(ENTRY < short && short < long && long < Duration::from_secs(2), "{long:?}");
        assert_eq!(DemoPace::new(true, true), DemoPace::new(false, true));
    }
}
