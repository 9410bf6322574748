//! Standard output and error as log lines: cut, bounded, never failing the run by themselves.

use crate::sandbox::limits::LONGEST_LOG_LINE;
use crate::sandbox::run::Log;

/// A stream on its way to the log.
pub(super) struct Lines {
    level: &'static str,
    /// The line that has not ended yet, as far as it will be kept.
    begun: Vec<u8>,
}

impl Lines {
    pub(super) const fn new(level: &'static str) -> Self {
        Self { level, begun: Vec::new() }
    }

    pub(super) fn write(&mut self, bytes: &[u8], log: &mut Log) {
        for piece in bytes.split_inclusive(|b| *b == b'\n') {
            // One byte more than is kept, so that the log sees that something was cut.
            let room = (LONGEST_LOG_LINE + 1).saturating_sub(self.begun.len());
            self.begun.extend(piece.iter().take(room));
            if piece.ends_with(b"\n") {
                self.end(log);
            }
        }
    }

    /// Ends the line. An empty one says nothing.
    pub(super) fn end(&mut self, log: &mut Log) {
        if self.begun.iter().any(|b| !b.is_ascii_control()) {
            log.write(self.level, String::from_utf8_lossy(&self.begun).into_owned());
        }
        self.begun.clear();
    }
}

/// The last of what went through a stream, however much that was.
#[derive(Default)]
pub(super) struct Tail(Vec<u8>);

impl Tail {
    pub(super) fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(&bytes[bytes.len().saturating_sub(LONGEST_LOG_LINE)..]);
        self.0.drain(..self.0.len().saturating_sub(LONGEST_LOG_LINE));
    }

    /// On one line.
    pub(super) fn text(&self) -> Option<String> {
        let text = String::from_utf8_lossy(&self.0);
        let plain = |line: &str| line.chars().filter(|c| !c.is_control()).collect::<String>().trim().to_owned();
        let lines: Vec<String> = text.lines().map(plain).filter(|line| !line.is_empty()).collect();
        (!lines.is_empty()).then(|| lines.join(" / "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logged(pieces: &[&[u8]]) -> Vec<String> {
        let (mut lines, mut log) = (Lines::new("info"), Log::default());
        pieces.iter().for_each(|p| lines.write(p, &mut log));
        lines.end(&mut log);
        log.lines.into_iter().map(|l| l.text).collect()
    }

    #[test]
    fn a_line_is_whole_however_it_was_written() {
        let pound = "£5".as_bytes();
        assert_eq!(logged(&[b"one\n\ntw", b"o\r\n", &pound[..1], &pound[1..]]), ["one", "two", "£5"]);
    }

    #[test]
    fn a_line_without_end_keeps_its_beginning_and_little_memory() {
        let (mut lines, mut log) = (Lines::new("info"), Log::default());
        for _ in 0..1_000 {
            lines.write(&[b'x'; 4_096], &mut log);
        }
        assert_eq!(lines.begun.len(), LONGEST_LOG_LINE + 1);
        lines.end(&mut log);
        assert_eq!(log.lines[0].text, format!("{}…", "x".repeat(LONGEST_LOG_LINE)));
    }

    #[test]
    fn last_words_are_the_last() {
        let mut tail = Tail::default();
        assert_eq!(tail.text(), None);
        tail.write(&[b'x'; 5_000]);
        tail.write(b"\nTraceback:\n  \x1b[1mat line 3\n");
        let text = tail.text().unwrap();
        assert!(text.ends_with("x / Traceback: / [1mat line 3"), "{text}");
        assert!(text.len() < LONGEST_LOG_LINE + 10);
    }
}
