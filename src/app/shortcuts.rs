//! Which key means what; pure.

/// How long the second key of a pair may take, in milliseconds.
const PAIR_WITHIN_MS: i64 = 1_500;

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    Overview,
    Incidents,
    Logs,
    Errors,
    /// The list of shortcuts.
    Help,
    /// To the next or the previous row of the page's list.
    Row(i32),
    /// The address of this page, to the clipboard.
    CopyLink,
    FullScreen,
    /// The element of the page that is marked with this key.
    Element(&'static str),
}

/// The list for people: keys and what they do.
pub(super) const LIST: [(&str, &str); 17] = [
    ("g o", "Overview"),
    ("g i", "Incidents"),
    ("g l", "Logs"),
    ("g e", "Errors"),
    ("/", "Search on this page"),
    ("j  k", "Next, previous row"),
    ("Enter", "Open the row"),
    ("a", "Acknowledge"),
    ("u", "Undo the acknowledgement"),
    ("x  Shift+A", "Select the row, acknowledge what is selected"),
    ("e", "Escalate"),
    ("r", "Runbook"),
    ("c", "Copy the link to this page"),
    ("t", "Chart as table"),
    ("Space  End", "Hold the log, jump to live"),
    ("f", "Full screen"),
    ("Ctrl+Enter", "Send the form"),
];

/// Reads keys one after the other.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shortcuts {
    /// When `g` was pressed, while its second key is awaited.
    go_since: Option<i64>,
}

impl Shortcuts {
    /// Takes a key without modifiers (other than Shift) that was pressed outside of fields.
    pub(super) fn press(&mut self, key: &str, now_ms: i64) -> Option<Command> {
        let pair = self
            .go_since
            .take()
            .is_some_and(|since| now_ms - since <= PAIR_WITHIN_MS);
        if pair {
            return match key {
                "o" => Some(Command::Overview),
                "i" => Some(Command::Incidents),
                "l" => Some(Command::Logs),
                "e" => Some(Command::Errors),
                _ => None,
            };
        }
        Some(match key {
            "g" => {
                self.go_since = Some(now_ms);
                return None;
            }
            "?" => Command::Help,
            "j" => Command::Row(1),
            "k" => Command::Row(-1),
            "c" => Command::CopyLink,
            "f" => Command::FullScreen,
            "/" => Command::Element("/"),
            "a" => Command::Element("a"),
            "A" => Command::Element("A"),
            "u" => Command::Element("u"),
            "x" => Command::Element("x"),
            "e" => Command::Element("e"),
            "r" => Command::Element("r"),
            "t" => Command::Element("t"),
            " " => Command::Element("Space"),
            "End" => Command::Element("End"),
            _ => return None,
        })
    }
}

/// The row to go to from `current` (`None`: nowhere yet) by `step`, in a list of `count`.
pub(super) fn next_row(current: Option<usize>, step: i32, count: usize) -> Option<usize> {
    let last = count.checked_sub(1)?;
    Some(match current {
        None => 0,
        Some(at) if step < 0 => at.saturating_sub(1),
        Some(at) => (at + 1).min(last),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn g_and_a_letter_go_to_a_page() {
        let mut keys = Shortcuts::default();
        assert_eq!(keys.press("g", 0), None);
        assert_eq!(keys.press("e", 1_500), Some(Command::Errors));
        assert_eq!(keys.press("e", 1_600), Some(Command::Element("e")));
    }

    #[test]
    fn a_late_second_key_stands_for_itself() {
        let mut keys = Shortcuts::default();
        keys.press("g", 0);
        assert_eq!(keys.press("e", 1_501), Some(Command::Element("e")));
    }

    #[test]
    fn an_unknown_pair_does_nothing() {
        let mut keys = Shortcuts::default();
        keys.press("g", 0);
        assert_eq!(keys.press("a", 10), None);
    }

    #[test]
    fn rows_end_at_the_ends_of_the_list() {
        assert_eq!(next_row(None, 1, 3), Some(0));
        assert_eq!(next_row(Some(2), 1, 3), Some(2));
        assert_eq!(next_row(Some(0), -1, 3), Some(0));
        assert_eq!(next_row(None, 1, 0), None);
    }
}
