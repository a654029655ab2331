//! The tables that a span's rows go to, each with its one INSERT, and the SELECTs of reads. Statements name the keyspace
//! themselves, so that a connection that was made anew needs no `USE`.

/// Go's limit: tags whose key or value has so many bytes or more are not searchable.
pub(crate) const INDEXED_BYTES: usize = 256;
/// `service_name_index` is spread over so many partitions.
pub(crate) const BUCKETS: u8 = 10;

const HOUR_MICROS: i64 = 3_600_000_000;

/// The hour of `duration_index` that a start belongs to: the nearest full one, not the one it is in.
pub(crate) fn hour_of(start_micros: i64) -> i64 {
    start_micros.saturating_add(HOUR_MICROS / 2).div_euclid(HOUR_MICROS)
}

/// The first microsecond of an hour of `duration_index`.
pub(crate) fn hour_begins(hour: i64) -> i64 {
    hour.saturating_mul(HOUR_MICROS).saturating_sub(HOUR_MICROS / 2)
}

/// A table that rows are written to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Table {
    Traces,
    ServiceNames,
    OperationNames,
    ServiceNameIndex,
    ServiceOperationIndex,
    DurationIndex,
    TagIndex,
}

impl Table {
    pub(crate) const ALL: [Self; 7] = [
        Self::Traces,
        Self::ServiceNames,
        Self::OperationNames,
        Self::ServiceNameIndex,
        Self::ServiceOperationIndex,
        Self::DurationIndex,
        Self::TagIndex,
    ];

    /// Its name, as in Go's metrics.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Traces => "traces",
            Self::ServiceNames => "service_names",
            Self::OperationNames => "operation_names_v2",
            Self::ServiceNameIndex => "service_name_index",
            Self::ServiceOperationIndex => "service_operation_index",
            Self::DurationIndex => "duration_index",
            Self::TagIndex => "tag_index",
        }
    }

    /// Its name in a keyspace, which may be an older one.
    pub(crate) fn name_in(self, keyspace: &Keyspace) -> &'static str {
        if self == Self::OperationNames { keyspace.operations.table() } else { self.name() }
    }

    /// Its columns, the partition key first.
    pub(crate) fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Traces => &[
                "trace_id",
                "span_id",
                "span_hash",
                "parent_id",
                "operation_name",
                "flags",
                "start_time",
                "duration",
                "tags",
                "logs",
                "refs",
                "process",
            ],
            Self::ServiceNames => &["service_name"],
            Self::OperationNames => &["service_name", "span_kind", "operation_name"],
            Self::ServiceNameIndex => &["service_name", "bucket", "start_time", "trace_id"],
            Self::ServiceOperationIndex => &["service_name", "operation_name", "start_time", "trace_id"],
            Self::DurationIndex => &["service_name", "operation_name", "bucket", "duration", "start_time", "trace_id"],
            Self::TagIndex => &["service_name", "tag_key", "tag_value", "start_time", "trace_id", "span_id"],
        }
    }

    /// How many of the columns are the partition key.
    pub(crate) fn partition_columns(self) -> usize {
        match self {
            Self::Traces | Self::ServiceNames | Self::OperationNames => 1,
            Self::ServiceNameIndex | Self::ServiceOperationIndex => 2,
            Self::DurationIndex | Self::TagIndex => 3,
        }
    }

    /// The statement that writes a row.
    pub(crate) fn insert(self, keyspace: &Keyspace) -> String {
        let columns = self.columns();
        let marks = vec!["?"; columns.len()].join(", ");
        let columns = match (self, keyspace.operations) {
            (Self::OperationNames, Operations::V1) => "service_name, operation_name".to_owned(),
            _ => columns.join(", "),
        };
        let marks = if (self, keyspace.operations) == (Self::OperationNames, Operations::V1) { "?, ?" } else { &marks };
        format!("INSERT INTO {}.{} ({columns}) VALUES ({marks})", keyspace.quoted(), self.name_in(keyspace))
    }
}

/// Which of the tables of operations a keyspace has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Operations {
    /// `operation_names`, without kinds: keyspaces made before Jaeger 1.17.
    V1,
    /// `operation_names_v2`.
    V2,
}

impl Operations {
    fn table(self) -> &'static str {
        match self {
            Self::V1 => "operation_names",
            Self::V2 => "operation_names_v2",
        }
    }
}

/// A keyspace, and which of the older tables it has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Keyspace {
    pub(crate) name: String,
    pub(crate) operations: Operations,
    /// `dependencies_v2`; before Jaeger 1.15 there was `dependencies`.
    pub(crate) dependencies_v2: bool,
}

const SPAN_COLUMNS: &str =
    "trace_id, span_id, parent_id, operation_name, flags, start_time, duration, tags, logs, refs, process";

impl Keyspace {
    pub(crate) fn quoted(&self) -> String {
        format!("\"{}\"", self.name.replace('"', "\"\""))
    }

    /// All spans of a trace.
    pub(crate) fn select_trace(&self) -> String {
        format!("SELECT {SPAN_COLUMNS} FROM {}.traces WHERE trace_id = ?", self.quoted())
    }

    /// The spans with one id in a trace: one, or two where Zipkin's sides of a call share it.
    pub(crate) fn select_span(&self) -> String {
        format!("SELECT {SPAN_COLUMNS} FROM {}.traces WHERE trace_id = ? AND span_id = ?", self.quoted())
    }

    pub(crate) fn select_services(&self) -> String {
        format!("SELECT service_name FROM {}.service_names", self.quoted())
    }

    pub(crate) fn select_operations(&self) -> String {
        let columns = match self.operations {
            Operations::V1 => "operation_name",
            Operations::V2 => "operation_name, span_kind",
        };
        format!("SELECT {columns} FROM {}.{} WHERE service_name = ?", self.quoted(), self.operations.table())
    }

    /// Newest first; one start has one row.
    pub(crate) fn select_by_service(&self) -> String {
        self.select_starts("start_time, trace_id", "service_name_index", "service_name = ? AND bucket = ?")
    }

    /// Newest first; one start has one row.
    pub(crate) fn select_by_operation(&self) -> String {
        let key = "service_name = ? AND operation_name = ?";
        self.select_starts("start_time, trace_id", "service_operation_index", key)
    }

    /// Newest first, then by trace and span.
    pub(crate) fn select_by_tag(&self) -> String {
        let key = "service_name = ? AND tag_key = ? AND tag_value = ?";
        self.select_starts("start_time, trace_id, span_id", "tag_index", key)
    }

    /// The rows of one hour, the longest first.
    pub(crate) fn select_by_duration(&self) -> String {
        format!(
            "SELECT start_time, trace_id FROM {}.duration_index WHERE service_name = ? AND operation_name = ? AND bucket = ? \
             AND duration >= ? AND duration <= ?",
            self.quoted()
        )
    }

    fn select_starts(&self, columns: &str, table: &str, key: &str) -> String {
        format!(
            "SELECT {columns} FROM {}.{table} WHERE {key} AND start_time >= ? AND start_time <= ? ORDER BY start_time DESC",
            self.quoted()
        )
    }

    /// Where there is no row of this time yet.
    pub(crate) fn insert_dependencies(&self) -> String {
        format!(
            "INSERT INTO {}.dependencies_v2 (ts_bucket, ts, dependencies) VALUES (?, ?, ?) IF NOT EXISTS",
            self.quoted()
        )
    }

    pub(crate) fn select_dependency_days(&self) -> String {
        format!("SELECT DISTINCT ts_bucket FROM {}.dependencies_v2", self.quoted())
    }

    pub(crate) fn select_dependencies(&self) -> String {
        match self.dependencies_v2 {
            true => format!(
                "SELECT dependencies FROM {}.dependencies_v2 WHERE ts_bucket = ? AND ts >= ? AND ts <= ?",
                self.quoted()
            ),
            false => {
                format!("SELECT dependencies FROM {}.dependencies WHERE ts_index >= ? AND ts_index <= ?", self.quoted())
            }
        }
    }
}

#[cfg(test)]
mod tests;
