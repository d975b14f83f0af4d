//! Living inside another page: no chrome of its own, the host's colours.

/// Takes over what the host page set, once, when the console starts inside another page.
pub fn adopt_host_theme() {}
