//! Long lists: what is seen first is made at once and the rest a few rows at a time between two paints, so that a list of
//! thousands opens as soon as one of ten and holds nothing else up. Past a step somebody asks for more.

use leptos::prelude::*;

use super::Button;

/// Rows of another list in the same place that are made at once, for example with another filter: that is what a desk's
/// screen shows, and the page around it is there already.
const ANOTHER_AT_ONCE: usize = 14;
/// Rows that are made before each paint that follows.
const A_PAINT: usize = 8;
/// Rows after which somebody is asked, and how many more each time.
const STEP: usize = 100;

/// How much of a list is made.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Made {
    /// Of which list: another one begins anew.
    list: String,
    rows: usize,
    wanted: usize,
}

impl Made {
    const fn beginning(list: String, at_once: usize) -> Self {
        Self {
            list,
            rows: at_once,
            wanted: STEP,
        }
    }

    /// How many rows of this list are made.
    fn rows_of(&self, list: &str) -> usize {
        if self.list == list {
            self.rows
        } else {
            ANOTHER_AT_ONCE
        }
    }

    /// The same after one more paint, of a list with so many members; `None` when nothing is left to make.
    fn after_paint(&self, list: &str, members: usize) -> Option<Self> {
        if self.list != list {
            return Some(Self::beginning(list.to_owned(), ANOTHER_AT_ONCE));
        }
        (self.rows < self.wanted.min(members)).then(|| Self {
            rows: (self.rows + A_PAINT).min(self.wanted),
            ..self.clone()
        })
    }

    /// The same after somebody asked for more.
    fn asked(&self) -> Self {
        Self {
            wanted: self.wanted + STEP,
            ..self.clone()
        }
    }

    /// How many members wait until somebody asks.
    fn hidden(&self, list: &str, members: usize) -> usize {
        let wanted = if self.list == list { self.wanted } else { STEP };
        members.saturating_sub(wanted)
    }
}

/// The part of a list that is on the page.
#[derive(Clone, Copy)]
pub struct Portion {
    made: RwSignal<Made>,
    /// The ids of the rows that are made, in their order.
    pub rows: Memo<Vec<String>>,
    /// How many members are shown only when somebody asks.
    hidden: Memo<usize>,
}

impl Portion {
    /// The part of these `ids` that is made, beginning with `at_once` rows: none, unless the page is looked at for them
    /// before all else, so that going to a page is over before its list is made. `list` says which list it is, for example
    /// by its filter: another one begins anew.
    #[must_use]
    pub fn of(ids: Memo<Vec<String>>, list: Signal<String>, at_once: usize) -> Self {
        let made = RwSignal::new(Made::beginning(list.get_untracked(), at_once));
        let rows = Memo::new(move |_| {
            let rows = list.with(|list| made.with(|it| it.rows_of(list)));
            ids.with(|all| all.iter().take(rows).cloned().collect::<Vec<_>>())
        });
        let hidden = Memo::new(move |_| {
            let members = ids.with(Vec::len);
            list.with(|list| made.with(|it| it.hidden(list, members)))
        });
        let grown = Memo::new(move |_| {
            let members = ids.with(Vec::len);
            list.with(|list| made.with(|it| it.after_paint(list, members)))
        });
        Effect::new(move |_| {
            if grown.with(Option::is_none) {
                return;
            }
            request_animation_frame(move || {
                // The list may have been left, or have become another one, before its paint came.
                if let Some(Some(next)) = grown.try_get_untracked() {
                    made.set(next);
                }
            });
        });
        Self { made, rows, hidden }
    }
}

/// Says how many rows are not shown, and shows more of them.
#[component]
pub fn ShowMore(
    /// Of what.
    portion: Portion,
) -> impl IntoView {
    let Portion { made, hidden, .. } = portion;
    let more = move |()| made.update(|it| *it = it.asked());
    let is_needed = Memo::new(move |_| hidden.get() > 0);
    move || {
        is_needed.get().then(|| {
            view! {
                <p class="mon-list-hint">
                    <Button on_click=more>
                        {move || format!("Show more of the {} that follow", hidden.get())}
                    </Button>
                </p>
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first() -> Made {
        Made::beginning("a".to_owned(), 0)
    }

    /// The rows after each paint until nothing is left to make.
    fn paints(mut made: Made, members: usize) -> (Vec<usize>, Made) {
        let mut rows = Vec::new();
        while let Some(next) = made.after_paint("a", members) {
            made = next;
            rows.push(made.rows);
        }
        (rows, made)
    }

    #[test]
    fn a_list_that_is_made_at_once_has_nothing_left_to_make() {
        for members in [0, 1, 12] {
            let made = Made::beginning("a".to_owned(), 12);
            assert!(paints(made, members).0.is_empty());
        }
        assert!(paints(first(), 0).0.is_empty());
    }

    #[test]
    fn a_list_begins_with_the_first_paint() {
        let (rows, _) = paints(first(), 10);
        assert_eq!(rows, [8, 16]);
    }

    #[test]
    fn a_long_list_grows_by_few_rows_a_paint_and_then_waits_to_be_asked() {
        let (rows, made) = paints(first(), 2_000);
        assert_eq!(rows, [8, 16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96, 100]);
        assert_eq!(made.hidden("a", 2_000), 1_900);
        let (rows, made) = paints(made.asked(), 2_000);
        assert_eq!(rows.last(), Some(&200));
        assert!(rows.iter().all(|it| *it <= 200));
        assert_eq!(made.hidden("a", 2_000), 1_800);
        assert_eq!(made.hidden("a", 200), 0);
    }

    #[test]
    fn another_list_begins_with_a_screenful() {
        let (_, made) = paints(first(), 2_000);
        assert_eq!(made.asked().rows_of("b"), ANOTHER_AT_ONCE);
        assert_eq!(made.asked().hidden("b", 150), 50);
        let next = made.asked().after_paint("b", 2_000);
        assert_eq!(next, Some(Made::beginning("b".to_owned(), ANOTHER_AT_ONCE)));
    }
}
