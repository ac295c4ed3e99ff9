package io.genserver.cluster;

import io.genserver.Caller;
import io.genserver.Pid;
import io.genserver.Ref;
import io.genserver.Server;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Lists the types whose values may cross to another node. Nothing else crosses. A value of another
/// type is refused at the node that sends it.
///
/// ```java
/// PayloadTypes types = PayloadTypes.of(Counter.Request.class, Increment.class);
/// ```
///
/// A type is one of these:
/// - a record. Each of its components has one of the types on this page, or is a record or an enum,
///   which need not be in the list;
/// - an enum;
/// - a sealed interface. This adds all records and enums that implement it. A sealed interface that
///   is the type of a component is added likewise.
///
/// These types are always there: the boxed types of Java, `String`, `byte[]`, `List`, `Set`, `Map`,
/// `Optional`, `BigInteger`, `BigDecimal`, `UUID`, `Duration`, `Instant`, `LocalDate`, `LocalTime`,
/// `LocalDateTime`, `OffsetDateTime`, `ZonedDateTime`; [Pid], [Ref], [io.genserver.From],
/// [io.genserver.ReplyTo], [Server], [io.genserver.ExitReason], [io.genserver.ServerRef] except
/// [io.genserver.Via], and the records of `io.genserver` that are messages or answers.
///
/// A component may have the type `Object`, an interface, or a variable. Its values have to be of
/// types in the list. An exception arrives as [io.genserver.RemoteException]. Lists, sets and maps
/// that arrive cannot be changed.
///
/// A module has to open the packages of records that are not public to `io.genserver.cluster`.
///
/// # Nodes of different versions
///
/// The order of the list does not matter, and two nodes may have different lists. When they
/// connect, each tells the other what it has. A node that is asked to send a type that the peer
/// lacks throws [IllegalArgumentException]. So add a type to all nodes first, and send it then.
///
/// A record may get new components, and components may be removed. A node ignores components that
/// it does not know. A component that the sender does not know is null, zero, false or
/// `Optional.empty()`; the record's constructor may replace it. A component must not change its
/// type, and an enum's new constant must not be sent before all nodes have it.
///
/// The name of a class is never sent. Its number is computed from the name, so a class that was
/// renamed or moved needs [#andRenamed].
///
/// Instances are immutable.
public final class PayloadTypes {

    private final Map<Class<?>, String> names;
    private final Map<Class<?>, PayloadType> byClass = new HashMap<>();
    private final Map<Long, PayloadType> byId = new HashMap<>();

    private PayloadTypes(Map<Class<?>, String> names) {
        this.names = names;
        TypeTable table = new TypeTable(names);
        byClass.putAll(table.types());
        byClass.values().forEach(type -> byId.put((long) type.id(), type));
    }

    /// Makes a list.
    ///
    /// @param types records, enums and sealed interfaces
    /// @return the list
    /// @throws IllegalArgumentException if a type or a component of a record can not cross; says
    ///   which and why
    public static PayloadTypes of(Class<?>... types) {
        return new PayloadTypes(Map.of()).and(types);
    }

    /// Makes a list with more types.
    ///
    /// @param types records, enums and sealed interfaces
    /// @return this list and those types
    /// @throws IllegalArgumentException if a type or a component of a record can not cross; says
    ///   which and why
    public PayloadTypes and(Class<?>... types) {
        Map<Class<?>, String> all = new LinkedHashMap<>(names);
        for (Class<?> type : types) {
            all.putIfAbsent(type, type.getName());
        }
        return new PayloadTypes(all);
    }

    /// Makes a list with a type that other nodes know under another name.
    ///
    /// @param type a record or an enum
    /// @param name the name that its class has on nodes of the earlier version, as
    ///   [Class#getName()] writes it
    /// @return this list and the type
    /// @throws IllegalArgumentException if the type or a component of the record can not cross;
    ///   says which and why
    public PayloadTypes andRenamed(Class<?> type, String name) {
        if (!type.isRecord() && !type.isEnum()) {
            throw new IllegalArgumentException(
                    "expected a record or an enum, got: " + type.getName());
        }
        Map<Class<?>, String> all = new LinkedHashMap<>(names);
        all.put(type, name);
        return new PayloadTypes(all);
    }

    /// Returns the type of a value.
    ///
    /// @throws IllegalArgumentException if it is not in the list, or not in that of the peer
    PayloadType of(Object value, Ends ends) {
        PayloadType type = byClass.get(value.getClass());
        if (type == null) {
            Class<?> general = general(value);
            type = general == null ? null : byClass.get(general);
        }
        if (type == null) {
            throw new IllegalArgumentException(unknown(value));
        }
        if (!ends.known().test(type.fingerprint())) {
            throw new IllegalArgumentException(
                    "expected a type that node "
                            + ends.peer()
                            + " has in its PayloadTypes, got: "
                            + type.name());
        }
        return type;
    }

    /// Returns the type in the table that stands for all classes of a kind.
    private static @Nullable Class<?> general(Object value) {
        return switch (value) {
            case Enum<?> constant -> constant.getDeclaringClass();
            case Pid _ -> Pid.class;
            case Ref _ -> Ref.class;
            case Caller _ -> Caller.class;
            case Server<?> _ -> Server.class;
            case List<?> _ -> List.class;
            case Set<?> _ -> Set.class;
            case Map<?, ?> _ -> Map.class;
            case Optional<?> _ -> Optional.class;
            case Throwable _ -> Throwable.class;
            default -> null;
        };
    }

    private static String unknown(Object value) {
        Class<?> type =
                value instanceof Enum<?> constant ? constant.getDeclaringClass() : value.getClass();
        String expected = "expected a type that may cross to another node, got: " + type.getName();
        return type.isRecord() || type.isEnum()
                ? expected + "; add it with PayloadTypes.of(" + type.getSimpleName() + ".class)"
                : expected + "; send a record, and add that with PayloadTypes.of";
    }

    PayloadType withId(long id) throws FrameException {
        PayloadType type = byId.get(id);
        if (type == null) {
            throw new FrameException("expected a type that this node has, got number: " + id);
        }
        return type;
    }

    /// Returns what the nodes tell each other. A node of a later version may have more built-in
    /// types.
    long[] fingerprints() {
        return byClass.values().stream().mapToLong(PayloadType::fingerprint).sorted().toArray();
    }

    Set<Class<?>> classes() {
        return Collections.unmodifiableSet(byClass.keySet());
    }

    Set<Long> numbers() {
        return Collections.unmodifiableSet(byId.keySet());
    }
}
