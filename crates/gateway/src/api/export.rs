//! Log lines as NDJSON, CSV and plain text. The text in them is hostile: a cell must not become a formula,
//! and a line must stay one line.

use std::fmt::Write as _;

use watchfloor_wire::log::LogLine;

use crate::instant::rfc3339;

/// The first line of a CSV export.
pub const CSV_HEAD: &str = "id,at,product,service,level,message,fields\r\n";

/// One JSON object and a line feed.
#[must_use]
pub fn ndjson(line: &LogLine) -> String {
    let mut text = serde_json::to_string(line).unwrap_or_default();
    text.push('\n');
    text
}

/// One row of [`CSV_HEAD`].
#[must_use]
pub fn csv(line: &LogLine) -> String {
    let fields = if line.fields.is_empty() {
        String::new()
    } else {
        serde_json::to_string(&line.fields).unwrap_or_default()
    };
    let cells = [
        line.product.as_str(),
        &line.service,
        line.level.word(),
        &line.message,
        &fields,
    ];
    let cells: Vec<String> = cells.into_iter().map(csv_cell).collect();
    format!("{},{},{}\r\n", line.id, rfc3339(line.at), cells.join(","))
}

/// A quoted cell. Spreadsheets run what begins with `=`, `+`, `-`, `@`, tab or return; an apostrophe before
/// it makes them show it.
pub(super) fn csv_cell(text: &str) -> String {
    let risky = text
        .trim_start_matches(' ')
        .starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let guard = if risky { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

/// One line for a terminal.
#[must_use]
pub fn plain(line: &LogLine) -> String {
    let mut text = format!(
        "{} {:5} {}",
        rfc3339(line.at),
        line.level.word().to_uppercase(),
        line.product
    );
    if !line.service.is_empty() {
        let _infallible = write!(text, "/{}", one_line(&line.service));
    }
    let _infallible = write!(text, ": {}", one_line(&line.message));
    for (name, value) in &line.fields {
        let _infallible = write!(text, " {}=\"{}\"", one_line(name), one_line(value));
    }
    text.push('\n');
    text
}

/// The text on one line and without what moves a terminal's cursor; line feeds become `\\n`. Most of it was made
/// visible before it was stored; this holds even for what an older gateway stored.
#[must_use]
pub fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => line.push_str("\\n"),
            c if c.is_control() => line.push('\u{fffd}'),
            c => line.push(c),
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use watchfloor_wire::id::ProductId;
    use watchfloor_wire::log::Level;
    use watchfloor_wire::time::UnixMs;

    use super::*;

    fn line(message: &str) -> LogLine {
        LogLine {
            id: 7,
            at: UnixMs(1_763_683_200_123),
            product: ProductId::from("chatpdd"),
            service: "api".to_owned(),
            level: Level::Warn,
            message: message.to_owned(),
            fields: BTreeMap::from([("user".to_owned(), "42".to_owned())]),
        }
    }

    #[test]
    fn a_cell_never_becomes_a_formula() {
        for (text, cell) in [
            ("plain", "\"plain\""),
            ("=1+1", "\"'=1+1\""),
            ("  @SUM(A1)", "\"'  @SUM(A1)\""),
            ("+1", "\"'+1\""),
            ("-1", "\"'-1\""),
            ("\t=1", "\"'\t=1\""),
            ("\n=1", "\"'\n=1\""),
            ("a\",=1", "\"a\"\",=1\""),
            ("", "\"\""),
        ] {
            assert_eq!(csv_cell(text), cell);
        }
    }

    #[test]
    fn a_line_is_one_line_in_every_format() {
        let hostile = line("a\nb\r\u{1b}[2Jc");
        assert_eq!(ndjson(&hostile).lines().count(), 1);
        assert_eq!(plain(&hostile).lines().count(), 1);
        assert!(!plain(&hostile).contains('\u{1b}'));
    }

    #[test]
    fn plain_and_csv_name_everything() {
        assert_eq!(
            plain(&line("slow")),
            "2025-11-21T00:00:00.123Z WARN  chatpdd/api: slow user=\"42\"\n"
        );
        assert_eq!(
            csv(&line("slow")),
            "7,2025-11-21T00:00:00.123Z,\"chatpdd\",\"api\",\"warn\",\"slow\",\"{\"\"user\"\":\"\"42\"\"}\"\r\n"
        );
    }
}
