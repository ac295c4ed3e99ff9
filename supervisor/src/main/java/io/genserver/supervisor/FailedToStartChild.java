package io.genserver.supervisor;

import io.genserver.ExitReason;

/// The detail of a supervisor's exit reason `{shutdown, detail}` if one of its first children did
/// not start. Source: `{:failed_to_start_child, id, reason}`.
///
/// @param id the child's id
/// @param reason why the child did not start
public record FailedToStartChild(Object id, ExitReason reason) {

    @Override
    public String toString() {
        return "{failed_to_start_child, " + ChildSpec.text(id) + ", " + reason + "}";
    }
}
