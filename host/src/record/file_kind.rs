//! What kind of file somebody sent, told by its bytes: names and what a browser says are not believed.

use std::io::{Cursor, Read as _};

use super::Invalid;

/// Bytes of a file.
pub const LARGEST: usize = 10 << 20;
/// Parts of a document, and bytes of the part that says what it is.
const MOST_PARTS: usize = 10_000;
const MIMETYPE: u64 = 100;

/// Files that may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    Pdf,
    Png,
    Jpeg,
    Text,
    Docx,
    Xlsx,
    Odt,
}

impl FileKind {
    pub const ALL: [Self; 7] = [Self::Pdf, Self::Png, Self::Jpeg, Self::Text, Self::Docx, Self::Xlsx, Self::Odt];

    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Text => "text/plain; charset=utf-8",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Odt => "application/vnd.oasis.opendocument.text",
        }
    }

    #[must_use]
    pub fn from_media_type(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.media_type() == text)
    }

    /// May a browser show it in its own window? All else is only ever saved.
    #[must_use]
    pub const fn is_shown(self) -> bool {
        matches!(self, Self::Pdf | Self::Png | Self::Jpeg)
    }

    /// # Errors
    /// [`Invalid`] naming `file`: empty, too large, of no kind that is kept, or a document with macros.
    pub fn of(bytes: &[u8]) -> Result<Self, Invalid> {
        if bytes.is_empty() {
            return Err(Invalid::new("file", "is empty"));
        }
        if bytes.len() > LARGEST {
            return Err(Invalid::new("file", format!("is {} bytes long, and may be {LARGEST}", bytes.len())));
        }
        let begins = |with: &[u8]| bytes.starts_with(with);
        match () {
            () if begins(b"%PDF-") => Ok(Self::Pdf),
            () if begins(b"\x89PNG\r\n\x1a\n") => Ok(Self::Png),
            () if begins(b"\xff\xd8\xff") => Ok(Self::Jpeg),
            () if begins(b"PK\x03\x04") => document(bytes),
            () if is_text(bytes) => Ok(Self::Text),
            () => Err(Invalid::new("file", "is none that is kept: PDF, PNG, JPEG, plain text in UTF-8, DOCX, XLSX or ODT")),
        }
    }
}

/// Lines of words, and nothing that steers a terminal.
fn is_text(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| text.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t')))
}

/// Documents are archives: what they are is told by the parts that they have.
fn document(bytes: &[u8]) -> Result<FileKind, Invalid> {
    let refused = |why: &str| Invalid::new("file", why);
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| refused("is a damaged archive"))?;
    if zip.len() > MOST_PARTS {
        return Err(refused("has too many parts"));
    }
    let has = |zip: &zip::ZipArchive<_>, name: &str| zip.index_for_name(name).is_some();
    for name in zip.file_names() {
        let name = name.map_err(|_| refused("is a damaged archive"))?;
        if name.to_ascii_lowercase().ends_with("vbaproject.bin") || name.starts_with("Basic/") {
            return Err(refused("has macros in it"));
        }
    }
    if has(&zip, "[Content_Types].xml") && has(&zip, "word/document.xml") {
        return Ok(FileKind::Docx);
    }
    if has(&zip, "[Content_Types].xml") && has(&zip, "xl/workbook.xml") {
        return Ok(FileKind::Xlsx);
    }
    let mut says = String::new();
    if let Ok(part) = zip.by_name("mimetype")
        && part.take(MIMETYPE).read_to_string(&mut says).is_ok()
        && says.trim() == FileKind::Odt.media_type()
    {
        return Ok(FileKind::Odt);
    }
    Err(refused("is an archive, and no DOCX, XLSX or ODT"))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn archive(parts: &[(&str, &str)]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in parts {
            zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn a_file_is_what_its_bytes_say() {
        let types = "[Content_Types].xml";
        let odt = FileKind::Odt.media_type();
        for (bytes, kind) in [
            (b"%PDF-1.7\n".to_vec(), FileKind::Pdf),
            (b"\x89PNG\r\n\x1a\n....".to_vec(), FileKind::Png),
            (b"\xff\xd8\xff\xe0....".to_vec(), FileKind::Jpeg),
            ("Dear Ms Bell,\r\n\tn\u{e4}chste Woche".as_bytes().to_vec(), FileKind::Text),
            (archive(&[(types, ""), ("word/document.xml", "")]), FileKind::Docx),
            (archive(&[(types, ""), ("xl/workbook.xml", "")]), FileKind::Xlsx),
            (archive(&[("mimetype", odt), ("content.xml", "")]), FileKind::Odt),
        ] {
            assert_eq!(FileKind::of(&bytes), Ok(kind));
            assert_eq!(FileKind::from_media_type(kind.media_type()), Some(kind));
        }
    }

    #[test]
    fn what_is_none_of_them_is_refused_whatever_it_is_called() {
        let types = "[Content_Types].xml";
        for bytes in [
            Vec::new(),
            b"MZ\x90\x00".to_vec(),
            b"GIF89a\x01\x00".to_vec(),
            b"\x1b[2Jgone".to_vec(),
            b"\xff\xfe\x00".to_vec(),
            b"PK\x03\x04 and nothing".to_vec(),
            archive(&[("evil.exe", "")]),
            archive(&[(types, ""), ("word/document.xml", ""), ("word/vbaProject.bin", "")]),
            archive(&[("mimetype", "application/epub+zip")]),
            vec![b'a'; LARGEST + 1],
        ] {
            assert_eq!(FileKind::of(&bytes).unwrap_err().field, "file");
        }
    }
}
