//! One setting as data: its name, form, default and whether this version serves it.
//!
//! Help, reference page, environment list and the comparison with Go Jaeger's list are all read off these.

use super::component::Component;

/// The form of a setting's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Free text, or one of a set of words.
    Text,
    /// `true` or `false`; the bare flag means `true`.
    Bool,
    /// A whole number, possibly negative.
    Int,
    /// A whole number from 0 up.
    Uint,
    /// A number with a fraction.
    Float,
    /// A Go duration such as `1h2m3.5s`.
    Duration,
    /// Texts separated by commas.
    List,
    /// A flag that may stand several times, one text each.
    Lines,
    /// An address to listen on: `host:port`, `:port` or a bare port.
    Listener,
    /// Addresses to connect to, separated by commas.
    Targets,
    /// A file that is read.
    File,
    /// `key=value` pairs separated by commas; a value may be `${VARIABLE:default}`.
    Tags,
}

impl Kind {
    /// The word that help and the reference page print for the form.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Uint => "uint",
            Self::Float => "float",
            Self::Duration => "duration",
            Self::List => "list",
            Self::Lines => "strings",
            Self::Listener => "host:port",
            Self::Targets => "host:port list",
            Self::File => "file",
            Self::Tags => "tags",
        }
    }

    /// The word that Go Jaeger's help prints for the same form.
    pub const fn go_word(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Uint => "uint",
            Self::Float => "float",
            Self::Duration => "duration",
            Self::Lines => "strings",
            Self::Text | Self::List | Self::Listener | Self::Targets | Self::File | Self::Tags => "string",
        }
    }

    /// How to write a value of this form: the next step in an error.
    pub(crate) const fn hint(self) -> &'static str {
        match self {
            Self::Text | Self::List | Self::Lines => "write text",
            Self::Bool => "write true or false",
            Self::Int => "write a whole number such as 2000",
            Self::Uint => "write a whole number from 0 up, such as 2000",
            Self::Float => "write a number such as 0.5",
            Self::Duration => "write a number with its unit, such as 200ms, 5s or 1h30m",
            Self::Listener => "write host:port, :port or a port",
            Self::Targets => "write host:port, or several separated by commas",
            Self::File => "write the path of a file",
            Self::Tags => "write key=value pairs separated by commas",
        }
    }
}

/// Whether this version does what a setting says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It does.
    Works,
    /// It does not yet: setting it is refused with this reason, so that nothing is taken and ignored.
    NotYet {
        /// What comes later and what to do until then.
        reason: &'static str,
        /// The value that asks for nothing, and so may be set.
        harmless: Option<&'static str>,
    },
}

/// A word that a text setting may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The word itself.
    pub value: &'static str,
    /// Why the word is known and yet refused, if it is.
    pub refused: Option<&'static str>,
}

/// Shorthand for a word that is served.
pub(crate) const fn word(value: &'static str) -> Choice {
    Choice { value, refused: None }
}

/// Shorthand for a word that is known and refused.
pub(crate) const fn refused(value: &'static str, reason: &'static str) -> Choice {
    Choice { value, refused: Some(reason) }
}

/// A line of a table file: a [`Flag`] before its group's prefix is put in front.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) default: &'static str,
    pub(crate) help: &'static str,
    pub(crate) status: Status,
    pub(crate) choices: &'static [Choice],
    pub(crate) least: Option<i64>,
    pub(crate) on: &'static [(Component, &'static str)],
    pub(crate) differs: Option<&'static str>,
    pub(crate) ours: bool,
    pub(crate) needless: Option<&'static str>,
    pub(crate) may_be_empty: bool,
}

/// A served setting with a default and a line of help.
pub(crate) const fn row(name: &'static str, kind: Kind, default: &'static str, help: &'static str) -> Row {
    Row {
        name,
        kind,
        default,
        help,
        status: Status::Works,
        choices: &[],
        least: None,
        on: &[],
        differs: None,
        ours: false,
        needless: None,
        may_be_empty: false,
    }
}

impl Row {
    /// An empty address opens no listener, although there is one by default.
    pub(crate) const fn may_be_empty(mut self) -> Self {
        self.may_be_empty = true;
        self
    }

    /// The part behind it comes later; the value that asks for nothing stays allowed.
    pub(crate) const fn not_yet(mut self, reason: &'static str, harmless: Option<&'static str>) -> Self {
        self.status = Status::NotYet { reason, harmless };
        self
    }

    /// Only these words.
    pub(crate) const fn one_of(mut self, choices: &'static [Choice]) -> Self {
        self.choices = choices;
        self
    }

    /// The smallest number that makes sense.
    pub(crate) const fn at_least(mut self, least: i64) -> Self {
        self.least = Some(least);
        self
    }

    /// Another default on some components.
    pub(crate) const fn on(mut self, on: &'static [(Component, &'static str)]) -> Self {
        self.on = on;
        self
    }

    /// The default is not Go Jaeger's, on purpose, for this reason.
    pub(crate) const fn differs(mut self, reason: &'static str) -> Self {
        self.differs = Some(reason);
        self
    }

    /// What it asks for is always so here: taken, with a line in the log that says why it has no effect.
    pub(crate) const fn needless(mut self, reason: &'static str) -> Self {
        self.needless = Some(reason);
        self
    }

    /// A setting that Go Jaeger does not have.
    pub(crate) const fn ours(mut self) -> Self {
        self.ours = true;
        self
    }
}

/// A setting of one component.
#[derive(Clone, Debug)]
pub struct Flag {
    /// The name without dashes, `collector.queue-size`; for settings without a flag the variable, `SPAN_STORAGE_TYPE`.
    pub name: String,
    /// The environment variable.
    pub env: String,
    /// The form of the value.
    pub kind: Kind,
    /// What holds when nobody says anything, as text.
    pub default: &'static str,
    /// What it does, in a line.
    pub help: &'static str,
    /// Whether this version does it.
    pub status: Status,
    /// The words allowed, empty for any text.
    pub choices: &'static [Choice],
    /// The smallest number allowed.
    pub least: Option<i64>,
    /// Why the default is not Go Jaeger's, where it is not.
    pub differs: Option<&'static str>,
    /// True for settings that Go Jaeger does not have.
    pub ours: bool,
    /// Why it has no effect although it is taken, where that is so.
    pub needless: Option<&'static str>,
    /// True for a listener that an empty address turns off.
    pub may_be_empty: bool,
    /// The heading under which help lists it.
    pub group: &'static str,
}

impl Flag {
    /// True for settings that only the environment (or the file) has.
    pub fn is_env_only(&self) -> bool {
        self.name == self.env
    }

    /// The name as people write it: `--collector.queue-size` or `SPAN_STORAGE_TYPE`.
    pub fn shown(&self) -> String {
        shown(&self.name)
    }

    /// True where this version does what the setting says.
    pub fn works(&self) -> bool {
        self.status == Status::Works
    }
}

/// A name as people write it: variables bare, flags with dashes.
pub(crate) fn shown(name: &str) -> String {
    if name.starts_with(|c: char| c.is_ascii_uppercase()) { name.to_owned() } else { format!("--{name}") }
}

/// The variable of a flag: upper case, `.` and `-` become `_`.
pub(crate) fn env_of(name: &str) -> String {
    name.chars().map(|c| if matches!(c, '.' | '-') { '_' } else { c.to_ascii_uppercase() }).collect()
}
