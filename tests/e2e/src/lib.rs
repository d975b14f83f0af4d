//! What the browser tests stand on: a world of its own for each test (products, gateway, data), a browser
//! of its own for each person, and waiting for conditions instead of for time. [`chaos`] puts a bad network in between.

pub mod axe;
pub mod browser;
pub mod chaos;
pub mod chromedriver;
pub mod film;
pub mod measure;
pub mod pages;
pub mod places;
pub mod player;
pub mod wait;
pub mod world;

pub use browser::{Browser, Screen, Theme};
pub use chromedriver::ChromeDriver;
pub use wait::until;
pub use world::{Build, World};
