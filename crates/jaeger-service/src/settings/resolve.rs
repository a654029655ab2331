//! Puts flags, environment, file and defaults together: flag before environment before file before default.

use std::collections::{BTreeMap, HashMap};

use super::component::Component;
use super::duration::parse_duration;
use super::environment::{Environment, is_from_kubernetes};
use super::file::{self, Entry, FileValue};
use super::flag::{Flag, Kind, Status, env_of, shown};
use super::nearest::nearest;
use super::problem::{Problem, SettingError, Source, WrongValue};
use super::resolved::{Given, Note, Settings};
use super::secrets::shown_value;
use super::table::Table;
use super::table::old_names::{Means, OldName};
use super::value::{Refusal, check, parse_bool};

/// The flags of a command line: names without dashes, with their values in order.
pub(crate) type Flags = Vec<(String, Vec<String>)>;

/// Resolves everything; the settings hold whatever could be used, the problems are all there are.
pub(crate) fn resolve(component: Component, flags: Flags, environment: Environment) -> (Settings, Vec<Problem>) {
    let settings = Settings { table: Table::of(component), given: BTreeMap::new(), environment, notes: Vec::new() };
    let mut resolver = Resolver { settings, problems: Vec::new() };
    resolver.take_flags(flags);
    resolver.take_environment();
    resolver.take_file();
    resolver.check();
    (resolver.settings, resolver.problems)
}

struct Resolver {
    settings: Settings,
    problems: Vec<Problem>,
}

impl Resolver {
    fn take_flags(&mut self, flags: Flags) {
        let level = flags.into_iter().map(|(name, values)| (name, values, Source::Flag)).collect();
        self.take_level(level);
    }

    fn take_environment(&mut self) {
        let table = self.settings.table;
        let mut level = Vec::new();
        let names = table.flags().iter().map(|flag| flag.name.as_str()).chain(table.old_names().map(|old| old.name));
        for name in names {
            let env = env_of(name);
            let Some(value) = self.settings.environment.get(&env) else { continue };
            if is_from_kubernetes(value) {
                self.settings.notes.push(Note::Info(format!(
                    "environment variable {env} is Kubernetes' address of a service, not a setting: ignored"
                )));
                continue;
            }
            // The flag of SPAN_STORAGE_TYPE has the same variable as the setting itself.
            if table.get(name).is_none() && table.by_env(&env).is_some() {
                continue;
            }
            level.push((name.to_owned(), vec![value.to_owned()], Source::Env(env)));
        }
        self.take_level(level);
        let strangers = self.settings.environment.strangers();
        self.settings.notes.extend(strangers.into_iter().map(Note::Warning));
    }

    fn take_file(&mut self) {
        let path = self.settings.string("config-file").unwrap_or_default().to_owned();
        if path.is_empty() {
            return;
        }
        match file::read(&path) {
            Err(reason) => self.problems.push(Problem::Other(reason)),
            Ok(entries) => {
                let level = entries.into_iter().filter_map(|entry| self.file_entry(&path, entry)).collect();
                self.take_level(level);
            }
        }
    }

    fn file_entry(&mut self, path: &str, entry: Entry) -> Option<(String, Vec<String>, Source)> {
        let table = self.settings.table;
        let source = Source::File(path.to_owned(), entry.line);
        let known = |name: &str| table.get(name).is_some() || table.old_names().any(|old| old.name == name);
        let name = [entry.key.clone(), entry.key.to_ascii_uppercase()].into_iter().find(|name| known(name));
        let Some(name) = name else {
            self.strange_key(&entry.key, &source);
            return None;
        };
        let kind = self.today(&name).map(|flag| flag.kind);
        match (entry.value, kind) {
            (FileValue::One(value), _) => Some((name, vec![value], source)),
            (FileValue::Many(values), Some(Kind::Lines)) => Some((name, values, source)),
            (FileValue::Many(values), Some(Kind::List | Kind::Targets | Kind::Tags) | None) => {
                Some((name, vec![values.join(",")], source))
            }
            (FileValue::Many(values), Some(kind)) => {
                let next = kind.hint().to_owned();
                let value = values.join(", ");
                let wrong = WrongValue { name: shown(&name), value, source, reason: "a list".to_owned(), next };
                self.problems.push(SettingError::from(wrong).into());
                None
            }
        }
    }

    /// A key that this component does not know: silent if another component has it, since files are shared.
    fn strange_key(&mut self, key: &str, source: &Source) {
        let elsewhere = Component::ALL.iter().any(|&component| {
            let table = Table::of(component);
            table.get(key).is_some() || table.old_names().any(|old| old.name == key)
        });
        if elsewhere {
            return;
        }
        let names = self.settings.table.flags().iter().map(|flag| flag.name.as_str());
        let meant = nearest(key, names).map_or_else(String::new, |near| format!(": did you mean {near}?"));
        self.settings.notes.push(Note::Warning(format!("{source}: {key} is not a setting and has no effect{meant}")));
    }

    /// Takes one level; what a level before it gave stays. Within a level today's name goes before an old one.
    fn take_level(&mut self, level: Vec<(String, Vec<String>, Source)>) {
        let table = self.settings.table;
        let mut found: HashMap<&'static str, Given> = HashMap::new();
        let mut old = Vec::new();
        for (name, values, source) in level {
            match table.get(&name) {
                Some(flag) => {
                    let values = values.into_iter().map(|value| as_spelled(flag, value)).collect();
                    found.insert(&flag.name, Given { shown: flag.shown(), values, source });
                }
                None => match table.old_names().find(|old| old.name == name) {
                    Some(name) => old.push((name, values, source)),
                    None => self.problems.push(
                        SettingError::Unknown { name: shown(&name), component: table.component().binary() }.into(),
                    ),
                },
            }
        }
        for (name, values, source) in old {
            self.take_old(name, values, source, &mut found);
        }
        for (name, given) in found {
            self.settings.given.entry(name).or_insert(given);
        }
    }

    fn take_old(
        &mut self,
        old: &'static OldName,
        values: Vec<String>,
        from: Source,
        found: &mut HashMap<&'static str, Given>,
    ) {
        let shown = shown(old.name);
        if let Means::Refused(reason) = old.means {
            self.problems.push(SettingError::NotYet { name: shown, from, reason }.into());
            return;
        }
        if let Means::Nothing(reason) = old.means {
            self.settings.notes.push(Note::Warning(format!("{shown} ({from}) has no effect: {reason}")));
            return;
        }
        let Some(flag) = self.today(old.name) else { return };
        let today = flag.shown();
        if found.contains_key(flag.name.as_str()) {
            self.settings.notes.push(Note::Warning(format!(
                "{shown} ({from}) is an old name and has no effect beside {today}: leave it out"
            )));
            return;
        }
        self.settings.notes.push(Note::Warning(format!("{shown} ({from}) is an old name: write {today}")));
        let values = values.into_iter().map(|value| old.translate(value)).collect();
        found.insert(&flag.name, Given { shown, values, source: from });
    }

    /// The flag that a name, old or not, stands for.
    fn today(&self, name: &str) -> Option<&'static Flag> {
        let table = self.settings.table;
        table.get(name).or_else(|| {
            let old = table.old_names().find(|old| old.name == name)?;
            table.get(old.new_name()?)
        })
    }

    fn check(&mut self) {
        for flag in self.settings.table.flags() {
            let problem = match self.settings.given.get(flag.name.as_str()) {
                Some(given) => check_given(flag, given),
                // A default may be a word whose function comes later: Go's default store is.
                None => judge(flag, &flag.shown(), flag.default, Source::Default).filter(|_| !flag.choices.is_empty()),
            };
            self.problems.extend(problem.map(Problem::Setting));
            if let (Some(reason), Some(given)) = (flag.needless, self.settings.given.get(flag.name.as_str())) {
                let note = format!("{} ({}) has no effect: {reason}", given.shown, given.source);
                self.settings.notes.push(Note::Warning(note));
            }
            if flag.kind == Kind::Tags {
                self.problems.extend(self.settings.tags(&flag.name).err().map(Problem::Setting));
            }
        }
    }
}

fn check_given(flag: &Flag, given: &Given) -> Option<SettingError> {
    if let Status::NotYet { reason, harmless } = flag.status {
        let asks_for_nothing = |value: &String| {
            (value.is_empty() && flag.default.is_empty())
                || harmless.is_some_and(|harmless| same(flag.kind, value, harmless))
        };
        if given.values.iter().all(asks_for_nothing) {
            return None;
        }
        return Some(SettingError::NotYet { name: given.shown.clone(), from: given.source.clone(), reason });
    }
    given.values.iter().find_map(|value| judge(flag, &given.shown, value, given.source.clone()))
}

fn judge(flag: &Flag, shown: &str, value: &str, from: Source) -> Option<SettingError> {
    let name = shown.to_owned();
    match check(flag, value) {
        Ok(()) => None,
        Err(Refusal::NotYet(reason)) => Some(SettingError::NotYet { name, from, reason }),
        Err(Refusal::Wrong(wrong)) => Some(
            WrongValue { name, value: shown_value(flag, value), source: from, reason: wrong.reason, next: wrong.next }
                .into(),
        ),
    }
}

/// A word in another case, such as `INFO`, as the table spells it.
fn as_spelled(flag: &Flag, value: String) -> String {
    let spelled = flag.choices.iter().find(|choice| choice.value.eq_ignore_ascii_case(&value));
    spelled.map_or(value, |choice| choice.value.to_owned())
}

/// Whether two texts are the same value.
pub(crate) fn same(kind: Kind, a: &str, b: &str) -> bool {
    match kind {
        Kind::Bool => parse_bool(a).is_some() && parse_bool(a) == parse_bool(b),
        Kind::Duration => parse_duration(a).is_ok() && parse_duration(a) == parse_duration(b),
        Kind::Float => a.parse::<f64>().is_ok_and(|a| b.parse() == Ok(a)),
        _ => a == b,
    }
}
