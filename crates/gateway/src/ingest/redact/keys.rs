//! Names that say that a secret follows.

use serde_json::Value;

/// How sure a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strength {
    /// Whatever follows is a secret.
    Strong,
    /// A count or a flag may follow as well, as in `session: started` or `tokens: 512`.
    Weak,
}

/// Anywhere in a name, once it is in lower case and only its letters and digits are left.
const STRONG_ANYWHERE: [&str; 15] = [
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "secret",
    "apikey",
    "credential",
    "mysqlpwd",
    "privatekey",
    "accesskey",
    "authorization",
    "cookie",
    "connectionstring",
    "bearer",
    "databaseurl",
];
/// As a word of its own in a name; anywhere else they are parts of harmless words, as in `footprint`.
const STRONG_WORDS: [&str; 5] = ["otp", "dsn", "pwd", "csrf", "xsrf"];
const WEAK_ANYWHERE: [&str; 3] = ["token", "session", "oauth"];
const WEAK_WORDS: [&str; 2] = ["auth", "jwt"];
/// In text, everything to the end of the line belongs to these.
const WHOLE_LINE: [&str; 2] = ["authorization", "cookie"];

/// The names that hide their values: the built-in ones, and a product's own.
#[derive(Clone, Debug, Default)]
pub struct SecretKeys {
    own: Vec<String>,
}

impl SecretKeys {
    /// The built-in names and `own`; case, `-`, `_` and `.` do not matter.
    #[must_use]
    pub fn new(own: &[String]) -> Self {
        let own = own.iter().map(|key| squeeze(key));
        Self {
            own: own.filter(|key| !key.is_empty()).collect(),
        }
    }

    /// Whether and how surely `name` names a secret.
    #[must_use]
    pub fn strength(&self, name: &str) -> Option<Strength> {
        let squeezed = squeeze(name);
        let has = |part: &str| squeezed.contains(part);
        if self.own.iter().any(|key| has(key)) || STRONG_ANYWHERE.into_iter().any(has) {
            return Some(Strength::Strong);
        }
        let words = words(name);
        let has_word = |word: &str| words.iter().any(|it| it == word);
        if STRONG_WORDS.into_iter().any(has_word) {
            return Some(Strength::Strong);
        }
        (WEAK_ANYWHERE.into_iter().any(has) || WEAK_WORDS.into_iter().any(has_word))
            .then_some(Strength::Weak)
    }

    /// Whether the value of a field is hidden. Numbers and flags under a weak name are counts.
    #[must_use]
    pub fn hides_field(&self, name: &str, value: &Value) -> bool {
        let empty = match value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            _ => false,
        };
        !empty
            && match self.strength(name) {
                Some(Strength::Strong) => true,
                Some(Strength::Weak) => !matches!(value, Value::Number(_) | Value::Bool(_)),
                None => false,
            }
    }

    /// Whether everything to the end of the line belongs to the name, as with headers.
    #[must_use]
    pub fn hides_line(name: &str) -> bool {
        let squeezed = squeeze(name);
        WHOLE_LINE.into_iter().any(|part| squeezed.contains(part))
    }
}

/// Letters and digits in lower case.
fn squeeze(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// The words of `userAuth_otp-code`: user, auth, otp, code.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_lower = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && after_lower) {
            words.push(String::new());
        }
        after_lower = c.is_lowercase() || c.is_numeric();
        if let Some(word) = words.last_mut()
            && c.is_alphanumeric()
        {
            word.extend(c.to_lowercase());
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::{SecretKeys, Strength};

    #[test]
    fn names_of_secrets_are_known_however_they_are_written() {
        let keys = SecretKeys::new(&["patient_name".to_owned()]);
        let cases = [
            ("password", Some(Strength::Strong)),
            ("DB_PASSWORD", Some(Strength::Strong)),
            ("x-api-key", Some(Strength::Strong)),
            ("clientSecret", Some(Strength::Strong)),
            ("Set-Cookie", Some(Strength::Strong)),
            ("mysql_pwd", Some(Strength::Strong)),
            ("smsOtp", Some(Strength::Strong)),
            ("sentry.dsn", Some(Strength::Strong)),
            ("patientName", Some(Strength::Strong)),
            ("refresh_token", Some(Strength::Weak)),
            ("sessionId", Some(Strength::Weak)),
            ("x-auth", Some(Strength::Weak)),
            ("author", None),
            ("memory_footprint", None),
            ("route", None),
            ("", None),
        ];
        for (name, strength) in cases {
            assert_eq!(keys.strength(name), strength, "{name}");
        }
    }
}
