package io.genserver.runtime;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Map;
import org.apache.logging.log4j.ThreadContext;

/// The MDC of log4j2, its [ThreadContext]. Each snapshot is a new view of an array. log4j2 never
/// changes the array and keeps it until the MDC changes.
final class Log4j implements LogLibrary {

    private static final String VIEW =
            "org.apache.logging.log4j.internal.map.UnmodifiableArrayBackedMap";

    /// Returns the array behind a view, or the object itself if it is something else.
    private static final MethodHandle ARRAY = array();

    private static MethodHandle array() {
        MethodHandle identity = MethodHandles.identity(Object.class);
        try {
            MethodHandles.Lookup lookup = MethodHandles.publicLookup();
            Class<?> view = Class.forName(VIEW, false, ThreadContext.class.getClassLoader());
            MethodHandle isView =
                    lookup.findVirtual(
                                    Class.class,
                                    "isInstance",
                                    MethodType.methodType(boolean.class, Object.class))
                            .bindTo(view);
            MethodHandle array =
                    lookup.findVirtual(
                            view, "getBackingArray", MethodType.methodType(Object[].class));
            return MethodHandles.guardWithTest(isView, array.asType(identity.type()), identity);
        } catch (ReflectiveOperationException hidden) {
            return identity; // as when log4j2 is a module; the entries are compared then
        }
    }

    @Override
    public Map<String, String> snapshot() {
        return ThreadContext.getImmutableContext();
    }

    @Override
    public boolean isSame(Map<String, String> now, Map<String, String> before) {
        return arrayOf(now) == arrayOf(before);
    }

    private static Object arrayOf(Object snapshot) {
        try {
            return (Object) ARRAY.invokeExact(snapshot);
        } catch (RuntimeException | Error failed) {
            throw failed;
        } catch (Throwable undeclared) {
            throw new AssertionError(undeclared);
        }
    }
}
