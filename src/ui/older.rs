//! Rows of older times, a page at a time.

use leptos::prelude::*;

use super::Button;

/// A page of rows, newest first.
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Handed in for the next page; `None` at the end.
    pub next_before: Option<u64>,
}

/// What has been fetched.
struct Fetched<T> {
    rows: Vec<T>,
    next_before: Option<u64>,
    is_asked: bool,
    is_busy: bool,
    /// Why the last page did not come, in words.
    failure: Option<String>,
}

impl<T> Fetched<T> {
    const fn new() -> Self {
        Self {
            rows: Vec::new(),
            next_before: None,
            is_asked: false,
            is_busy: false,
            failure: None,
        }
    }

    /// A page came, or not. What was fetched before stays either way.
    fn take(&mut self, answer: Result<Page<T>, String>) {
        self.is_busy = false;
        match answer {
            Ok(page) => {
                self.is_asked = true;
                self.failure = None;
                self.next_before = page.next_before;
                self.rows.extend(page.rows);
            }
            Err(words) => self.failure = Some(words),
        }
    }

    const fn is_all(&self) -> bool {
        self.is_asked && self.next_before.is_none()
    }
}

/// Rows of older times below a list, and the button that fetches more of them. `fetch` gets the page before a place, the
/// newest first, or says in words why it cannot; `rows` draws all that was fetched; `all` is said once there are no more.
pub fn older<T: Send + Sync + 'static>(
    fetch: impl AsyncFn(Option<u64>) -> Result<Page<T>, String> + Copy + Send + Sync + 'static,
    rows: impl Fn(&[T]) -> AnyView + Send + 'static,
    all: &'static str,
) -> AnyView {
    let fetched = RwSignal::new(Fetched::new());
    let load = move |()| {
        let before = fetched.with_untracked(|it| it.next_before);
        fetched.update(|it| it.is_busy = true);
        leptos::task::spawn_local(async move {
            let answer = fetch(before).await;
            let _ = fetched.try_update(|it| it.take(answer));
        });
    };
    let busy = Signal::derive(move || fetched.with(|it| it.is_busy));
    view! {
        <section class="mon-section" aria-label="Older">
            {move || fetched.with(|it| rows(&it.rows))}
            <p class="mon-error" role="alert">{move || fetched.with(|it| it.failure.clone())}</p>
            {move || {
                if fetched.with(Fetched::is_all) {
                    view! { <p class="mon-meta">{all}</p> }.into_any()
                } else {
                    view! { <Button busy=busy on_click=load>"Show older"</Button> }.into_any()
                }
            }}
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(rows: &[u64], next_before: Option<u64>) -> Result<Page<u64>, String> {
        Ok(Page {
            rows: rows.to_vec(),
            next_before,
        })
    }

    #[test]
    fn pages_follow_one_another_and_a_failure_loses_none() {
        let mut it = Fetched::new();
        assert!(!it.is_all(), "nobody has asked yet");
        it.take(page(&[9, 8], Some(8)));
        it.is_busy = true;
        it.take(Err("No connection.".to_owned()));
        assert_eq!(it.failure.as_deref(), Some("No connection."));
        assert_eq!((it.rows.as_slice(), it.next_before), (&[9, 8][..], Some(8)));
        assert!(!it.is_busy && !it.is_all());
        it.take(page(&[7], None));
        assert_eq!(it.rows, [9, 8, 7]);
        assert!(it.is_all() && it.failure.is_none());
    }
}
