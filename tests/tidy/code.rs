//! A parser for the parts of Rust that the checks need: code, quoted text, lines and words.

/// Replaces comments, strings and characters by blanks. Lines stay where they are.
pub(super) fn without_quotes(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let quoted = quoted_len(rest);
        if quoted == 0 {
            code.push(character);
            rest = &rest[character.len_utf8()..];
        } else {
            code.extend(rest[..quoted].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
            rest = &rest[quoted..];
        }
    }
    code
}

/// The length of the comment, string or character that starts here. 0: none does.
fn quoted_len(rest: &str) -> usize {
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return block_comment_len(rest);
    }
    if rest.starts_with('"') || is_character(rest) {
        return literal_len(rest);
    }
    raw_string_len(rest).unwrap_or(0)
}

/// `/* one /* within */ another */`
fn block_comment_len(rest: &str) -> usize {
    let mut depth = 0;
    for at in (0..rest.len()).filter(|&at| rest.is_char_boundary(at)) {
        if rest[at..].starts_with("/*") {
            depth += 1;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            if depth == 0 {
                return at + 2;
            }
        }
    }
    rest.len()
}

/// `'x'` and `'\n'`, but not the lifetime in `&'a str`.
fn is_character(rest: &str) -> bool {
    let mut chars = rest.chars();
    let start = (chars.next(), chars.next(), chars.next());
    matches!(start, (Some('\''), Some('\\'), _) | (Some('\''), Some(_), Some('\'')))
}

/// The length up to the same quote without a backslash before it.
fn literal_len(rest: &str) -> usize {
    let quote = rest.chars().next();
    let mut escaped = false;
    for (at, character) in rest.char_indices().skip(1) {
        if !escaped && Some(character) == quote {
            return at + 1;
        }
        escaped = !escaped && character == '\\';
    }
    rest.len()
}

/// `r"..."`, `r#"..."#` and so on.
fn raw_string_len(rest: &str) -> Option<usize> {
    let marks = rest.strip_prefix('r')?;
    let hashes = marks.len() - marks.trim_start_matches('#').len();
    let text = marks[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let start = rest.len() - text.len();
    Some(text.find(&end).map_or(rest.len(), |at| start + at + end.len()))
}

pub(super) fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(index, line)| (index + 1, line))
}

pub(super) fn line_of(code: &str, at: usize) -> usize {
    code[..at].matches('\n').count() + 1
}

/// Whether the line has `word`, and not only as a part of a longer one.
pub(super) fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let next = line[at + word.len()..].chars().next();
        let goes_on = word.ends_with(is_word) && next.is_some_and(is_word);
        starts_word(line, at) && !goes_on
    })
}

pub(super) fn starts_word(code: &str, at: usize) -> bool {
    !code[..at].ends_with(is_word)
}

pub(super) fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}
