//! Functions that a processor of WebAssembly does not have. The browser has them all: linked into the program they would
//! be a fiftieth of what travels before anything is live, for pages that most people never embed.

#[cfg(target_arch = "wasm32")]
pub(super) use js_sys::Math::{atan2, cbrt, cos, exp, hypot, pow, sin};

#[cfg(not(target_arch = "wasm32"))]
pub(super) use native::{atan2, cbrt, cos, exp, hypot, pow, sin};

#[cfg(not(target_arch = "wasm32"))]
mod native {
    pub fn atan2(y: f64, x: f64) -> f64 {
        y.atan2(x)
    }

    pub fn cbrt(it: f64) -> f64 {
        it.cbrt()
    }

    pub fn cos(angle: f64) -> f64 {
        angle.cos()
    }

    pub fn exp(it: f64) -> f64 {
        it.exp()
    }

    pub fn hypot(x: f64, y: f64) -> f64 {
        x.hypot(y)
    }

    pub fn pow(base: f64, exponent: f64) -> f64 {
        base.powf(exponent)
    }

    pub fn sin(angle: f64) -> f64 {
        angle.sin()
    }
}
