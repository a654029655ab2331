//! What settings become.

use super::*;

#[test]
fn a_consistency_is_taken_by_its_name() {
    assert_eq!(consistency("LOCAL_QUORUM").unwrap(), Consistency::LocalQuorum);
    assert_eq!(consistency("").unwrap(), Consistency::LocalOne);
    let error = consistency("SOME").unwrap_err().to_string();
    assert_eq!(error, "SOME is no consistency; write one such as LOCAL_ONE or LOCAL_QUORUM");
}
