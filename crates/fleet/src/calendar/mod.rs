//! The calendar of a team that keeps its turns where it keeps its other dates: weeks of two people by turns, one week of
//! each given to somebody else, and a holiday that comes back each year. Its dates are fixed, so that who is on call at an
//! instant is the same on every machine.

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;

/// Where it is, below the port's address.
pub const PATH: &str = "/deedpro-secondary.ics";

/// As it stands in its file, with a line feed alone behind each line.
const TEXT: &str = include_str!("deedpro-secondary.ics");

/// The routes.
pub fn routes() -> Router {
    Router::new().route(PATH, get(calendar))
}

async fn calendar() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/calendar; charset=utf-8")], text())
}

/// With the ends of lines that calendars have.
fn text() -> String {
    TEXT.replace('\n', "\r\n")
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn its_lines_are_as_calendars_have_them() {
        let text = text();
        assert!(text.starts_with("BEGIN:VCALENDAR\r\n") && text.ends_with("END:VCALENDAR\r\n"));
        assert!(
            text.split("\r\n")
                .all(|it| it.len() <= 75 && !it.contains(['\r', '\n']))
        );
    }
}
