//! The pages and their addresses; no other file writes an address of a page.

mod audit_filter;
mod incident_filter;

pub use audit_filter::{AuditFilter, AuditPart};
pub use incident_filter::{IncidentFilter, OWNERS, Owner, priority};

use leptos::ev;
use leptos::prelude::*;
use watchfloor_wire::id::{IncidentId, ProductId};
use watchfloor_wire::log::Level;

use crate::lasting::lasting;

/// A page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// Everything at a glance.
    Overview,
    /// One product.
    Product(ProductId),
    /// All incidents.
    Incidents(IncidentFilter),
    /// One incident.
    Incident(IncidentId),
    /// Silences and maintenance windows; the form begins with what an incident is about.
    Silences(Option<IncidentId>),
    /// Log lines.
    Logs(LogFilter),
    /// Error groups.
    Errors,
    /// Channels, and who was told what.
    Notifications,
    /// Who did what.
    Audit(AuditFilter),
    /// The board for a wall.
    Wall,
    /// Signing in.
    SignIn,
    /// Choosing a name and a password; the one-time token stands in the fragment, which no server sees.
    FirstLogin,
    /// An address without a page.
    NotFound,
}

/// What the log page shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogFilter {
    /// Only this product; `None` for all.
    pub product: Option<ProductId>,
    /// This level and louder ones; `None` for all.
    pub level: Option<Level>,
    /// Only lines that hold this text; empty for all.
    pub text: String,
}

impl Route {
    /// The list of incidents without a filter.
    #[must_use]
    pub fn all_incidents() -> Self {
        Self::Incidents(IncidentFilter::default())
    }

    /// The address below the base, without a leading slash, with its query.
    #[must_use]
    pub fn path(&self) -> String {
        match self {
            Self::Overview | Self::NotFound => String::new(),
            Self::Product(id) => format!("products/{}", encode(id.as_str())),
            Self::Incidents(filter) => format!("incidents{}", filter.query()),
            Self::Incident(id) => format!("incidents/{}", id.0),
            Self::Silences(None) => "silences".to_owned(),
            Self::Silences(Some(id)) => format!("silences?incident={}", id.0),
            Self::Logs(filter) => format!("logs{}", filter.query()),
            Self::Errors => "errors".to_owned(),
            Self::Notifications => "notifications".to_owned(),
            Self::Audit(filter) => format!("audit{}", filter.query()),
            Self::Wall => "wall".to_owned(),
            Self::SignIn => "sign-in".to_owned(),
            Self::FirstLogin => "first-login".to_owned(),
        }
    }

    /// The whole address under the page's base, with what an embedding host set.
    #[must_use]
    pub fn href(&self) -> String {
        let base = base_path();
        let path = self.path();
        let address = if path.is_empty() {
            base
        } else {
            format!("{base}/{path}")
        };
        if is_embedded() {
            let joint = if address.contains('?') { '&' } else { '?' };
            return format!("{address}{joint}embed=1");
        }
        address
    }

    /// The page of an address below the base; `query` comes without its question mark.
    #[must_use]
    pub fn parse(path: &str, query: &str) -> Self {
        let path = path.trim_matches('/');
        let parts: Vec<&str> = path.split('/').collect();
        match parts.as_slice() {
            [""] => Self::Overview,
            ["products", id] if !id.is_empty() => Self::Product(ProductId(decode(id))),
            ["incidents"] => Self::Incidents(IncidentFilter::parse(query)),
            ["incidents", id] => IncidentId::parse(id).map_or(Self::NotFound, Self::Incident),
            ["silences"] => Self::Silences(incident_of(query)),
            ["logs"] => Self::Logs(LogFilter::parse(query)),
            ["errors"] => Self::Errors,
            ["notifications"] => Self::Notifications,
            ["audit"] => Self::Audit(AuditFilter::parse(query)),
            ["wall"] => Self::Wall,
            ["sign-in"] => Self::SignIn,
            ["first-login"] => Self::FirstLogin,
            _ => Self::NotFound,
        }
    }

    /// What the page is called, for the document's title and the navigation.
    #[must_use]
    pub fn title(&self) -> String {
        match self {
            Self::Overview => "Overview".to_owned(),
            Self::Product(id) => id.0.clone(),
            Self::Incidents(_) => "Incidents".to_owned(),
            Self::Incident(id) => id.to_string(),
            Self::Silences(_) => "Silences".to_owned(),
            Self::Logs(_) => "Logs".to_owned(),
            Self::Errors => "Errors".to_owned(),
            Self::Notifications => "Notifications".to_owned(),
            Self::Audit(_) => "Audit".to_owned(),
            Self::Wall => "Wall".to_owned(),
            Self::SignIn => "Sign in".to_owned(),
            Self::FirstLogin => "First sign-in".to_owned(),
            Self::NotFound => "Page not found".to_owned(),
        }
    }
}

/// The incident that a query names.
fn incident_of(query: &str) -> Option<IncidentId> {
    let named = pairs(query).find(|(name, _)| name == "incident");
    named.and_then(|(_, value)| IncidentId::parse(&value))
}

impl LogFilter {
    fn query(&self) -> String {
        let mut parts = Vec::new();
        if let Some(product) = &self.product {
            parts.push(format!("product={}", encode(product.as_str())));
        }
        if let Some(level) = self.level {
            parts.push(format!("level={}", level.word()));
        }
        if !self.text.is_empty() {
            parts.push(format!("q={}", encode(&self.text)));
        }
        if parts.is_empty() {
            return String::new();
        }
        format!("?{}", parts.join("&"))
    }

    fn parse(query: &str) -> Self {
        let mut filter = Self::default();
        for (name, value) in pairs(query) {
            match name.as_str() {
                "product" if !value.is_empty() => filter.product = Some(ProductId(value)),
                "level" => filter.level = Level::ALL.into_iter().find(|it| it.word() == value),
                "q" => filter.text = value,
                _ => {}
            }
        }
        filter
    }
}

/// The names and values of a query, decoded, in order.
fn pairs(query: &str) -> impl Iterator<Item = (String, String)> {
    query
        .split('&')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (decode(name), decode(value))
        })
}

/// Percent-encodes everything but unreserved characters.
#[must_use]
pub fn encode(text: &str) -> String {
    const HEX: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F',
    ];
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(HEX[usize::from(byte >> 4)]);
            out.push(HEX[usize::from(byte & 15)]);
        }
    }
    out
}

/// Reads percent-encoding and `+`; what is not valid stays as it is.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = (bytes[at] == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        if let Some(byte) = escaped {
            out.push(byte);
            at += 3;
        } else {
            out.push(if bytes[at] == b'+' { b' ' } else { bytes[at] });
            at += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The path of the page's `<base href>` without its last slash, for example `/admin/monitoring`.
fn base_path() -> String {
    let base = document().base_uri().ok().flatten().unwrap_or_default();
    web_sys::Url::new(&base).map_or_else(
        |_| String::new(),
        |url| url.pathname().trim_end_matches('/').to_owned(),
    )
}

/// Whether the page shows itself without its own chrome inside another page.
#[must_use]
pub fn is_embedded() -> bool {
    let query = window().location().search().unwrap_or_default();
    pairs(query.trim_start_matches('?')).any(|(name, value)| name == "embed" && value != "0")
}

/// What this page is to the gateway: `wall`, `embed` or `console`.
pub(crate) fn kind() -> &'static str {
    if current() == Route::Wall {
        "wall"
    } else if is_embedded() {
        "embed"
    } else {
        "console"
    }
}

/// The page of the address bar.
fn current() -> Route {
    let location = window().location();
    let path = location.pathname().unwrap_or_default();
    let query = location.search().unwrap_or_default();
    let base = base_path();
    match path.strip_prefix(&base) {
        Some(below) => Route::parse(below, query.trim_start_matches('?')),
        None => Route::NotFound,
    }
}

#[derive(Clone, Copy)]
struct Navigation(RwSignal<Route>);

/// Follows the address bar and hands the current page to everything below the caller.
pub(crate) fn provide_route() -> Signal<Route> {
    let route = RwSignal::new(current());
    provide_context(Navigation(route));
    let listener = window_event_listener(ev::popstate, move |_| route.set(current()));
    on_cleanup(move || listener.remove());
    route.into()
}

/// The page being shown.
///
/// # Panics
/// Outside the component tree of [`crate::app::App`].
#[must_use]
pub fn use_route() -> Signal<Route> {
    lasting(expect_context::<Navigation>().0)
}

/// A function that goes to a page and can be kept for later, for example by an event handler.
///
/// # Panics
/// Outside the component tree of [`crate::app::App`].
pub fn use_navigate() -> impl Fn(Route) + Copy + Send + Sync + 'static {
    let Navigation(current) = expect_context::<Navigation>();
    move |route: Route| go(current, route, false)
}

/// As [`use_navigate`], but the page that is left is not kept in the history.
///
/// # Panics
/// Outside the component tree of [`crate::app::App`].
pub fn use_replace() -> impl Fn(Route) + Copy + Send + Sync + 'static {
    let Navigation(current) = expect_context::<Navigation>();
    move |route: Route| go(current, route, true)
}

fn go(current: RwSignal<Route>, route: Route, replace: bool) {
    let href = route.href();
    let nothing = wasm_bindgen::JsValue::NULL;
    if let Ok(history) = window().history() {
        // A page that refuses (an opaque origin) still shows the route; only its address stays behind.
        let _ = if replace {
            history.replace_state_with_url(&nothing, "", Some(&href))
        } else {
            history.push_state_with_url(&nothing, "", Some(&href))
        };
    }
    let elsewhere =
        current.with_untracked(|old| std::mem::discriminant(old) != std::mem::discriminant(&route));
    current.set(route);
    if elsewhere {
        window().scroll_to_with_x_and_y(0.0, 0.0);
    }
}

/// A link to a page. Ordinary clicks stay in the page; clicks for a new tab are the browser's.
#[component]
pub fn Link(
    /// The page.
    #[prop(into)]
    to: Signal<Route>,
    /// Classes of the anchor.
    #[prop(optional, into)]
    class: String,
    /// Marks the anchor as a row that the keys `j` and `k` step through.
    #[prop(optional)]
    row: bool,
    /// Marks the anchor as the current page.
    #[prop(optional, into)]
    current: Signal<bool>,
    /// What the link says.
    children: Children,
) -> impl IntoView {
    let navigate = use_navigate();
    let on_click = move |event: ev::MouseEvent| {
        let plain = event.button() == 0
            && !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key());
        if plain && !event.default_prevented() {
            event.prevent_default();
            navigate(to.get_untracked());
        }
    };
    view! {
        <a
            href=move || to.with(Route::href)
            class=class
            data-row=row.then_some("")
            aria-current=move || current.get().then_some("page")
            on:click=on_click
        >
            {children()}
        </a>
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn round_trip(route: &Route) -> Route {
        let path = route.path();
        let (path, query) = path.split_once('?').unwrap_or((&path, ""));
        Route::parse(path, query)
    }

    #[test]
    fn every_page_is_found_again_by_its_address() {
        let filter = LogFilter {
            product: Some(ProductId::from("chatpdd")),
            level: Some(Level::Warn),
            text: "pool=50 & more".to_owned(),
        };
        for route in [
            Route::Overview,
            Route::Product(ProductId::from("chatpdd")),
            Route::all_incidents(),
            Route::Incidents(IncidentFilter {
                owner: Some(Owner::Nobody),
                priority: Some(watchfloor_wire::priority::Priority::P1),
                product: Some(ProductId::from("chatpdd")),
                text: "pool & more".to_owned(),
            }),
            Route::Incident(IncidentId(2041)),
            Route::Silences(None),
            Route::Silences(Some(IncidentId(2041))),
            Route::Logs(LogFilter::default()),
            Route::Logs(filter),
            Route::Errors,
            Route::Audit(AuditFilter::default()),
            Route::Audit(
                AuditFilter::default()
                    .with(AuditPart::Actor, "ines & co")
                    .with(AuditPart::To, "2026-11-28T15:00"),
            ),
            Route::Wall,
            Route::SignIn,
            Route::FirstLogin,
        ] {
            assert_eq!(round_trip(&route), route);
        }
    }

    #[test]
    fn unknown_addresses_have_no_page() {
        assert_eq!(Route::parse("incidents/latest", ""), Route::NotFound);
        assert_eq!(Route::parse("a/b/c", ""), Route::NotFound);
    }

    #[test]
    fn a_level_of_the_future_filters_nothing() {
        assert_eq!(
            Route::parse("logs", "level=fatal"),
            Route::Logs(LogFilter::default())
        );
    }

    proptest! {
        #[test]
        fn any_text_survives_the_address(text in ".*") {
            prop_assert_eq!(decode(&encode(&text)), text);
        }

        #[test]
        fn broken_escapes_do_not_panic(text in "[%a-f0-9ä+]{0,12}") {
            let _ = Route::parse("logs", &format!("q={text}"));
        }
    }

    #[test]
    fn decoding_keeps_what_is_not_an_escape() {
        assert_eq!(decode("100%"), "100%");
        assert_eq!(decode("%zz+1"), "%zz 1");
        assert_eq!(
            pairs("a=1&b").last().unwrap(),
            ("b".to_owned(), String::new())
        );
    }
}
