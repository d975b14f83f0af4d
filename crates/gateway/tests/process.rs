//! The binary as a process: it starts, says where it is, keeps others off its data, and stops when it is told to.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may fail by panicking"
)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

const PRODUCT: &str = "id = \"shop\"\nname = \"Shop\"\n\n[[probe]]\nkind = \"http\"\n\
    url = \"http://127.0.0.1:9999/\"\n\n[[probe.check]]\nname = \"api\"\ntitle = \"API\"\n";

fn command(dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_watchfloor"));
    command.args(arguments).current_dir(dir);
    command.env("WATCHFLOOR_LOG", "warn").stderr(Stdio::piped());
    command
}

fn configured() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let gateway = "products = [\"shop.toml\"]\n\n[probing]\nallow_cidrs = [\"127.0.0.0/8\"]\n";
    std::fs::write(dir.path().join("gateway.toml"), gateway).unwrap();
    std::fs::write(dir.path().join("shop.toml"), PRODUCT).unwrap();
    dir
}

const SERVE: [&str; 5] = [
    "serve",
    "--config",
    "gateway.toml",
    "--listen",
    "127.0.0.1:0",
];

/// A running gateway; killed when the test ends early.
struct Running {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Running {
    fn start(dir: &Path) -> Self {
        let mut child = command(dir, &SERVE).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// The next line on standard output, without what it begins with.
    fn line(&mut self, beginning: &str) -> String {
        let line = self.lines.next().expect("a line").unwrap();
        let rest = line.strip_prefix(beginning);
        rest.unwrap_or_else(|| panic!("`{line}` does not begin with `{beginning}`"))
            .to_owned()
    }

    fn stop(mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &pid])
                .status()
                .unwrap()
                .success()
        );
        self.child.wait().unwrap().code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already when the test stopped it.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn run(dir: &Path, arguments: &[&str]) -> Output {
    command(dir, arguments).output().unwrap()
}

#[test]
fn a_gateway_starts_serves_and_stops_without_error() {
    let dir = configured();
    let mut gateway = Running::start(dir.path());
    let link = gateway.line("First login: http://127.0.0.1:");
    assert!(link.contains("/admin/monitoring/first-login#"), "{link}");
    let site = gateway.line("Watchfloor is ready at http://");
    let address = site.strip_suffix("/admin/monitoring").unwrap();
    assert!(get(address, "/api/health").starts_with("HTTP/1.1 200 OK"));
    assert!(get(address, "/api/monitoring/dashboard").starts_with("HTTP/1.1 401 "));

    let second = run(dir.path(), &SERVE);
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(
        !second.status.success() && said.contains("in use by another gateway"),
        "{said}"
    );

    // A token that the command line makes is good for the gateway that runs.
    let token = run(dir.path(), &["account", "token", "admin"]);
    assert_eq!(String::from_utf8_lossy(&token.stdout).trim().len(), 43);
    assert_eq!(gateway.stop(), Some(0));
}

#[test]
fn what_was_taken_is_free_again_after_a_kill() {
    let dir = configured();
    let mut first = Running::start(dir.path());
    first.line("First login: ");
    first.line("Watchfloor is ready at ");
    drop(first);
    let mut second = Running::start(dir.path());
    // Nobody has set a password yet, so there is a new link.
    second.line("First login: ");
    second.line("Watchfloor is ready at ");
    assert_eq!(second.stop(), Some(0));
}

#[test]
fn a_wrong_configuration_is_refused_with_its_place() {
    let dir = configured();
    assert!(
        run(dir.path(), &["check-config", "gateway.toml"])
            .status
            .success()
    );
    std::fs::write(
        dir.path().join("shop.toml"),
        format!("{PRODUCT}titel = \"x\"\n"),
    )
    .unwrap();
    for arguments in [&["check-config", "gateway.toml"][..], &SERVE[..]] {
        let refused = run(dir.path(), arguments);
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success());
        assert!(
            said.contains("shop.toml:11") && said.contains("titel"),
            "{said}"
        );
    }
}

#[test]
fn warnings_are_told_with_their_place_and_end_the_command_only_when_denied() {
    let dir = configured();
    let lines = PRODUCT.lines().count();
    std::fs::write(
        dir.path().join("shop.toml"),
        format!(
            "{PRODUCT}[response.P0]\nrespond_within = \"1h\"\nescalation = [{{ after = \"0s\", name = \"Lead\" }}]\n"
        ),
    )
    .unwrap();
    let warned = run(dir.path(), &["check-config", "gateway.toml"]);
    let said = String::from_utf8_lossy(&warned.stderr).into_owned();
    assert!(warned.status.success(), "{said}");
    let wanted = format!(
        "warning: shop.toml:{}: response.P0.escalation: the step `Lead` names nobody",
        lines + 3
    );
    assert!(said.contains(&wanted), "{said}");
    let denied = run(
        dir.path(),
        &["check-config", "--deny-warnings", "gateway.toml"],
    );
    assert_eq!(denied.status.code(), Some(2));
}

fn status_with(address: &str, token: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!(
        "GET /api/monitoring/dashboard HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Authorization: Bearer {token}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer).unwrap();
    answer
}

#[test]
fn an_account_that_the_command_line_disables_is_shut_out_of_the_running_gateway() {
    let dir = configured();
    let mut gateway = Running::start(dir.path());
    gateway.line("First login: ");
    let site = gateway.line("Watchfloor is ready at http://");
    let address = site.strip_suffix("/admin/monitoring").unwrap();
    let account = |arguments: &[&str]| {
        let arguments: Vec<&str> = ["account"].iter().chain(arguments).copied().collect();
        let output = run(dir.path(), &arguments);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    account(&["add", "ines", "--role", "viewer"]);
    let token = account(&["token", "ines"]);
    assert!(status_with(address, &token).contains("200"));
    account(&["disable", "ines"]);
    let tries = (0..200).find(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        status_with(address, &token).contains("401")
    });
    assert!(tries.is_some(), "the token still stands");
    let verified = run(dir.path(), &["audit", "verify"]);
    let said = String::from_utf8_lossy(&verified.stdout).into_owned();
    assert!(
        verified.status.success() && said.contains("The audit holds"),
        "{said}"
    );
    let exported = run(dir.path(), &["audit", "export"]);
    let exported = String::from_utf8(exported.stdout).unwrap();
    assert!(exported.contains("account.sessions_ended"), "{exported}");
    assert_eq!(gateway.stop(), Some(0));
}

#[test]
fn exit_codes_tell_a_broken_audit_from_one_that_cannot_be_read() {
    let dir = configured();
    assert_eq!(run(dir.path(), &["audit", "verify"]).status.code(), Some(1));
    let wrong = run(dir.path(), &["audit", "verify", "--noted", "x"]);
    assert_eq!(wrong.status.code(), Some(2));
    let mut gateway = Running::start(dir.path());
    gateway.line("First login: ");
    gateway.line("Watchfloor is ready at ");
    assert_eq!(gateway.stop(), Some(0));
    assert_eq!(run(dir.path(), &["audit", "verify"]).status.code(), Some(0));
    let noted = format!("9999:{}", "0".repeat(64));
    let cut = run(dir.path(), &["audit", "verify", "--noted", &noted]);
    assert_eq!(cut.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&cut.stdout).contains("were taken off the end"));
}

/// Follows the feed from a cursor, by a raw socket, until `told` is said.
fn follow(address: &str, token: &str, (e, s): (&str, u64), told: &str) {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!(
        "GET /api/monitoring/feed HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Protocol: watchfloor.feed.v1\r\nAuthorization: Bearer {token}\r\n\r\n"
    );
    let hello = format!(
        r#"{{"t":"hello","v":1,"kind":"wall","build":"b","cursor":{{"e":"{e}","s":{s}}}}}"#
    );
    let length = u8::try_from(hello.len()).unwrap();
    assert!(length < 126);
    // A mask of zeros leaves the text as it is.
    let frame = [&[0x81, 0x80 | length, 0, 0, 0, 0], hello.as_bytes()].concat();
    stream
        .write_all(&[request.as_bytes(), &frame].concat())
        .unwrap();
    let (mut said, mut bytes) = (String::new(), [0; 1_024]);
    while !said.contains(told) {
        let count = stream.read(&mut bytes).unwrap();
        assert!(count > 0, "closed after: {said}");
        said.push_str(&String::from_utf8_lossy(&bytes[..count]));
    }
}

/// The text behind `key` in the snapshot, up to `end`.
fn in_snapshot(address: &str, token: &str, key: &str, end: char) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!(
        "GET /api/monitoring/dashboard HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Authorization: Bearer {token}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (_, rest) = answer.split_once(key).unwrap();
    rest.split(end).next().unwrap().to_owned()
}

#[test]
fn a_client_that_knows_what_the_disk_lost_begins_another_epoch_that_stays() {
    let dir = configured();
    let mut gateway = Running::start(dir.path());
    gateway.line("First login: ");
    let site = gateway.line("Watchfloor is ready at http://");
    let address = site.strip_suffix("/admin/monitoring").unwrap();
    let token = run(dir.path(), &["account", "token", "admin"]);
    let token = String::from_utf8_lossy(&token.stdout).trim().to_owned();
    let before = in_snapshot(address, &token, "\"epoch\":\"", '"');
    follow(address, &token, (&before, 9_000), "\"why\":\"ahead\"");
    // It is on the disk before anybody is told, so it is waited for.
    while in_snapshot(address, &token, "\"epoch\":\"", '"') == before {
        std::thread::yield_now();
    }
    let after = in_snapshot(address, &token, "\"epoch\":\"", '"');
    follow(address, &token, (&before, 1), "\"why\":\"epoch\"");
    assert!(get(address, "/api/health").contains("The disk lost changes"));
    drop(gateway);
    let mut again = Running::start(dir.path());
    again.line("First login: ");
    let site = again.line("Watchfloor is ready at http://");
    let address = site.strip_suffix("/admin/monitoring").unwrap();
    assert_eq!(in_snapshot(address, &token, "\"epoch\":\"", '"'), after);
    assert_eq!(again.stop(), Some(0));
}

const TELLING: &str = r#"id = "shop"
name = "Shop"

[priority]
critical = "P0"

[response.P0]
respond_within = "15m"
channels = ["hook"]

[[probe]]
kind = "tcp"
url = "tcp://127.0.0.1:9"
interval = "1s"
timeout = "1s"

[[probe.check]]
name = "api"
title = "API"

[[rule]]
name = "down"
check = "api"
status = "down"
severity = "critical"
"#;

/// A gateway that watches a port where nobody listens, and tells `receiver` of it.
fn telling(receiver: &std::net::TcpListener) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let address = receiver.local_addr().unwrap();
    let gateway = format!(
        "products = [\"shop.toml\"]\n\n[probing]\nallow_cidrs = [\"127.0.0.0/8\"]\nallow_ports = [\"1-65535\"]\n\n\
         [[channel]]\nid = \"hook\"\nname = \"Hook\"\nkind = \"webhook\"\nurl = \"http://{address}/\"\n"
    );
    std::fs::write(dir.path().join("gateway.toml"), gateway).unwrap();
    std::fs::write(dir.path().join("shop.toml"), TELLING).unwrap();
    dir
}

/// Takes one request; answers with the notification's id and the connection, on which nothing was said yet.
fn told(receiver: &std::net::TcpListener) -> (String, TcpStream) {
    let (stream, _) = receiver.accept().unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut id = String::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        match line.trim_end().split_once(": ") {
            Some(("webhook-id", value)) => value.clone_into(&mut id),
            Some(("content-length", value)) => length = value.parse().unwrap(),
            Some(_) => {}
            None if line.trim_end().is_empty() => break,
            None => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    (id, stream)
}

#[test]
fn who_must_be_told_is_told_after_a_kill_and_then_no_more() {
    let receiver = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let dir = telling(&receiver);
    let first = Running::start(dir.path());
    let (before, unanswered) = told(&receiver);
    assert_eq!(before, "inc-1-1-opened-hook");
    // Killed while it is on its way: nobody knows whether it arrived.
    drop(first);
    drop(unanswered);
    let second = Running::start(dir.path());
    let (after, mut stream) = told(&receiver);
    assert_eq!(after, before, "receivers drop doubles by the id");
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    stream.write_all(answer).unwrap();
    assert_eq!(second.stop(), Some(0));
    let third = Running::start(dir.path());
    receiver.set_nonblocking(true).unwrap();
    std::thread::sleep(std::time::Duration::from_secs(2));
    assert!(receiver.accept().is_err(), "it was told already");
    assert_eq!(third.stop(), Some(0));
}
