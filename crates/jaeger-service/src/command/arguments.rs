//! Reads a command line by the flag table, with clap; what is said about mistakes is ours.

use std::ffi::OsString;

use clap::builder::ValueParser;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches};
use clap_complete::Shell;

use super::StorageCommand;
use crate::settings::{Component, Flag, Flags, Kind, Table, nearest};

/// A command line that was understood.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) flags: Flags,
    pub(super) command: Command,
}

/// What to do.
#[derive(Debug)]
pub(super) enum Command {
    Run,
    Version,
    Status { host_port: Option<String> },
    Env,
    Docs { folder: String },
    PrintConfig,
    Check { connect: bool },
    Completion { shell: Shell },
    Storage(StorageCommand),
}

/// A command line that leads to no command.
#[derive(Debug)]
pub(super) enum Stop {
    /// Print this and end well.
    Help(String),
    /// Say this and end with 1.
    Wrong(String),
}

/// Reads the arguments, the program's name first.
pub(super) fn read(component: Component, arguments: impl IntoIterator<Item = OsString>) -> Result<Line, Stop> {
    let table = Table::of(component);
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let matches =
        command_for(component, &arguments).try_get_matches_from(&arguments).map_err(|e| stop(table, &arguments, &e))?;
    let mut flags = Flags::new();
    collect(table, &matches, &mut flags)?;
    let text = |matches: &ArgMatches, name: &str| matches.get_one::<String>(name).cloned().unwrap_or_default();
    let command = match matches.subcommand() {
        None => Command::Run,
        Some(("version", _)) => Command::Version,
        Some(("status", sub)) => Command::Status { host_port: sub.get_one::<String>("status.http.host-port").cloned() },
        Some(("env", _)) => Command::Env,
        Some(("docs", sub)) => Command::Docs { folder: text(sub, "dir") },
        Some(("print-config", sub)) => {
            collect(table, sub, &mut flags)?;
            Command::PrintConfig
        }
        Some(("check", sub)) => {
            collect(table, sub, &mut flags)?;
            Command::Check { connect: sub.get_flag("connect") }
        }
        Some(("completion", sub)) => match sub.get_one::<Shell>("shell") {
            Some(&shell) => Command::Completion { shell },
            None => return Err(Stop::Wrong("completion needs a shell: bash, zsh, fish or powershell".to_owned())),
        },
        Some(("storage", sub)) => {
            let (command, sub) = match sub.subcommand() {
                Some(("stats", sub)) => (StorageCommand::Stats, sub),
                Some(("verify", sub)) => (StorageCommand::Verify, sub),
                Some(("export", sub)) => (StorageCommand::Export, sub),
                _ => return Err(Stop::Wrong("storage needs one of stats, verify, export".to_owned())),
            };
            collect(table, sub, &mut flags)?;
            Command::Storage(command)
        }
        Some((other, _)) => return Err(Stop::Wrong(format!("{other} is not a command"))),
    };
    Ok(Line { flags, command })
}

/// The whole command line of a component, for completion.
pub(super) fn clap_command(component: Component) -> clap::Command {
    command(component, |_| true)
}

/// As much of it as these arguments can ask for: 350 flags more for each subcommand that takes flags cost a server memory
/// that it never needs again.
fn command_for(component: Component, arguments: &[OsString]) -> clap::Command {
    command(component, |subcommand| arguments.iter().any(|argument| argument == subcommand))
}

fn command(component: Component, wanted: impl Fn(&str) -> bool) -> clap::Command {
    let table = Table::of(component);
    let plain = |name: &'static str, about: &'static str| clap::Command::new(name).about(about);
    let settled = |name, subcommand| if wanted(name) { with_flags(subcommand, table) } else { subcommand };
    let admin = table.get("admin.http.host-port").map_or("", |flag| flag.default);
    let line = with_flags(clap::Command::new(component.binary()).about(component.about()), table)
        .after_help(format!(
            "Each flag has a variable, {0} for --{1}, and may stand in the file of --config-file.\nFlags of Jaeger 1.62 whose function comes later are listed by \"{component} docs\".",
            "LOG_LEVEL", "log-level"
        ))
        .subcommand(plain("version", "Print the version"))
        .subcommand(plain("status", "Ask a running process whether it is ready; ends with 0 if it is").arg(
            Arg::new("status.http.host-port").long("status.http.host-port").value_name("host:port").help(format!("address of its admin server (default {admin})")),
        ))
        .subcommand(plain("env", "Print every environment variable that is read"))
        .subcommand(
            plain("docs", "Print the reference page of all flags, as Markdown")
                .arg(Arg::new("dir").long("dir").value_name("folder").default_value("").help("write it into this folder instead")),
        )
        .subcommand(settled("print-config", plain("print-config", "Print the settings as they would be used, without secrets")))
        .subcommand(settled(
            "check",
            plain("check", "Check the settings and the files they name, and print every problem")
                .arg(Arg::new("connect").long("connect").action(ArgAction::SetTrue).help("also try to reach the store and the collectors")),
        ))
        .subcommand(plain("completion", "Print the completion script of a shell").arg(
            Arg::new("shell").required(true).value_parser(clap::value_parser!(Shell)),
        ));
    if !component.holds_a_store() {
        return line;
    }
    let works = [
        ("stats", "Print the files of the store, its spans, and the bytes a span by column"),
        ("verify", "Read all of the store; ends with 1 and the names of the files that are damaged"),
        ("export", "Write every trace to standard output, a line of OTLP JSON each"),
    ];
    let storage =
        plain("storage", "Look into the embedded store while no process has it open").subcommand_required(true);
    line.subcommand(works.into_iter().fold(storage, |storage, (name, about)| {
        let work = plain(name, about);
        storage.subcommand(if wanted("storage") { with_flags(work, table) } else { work })
    }))
}

fn with_flags(mut command: clap::Command, table: &'static Table) -> clap::Command {
    command = command.args_override_self(true).max_term_width(120);
    for flag in table.flags().iter().filter(|flag| !flag.is_env_only()) {
        command =
            command.arg(argument(&flag.name, flag.kind).help(help(flag)).help_heading(flag.group).hide(!flag.works()));
    }
    for old in table.old_names().filter(|old| !old.name.starts_with(|c: char| c.is_ascii_uppercase())) {
        let kind = if old.bare { Kind::Bool } else { Kind::Text };
        command = command.arg(argument(old.name, kind).hide(true));
    }
    command
}

fn argument(name: &'static str, kind: Kind) -> Arg {
    let argument = Arg::new(name).long(name).value_name(kind.word()).value_parser(ValueParser::os_string());
    match kind {
        Kind::Bool => {
            argument.action(ArgAction::Set).num_args(0..=1).require_equals(true).default_missing_value("true")
        }
        Kind::Lines => argument.action(ArgAction::Append).allow_hyphen_values(true),
        _ => argument.action(ArgAction::Set).allow_hyphen_values(true),
    }
}

fn help(flag: &Flag) -> String {
    let mut help = flag.help.to_owned();
    if !flag.choices.is_empty() {
        let words: Vec<&str> =
            flag.choices.iter().filter(|choice| choice.refused.is_none()).map(|choice| choice.value).collect();
        help += &format!(" [{}]", words.join(", "));
    }
    if !flag.default.is_empty() {
        help += &format!(" (default {})", flag.default);
    }
    help
}

fn collect(table: &'static Table, matches: &ArgMatches, flags: &mut Flags) -> Result<(), Stop> {
    let names = table.flags().iter().map(|flag| flag.name.as_str()).chain(table.old_names().map(|old| old.name));
    for name in names.filter(|name| matches.try_contains_id(name).is_ok()) {
        if matches.value_source(name) != Some(ValueSource::CommandLine) {
            continue;
        }
        let mut values = Vec::new();
        for value in matches.get_many::<OsString>(name).into_iter().flatten() {
            let text = value.to_str().ok_or_else(|| Stop::Wrong(format!("--{name}: its value is not UTF-8 text")))?;
            values.push(text.to_owned());
        }
        flags.push((name.to_owned(), values));
    }
    Ok(())
}

fn stop(table: &'static Table, arguments: &[OsString], error: &clap::Error) -> Stop {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.as_str(),
        Some(ContextValue::Strings(texts)) => texts.first().map_or("", String::as_str),
        _ => "",
    };
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            Stop::Help(error.render().to_string())
        }
        ErrorKind::UnknownArgument => {
            Stop::Wrong(unknown(table, as_written(arguments, context(ContextKind::InvalidArg))))
        }
        ErrorKind::InvalidSubcommand => Stop::Wrong(unknown(table, context(ContextKind::InvalidSubcommand))),
        ErrorKind::InvalidValue if context(ContextKind::InvalidValue).is_empty() => {
            let name = context(ContextKind::InvalidArg).split(['=', ' ']).next().unwrap_or("");
            Stop::Wrong(format!("{name} needs a value: write {name}=VALUE"))
        }
        _ => {
            let text = error.render().to_string();
            let first = text.lines().next().unwrap_or("").trim_start_matches("error: ").to_owned();
            Stop::Wrong(format!("{first}; \"help\" lists what there is"))
        }
    }
}

/// One sentence for whoever brings the file of Jaeger 2.
const JAEGER_2: &str = "--config is the file of Jaeger 2, which is not read: its receivers are --collector.otlp.*, --collector.grpc-server.*, --collector.http-server.* and --collector.zipkin.host-port, its backends SPAN_STORAGE_TYPE with the flags of that store, its jaeger_query --query.*, its remote_sampling --sampling.strategies-file, and --config-file takes a file with these names (docs/moving.md has the table)";

/// clap tells `-log-level=debug` as `-l`: the argument as it was written.
fn as_written<'a>(arguments: &'a [OsString], told: &'a str) -> &'a str {
    if told.starts_with("--") || !told.starts_with('-') {
        return told;
    }
    arguments
        .iter()
        .filter_map(|argument| argument.to_str())
        .find(|argument| argument.starts_with(told))
        .unwrap_or(told)
}

/// Says what an unknown argument may have been meant to be.
fn unknown(table: &'static Table, argument: &str) -> String {
    let component = table.component();
    let Some(dashed) = argument.strip_prefix('-') else {
        return format!(
            "{argument:?} is not a command, see \"{component} help\"; the value of a boolean flag is joined by \"=\", as in --flag=false"
        );
    };
    let name = dashed.trim_start_matches('-').split('=').next().unwrap_or("");
    let shown = format!("unknown flag --{name}");
    if table.get(name).is_some() {
        return format!("unknown flag {argument}: did you mean --{name}?");
    }
    if name == "config" {
        return JAEGER_2.to_owned();
    }
    let others =
        Component::ALL.iter().filter(|&&other| Table::of(other).get(name).is_some_and(|flag| !flag.is_env_only()));
    let others: Vec<&str> = others.map(|other| other.binary()).collect();
    if !others.is_empty() {
        return format!("{shown}: it is a flag of {}, not of {component}", others.join(", "));
    }
    match nearest(name, table.flags().iter().map(|flag| flag.name.as_str())) {
        Some(near) => format!("{shown}: did you mean --{near}?"),
        None => format!("{shown}: \"{component} help\" lists them all"),
    }
}
