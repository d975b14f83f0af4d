//! Causes and symptoms in incidents that people merge.

use super::*;

#[test]
fn symptoms_go_along_when_their_incident_is_merged() {
    let mut floor = Floor::new();
    floor.fire("mail", Severity::Warning);
    floor.fire("database", Severity::Critical);
    floor.fire("api", Severity::Warning);
    floor.fire("web", Severity::Warning);
    floor.end("web");
    let (mail, database) = (floor.open()[0].id, floor.open()[1].id);
    let acted = floor.merge(database, mail);
    assert_eq!(floor.shape(), ["mail,database < api"]);
    let moved: Vec<&str> = acted.moved.iter().map(Fingerprint::as_str).collect();
    assert_eq!(moved, ["database", "api"]);
    // What was over stays where it was told of.
    let left = &floor.desk.get(database).unwrap().symptoms;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].summary, "web is down");
    floor.fire("web", Severity::Warning);
    assert_eq!(floor.shape(), ["mail,database < api,web"]);
}

#[test]
fn what_gets_worse_stays_where_people_merged_it_to() {
    let mut floor = Floor::new();
    floor.fire("api", Severity::Warning);
    let api = floor.open()[0].id;
    floor.fire("mail", Severity::Warning);
    let mail = floor.open()[1].id;
    floor.merge(api, mail);
    floor.fire("api", Severity::Critical);
    assert_eq!(floor.shape(), ["mail,api < "]);
    assert_eq!(floor.open()[0].severity, Severity::Critical);
}

#[test]
fn an_alert_of_no_check_that_was_merged_does_not_open_another_incident_when_it_gets_worse() {
    let mut floor = Floor::new();
    floor.fire("whole", Severity::Warning);
    let whole = floor.open()[0].id;
    floor.fire("mail", Severity::Warning);
    let mail = floor.open()[1].id;
    floor.merge(whole, mail);
    floor.fire("whole", Severity::Critical);
    assert_eq!(floor.shape(), ["mail,whole < "]);
}

#[test]
fn a_cause_whose_check_an_incident_covers_joins_it_and_turns_no_other_round() {
    let mut floor = Floor::new();
    floor.fire("database", Severity::Critical);
    let database = floor.open()[0].id;
    floor.fire("mail", Severity::Warning);
    let mail = floor.open()[1].id;
    floor.merge(database, mail);
    floor.end("database");
    floor.fire("api", Severity::Warning);
    let api = floor.open()[1].id;
    floor.fire("database", Severity::Critical);
    assert_eq!(floor.shape(), ["mail,database < api"]);
    assert!(!is_open(floor.desk.get(api).unwrap()));
}

#[test]
fn what_a_person_opened_is_not_turned_round_and_not_ended_by_a_cause() {
    let mut floor = Floor::new();
    let own = floor.open_by_person();
    floor.fire("api", Severity::Warning);
    let api = floor.open()[1].id;
    floor.merge(api, own);
    assert_eq!(floor.shape(), ["api < "]);
    floor.fire("database", Severity::Critical);
    assert_eq!(floor.shape(), [" < ", "database < api"]);
    assert_eq!(floor.open()[0].title, "Invitations arrive twice");
}
