//! A canvas that is as sharp as the screen: how large it is, and when its colours may have changed.

use std::cell::RefCell;

use leptos::html::Canvas;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{HtmlCanvasElement, MediaQueryList, ResizeObserver};

/// Listeners of one canvas; dropping it takes them off.
struct Watch {
    observer: ResizeObserver,
    media: Option<MediaQueryList>,
    changed: Closure<dyn FnMut()>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.observer.disconnect();
        if let Some(media) = &self.media {
            // It fails only for an object that is no event target.
            let _ = media.remove_event_listener_with_callback("change", self.changed.as_ref().unchecked_ref());
        }
    }
}

/// A number that changes whenever the canvas has another size, or the system another theme.
pub(super) fn use_surface(canvas: NodeRef<Canvas>) -> Signal<u32> {
    let generation = RwSignal::new(0_u32);
    let watch = StoredValue::new_local(RefCell::new(None));
    // Observing an element is an act on the document.
    Effect::new(move |_| {
        let Some(element) = canvas.get() else { return };
        watch.with_value(|it| it.replace(watch_element(&element, generation)));
    });
    on_cleanup(move || {
        // The value may be gone before, when the whole page ends.
        let _ = watch.try_with_value(|it| it.take());
    });
    generation.into()
}

fn watch_element(element: &HtmlCanvasElement, generation: RwSignal<u32>) -> Option<Watch> {
    let changed = Closure::<dyn FnMut()>::new(move || {
        let _ = generation.try_update(|it| *it = it.wrapping_add(1));
    });
    let observer = ResizeObserver::new(changed.as_ref().unchecked_ref()).ok()?;
    observer.observe(element);
    let media = window().match_media("(prefers-color-scheme: light)").ok().flatten();
    if let Some(media) = &media {
        let _ = media.add_event_listener_with_callback("change", changed.as_ref().unchecked_ref());
    }
    Some(Watch { observer, media, changed })
}

/// Gives the canvas one pixel of its own for each of the screen's; returns device pixels for one CSS pixel.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "pixels of a screen fit; a float beyond the range saturates"
)]
pub(super) fn fit(canvas: &HtmlCanvasElement) -> f64 {
    let ratio = window().device_pixel_ratio().clamp(0.5, 8.0);
    let pixels = |css_px: i32| ((f64::from(css_px) * ratio).round() as u32).min(16_384);
    let (width, height) = (pixels(canvas.client_width()), pixels(canvas.client_height()));
    // Setting a size clears the canvas and allocates it anew, also when it is the same.
    if canvas.width() != width {
        canvas.set_width(width);
    }
    if canvas.height() != height {
        canvas.set_height(height);
    }
    ratio
}
