//! The settings of one process after flags, environment and file were put together.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::component::Component;
use super::duration::parse_duration;
use super::environment::Environment;
use super::flag::{Flag, shown};
use super::host_port::HostPort;
use super::problem::{Problem, SettingError, Source, WrongValue};
use super::resolve;
use super::secrets::shown_value;
use super::table::Table;
use super::tags;
use super::value::{parse_bool, parse_integer, parse_list};

/// A value that somebody gave.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    /// As written: an old name stays an old name in messages.
    pub(crate) shown: String,
    /// One, or several for flags that may stand several times.
    pub(crate) values: Vec<String>,
    pub(crate) source: Source,
}

impl Given {
    pub(crate) fn text(&self) -> &str {
        self.values.last().map_or("", String::as_str)
    }
}

/// Something to say once logs are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// Worth knowing.
    Info(String),
    /// Probably a mistake, or a name that has a successor.
    Warning(String),
}

/// What every setting of a component is, and where each value came from.
///
/// Getters take the flag's name without dashes, or the variable's name for settings without a flag. They fail
/// with the flag, the value and its source in the error.
///
/// ```
/// use jaeger_service::settings::{Component, Settings};
/// let settings = Settings::for_test(Component::Collector, &[("collector.queue-size", "500")]);
/// assert_eq!(settings.integer::<u32>("collector.queue-size"), Ok(500));
/// assert!(settings.is_set("collector.queue-size"));
/// assert_eq!(settings.duration("shutdown.quiet"), Ok(std::time::Duration::from_secs(3)));
/// ```
#[derive(Clone, Debug)]
pub struct Settings {
    pub(crate) table: &'static Table,
    pub(crate) given: BTreeMap<&'static str, Given>,
    pub(crate) environment: Environment,
    pub(crate) notes: Vec<Note>,
}

impl Settings {
    /// Settings as if these flags had been given, with `SPAN_STORAGE_TYPE=memory`; names as in the getters.
    ///
    /// # Panics
    ///
    /// If a flag is unknown or its value wrong: for tests only.
    pub fn for_test(component: Component, flags: &[(&str, &str)]) -> Self {
        let environment = Environment::new([("SPAN_STORAGE_TYPE".into(), "memory".into())]);
        let flags = flags.iter().map(|(name, value)| ((*name).to_owned(), vec![(*value).to_owned()])).collect();
        let (settings, problems) = resolve::resolve(component, flags, environment);
        assert!(problems.is_empty(), "settings for a test: {problems:?}");
        settings
    }

    /// Whose settings they are.
    pub fn component(&self) -> Component {
        self.table.component()
    }

    /// The table behind them.
    pub fn table(&self) -> &'static Table {
        self.table
    }

    /// What to say once logs are there: old names, strange variables and keys.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Logs the notes, once, after logs were set up.
    pub fn log_notes(&self) {
        for note in &self.notes {
            match note {
                Note::Info(text) => tracing::info!("{text}"),
                Note::Warning(text) => tracing::warn!("{text}"),
            }
        }
    }

    /// True if a flag, a variable or the file gave the value.
    pub fn is_set(&self, name: &str) -> bool {
        self.given.contains_key(name)
    }

    /// True if the value was given under that name, which may be an old one of the setting's.
    pub fn is_given_as(&self, name: &str, written: &str) -> bool {
        self.given.get(name).is_some_and(|given| given.shown == shown(written))
    }

    /// Where the value came from.
    pub fn source(&self, name: &str) -> Source {
        self.given.get(name).map_or(Source::Default, |given| given.source.clone())
    }

    /// The text.
    pub fn string(&self, name: &str) -> Result<&str, SettingError> {
        let flag = self.flag(name)?;
        Ok(self.given.get(name).map_or(flag.default, Given::text))
    }

    /// The parts of a comma list, trimmed, without empty ones.
    pub fn list(&self, name: &str) -> Result<Vec<&str>, SettingError> {
        Ok(parse_list(self.string(name)?).collect())
    }

    /// The texts of a flag that may stand several times; in the environment one a line.
    pub fn lines(&self, name: &str) -> Result<Vec<&str>, SettingError> {
        self.flag(name)?;
        Ok(self.given.get(name).map_or_else(Vec::new, |given| {
            given.values.iter().flat_map(|value| value.lines()).filter(|line| !line.is_empty()).collect()
        }))
    }

    /// A whole number of the type wanted.
    pub fn integer<T: TryFrom<i128>>(&self, name: &str) -> Result<T, SettingError> {
        let number = parse_integer(self.string(name)?)
            .ok_or_else(|| self.wrong(name, "not a whole number", "write a whole number"))?;
        T::try_from(number)
            .map_err(|_| self.wrong(name, "too large or too small", "write a smaller whole number, from 0 up"))
    }

    /// A number with a fraction.
    pub fn float(&self, name: &str) -> Result<f64, SettingError> {
        self.string(name)?.parse().map_err(|_| self.wrong(name, "not a number", "write a number such as 0.5"))
    }

    /// True or false.
    pub fn boolean(&self, name: &str) -> Result<bool, SettingError> {
        parse_bool(self.string(name)?).ok_or_else(|| self.wrong(name, "neither true nor false", "write true or false"))
    }

    /// A length of time, never negative.
    pub fn duration(&self, name: &str) -> Result<Duration, SettingError> {
        parse_duration(self.string(name)?)
            .map_err(|reason| self.wrong(name, reason, "write a number with its unit, such as 200ms, 5s or 1h30m"))
    }

    /// An address to listen on; `--bind-address` is the host where the value names none.
    pub fn host_port(&self, name: &str) -> Result<HostPort, SettingError> {
        let mut address = HostPort::parse(self.string(name)?)
            .map_err(|reason| self.wrong(name, reason, "write host:port, :port or a port"))?;
        if address.host.is_empty() {
            let bind = self.string("bind-address")?;
            address.host = bind.trim_start_matches('[').trim_end_matches(']').to_owned();
        }
        Ok(address)
    }

    /// A file, if one is named.
    pub fn file(&self, name: &str) -> Result<Option<PathBuf>, SettingError> {
        let path = self.string(name)?;
        Ok((!path.is_empty()).then(|| PathBuf::from(path)))
    }

    /// `key=value` pairs, with `${VARIABLE:default}` filled in from the environment.
    pub fn tags(&self, name: &str) -> Result<Vec<(String, String)>, SettingError> {
        let lookup = |variable: &str| self.environment.get(variable).map(str::to_owned);
        tags::parse(self.string(name)?, lookup)
            .map_err(|reason| self.wrong(name, &reason, "write key=value pairs separated by commas"))
    }

    /// An error about this setting's value, for rules that the table does not know.
    pub fn wrong(&self, name: &str, reason: &str, next: &str) -> SettingError {
        let value = self.shown_value(name);
        let (name, source) = match self.given.get(name) {
            Some(given) => (given.shown.clone(), given.source.clone()),
            None => (shown(name), Source::Default),
        };
        WrongValue { name, value, source, reason: reason.to_owned(), next: next.to_owned() }.into()
    }

    /// [`wrong`](Self::wrong) as a problem.
    pub fn problem(&self, name: &str, reason: &str, next: &str) -> Problem {
        self.wrong(name, reason, next).into()
    }

    /// The value as it may be shown: secrets hidden.
    pub fn shown_value(&self, name: &str) -> String {
        let Some(flag) = self.table.get(name) else { return String::new() };
        match self.given.get(name) {
            Some(given) => shown_value(flag, &given.values.join("\n")),
            None => flag.default.to_owned(),
        }
    }

    fn flag(&self, name: &str) -> Result<&'static Flag, SettingError> {
        self.table
            .get(name)
            .ok_or_else(|| SettingError::Unknown { name: shown(name), component: self.component().binary() })
    }
}
