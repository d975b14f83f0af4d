//! Starts the console in the page.

fn main() {
    watchfloor_console::app::start();
}
