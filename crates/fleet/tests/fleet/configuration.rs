//! The configuration of the demo against the fleet: whatever it reads is really there.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;
use toml::Table;
use watchfloor_fleet::product::Product;
use watchfloor_fleet::scenario::Scenario;
use watchfloor_fleet::world::World;

use crate::support::{Rig, START_MS};

fn read(name: &str) -> Table {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../config")
        .join(name);
    std::fs::read_to_string(path).unwrap().parse().unwrap()
}

fn products() -> Vec<Table> {
    let demo = read("demo.toml");
    let names = demo["products"].as_array().unwrap();
    names
        .iter()
        .map(|name| read(name.as_str().unwrap()))
        .collect()
}

fn tables<'a>(table: &'a Table, key: &str) -> Vec<&'a Table> {
    let list = table.get(key).and_then(toml::Value::as_array);
    list.into_iter()
        .flatten()
        .map(|it| it.as_table().unwrap())
        .collect()
}

fn text<'a>(table: &'a Table, key: &str) -> &'a str {
    table.get(key).and_then(toml::Value::as_str).unwrap_or("")
}

/// `<check>.<metric>` of everything that the product's file declares.
fn series(product: &Table) -> BTreeSet<String> {
    let probed = tables(product, "probe")
        .into_iter()
        .flat_map(|probe| tables(probe, "metric"));
    let probed = probed.map(|it| format!("{}.{}", text(it, "check"), text(it, "name")));
    let pushed = tables(product, "pushed").into_iter();
    let pushed = pushed.map(|it| format!("{}.{}", text(it, "check"), text(it, "metric")));
    probed.chain(pushed).collect()
}

#[tokio::test]
async fn every_pointer_leads_to_something_in_the_live_answer() {
    let rig = Rig::start().await;
    for product in products() {
        for probe in tables(&product, "probe")
            .into_iter()
            .filter(|it| text(it, "kind") == "http")
        {
            let url = text(probe, "url").replace("${FLEET_HOST:-127.0.0.1}", &rig.host.to_string());
            let body: Value = rig
                .client
                .get(&url)
                .send()
                .await
                .unwrap()
                .json()
                .await
                .unwrap();
            let mut pointers = vec![text(probe, "timestamp")];
            for check in tables(probe, "check") {
                pointers.push(text(check, "status"));
                let required = check.get("required").and_then(toml::Value::as_array);
                pointers.extend(
                    required
                        .into_iter()
                        .flatten()
                        .map(|it| it.as_str().unwrap()),
                );
            }
            for metric in tables(probe, "metric") {
                let from = text(metric, "from");
                assert!(
                    from.is_empty() || body.pointer(from).unwrap().is_number(),
                    "{url} {from}"
                );
            }
            for pointer in pointers {
                assert!(body.pointer(pointer).is_some(), "{url} has no {pointer}");
            }
        }
    }
}

#[tokio::test]
async fn every_prometheus_sample_is_in_the_live_answer() {
    let rig = Rig::start().await;
    let answer = rig
        .get(watchfloor_fleet::ports::DEEDPRO_BACKEND, "/metrics")
        .await;
    let body = answer.text().await.unwrap();
    let deedpro = read("deedpro.toml");
    let probes = tables(&deedpro, "probe");
    let probe = probes
        .iter()
        .find(|it| text(it, "kind") == "prometheus")
        .unwrap();
    for metric in tables(probe, "metric") {
        for name in [text(metric, "from"), text(metric, "over")] {
            let there = body
                .lines()
                .any(|line| line.starts_with(&format!("{name} ")));
            assert!(name.is_empty() || there, "{name}");
        }
    }
}

#[test]
fn rules_targets_and_charts_judge_only_what_is_measured() {
    for product in products() {
        let (id, series) = (text(&product, "id"), series(&product));
        for kind in ["rule", "target", "chart"] {
            for it in tables(&product, kind)
                .into_iter()
                .filter(|it| it.contains_key("metric"))
            {
                let name = format!("{}.{}", text(it, "check"), text(it, "metric"));
                assert!(series.contains(&name), "{id}: a {kind} judges {name}");
            }
        }
        let charts: Vec<&str> = tables(&product, "chart")
            .iter()
            .map(|it| text(it, "kind"))
            .collect();
        assert_eq!(charts, ["error_ratio", "latency", "throughput"], "{id}");
    }
}

#[test]
fn names_are_unique_and_each_check_has_one_value_on_its_tile_at_most() {
    for product in products() {
        let id = text(&product, "id");
        let probes = tables(&product, "probe");
        let checks: Vec<&str> = probes
            .iter()
            .flat_map(|probe| tables(probe, "check"))
            .map(|check| text(check, "name"))
            .collect();
        let unique: BTreeSet<&&str> = checks.iter().collect();
        assert_eq!(unique.len(), checks.len(), "{id}");
        let rules = tables(&product, "rule");
        let names: BTreeSet<&str> = rules.iter().map(|rule| text(rule, "name")).collect();
        assert_eq!(names.len(), rules.len(), "{id}");
        let headlines: Vec<&str> = probes
            .iter()
            .flat_map(|probe| tables(probe, "metric"))
            .chain(tables(&product, "pushed"))
            .filter(|it| it.contains_key("headline"))
            .map(|it| text(it, "check"))
            .collect();
        let unique: BTreeSet<&&str> = headlines.iter().collect();
        assert_eq!(unique.len(), headlines.len(), "{id}");
    }
}

#[test]
fn every_priority_that_a_severity_gets_has_a_response() {
    for product in products() {
        let given = product["priority"].as_table().unwrap().values();
        let responses = product["response"].as_table().unwrap();
        for priority in given {
            assert!(
                responses.contains_key(priority.as_str().unwrap()),
                "{}",
                text(&product, "id")
            );
        }
    }
}

#[test]
fn exactly_what_is_configured_as_pushed_is_pushed() {
    let world = World::new(1, Arc::new(|| START_MS));
    let pushes: Vec<_> = (0..10).flat_map(|_| world.tick()).collect();
    for product in products() {
        let configured: BTreeSet<(String, String)> = tables(&product, "pushed")
            .into_iter()
            .map(|it| {
                (
                    format!("{}.{}", text(it, "check"), text(it, "metric")),
                    text(it, "unit").to_owned(),
                )
            })
            .collect();
        let who = Product::parse(text(&product, "id")).unwrap();
        assert_eq!(text(&product, "ingest_key_env"), who.ingest_key_env());
        let pushed: BTreeSet<(String, String)> = pushes
            .iter()
            .filter(|push| push.product == who && push.route == "metrics")
            .flat_map(|push| push.body["points"].as_array().unwrap())
            .map(|it| {
                (
                    it["name"].as_str().unwrap().to_owned(),
                    it["unit"].as_str().unwrap().to_owned(),
                )
            })
            .collect();
        assert_eq!(pushed, configured, "{who}");
    }
}

#[test]
fn the_scenario_beside_the_configuration_can_be_played() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/scenario-overview.toml");
    let scenario = Scenario::parse(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(scenario.steps.len(), 5);
}
