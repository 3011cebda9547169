//! Whether the terminal draws and paints, by its abilities and by the options.
//!
//! [`crate::cli`] reads options and environment. Here are only decisions about plain values.

/// The words of `--color`.
pub const COLOR_WORDS: [(&str, ColorWhen); 3] =
    [("auto", ColorWhen::Auto), ("always", ColorWhen::Always), ("never", ColorWhen::Never)];

/// The words of `--bell`.
pub const BELL_WORDS: [(&str, Bell); 3] =
    [("off", Bell::Off), ("msg", Bell::Message), ("all", Bell::All)];

/// `--color`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum ColorWhen {
    /// If the terminal can, and the environment does not forbid it.
    #[default]
    Auto,
    /// Always, whatever the environment says.
    Always,
    /// Never.
    Never,
}

/// `--bell`: which messages ring.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Bell {
    /// None.
    Off,
    /// Those in other conversations than the current one: a person may overlook these.
    #[default]
    Message,
    /// All.
    All,
}

/// Whether to use colors. `no_color` and `term` are the environment's `NO_COLOR` (any text but the
/// empty one forbids colors: <https://no-color.org>) and `TERM`.
#[must_use]
pub fn paints(when: ColorWhen, no_color: Option<&str>, term: Option<&str>) -> bool {
    match when {
        ColorWhen::Always => true,
        ColorWhen::Never => false,
        ColorWhen::Auto => no_color.is_none_or(str::is_empty) && is_able(term),
    }
}

/// Whether to draw the line being typed, with messages above it: only on a terminal that can move
/// its cursor, and not if the person asked for plain lines.
#[must_use]
pub fn draws(
    stdin_is_terminal: bool,
    stdout_is_terminal: bool,
    plain: bool,
    term: Option<&str>,
) -> bool {
    stdin_is_terminal && stdout_is_terminal && !plain && is_able(term)
}

/// Without a `TERM` the abilities of the terminal are unknown, so it gets no escape codes.
fn is_able(term: Option<&str>) -> bool {
    !matches!(term, None | Some("" | "dumb"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_follow_the_option_and_the_environment() {
        let xterm = Some("xterm-256color");
        let cases = [
            (ColorWhen::Auto, None, xterm, true),
            (ColorWhen::Auto, Some(""), xterm, true),
            (ColorWhen::Auto, Some("1"), xterm, false),
            (ColorWhen::Auto, None, Some("dumb"), false),
            (ColorWhen::Auto, None, None, false),
            (ColorWhen::Always, Some("1"), Some("dumb"), true),
            (ColorWhen::Never, None, xterm, false),
        ];
        for (when, no_color, term, expected) in cases {
            assert_eq!(paints(when, no_color, term), expected, "{when:?} {no_color:?} {term:?}");
        }
    }

    #[test]
    fn drawing_takes_two_terminals_and_no_option_against_it() {
        let xterm = Some("xterm");
        assert!(draws(true, true, false, xterm));
        assert!(!draws(false, true, false, xterm));
        assert!(!draws(true, false, false, xterm));
        assert!(!draws(true, true, true, xterm));
        assert!(!draws(true, true, false, Some("dumb")));
    }
}
