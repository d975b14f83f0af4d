//! Accounts beside the running gateway, and what programs ask it with them.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tokio::process::Command;

use super::{FIRST_LOGIN, World};
use crate::places;

impl World {
    /// Makes an account beside the running gateway; answers with its one-time link.
    ///
    /// # Errors
    /// When the program refuses it.
    pub async fn add_account(&self, name: &str, role: &str) -> Result<String> {
        let text = self
            .account(&["add", name, "--role", role, "--at", &self.url("")])
            .await?;
        let link = text.lines().find_map(|line| line.split_once(FIRST_LOGIN));
        link.map(|(_, link)| link.trim().to_owned())
            .with_context(|| format!("no link for {name}: {text}"))
    }

    /// Makes an account for a program; answers with its token.
    ///
    /// # Errors
    /// When the program refuses it.
    pub async fn add_program(&self, name: &str, role: &str) -> Result<String> {
        self.add_account(name, role).await?;
        Ok(self.account(&["token", name]).await?.trim().to_owned())
    }

    /// Asks the API, for example for `on-call`.
    ///
    /// # Errors
    /// When it does not answer with 200.
    pub async fn ask(&self, token: &str, path: &str) -> Result<Value> {
        let asked = reqwest::Client::new()
            .get(self.api(path))
            .bearer_auth(token);
        answered(asked.send().await?).await
    }

    /// Tells the API to do something, once.
    ///
    /// # Errors
    /// When it does not answer that it was done.
    pub async fn order(&self, token: &str, path: &str, key: &str, body: &Value) -> Result<Value> {
        let told = reqwest::Client::new()
            .post(self.api(path))
            .bearer_auth(token)
            .header("idempotency-key", key)
            .json(body);
        answered(told.send().await?).await
    }

    fn api(&self, path: &str) -> String {
        format!("http://{}/api/monitoring/{path}", self.listen)
    }

    async fn account(&self, words: &[&str]) -> Result<String> {
        let output = Command::new(places::program(self.build.profile(), "watchfloor")?)
            .arg("account")
            .args(words)
            .arg("--data")
            .arg(self.folder.path().join("data"))
            .output()
            .await?;
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        ensure!(output.status.success(), "account {words:?}: {error}");
        Ok(String::from_utf8(output.stdout)?)
    }
}

async fn answered(answer: reqwest::Response) -> Result<Value> {
    let status = answer.status();
    let text = answer.text().await?;
    ensure!(status.is_success(), "the gateway answered {status}: {text}");
    serde_json::from_str(&text).context(text)
}
