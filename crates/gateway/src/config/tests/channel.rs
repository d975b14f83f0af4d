//! Channels, and products that use them.

use super::{GATEWAY, PRODUCT, messages};

const SLACK: &str = "[[channel]]\nid = \"slack\"\nname = \"Slack\"\nkind = \"slack\"\nurl = \"http://127.0.0.1:9150/\"\n";
const MAIL: &str = "[[channel]]\nid = \"mail\"\nname = \"Mail\"\nkind = \"email\"\nserver = \"127.0.0.1:25\"\nfrom = \"Floor <a@example.com>\"\nto_contact = true\n";

/// The messages that a gateway's file with `added` gives, without the file's name; lines count from `added`.
fn gateway(added: &str, expected: &[&str]) {
    let text = format!("{GATEWAY}{added}");
    compare(messages(&text, PRODUCT), GATEWAY, added, expected);
}

/// The same for a product's file, with both channels configured.
fn product(added: &str, expected: &[&str]) {
    let with_channels = format!("{GATEWAY}{SLACK}{MAIL}");
    let before = PRODUCT.replace(
        "[response.P0]\nrespond_within = \"15m\"\n",
        &format!("[response.P0]\nrespond_within = \"15m\"\n{added}\n"),
    );
    let offset = PRODUCT
        .split("respond_within = \"15m\"\n")
        .next()
        .unwrap_or_default();
    let found = messages(&with_channels, &before);
    compare(found, &format!("{offset}x\n"), added, expected);
}

fn compare(found: Vec<String>, before: &str, added: &str, expected: &[&str]) {
    let offset = before.lines().count();
    let told = found.join("\n");
    assert_eq!(found.len(), expected.len(), "{added}\ngave\n{told}");
    for (message, wanted) in found.iter().zip(expected) {
        let (_, message) = message.split_once(':').unwrap();
        let (line, wanted) = wanted.split_once(": ").unwrap();
        let line: usize = line.parse().unwrap();
        let wanted = format!("{}: {wanted}", offset + line);
        assert!(
            message.starts_with(&wanted),
            "{added}\ngave\n{message}\nnot\n{wanted}"
        );
    }
}

#[test]
fn channels_that_are_right_are_taken() {
    gateway(&format!("{SLACK}{MAIL}"), &[]);
    gateway(&SLACK.replace("url =", "url_env = \"SLACK_URL\" #"), &[]);
}

#[test]
fn a_channel_leads_somewhere_that_may_be_reached() {
    let to = |url: &str| SLACK.replace("http://127.0.0.1:9150/", url);
    gateway(
        &to("http://169.254.169.254/latest/"),
        &["5: channel.url: this address may not be reached: 169.254.169.254 is in 169.254.0.0/16"],
    );
    gateway(
        &to("ftp://example.com/"),
        &["5: channel.url: it is not http or https"],
    );
    gateway(&to("hush hush"), &["5: channel.url: it is no address"]);
    gateway(
        &SLACK.replace("url =", "# "),
        &["1: channel: it leads nowhere; set `url_env`"],
    );
    gateway(
        &format!("{SLACK}url_env = \"A B\"\n"),
        &[
            "5: channel.url: `url_env` is set as well; one of the two",
            "6: channel.url_env: `A B` names no environment variable",
        ],
    );
}

#[test]
fn a_secret_in_an_address_is_not_repeated() {
    let text = format!(
        "{GATEWAY}{}",
        SLACK.replace("http://127.0.0.1:9150/", "ftp://x/hush")
    );
    let told = messages(&text, PRODUCT).join("\n");
    assert!(
        told.contains("channel.url") && !told.contains("hush"),
        "{told}"
    );
}

#[test]
fn kinds_have_keys_of_their_own() {
    gateway(
        &format!("{SLACK}to = [\"a@example.com\"]\nsecret_env = \"KEY\"\n"),
        &[
            "6: channel.to: a channel of kind `slack` has no `to`; leave it out",
            "7: channel.secret_env: a channel of kind `slack` has no `secret_env`; leave it out",
        ],
    );
    gateway(
        &SLACK.replace("\"slack\"\nurl", "\"pager\"\nurl"),
        &["4: channel.kind: unknown variant `pager`, expected one of `slack`, `discord`"],
    );
    gateway(
        &format!("{SLACK}title = \"x\"\n").replace("kind = \"slack\"", "kind = \"alertmanager\""),
        &["6: channel.title: programs read this channel, and its shape is fixed; leave it out"],
    );
}

#[test]
fn templates_are_checked() {
    gateway(
        &format!("{SLACK}title = \"{{titel}}\"\ntext = \"}}\"\n"),
        &[
            "6: channel.title: there is no placeholder {titel}; there are {what} {incident}",
            "7: channel.text: `}` stands alone; write `}}`",
        ],
    );
}

#[test]
fn a_mail_channel_has_a_server_a_sender_and_somebody_who_gets_it() {
    gateway(
        &MAIL.replace("127.0.0.1:25", "127.0.0.1"),
        &["5: channel.server: `127.0.0.1` is no mail server; write host and port"],
    );
    gateway(
        &MAIL.replace("127.0.0.1:25", "10.0.0.1:587"),
        &["5: channel.server: this address may not be reached: 10.0.0.1 is in 10.0.0.0/8"],
    );
    gateway(
        &MAIL.replace("Floor <a@example.com>", "Floor"),
        &["6: channel.from: `Floor` is no e-mail address"],
    );
    gateway(
        &MAIL.replace("to_contact = true", "username = \"floor\""),
        &[
            "1: channel: nobody gets it; set `to`",
            "1: channel: `username` and `password_env` belong together",
        ],
    );
}

#[test]
fn a_mail_channels_authorities_are_read_with_the_rest() {
    let with = |file: &str| format!("{MAIL}ca_file = \"{file}\"\n");
    let config = super::load(&format!("{GATEWAY}{}", with("ca.pem")), PRODUCT).unwrap();
    assert_eq!(config.gateway.channels[0].authorities.len(), 1);
    for (file, said) in [
        ("none.pem", "`none.pem` cannot be read: no such file"),
        (
            "key.pem",
            "`key.pem`: it holds no certificate; one begins with `-----BEGIN CERT",
        ),
        ("broken.pem", "`broken.pem`: it is no PEM: "),
        ("other.pem", "an authority cannot be trusted: "),
    ] {
        gateway(&with(file), &[&format!("8: channel.ca_file: {said}")]);
    }
    gateway(
        &format!("{}tls = \"none\"\n", with("ca.pem")),
        &[
            "8: channel.ca_file: with `tls = \"none\"` no certificate is shown; leave one of the two out",
        ],
    );
    gateway(
        &format!("{SLACK}ca_file = \"ca.pem\"\n"),
        &["6: channel.ca_file: a channel of kind `slack` has no `ca_file`; leave it out"],
    );
}

#[test]
fn bounds_and_names_are_checked() {
    gateway(
        &format!("{SLACK}timeout = \"5m\"\nmax_per_minute = 0\n{SLACK}"),
        &[
            "6: channel.timeout: it is not from 1s to 60s",
            "7: channel.max_per_minute: 0 is not from 1 to 600",
            "9: channel.id: another channel is called `slack` already",
        ],
    );
    gateway(
        "[notifications]\npublic_url = \"ops.example.com\"\n",
        &["2: notifications.public_url: `ops.example.com` is no origin"],
    );
}

#[test]
fn products_use_channels_that_there_are() {
    product("channels = [\"slack\"]", &[]);
    product(
        "channels = [\"slack\", \"pager\", \"slack\"]",
        &[
            "1: response.P0.channels: there is no channel `pager`; the gateway's file has `slack`, `mail`",
            "1: response.P0.channels: `slack` is named twice",
        ],
    );
    product(
        "channels = [\"slack\"]\ntell = [\"opened\", \"closed\"]",
        &["2: response.P0.tell: unknown word `closed`, expected one of `opened`"],
    );
}

#[test]
fn a_step_reaches_somebody() {
    let step = |more: &str| format!("escalation = [{{ after = \"5m\", name = \"Lead\"{more} }}]");
    product(
        &step(""),
        &["1: response.P0.escalation: nobody is reached by the step `Lead`; name `channels`"],
    );
    product(
        &step(", channels = [\"mail\"], contact = \"Ann\""),
        &["1: response.P0.escalation: nobody is reached by the step `Lead`"],
    );
    product(
        &step(", channels = [\"mail\"], contact = \"ann@example.com\""),
        &[],
    );
    product(&format!("channels = [\"slack\"]\n{}", step("")), &[]);
}
