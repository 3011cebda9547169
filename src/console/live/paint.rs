//! Colors: a name always has the same color, and the person can switch colors off.
//!
//! The colors are six of the sixteen that each terminal has, the bright ones, which are readable
//! on black and on white. The palette of the terminal decides their look. No information is in a
//! color alone.

/// Paints text, or leaves it as it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paint {
    pub(super) is_on: bool,
}

/// Bright red, green, yellow, blue, magenta, cyan (ECMA-48's SGR, as xterm extended it).
const COLORS: [u8; 6] = [91, 92, 93, 94, 95, 96];

impl Paint {
    /// `text`, in the color of `name`.
    pub(super) fn name(self, name: &str, text: &str) -> String {
        if self.is_on { format!("\x1b[{}m{text}\x1b[39m", color(name)) } else { text.to_string() }
    }

    /// `text` of the log: bright red, as the handout prints the messages of the protocol.
    pub(super) fn log(self, text: &str) -> String {
        if self.is_on { format!("\x1b[91m{text}\x1b[39m") } else { text.to_string() }
    }

    /// `text`, dimmer than messages.
    pub(super) fn dim(self, text: &str) -> String {
        if self.is_on { format!("\x1b[2m{text}\x1b[22m") } else { text.to_string() }
    }
}

/// FNV-1a. It gives the same color in each run, which std's hash does not.
fn color(name: &str) -> u8 {
    let hash = name
        .bytes()
        .fold(0x811C_9DC5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    COLORS[hash as usize % COLORS.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_color_and_names_differ() {
        let paint = Paint { is_on: true };
        assert_eq!(paint.name("Ana", "Ana:"), paint.name("Ana", "Ana:"));
        let names = ["Ana", "Bruno", "Camila", "Davi", "Eva", "Flávio", "Gil", "Helena"];
        let mut colors: Vec<_> = names.into_iter().map(color).collect();
        colors.sort_unstable();
        colors.dedup();
        assert!(colors.len() >= 4, "{colors:?}");
        assert_eq!(Paint { is_on: false }.name("Ana", "Ana:"), "Ana:");
    }
}
