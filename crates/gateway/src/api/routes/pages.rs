//! The console itself.

use http::Method;

use super::super::console_page;
use super::super::policy::Policy;
use super::{Route, row};

pub(super) fn console(base: &str) -> Vec<Route> {
    let public = Policy::Public;
    let mut rows = vec![
        row(
            Method::GET,
            base,
            public,
            console_page::about_root(),
            console_page::root,
        ),
        row(
            Method::GET,
            format!("{base}/"),
            public,
            console_page::about_root_with_slash(),
            console_page::root,
        ),
        row(
            Method::GET,
            format!("{base}/{{*path}}"),
            public,
            console_page::about_below(),
            console_page::below,
        ),
    ];
    rows.retain(|row| !row.path.is_empty());
    if !base.is_empty() {
        rows.push(row(
            Method::GET,
            "/",
            public,
            console_page::about_home(),
            console_page::home,
        ));
    }
    rows
}
