//! One incident from its beginning to its end, by clicks on a phone and at a desk, with the gateway killed as `kill -9`
//! does at every step: nothing that was confirmed is lost, and nothing happens twice.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use watchfloor_e2e::pages::{self, SOON};
use watchfloor_e2e::{Browser, Build, ChromeDriver, Screen, Theme, World, until};

const NOTE: &str = "On my way to the rack";
const HAS_IT: &str = "Omar Haddad has it";
const LAPSED: &str = "The lease of Omar Haddad lapsed";
const RESOLVED: &str = "Priya Raman resolved it";

/// Who works, and where.
struct Watch {
    world: World,
    desk: Browser,
    phone: Browser,
    incident: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_goes_its_way_though_the_gateway_is_killed_at_every_step() -> Result<()> {
    let (world, chromedriver) = (
        World::start_with(Build::Debug, short_leases).await?,
        ChromeDriver::start().await?,
    );
    let desk = Browser::open(&chromedriver, Screen::DESK, Theme::Dark).await?;
    pages::first_login(&world, &desk).await?;
    let link = world.add_account("omar", "operator").await?;
    let phone = Browser::open(&chromedriver, Screen::PHONE, Theme::Light).await?;
    pages::first_login_as("Omar Haddad", &link, &phone).await?;
    pages::product_is(&desk, "chatpdd", "ok", SOON).await?;
    let mut watch = Watch {
        world,
        desk,
        phone,
        incident: String::new(),
    };
    watch.breaks().await?;
    watch.taken_on_the_phone().await?;
    watch.seen_at_the_desk().await?;
    watch.lapses_while_nobody_is_there().await?;
    watch.resolved_at_the_desk().await?;
    watch.nothing_happened_twice().await?;
    for browser in [&watch.desk, &watch.phone] {
        let complaints = browser.complaints().await?;
        // What a browser has to complain about while the gateway is away, and when the form asks what became of an
        // action that the gateway never carried out.
        let expected = |line: &String| {
            line.contains("net::ERR_") || (line.contains("/idempotency/") && line.contains(" 404 "))
        };
        ensure!(complaints.iter().all(expected), "{complaints:#?}");
    }
    watch.desk.close().await?;
    watch.phone.close().await
}

/// A lease of a minute, the shortest that there is, is what ChatPDD's form offers.
fn short_leases(name: &str, text: String) -> String {
    if name == "chatpdd.toml" {
        text.replace("lease = \"60m\"", "lease = \"1m\"")
    } else {
        text
    }
}

impl Watch {
    async fn killed(&mut self) -> Result<()> {
        self.world.kill_gateway().await?;
        self.world.start_gateway().await
    }

    /// A fault, of which the killed gateway may or may not have heard; then the incident, which the next one knows.
    async fn breaks(&mut self) -> Result<()> {
        self.world.break_product("chatpdd", "process-gone").await?;
        self.killed().await?;
        let list = self.world.url("incidents?product=chatpdd");
        self.phone.driver().goto(list).await?;
        let row = "li[data-incident]";
        let row = until("ChatPDD's incident", SOON, || self.phone.shown(row)).await?;
        let number = row.attr("data-incident").await?;
        self.incident = number.context("the row has no number")?;
        self.killed().await?;
        let page = self.world.url(&format!("incidents/{}", self.incident));
        for browser in [&self.phone, &self.desk] {
            browser.driver().goto(&page).await?;
            pages::reads(browser, "Not acknowledged").await?;
        }
        Ok(())
    }

    /// The gateway dies the moment that the button was pressed. The form finds out by itself what became of it.
    async fn taken_on_the_phone(&mut self) -> Result<()> {
        let field = "section[aria-label=\"Answer\"] textarea";
        let note = until("the field for the note", SOON, || self.phone.shown(field)).await?;
        note.send_keys(NOTE).await?;
        pages::press(&self.phone, "Acknowledge").await?;
        self.killed().await?;
        let taken = pages::settles(&self.phone, "Acknowledge", HAS_IT).await;
        pages::witnessed(&self.phone, "killed-acknowledge", taken).await
    }

    async fn seen_at_the_desk(&mut self) -> Result<()> {
        for _ in 0..2 {
            for words in [HAS_IT, "Lease ends in", NOTE] {
                let seen = pages::reads(&self.desk, words).await;
                pages::witnessed(&self.desk, "killed-owner", seen).await?;
            }
            self.killed().await?;
            pages::live(&self.desk).await?;
        }
        Ok(())
    }

    /// The lease ends while no gateway runs. The next one triggers the incident again, once, and so does not the one
    /// after it.
    async fn lapses_while_nobody_is_there(&mut self) -> Result<()> {
        let detail = self.ask(&format!("incidents/{}", self.incident)).await?;
        let until_ms = detail["incident"]["lease"]["until"].as_u64();
        let until_ms = until_ms.context("it has no lease")?;
        self.world.kill_gateway().await?;
        let now_ms = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
        let left_ms = until_ms.saturating_sub(u64::try_from(now_ms)?);
        tokio::time::sleep(Duration::from_millis(left_ms)).await;
        self.world.start_gateway().await?;
        let lapsed = pages::reads(&self.phone, LAPSED).await;
        pages::witnessed(&self.phone, "killed-lapsed", lapsed).await?;
        self.killed().await?;
        for browser in [&self.phone, &self.desk] {
            pages::live(browser).await?;
            pages::reads(browser, "Not acknowledged").await?;
        }
        Ok(())
    }

    async fn resolved_at_the_desk(&mut self) -> Result<()> {
        let field = "#incident-resolve";
        let note = until("the field for how it ended", SOON, || {
            self.desk.shown(field)
        })
        .await?;
        note.send_keys("The process is back").await?;
        pages::press(&self.desk, "Resolve").await?;
        self.killed().await?;
        let resolved = pages::settles(&self.desk, "Resolve", RESOLVED).await;
        pages::witnessed(&self.desk, "killed-resolve", resolved).await?;
        self.killed().await?;
        pages::live(&self.phone).await?;
        pages::reads(&self.phone, RESOLVED).await
    }

    /// The audit tells each thing once, and its chain holds.
    async fn nothing_happened_twice(&self) -> Result<()> {
        let subject = format!("audit?subject=INC-{}&limit=500", self.incident);
        let audit = self.ask(&subject).await?;
        ensure!(audit["proof"].get("broken").is_none(), "{}", audit["proof"]);
        let entries = audit["entries"].as_array().context("no audit")?;
        for action in ["open", "acknowledge", "lease_lapsed", "resolve"] {
            let action = format!("incident.{action}");
            let times = entries.iter().filter(|it| it["action"] == action.as_str());
            ensure!(times.count() == 1, "{action} is not there once: {audit:#}");
        }
        let detail = self.ask(&format!("incidents/{}", self.incident)).await?;
        let timeline = detail["timeline"].as_array().context("no timeline")?;
        for kind in ["opened", "acknowledged", "released", "resolved"] {
            let times = timeline.iter().filter(|it| it["kind"] == kind).count();
            ensure!(
                times == 1,
                "the timeline says {kind} {times} times: {detail:#}"
            );
        }
        Ok(())
    }

    /// What the gateway answers to who sits at the desk.
    async fn ask(&self, path: &str) -> Result<Value> {
        let ask = format!(
            "const done = arguments[arguments.length - 1];
             fetch('/api/monitoring/{path}').then((a) => a.json()).then(done, () => done(null));"
        );
        until(path, SOON, || async {
            let answer = self.desk.driver().execute_async(&ask, Vec::new()).await?;
            Ok(Some(answer.json().clone()).filter(|it| !it.is_null()))
        })
        .await
    }
}
