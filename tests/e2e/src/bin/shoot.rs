//! Pictures of every page, on every screen, in both themes: `cargo run -p watchfloor-e2e --bin shoot -- DIR`.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use clap::Parser;
use watchfloor_e2e::{Browser, Build, ChromeDriver, Screen, Theme, World, pages, until};

/// Pages below the base, with the part of the file name that stands for them.
const PAGES: [(&str, &str); 9] = [
    ("", "overview"),
    ("products/chatpdd", "product"),
    ("incidents", "incidents"),
    ("silences", "silences"),
    ("notifications", "notifications"),
    ("audit", "audit"),
    ("errors", "errors"),
    ("logs", "logs"),
    ("wall", "wall"),
];
const SCREENS: [(Screen, &str); 3] = [
    (Screen::DESK, "desk"),
    (Screen::WALL, "wall"),
    (Screen::PHONE, "phone"),
];

/// Pages that are shown without their gateway.
const STALE_PAGES: [(&str, &str); 5] = [
    ("", "overview"),
    ("products/chatpdd", "product"),
    ("incidents", "incidents"),
    ("silences", "silences"),
    ("wall", "wall"),
];

/// How long a page goes on after its gateway until it says that it is not current, and a little more.
const STALE_SHOWS: Duration = Duration::from_secs(32);

/// How long a fault takes to show, to be an incident, and to be told.
const FAULT_SHOWS: Duration = Duration::from_secs(20);

/// Takes pictures of every page.
#[derive(Parser)]
struct Arguments {
    /// Where the PNG files go.
    folder: PathBuf,
    /// Switch this fault of ChatPDD on first, for example `error-burst`.
    #[arg(long)]
    fault: Option<String>,
    /// How long the products run before, in seconds: charts draw what there was.
    #[arg(long, default_value_t = 20)]
    after_s: u64,
    /// Show the pages as they are half a minute after their gateway was killed.
    #[arg(long)]
    stale: bool,
    /// Use the release builds.
    #[arg(long)]
    release: bool,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    std::fs::create_dir_all(&arguments.folder)?;
    let build = if arguments.release {
        Build::Release
    } else {
        Build::Debug
    };
    let (mut world, chromedriver) = (World::start(build).await?, ChromeDriver::start().await?);
    let browser = Browser::open(&chromedriver, Screen::DESK, Theme::Dark).await?;
    pages::first_login(&world, &browser).await?;
    tokio::time::sleep(Duration::from_secs(arguments.after_s)).await;
    if let Some(fault) = &arguments.fault {
        world.break_product("chatpdd", fault).await?;
    }
    tokio::time::sleep(FAULT_SHOWS).await;
    if arguments.stale {
        for (page, name) in STALE_PAGES {
            browser.driver().goto(world.url(page)).await?;
            settle(&browser).await?;
            // What lies in other chunks is here by then.
            tokio::time::sleep(FAULT_SHOWS).await;
            world.kill_gateway().await?;
            tokio::time::sleep(STALE_SHOWS).await;
            shoot(&browser, &format!("{name}-stale"), &arguments.folder).await?;
            world.start_gateway().await?;
        }
        return browser.close().await;
    }
    for (page, name) in PAGES {
        browser.driver().goto(world.url(page)).await?;
        shoot(&browser, name, &arguments.folder).await?;
    }
    browser.driver().goto(world.url("")).await?;
    let bar = until("who is on call", pages::SOON, || {
        browser.shown("summary.mon-on-call")
    });
    bar.await?.click().await?;
    shoot(&browser, "on-call", &arguments.folder).await?;
    if let Some(incident) = first_incident(&world, &browser).await? {
        browser
            .driver()
            .goto(world.url(&format!("incidents/{incident}")))
            .await?;
        shoot(&browser, "incident", &arguments.folder).await?;
    }
    browser.close().await
}

async fn shoot(browser: &Browser, name: &str, folder: &std::path::Path) -> Result<()> {
    for (screen, screen_name) in SCREENS {
        for theme in [Theme::Dark, Theme::Light] {
            browser.show_on(screen).await?;
            browser.prefer(theme).await?;
            settle(browser).await?;
            let path = folder.join(format!("{name}-{screen_name}-{}.png", theme.word()));
            browser.picture(&path).await?;
            println!("{}", path.display());
        }
    }
    Ok(())
}

/// Waits until the program has drawn the page: fonts are there and two frames have passed.
async fn settle(browser: &Browser) -> Result<()> {
    until("the page", pages::SOON, || async {
        let is_drawn = browser
            .script("return !document.getElementById('boot')")
            .await?;
        Ok((is_drawn == true).then_some(()))
    })
    .await?;
    let two_frames = "const done = arguments[arguments.length - 1];
        document.fonts.ready.then(() => requestAnimationFrame(() => requestAnimationFrame(done)));";
    browser
        .driver()
        .execute_async(two_frames, Vec::new())
        .await?;
    Ok(())
}

async fn first_incident(world: &World, browser: &Browser) -> Result<Option<String>> {
    browser.driver().goto(world.url("incidents")).await?;
    settle(browser).await?;
    // Its rows are made with the paint after the page's; without a fault there is none.
    let row = until("an incident", pages::SOON, || {
        browser.shown("li[data-incident]")
    });
    match row.await {
        Ok(row) => Ok(row.attr("data-incident").await?),
        Err(_) => Ok(None),
    }
}
