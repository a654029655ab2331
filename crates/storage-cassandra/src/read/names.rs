//! Services and operations.

use std::collections::BTreeSet;

use jaeger_storage::{Operation, StorageError};

use super::Reader;
use crate::cql::cells::Cells;
use crate::error;
use crate::tables::Operations;

impl Reader {
    /// All services, sorted.
    pub(crate) async fn services(&self) -> Result<Vec<String>, StorageError> {
        const WHAT: &str = "reading the services";
        let mut names = BTreeSet::new();
        self.pages(&self.services, &[], WHAT, |page| {
            for row in page.rows::<(String,)>().map_err(|error| error::corrupt(WHAT, error))? {
                names.insert(row.map_err(|error| error::corrupt(WHAT, error))?.0);
            }
            Ok(())
        })
        .await?;
        Ok(names.into_iter().collect())
    }

    /// A service's operations, sorted. No kind is `unspecified` since Jaeger 1.48, and was an empty text before.
    pub(crate) async fn operations(&self, service: &str, kind: Option<&str>) -> Result<Vec<Operation>, StorageError> {
        const WHAT: &str = "reading the operations";
        let mut operations = BTreeSet::new();
        // No service has an empty name here, and Cassandra takes none for a key.
        if service.is_empty() {
            return Ok(Vec::new());
        }
        let mut key = Vec::new();
        key.text(service);
        let corrupt = |error| error::corrupt(WHAT, error);
        self.pages(&self.operations, &key, WHAT, |page| {
            match self.keyspace.operations {
                Operations::V1 => {
                    for row in page.rows::<(String,)>().map_err(|error| error::corrupt(WHAT, error))? {
                        operations.insert(Operation { name: row.map_err(corrupt)?.0, kind: String::new() });
                    }
                }
                Operations::V2 => {
                    for row in page.rows::<(String, String)>().map_err(|error| error::corrupt(WHAT, error))? {
                        let (name, kind) = row.map_err(corrupt)?;
                        let kind = if kind == "unspecified" { String::new() } else { kind };
                        operations.insert(Operation { name, kind });
                    }
                }
            }
            Ok(())
        })
        .await?;
        let of_kind = |operation: &Operation| kind.is_none_or(|kind| kind == operation.kind);
        Ok(operations.into_iter().filter(of_kind).collect())
    }
}
