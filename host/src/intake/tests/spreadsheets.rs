//! Workbooks: values and never formulas; bounded, whatever they unpack to.

use std::io::Write as _;

use super::{Bells, counts, refused};
use crate::record::Kind;

/// A workbook of these sheets, each as the XML of its rows.
fn workbook(sheets: &[(&str, &str)]) -> Vec<u8> {
    let mut parts: Vec<(String, String)> = Vec::new();
    let (mut list, mut relations, mut types) = (String::new(), String::new(), String::new());
    for (i, (name, rows)) in sheets.iter().enumerate() {
        let n = i + 1;
        list += &format!(r#"<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>"#);
        relations += &format!(
            r#"<Relationship Id="rId{n}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet{n}.xml"/>"#
        );
        types += &format!(
            r#"<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>"#
        );
        let sheet = format!(
            r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>"#
        );
        parts.push((format!("xl/worksheets/sheet{n}.xml"), sheet));
    }
    let styles = r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>"#;
    relations += r#"<Relationship Id="rIdS" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/>"#;
    let relationships = |inner: &str| {
        format!(r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inner}</Relationships>"#)
    };
    parts.push(("xl/styles.xml".into(), styles.into()));
    parts.push(("xl/_rels/workbook.xml.rels".into(), relationships(&relations)));
    parts.push((
        "xl/workbook.xml".into(),
        format!(
            r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>{list}</sheets></workbook>"#
        ),
    ));
    let root = r#"<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/>"#;
    parts.push(("_rels/.rels".into(), relationships(root)));
    parts.push((
        "[Content_Types].xml".into(),
        format!(r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">{types}</Types>"#),
    ));
    zipped(&parts)
}

fn zipped(parts: &[(String, String)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(name.as_str(), zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn text(cell: &str, text: &str) -> String {
    format!(r#"<c r="{cell}" t="inlineStr"><is><t>{text}</t></is></c>"#)
}

fn row(n: u32, cells: &str) -> String {
    format!(r#"<row r="{n}">{cells}</row>"#)
}

/// The titles of the attendance extract, in line `n`.
fn titles(n: u32) -> String {
    let names = ["UPN", "Term start", "Term end", "Sessions possible", "Sessions attended", "Unauthorised"];
    let cells = names.iter().zip('A'..).map(|(name, column)| text(&format!("{column}{n}"), name));
    row(n, &cells.collect::<String>())
}

/// 2025-09-01 and 2025-12-19, as Excel counts days.
const FIRST: &str = r#"<c r="B2" s="1"><v>45901</v></c>"#;
const LAST: &str = r#"<c r="C2" s="1"><v>46010</v></c>"#;

#[tokio::test]
async fn dates_numbers_and_the_values_of_formulas_are_read_as_a_person_sees_them() {
    let bells = Bells::new().await;
    let pupil = text("A2", "B801200005001");
    let attended = r#"<c r="E2"><f>D2-20</f><v>120</v></c>"#;
    let rows = titles(1) + &row(2, &format!(r#"{pupil}{FIRST}{LAST}<c r="D2"><v>140</v></c>{attended}<c r="F2"><v>10</v></c>"#));
    let report = bells.import("attendance", workbook(&[("Sheet1", &rows)])).await;
    assert_eq!(counts(&report), (1, 1, 0, 0, 0), "{:?}", report.refusals);
    let kept = bells.snapshot().await.education.attendances;
    assert_eq!((kept[0].possible, kept[0].attended, kept[0].window.to_string()), (140, 120, "2025-09-01..2025-12-19".to_owned()));
}

#[tokio::test]
async fn a_formula_whose_value_was_not_saved_says_nothing_and_is_never_worked_out() {
    let bells = Bells::new().await;
    let pupil = text("A2", "B801200005001");
    let rows =
        titles(1) + &row(2, &format!(r#"{pupil}{FIRST}{LAST}<c r="D2"><v>140</v></c><c r="E2"><f>D2-20</f></c><c r="F2"><v>10</v></c>"#));
    let report = bells.import("attendance", workbook(&[("Sheet1", &rows)])).await;
    assert_eq!(refused(&report), [(2, "Sessions attended", "is empty")]);
    let formula = text("A2", "=HYPERLINK(1)");
    let rows = titles(1) + &row(2, &formula);
    let report = bells.import("attendance", workbook(&[("Sheet1", &rows)])).await;
    assert_eq!(refused(&report)[0].1, "UPN", "a text that looks like a formula is a text");
    assert_eq!(bells.facts(Kind::Attendance).await.len(), 0);
}

#[tokio::test]
async fn the_sheet_and_line_that_the_mapping_names_are_read() {
    let bells = Bells::new().await;
    let mut tx = bells.store.write("tests", "a mapping").await.unwrap();
    let own = include_str!("../mappings/attendance.yaml").replace("agency: school\n", "agency: school\nsheet: Pupils\nheader: 3\n");
    tx.keep_mapping("attendance", &own).await.unwrap();
    tx.commit().await.unwrap();
    let pupil = text("A4", "B801200005001");
    let cells = format!("{pupil}{FIRST}{LAST}<c r=\"D2\"><v>140</v></c><c r=\"E2\"><v>120</v></c><c r=\"F2\"><v>10</v></c>")
        .replace("2\" s", "4\" s");
    let cells = cells.replace("r=\"D2\"", "r=\"D4\"").replace("r=\"E2\"", "r=\"E4\"").replace("r=\"F2\"", "r=\"F4\"");
    let rows = row(1, &text("A1", "Our school")) + &titles(3) + &row(4, &cells);
    let book = workbook(&[("Notes", &row(1, &text("A1", "hello"))), ("pupils", &rows)]);
    assert_eq!(counts(&bells.import("attendance", book).await), (1, 1, 0, 0, 0));
    let error = bells.try_import("attendance", super::COVERED, &workbook(&[("Notes", "")])).await.unwrap_err();
    assert_eq!(error.to_string(), "the workbook has no sheet `Pupils`, which its mapping names");
}

#[tokio::test]
async fn a_workbook_that_unpacks_to_too_much_or_holds_an_endless_cell_is_refused() {
    let bells = Bells::new().await;
    let endless = row(2, &text("A2", &"x".repeat(1 << 20)));
    let error = bells.try_import("attendance", super::COVERED, &workbook(&[("Sheet1", &(titles(1) + &endless))])).await.unwrap_err();
    assert_eq!(error.to_string(), "the spreadsheet has a cell that is longer than a cell can be");
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("xl/media/picture.png", zip::write::SimpleFileOptions::default()).unwrap();
    let nothing = vec![0; 1 << 20];
    for _ in 0..257 {
        zip.write_all(&nothing).unwrap();
    }
    let bomb = zip.finish().unwrap().into_inner();
    assert!(bomb.len() < 1 << 20, "{} bytes", bomb.len());
    let error = bells.try_import("attendance", super::COVERED, &bomb).await.unwrap_err();
    assert_eq!(error.to_string(), "the spreadsheet unpacks to more than a spreadsheet may: send it as CSV");
}

#[tokio::test]
async fn what_is_no_workbook_is_refused_by_name() {
    let bells = Bells::new().await;
    let says = async |file: &[u8]| bells.try_import("attendance", super::COVERED, file).await.unwrap_err().to_string();
    assert_eq!(says(b"PK\x03\x04 and nothing more").await, "the spreadsheet is damaged");
    assert_eq!(says(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1").await, "the file is of Excel 2003 or before: save it as .xlsx, or as CSV UTF-8");
    let other = zipped(&[("word/document.xml".into(), "<document/>".into())]);
    assert!(says(&other).await.starts_with("the spreadsheet is damaged"), "a zip file of another kind");
}
