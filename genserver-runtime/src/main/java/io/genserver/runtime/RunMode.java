package io.genserver.runtime;

/// How a server runs. Most servers share one of the two constants.
///
/// @param hibernateAfter how long the server may be idle before it hibernates; units: ns
/// @param platformThread whether it has a platform thread of its own
/// @param nonBlocking whether its callbacks promise not to block
record RunMode(long hibernateAfter, boolean platformThread, boolean nonBlocking) {

    private static final RunMode ORDINARY = new RunMode(TimeUnits.FOREVER, false, false);
    private static final RunMode NON_BLOCKING = new RunMode(TimeUnits.FOREVER, false, true);

    static RunMode of(long hibernateAfter, boolean platformThread, boolean nonBlocking) {
        if (hibernateAfter == TimeUnits.FOREVER && !platformThread) {
            return nonBlocking ? NON_BLOCKING : ORDINARY;
        }
        return new RunMode(hibernateAfter, platformThread, nonBlocking);
    }
}
