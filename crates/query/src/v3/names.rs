//! Services and operations of v3.

use super::params;
use crate::error::ApiError;
use crate::names::{NO_KIND, kind_asked};
use crate::params::Form;
use crate::render::json;
use crate::search::Search;

impl Search {
    /// `/api/v3/services`: an empty list is left out, as protobuf's JSON has it.
    pub(super) async fn v3_services(&self) -> Result<Vec<u8>, ApiError> {
        let services = self.service_names().await?;
        if services.is_empty() {
            return Ok(b"{}".to_vec());
        }
        let mut out = b"{\"services\":[".to_vec();
        for (place, service) in services.iter().enumerate() {
            if place > 0 {
                out.push(b',');
            }
            json::string(&mut out, service);
        }
        out.extend_from_slice(b"]}");
        Ok(out)
    }

    /// `/api/v3/operations`: nothing of no service.
    pub(super) async fn v3_operations(&self, form: &Form<'_>) -> Result<Vec<u8>, ApiError> {
        let (service, kind) = params::operations(form);
        let operations = match service {
            "" => Vec::new(),
            service => self.operations_of(service, kind_asked(kind)).await?,
        };
        let mut out = b"{\"operations\":[".to_vec();
        for (place, operation) in operations.iter().enumerate() {
            out.extend_from_slice(if place > 0 { b",{" } else { b"{".as_slice() });
            if !operation.name.is_empty() {
                out.extend_from_slice(b"\"name\":");
                json::string(&mut out, &operation.name);
                out.push(b',');
            }
            out.extend_from_slice(b"\"spanKind\":");
            json::string(&mut out, if operation.kind.is_empty() { NO_KIND } else { &operation.kind });
            out.push(b'}');
        }
        out.extend_from_slice(b"]}");
        Ok(out)
    }
}
