package io.genserver.runtime;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// Finds the handles for atomic and ordered access to fields.
///
/// ## Words for memory accesses
///
/// Comments in this package use these words, and no others:
///
/// - *plain*: an ordinary field access. Another thread may see it late, or never.
/// - *opaque*: a plain access that other threads see eventually.
/// - *release* (a write) and *acquire* (a read): what a thread wrote before the release, another
///   thread sees after it has acquired that value.
/// - *volatile*: a read or write in one total order with all other volatile accesses. A
///   compare-and-set is a volatile read and write.
/// - *fence*: [VarHandle#fullFence()], which orders all accesses before it with all after it.
/// - *guarded*: only under `synchronized` on the object that is named, else on the object that has
///   the field.
/// - *races OK*: threads race here on purpose, and the comment says why no harm is done.
///
/// ## Words for threads
///
/// A comment on a field or method names the threads that may use it: "Owner." is the thread that
/// may run the process, see [Ownership]. "The dying thread." is the one that ended the process, see
/// [LifeCycle]. "The timer thread." runs the node's [TimerWheel].
final class Access {

    private Access() {}

    /// Returns the handle for a field of the class that the lookup belongs to.
    static VarHandle field(MethodHandles.Lookup lookup, String name, Class<?> type) {
        try {
            return lookup.findVarHandle(lookup.lookupClass(), name, type);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
