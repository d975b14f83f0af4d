//! The demonstration as it is shipped: its calendar says who is on call, and one incident is told on all five kinds of
//! channels, each in the shape that its receiver publishes.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use watchfloor_e2e::pages::{self, SOON};
use watchfloor_e2e::{Browser, Build, ChromeDriver, Screen, Theme, World, until};

/// A calendar that could not be asked for at the start is asked for again after a minute.
const READ_WITHIN: Duration = Duration::from_secs(90);
/// A fault shows, its rule holds for 10 s, the incident is opened and told.
const TOLD_WITHIN: Duration = Duration::from_secs(60);
/// The product whose incidents of the highest priority go everywhere.
const PRODUCT: &str = "universal-assistant";
/// The receivers in the simulated products, and the channels of the configuration that lead there.
const TOLD: [(&str, &str); 5] = [
    ("slack/assistant", "Slack #assistant-alerts"),
    ("discord/assistant", "Discord development team"),
    ("webhook/assistant", "Webhook integrations"),
    ("alertmanager/assistant", "Alertmanager integrations"),
    ("email", "E-mail"),
];

#[tokio::test(flavor = "multi_thread")]
async fn its_calendar_is_read_and_says_who_is_on_call() -> Result<()> {
    let world = World::start(Build::Debug).await?;
    let token = world.add_program("reader", "viewer").await?;
    let (board, rotation) = until("the calendar", READ_WITHIN, || async {
        let board = world.ask(&token, "on-call").await?;
        let rotations = board["rotations"].as_array().context("no rotations")?;
        let own = rotations.iter().find(|it| it["id"] == "deedpro-secondary");
        let own = own.context("no rotation by calendar")?.clone();
        let is_read = own["calendar"]["read_at"].is_number();
        Ok(is_read.then_some((board, own)))
    })
    .await?;
    ensure!(rotation["calendar"]["problem"].is_null(), "{rotation}");
    ensure!(rotation["products"] == json!(["deedpro"]), "{rotation}");
    let shifts = rotation["shifts"].as_array().context("no turns")?;
    let now = shifts.first().context("nobody is on call")?;
    ensure!(now["starts_at"] == board["at"], "{rotation}");
    // Eight turns are told, and each begins when the one before it ends: nobody is never on call.
    ensure!(shifts.len() == 8, "{rotation}");
    for (one, next) in shifts.iter().zip(&shifts[1..]) {
        ensure!(one["ends_at"] == next["starts_at"], "{rotation}");
        ensure!(one["person"] != next["person"], "{rotation}");
    }
    let people = ["tomas", "omar", "mei", "lena"];
    for shift in shifts {
        let person = shift["person"].as_str().context("a turn of nobody")?;
        ensure!(people.contains(&person), "{rotation}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_incident_is_told_on_all_five_kinds_of_channels() -> Result<()> {
    let (world, chromedriver) = (
        World::start(Build::Debug).await?,
        ChromeDriver::start().await?,
    );
    let browser = Browser::open(&chromedriver, Screen::DESK, Theme::Dark).await?;
    pages::first_login(&world, &browser).await?;
    let token = world.add_program("reader", "viewer").await?;
    pages::product_is(&browser, PRODUCT, "ok", SOON).await?;
    world.break_product(PRODUCT, "process-gone").await?;
    let told = until("an incident told to everybody", TOLD_WITHIN, || {
        told(&world)
    })
    .await?;
    expect_shapes(&told)?;
    expect_delivered(&world, &token, &told).await?;
    browser.driver().goto(world.url("notifications")).await?;
    for (_, channel) in TOLD {
        let seen = pages::reads(&browser, channel).await;
        pages::witnessed(&browser, "notifications", seen).await?;
    }
    browser.expect_no_complaint().await?;
    browser.close().await
}

/// The first incident of the product that every receiver heard of, and what each got of it, in the order of [`TOLD`].
async fn told(world: &World) -> Result<Option<(String, Vec<Value>)>> {
    let all = world.received().await?;
    let slack = all.iter().find(|it| it["receiver"] == TOLD[0].0);
    let id = slack.and_then(|it| it["id"].as_str());
    // The id is made of the incident, its version, what happened and the channel.
    let Some(number) = id.and_then(|it| it.split('-').nth(1)) else {
        return Ok(None);
    };
    let of_it = |it: &&Value| {
        let id = it["id"].as_str().unwrap_or_default();
        id.starts_with(&format!("inc-{number}-"))
    };
    let each = TOLD.iter().map(|(receiver, _)| {
        let mut own = all.iter().filter(of_it);
        own.find(|it| it["receiver"] == *receiver).cloned()
    });
    let each: Option<Vec<Value>> = each.collect();
    Ok(each.map(|it| (format!("INC-{number}"), it)))
}

/// The receivers know the shapes and limits that are published; here it is that each of them says what it is about.
fn expect_shapes((incident, told): &(String, Vec<Value>)) -> Result<()> {
    for it in told {
        let receiver = &it["receiver"];
        ensure!(it["problems"] == json!([]), "{receiver}: {it:#}");
        let answered = if receiver == "email" { 250 } else { 200 };
        ensure!(it["answered"] == answered, "{receiver}: {it:#}");
        ensure!(
            it["body"].to_string().contains(incident),
            "{receiver}: {it:#}"
        );
    }
    let [slack, discord, webhook, alertmanager, mail] = told.as_slice() else {
        anyhow::bail!("not five of them");
    };
    let title = slack["body"]["text"]
        .as_str()
        .context("Slack has no text")?;
    ensure!(title.starts_with("[P0] Opened: "), "{title}");
    let embed = &discord["body"]["embeds"][0];
    ensure!(
        embed["url"]
            .as_str()
            .is_some_and(|it| it.ends_with(incident)),
        "{embed}"
    );
    let event = &webhook["body"];
    ensure!(event["type"] == "watchfloor.notification.opened", "{event}");
    ensure!(
        event["data"]["product"] == PRODUCT && event["data"]["priority"] == "P0",
        "{event}"
    );
    let group = &alertmanager["body"];
    let labels = &group["alerts"][0]["labels"];
    ensure!(
        group["status"] == "firing" && group["receiver"] == "assistant-alertmanager",
        "{group}"
    );
    ensure!(
        labels["product"] == PRODUCT && labels["severity"] == "critical",
        "{group}"
    );
    ensure!(
        group["groupLabels"] == json!({ "incident": incident }),
        "{group}"
    );
    // The mailbox of the channel, and whoever is on call for the product.
    let to = &mail["body"]["to"];
    let on_call = [json!("omar@example.com"), json!("mei@example.com")];
    ensure!(
        to[0] == "duty@example.com" && on_call.contains(&to[1]),
        "{to}"
    );
    Ok(())
}

/// The gateway says so as well.
async fn expect_delivered(
    world: &World,
    token: &str,
    (incident, told): &(String, Vec<Value>),
) -> Result<()> {
    for it in told {
        let id = it["id"].as_str().context("it has no id")?;
        let row = until(&format!("the outcome of {id}"), SOON, || async {
            let row = world.ask(token, &format!("notifications/{id}")).await?;
            Ok((row["state"] == "delivered").then_some(row))
        })
        .await?;
        ensure!(row["attempts"] == 1 && row["product"] == PRODUCT, "{row}");
    }
    let list = world.ask(token, "notifications").await?;
    let channels = list["channels"].as_array().context("no channels")?;
    for (_, name) in TOLD {
        let channel = channels.iter().find(|it| it["name"] == name);
        let channel = channel.with_context(|| format!("no channel {name}"))?;
        ensure!(channel["delivered_at"].is_number(), "{incident}: {channel}");
        ensure!(channel["failure"].is_null(), "{incident}: {channel}");
    }
    Ok(())
}
