//! The page as plain text that can be printed: no line is longer than 100 characters.

use super::sheet::{Note, Sheet};

const WIDTH: usize = 100;
/// Columns of a label, so that what it labels stands in one column.
const LABEL: usize = 14;

impl Sheet {
    /// As plain text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut page = format!("{}\n{}\n\n", self.title, "=".repeat(self.title.chars().count().min(WIDTH)));
        self.purpose.iter().for_each(|text| wrap(&mut page, "", 0, text));
        page.push('\n');
        self.file.iter().for_each(|(label, value)| wrap(&mut page, &padded(label), LABEL, value));
        for (i, part) in self.parts.iter().enumerate() {
            let heading = format!("{}. {}", i + 1, part.heading);
            page.push_str(&format!("\n\n{heading}\n{}\n", "-".repeat(heading.chars().count())));
            part.says.iter().for_each(|text| wrap(&mut page, "", 0, text));
            let mut before = 0;
            for entry in &part.entries {
                // Entries with much below them are told apart; a list of lines is one block.
                if entry.notes.len() > 1 || before > 1 {
                    page.push('\n');
                }
                before = entry.notes.len();
                wrap(&mut page, "  ", 4, &entry.name);
                entry.notes.iter().for_each(|note| write(&mut page, note));
            }
        }
        page
    }
}

fn write(page: &mut String, note: &Note) {
    let indent = " ".repeat(6);
    match note {
        Note::Text(text) => wrap(page, &indent, 6, text),
        Note::Welsh(text) => wrap(page, &format!("{indent}cy: "), 10, text),
        Note::Labelled(label, text) => wrap(page, &format!("{indent}{}", padded(label)), 6 + LABEL, text),
        Note::Mark(mark, why) => wrap(page, &format!("{indent}!! "), 9, &format!("{} {why}", mark.says())),
        Note::Blank(label) => {
            let left = WIDTH - 6 - 46;
            page.push_str(&format!("{indent}{label:<44}  {}\n", "_".repeat(left)));
        }
    }
}

fn padded(label: &str) -> String {
    format!("{label:<LABEL$}")
}

/// Words on lines: the first begins with `first`, the others with `indent` columns. A word that is longer than a line is cut.
fn wrap(page: &mut String, first: &str, indent: usize, text: &str) {
    let mut line = first.to_owned();
    let mut empty = true;
    for word in text.split_whitespace() {
        let mut word = word;
        loop {
            let (used, wanted) = (line.chars().count() + usize::from(!empty), word.chars().count());
            if used + wanted <= WIDTH {
                break;
            }
            if empty {
                let at = word.char_indices().nth(WIDTH - used).map_or(word.len(), |(at, _)| at);
                line.push_str(&word[..at]);
                word = &word[at..];
            }
            page.push_str(line.trim_end());
            page.push('\n');
            line = " ".repeat(indent);
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    page.push_str(line.trim_end());
    page.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_longer_than_the_paper_and_no_word_is_lost() {
        let long = "ż".repeat(250);
        for text in ["a few words", &"word ".repeat(60), &long, &format!("{long} then {long}")] {
            for (first, indent) in [("", 0), ("      Why           ", 20)] {
                let mut page = String::new();
                wrap(&mut page, first, indent, text);
                assert!(page.lines().all(|line| line.chars().count() <= WIDTH), "{page}");
                let letters = |of: &str| of.chars().filter(|c| !c.is_whitespace()).collect::<String>();
                assert_eq!(letters(&page), letters(first) + &letters(text));
            }
        }
    }
}
