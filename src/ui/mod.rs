//! Components that know no domain, and the words for numbers and times.
//!
//! What the pages of every domain rely on. State is shown by attributes (`data-status`, `aria-busy`), so that
//! the style sheet decides what it looks like.

mod age;
mod button;
mod calendar;
mod choice;
mod clipboard;
mod clock_face;
mod dialog;
mod disclosure;
mod field;
pub mod format;
mod glyph;
mod moment;
mod older;
mod portion;
mod region;
mod search_box;
mod small;
mod status;
mod text_area;
mod toast;

pub use age::Age;
pub use button::{Button, ButtonKind};
pub use calendar::{
    date, date_of_day, day_and_month, field_text, instant_of, minute_of_day, second_of_day,
};
pub use choice::Segmented;
pub use clipboard::copy;
pub use clock_face::{ClockFace, ClockState};
pub use dialog::Dialog;
pub use disclosure::fold;
pub use field::Field;
pub use glyph::{Glyph, GlyphShape};
pub use moment::Moment;
pub use older::{Page, older};
pub use portion::{Portion, ShowMore};
pub use region::{Region, RegionState};
pub use search_box::SearchBox;
pub use small::{Empty, Kbd, PriorityBadge};
pub use status::{StatusIcon, StatusWord};
pub use text_area::TextArea;
pub use toast::{ToastHost, Toasts, provide_toasts, use_toasts};
