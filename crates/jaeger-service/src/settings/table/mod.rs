//! The flag table: one file a group, put together once a component.

mod agent;
mod badger;
mod cassandra;
mod collector;
mod common;
mod elasticsearch;
mod embedded;
mod environment;
mod grpc_storage;
mod kafka;
mod memory;
pub(crate) mod old_names;
mod prometheus;
mod query;
mod remote_storage;
mod sampling;
mod tls;

use std::collections::HashMap;
use std::sync::OnceLock;

use super::component::Component;
use super::flag::{Flag, Row, Status, env_of};
use old_names::OldName;

/// The components that have a group, in [`Component::ALL`]'s order.
pub(crate) type On = [bool; 5];

pub(crate) const EVERYWHERE: On = [true; 5];
pub(crate) const WITH_AGENT: On = [true, false, false, true, false];
pub(crate) const WITH_COLLECTOR: On = [false, true, false, true, false];
pub(crate) const WITH_QUERY: On = [false, false, true, true, false];
pub(crate) const WITH_STORE: On = [false, true, true, true, true];

/// Rows with one prefix.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group {
    /// Heading in help.
    pub(crate) title: &'static str,
    /// Put in front of each row's name, with its dot.
    pub(crate) prefix: &'static str,
    pub(crate) on: On,
    pub(crate) rows: &'static [Row],
    /// Set where the whole group comes later.
    pub(crate) not_yet: Option<&'static str>,
}

/// A served group.
pub(crate) const fn group(title: &'static str, prefix: &'static str, on: On, rows: &'static [Row]) -> Group {
    Group { title, prefix, on, rows, not_yet: None }
}

impl Group {
    /// The whole group comes later.
    pub(crate) const fn not_yet(mut self, reason: &'static str) -> Self {
        self.not_yet = Some(reason);
        self
    }
}

fn groups() -> impl Iterator<Item = Group> {
    [
        common::GROUPS,
        agent::GROUPS,
        collector::GROUPS,
        sampling::GROUPS,
        query::GROUPS,
        remote_storage::GROUPS,
        environment::GROUPS,
        embedded::GROUPS,
        memory::GROUPS,
        elasticsearch::GROUPS,
        cassandra::GROUPS,
        badger::GROUPS,
        grpc_storage::GROUPS,
        kafka::GROUPS,
        prometheus::GROUPS,
        tls::GROUPS,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// Every name of any component, today's and old ones.
pub(crate) fn every_name() -> impl Iterator<Item = String> {
    let today = groups().flat_map(|group| group.rows.iter().map(move |row| format!("{}{}", group.prefix, row.name)));
    today.chain(old_names::OLD_NAMES.iter().map(|old| old.name.to_owned()))
}

/// Every setting of one component, by name and by variable.
#[derive(Debug)]
pub struct Table {
    component: Component,
    flags: Vec<Flag>,
    by_name: HashMap<String, usize>,
    by_env: HashMap<String, usize>,
}

impl Table {
    /// The table of a component; made once.
    pub fn of(component: Component) -> &'static Self {
        static TABLES: [OnceLock<Table>; 5] = [const { OnceLock::new() }; 5];
        TABLES[component.index()].get_or_init(|| Self::build(component))
    }

    fn build(component: Component) -> Self {
        let mut flags = Vec::with_capacity(360);
        for group in groups().filter(|group| group.on[component.index()]) {
            flags.extend(group.rows.iter().map(|row| flag(component, &group, row)));
        }
        let by_name = flags.iter().enumerate().map(|(at, flag)| (flag.name.clone(), at)).collect();
        let by_env = flags.iter().enumerate().map(|(at, flag)| (flag.env.clone(), at)).collect();
        Self { component, flags, by_name, by_env }
    }

    /// Whose table it is.
    pub fn component(&self) -> Component {
        self.component
    }

    /// Every setting, in the order of help.
    pub fn flags(&self) -> &[Flag] {
        &self.flags
    }

    /// The setting of that name, dashes left out.
    pub fn get(&self, name: &str) -> Option<&Flag> {
        self.by_name.get(name).map(|&at| &self.flags[at])
    }

    /// The setting of that environment variable.
    pub fn by_env(&self, env: &str) -> Option<&Flag> {
        self.by_env.get(env).map(|&at| &self.flags[at])
    }

    /// How many names of earlier releases there are.
    pub fn count_of_old_names(&self) -> usize {
        self.old_names().count()
    }

    /// The names of earlier releases that this component still understands.
    pub(crate) fn old_names(&self) -> impl Iterator<Item = &'static OldName> + use<> {
        let at = self.component.index();
        old_names::OLD_NAMES.iter().filter(move |old| old.on[at])
    }
}

fn flag(component: Component, group: &Group, row: &Row) -> Flag {
    let name = format!("{}{}", group.prefix, row.name);
    let default = row.on.iter().find(|(on, _)| *on == component).map_or(row.default, |(_, default)| default);
    let status = match group.not_yet {
        Some(reason) => Status::NotYet { reason, harmless: None },
        None => row.status,
    };
    Flag {
        env: env_of(&name),
        name,
        kind: row.kind,
        default,
        help: row.help,
        status,
        choices: row.choices,
        least: row.least,
        differs: row.differs,
        ours: row.ours,
        needless: row.needless,
        may_be_empty: row.may_be_empty,
        group: group.title,
    }
}
