//! Old clients send addresses as numbers: the tags `ip` and `peer.ipv4` become readable.

use std::net::Ipv4Addr;

use jaeger_model::{Value, keys};

use crate::draft::{Draft, DraftTag, DraftValue};

pub(super) fn adjust(draft: &mut Draft<'_>) {
    for span in &draft.spans {
        repair(span.tags.of_mut(&mut draft.tags));
    }
    for process in &draft.processes {
        repair(process.tags.of_mut(&mut draft.tags));
    }
}

fn repair(tags: &mut [DraftTag<'_>]) {
    for tag in tags {
        if tag.key != keys::IP && tag.key != keys::PEER_IPV4 {
            continue;
        }
        match tag.value {
            DraftValue::Stored(Value::I64(number)) => tag.value = DraftValue::Ipv4(address(number)),
            #[expect(clippy::cast_possible_truncation, reason = "what is no address is cut into one, as in Go")]
            DraftValue::Stored(Value::F64(number)) => tag.value = DraftValue::Ipv4(address(number as i64)),
            _ => {}
        }
    }
}

/// The address in the low 32 bits.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clients send signed 32-bit addresses")]
pub(super) fn address(number: i64) -> Ipv4Addr {
    Ipv4Addr::from_bits(number as u32)
}
