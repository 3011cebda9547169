//! The files in `docs/screens`: this compares them with new drawings, or writes them.

use std::fs;
use std::path::Path;

/// Largest drawing of a screen, in bytes. A larger one is a mistake.
const PICTURE_BYTES_MAX: usize = 20_000;

/// Compares the file with the drawing. With `WRITE_SCREENS=1`, writes the file.
#[track_caller]
#[allow(clippy::print_stderr, reason = "a person should look at each written file")]
pub(crate) fn keep(name: &str, svg: &str) {
    assert!(svg.len() < PICTURE_BYTES_MAX, "{name} has {} bytes", svg.len());
    let file = format!("docs/screens/{name}.svg");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(&file);
    if is_writing() {
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, svg).expect("the picture is written");
        eprintln!("written: {file}");
        return;
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    let difference = difference(&kept, svg);
    assert!(
        difference.is_empty(),
        "{file} is not what papo shows (- the file, + the program):\n{difference}\
         Run `make screens`, and look at what it has drawn."
    );
}

/// Whether this run writes the files. Then each session must run.
pub(crate) fn is_writing() -> bool {
    std::env::var_os("WRITE_SCREENS").is_some_and(|value| value == "1")
}

/// The lines in which two drawings differ: their texts, or the whole lines if the texts are equal.
fn difference(kept: &str, drawn: &str) -> String {
    let [kept, drawn] = [kept, drawn].map(|svg| svg.lines().collect::<Vec<_>>());
    let mut difference = String::new();
    for number in 0..kept.len().max(drawn.len()) {
        let lines = [&kept, &drawn].map(|lines| lines.get(number).copied().unwrap_or_default());
        let texts = lines.map(without_markup);
        let rows = if texts[0] == texts[1] { lines.map(str::to_string) } else { texts };
        if lines[0] != lines[1] {
            let signed = ["-", "+"].into_iter().zip(rows).filter(|(_, row)| !row.is_empty());
            difference.extend(signed.map(|(sign, row)| format!("{sign} {row}\n")));
        }
    }
    difference
}

/// The texts of a line, with blanks between them.
fn without_markup(line: &str) -> String {
    let pieces = line.split('<').map(|piece| piece.rsplit('>').next().unwrap_or_default());
    let texts: Vec<_> = pieces.map(str::trim).filter(|piece| !piece.is_empty()).collect();
    texts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_difference_has_only_changed_lines_as_text() {
        let kept = "<a>\n<text x=\"1\">Oi</text><text>Bruno!</text>\n<b/>\n";
        assert_eq!(difference(kept, kept), "");
        let said = kept.replace("Bruno", "Camila");
        assert_eq!(difference(kept, &said), "- Oi Bruno!\n+ Oi Camila!\n");
        let moved = kept.replace("<b/>", "<c/>");
        assert_eq!(difference(kept, &moved), "- <b/>\n+ <c/>\n");
        assert_eq!(difference("", kept), "+ <a>\n+ Oi Bruno!\n+ <b/>\n");
    }
}
