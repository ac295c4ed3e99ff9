package io.genserver.supervisor;

import io.genserver.ExitReason;

/// Why the tree of an [Application] ended by itself: its root supervisor would have needed more
/// restarts than its limit allows. It is the detail of the exit reason of the application's master.
/// The supervisor itself exits with `shutdown`, as in OTP.
///
/// Source: the reason `reached_max_restart_intensity` of a supervisor's report.
///
/// @param child the id of the child that would have needed one more restart
/// @param reason why the child ended, or why its last restart failed
public record ReachedMaxRestartIntensity(Object child, ExitReason reason) {

    @Override
    public String toString() {
        return "{reached_max_restart_intensity, " + ChildSpec.text(child) + ", " + reason + "}";
    }
}
