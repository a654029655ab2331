//! Elasticsearch's settings: `es.*`, and `es-archive.*` for its archive.

use std::collections::HashSet;
use std::time::Duration;

use jaeger_service::settings::{Problem, SettingError, Settings};
use jaeger_service::tls::ClientSettings;
use jaeger_storage_es::{
    Config, Credentials, DocumentIds, IndexConfig, Rollover, Secret, TagMatch, TagsAsFields, TemplateConfig, Tls,
};

use crate::links;

/// Go Jaeger's `--es.service-cache-ttl=0`.
const SERVICE_CACHE: Duration = Duration::from_secs(12 * 3600);
/// The longest file with names of tags.
const MAX_TAG_FILE_BYTES: u64 = 1 << 20;
const STORE: &str = "es";
const ARCHIVE: &str = "es-archive";

/// An Elasticsearch, and where archived traces are kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ElasticsearchSettings {
    /// The store.
    pub store: Config,
    /// Its archive, where one is kept.
    pub archive: Option<Config>,
}

impl ElasticsearchSettings {
    pub(crate) fn from_settings(settings: &Settings) -> Result<Self, Problem> {
        let store = Flags { settings, prefix: STORE }.config()?;
        let archive = match settings.boolean("es-archive.enabled")? {
            true => Some(Flags { settings, prefix: ARCHIVE }.config()?),
            false => None,
        };
        Ok(Self { store, archive })
    }
}

/// The flags of one prefix.
#[derive(Clone, Copy)]
struct Flags<'s> {
    settings: &'s Settings,
    prefix: &'static str,
}

impl<'s> Flags<'s> {
    fn name(self, row: &str) -> String {
        format!("{}.{row}", self.prefix)
    }

    fn boolean(self, row: &str) -> Result<bool, SettingError> {
        self.settings.boolean(&self.name(row))
    }

    fn number<T: TryFrom<i128>>(self, row: &str) -> Result<T, SettingError> {
        self.settings.integer(&self.name(row))
    }

    fn duration(self, row: &str) -> Result<Duration, SettingError> {
        self.settings.duration(&self.name(row))
    }

    fn list(self, row: &str) -> Result<Vec<String>, SettingError> {
        Ok(self.settings.list(&self.name(row))?.into_iter().map(str::to_owned).collect())
    }

    fn text(self, row: &str) -> Result<&'s str, SettingError> {
        self.settings.string(&self.name(row))
    }

    fn problem(self, row: &str, reason: &str, next: &str) -> Problem {
        self.settings.problem(&self.name(row), reason, next)
    }

    fn config(self) -> Result<Config, Problem> {
        let (aliases, ilm) = (self.boolean("use-aliases")?, self.boolean("use-ilm")?);
        if ilm && !aliases {
            return Err(self.problem(
                "use-ilm",
                "aliases are not used",
                &format!("set --{}.use-aliases too", self.prefix),
            ));
        }
        let servers = self.list("server-urls")?;
        if servers.is_empty() {
            return Err(self.problem(
                "server-urls",
                "no server",
                "name the URL of one, such as http://elasticsearch:9200",
            ));
        }
        let version: u64 = self.number("version")?;
        if (1..7).contains(&version) {
            return Err(self.problem(
                "version",
                "older than 7, the oldest that is spoken here",
                "move to 7 or newer, or leave it out",
            ));
        }
        // Who sees to the age of indices sees to their templates too.
        let templates = self.boolean("create-index-templates")? && !ilm;
        let cache = self.duration("service-cache-ttl")?;
        let timeout = self.duration("timeout")?;
        Ok(Config {
            servers,
            credentials: self.credentials()?,
            tls: self.tls()?,
            version: (version > 0).then(|| u8::try_from(version).unwrap_or(u8::MAX)),
            timeout: (timeout > Duration::ZERO).then_some(timeout),
            max_span_age: self.settings.duration("es.max-span-age")?,
            max_documents: self.number("max-doc-count")?,
            remote_clusters: self.list("remote-read-clusters")?,
            index: IndexConfig {
                prefix: self.text("index-prefix")?.trim_end_matches('-').to_owned(),
                separator: self.text("index-date-separator")?.to_owned(),
                spans: self.rollover("index-rollover-frequency-spans")?,
                services: self.rollover("index-rollover-frequency-services")?,
                aliases,
            },
            templates: templates.then(|| self.templates()).transpose()?,
            bulk_bytes: self.number("bulk.size")?,
            bulk_documents: self.number("bulk.actions")?,
            bulk_workers: self.number("bulk.workers")?,
            bulk_patience: self.duration("bulk.flush-interval")?,
            service_cache: if cache == Duration::ZERO { SERVICE_CACHE } else { cache },
            tags_as_fields: self.tags_as_fields()?,
            tag_match: match self.text("tag-match")? {
                "exact" => TagMatch::Exact,
                _ => TagMatch::Regexp,
            },
            document_ids: match self.text("document-ids")? {
                "automatic" => DocumentIds::Automatic,
                _ => DocumentIds::Identity,
            },
            links: links::mode(self.settings),
        })
    }

    fn rollover(self, row: &str) -> Result<Rollover, SettingError> {
        Ok(if self.text(row)? == "hour" { Rollover::Hour } else { Rollover::Day })
    }

    fn templates(self) -> Result<TemplateConfig, SettingError> {
        Ok(TemplateConfig {
            shards: self.number("num-shards")?,
            replicas: self.number("num-replicas")?,
            span_priority: self.number("prioirity-span-template")?,
            service_priority: self.number("prioirity-service-template")?,
        })
    }

    fn credentials(self) -> Result<Credentials, Problem> {
        if let Some(file) = self.settings.file(&self.name("token-file"))? {
            return Ok(Credentials::TokenFile(file));
        }
        let (user, password) = (self.text("username")?.to_owned(), self.text("password")?.to_owned());
        match (user.is_empty(), self.settings.file(&self.name("password-file"))?) {
            (true, None) if password.is_empty() => match self.prefix {
                // As in Go Jaeger an archive has the store's user where it has none of its own.
                ARCHIVE => Flags { prefix: STORE, ..self }.credentials(),
                _ => Ok(Credentials::None),
            },
            (true, _) => Err(self.problem("username", "a password has no user", "name the user it belongs to")),
            (false, Some(_)) if !password.is_empty() => {
                Err(self.problem("password-file", "a password is given besides", "give one of the two"))
            }
            (false, Some(file)) => Ok(Credentials::Basic { user, password: Secret::File(file) }),
            (false, None) => Ok(Credentials::Basic { user, password: Secret::Text(password) }),
        }
    }

    fn tls(self) -> Result<Tls, Problem> {
        let Some(tls) = ClientSettings::from_settings(self.settings, self.prefix)? else { return Ok(Tls::default()) };
        if tls.server_name.is_some() {
            let next = "connect by a name that stands in the certificate";
            return Err(self.problem(
                "tls.server-name",
                "no other name can be expected of Elasticsearch's certificate",
                next,
            ));
        }
        Ok(Tls { ca: tls.ca, identity: tls.identity, skip_verify: tls.skip_host_verify })
    }

    fn tags_as_fields(self) -> Result<TagsAsFields, Problem> {
        let mut keys: HashSet<String> = self.list("tags-as-fields.include")?.into_iter().collect();
        let row = "tags-as-fields.config-file";
        if let Some(file) = self.settings.file(&self.name(row))? {
            let read = || {
                let length = std::fs::metadata(&file)?.len();
                match length > MAX_TAG_FILE_BYTES {
                    true => Err(std::io::Error::other(format!("{length} bytes are too many"))),
                    false => std::fs::read_to_string(&file),
                }
            };
            let text =
                read().map_err(|error| self.problem(row, &error.to_string(), "name a file with one tag a line"))?;
            keys.extend(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned));
        }
        let dot = self.text("tags-as-fields.dot-replacement")?.to_owned();
        Ok(TagsAsFields { all: self.boolean("tags-as-fields.all")?, keys, dot })
    }
}

#[cfg(test)]
mod tests;
