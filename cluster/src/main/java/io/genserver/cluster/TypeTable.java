package io.genserver.cluster;

import io.genserver.Caller;
import io.genserver.Down;
import io.genserver.Exit;
import io.genserver.ExitReason;
import io.genserver.From;
import io.genserver.MultiCall;
import io.genserver.Name;
import io.genserver.Ok;
import io.genserver.Pid;
import io.genserver.ProcessInfo;
import io.genserver.Processes;
import io.genserver.Ref;
import io.genserver.RemoteException;
import io.genserver.RemoteName;
import io.genserver.ReplyTo;
import io.genserver.Response;
import io.genserver.Server;
import io.genserver.Start;
import io.genserver.StateTimeout;
import io.genserver.Sys;
import io.genserver.SystemEvent;
import io.genserver.TaggedDown;
import io.genserver.Timeout;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Makes the table of [PayloadTypes]. The numbers of built-in types are part of the protocol: they
/// never change, and new types get new numbers.
final class TypeTable {

    /// The numbers of users' types have four bytes in a frame.
    private static final int ID_BITS = 28;

    private final Map<Class<?>, String> names;
    private final Map<Class<?>, PayloadType> types = new HashMap<>();
    private final Map<Class<?>, RecordCodec> records = new HashMap<>();

    TypeTable(Map<Class<?>, String> names) {
        this.names = names;
        addValues();
        addRecords();
        names.keySet().forEach(this::add);
    }

    Map<Class<?>, PayloadType> types() {
        return types;
    }

    private void addValues() {
        builtIn(
                1,
                Boolean.class,
                ValueCodecs.boxed(ValueCodecs.BOOLEAN),
                ValueCodecs.DIRECT_BOOLEAN);
        builtIn(
                2,
                Integer.class,
                ValueCodecs.boxed(ValueCodecs.INTEGER),
                ValueCodecs.DIRECT_INTEGER);
        builtIn(3, Long.class, ValueCodecs.boxed(ValueCodecs.LONG), ValueCodecs.DIRECT_LONG);
        builtIn(4, Double.class, ValueCodecs.boxed(ValueCodecs.DOUBLE), null);
        builtIn(5, String.class, ValueCodecs.STRING, ValueCodecs.DIRECT_STRING);
        builtIn(6, byte[].class, ValueCodecs.BYTES, ValueCodecs.DIRECT_BYTES);
        builtIn(7, Pid.class, ValueCodecs.PID, ValueCodecs.DIRECT_PID);
        builtIn(8, Ref.class, ValueCodecs.REF, ValueCodecs.DIRECT_REF);
        builtIn(9, Caller.class, ValueCodecs.CALLER, ValueCodecs.DIRECT_CALLER);
        builtIn(
                10,
                ExitReason.Standard.class,
                ValueCodecs.STANDARD_REASON,
                ValueCodecs.DIRECT_STANDARD_REASON);
        builtIn(11, List.class, CollectionCodec.LIST, null);
        builtIn(12, Set.class, CollectionCodec.SET, null);
        builtIn(13, Map.class, CollectionCodec.MAP, null);
        builtIn(14, Optional.class, CollectionCodec.OPTIONAL, null);
        builtIn(15, Byte.class, ValueCodecs.boxed(ValueCodecs.BYTE), null);
        builtIn(16, Short.class, ValueCodecs.boxed(ValueCodecs.SHORT), null);
        builtIn(17, Character.class, ValueCodecs.boxed(ValueCodecs.CHARACTER), null);
        builtIn(18, Float.class, ValueCodecs.boxed(ValueCodecs.FLOAT), null);
        builtIn(19, BigInteger.class, ValueCodecs.BIG_INTEGER, null);
        builtIn(20, BigDecimal.class, ValueCodecs.BIG_DECIMAL, null);
        builtIn(21, UUID.class, ValueCodecs.UNIQUE_ID, null);
        builtIn(22, Duration.class, ValueCodecs.DURATION, null);
        builtIn(23, Instant.class, ValueCodecs.INSTANT, null);
        builtIn(24, LocalDate.class, ValueCodecs.text(LocalDate::parse), null);
        builtIn(25, LocalTime.class, ValueCodecs.text(LocalTime::parse), null);
        builtIn(26, LocalDateTime.class, ValueCodecs.text(LocalDateTime::parse), null);
        builtIn(27, OffsetDateTime.class, ValueCodecs.text(OffsetDateTime::parse), null);
        builtIn(28, ZonedDateTime.class, ValueCodecs.text(ZonedDateTime::parse), null);
        builtIn(29, Throwable.class, ValueCodecs.THROWABLE, null);
        builtIn(30, StackTraceElement.class, ValueCodecs.STACK_FRAME, null);
        builtIn(31, Server.class, ValueCodecs.SERVER, null);
        builtIn(32, Sys.Status.class, ValueCodecs.STATUS, null);
    }

    private void addRecords() {
        builtIn(64, Ok.class);
        builtIn(65, Name.class);
        builtIn(66, RemoteName.class);
        builtIn(67, Exit.class);
        builtIn(68, Down.class);
        builtIn(69, TaggedDown.class);
        builtIn(70, Timeout.class);
        builtIn(71, StateTimeout.class);
        builtIn(72, Processes.Monitored.class);
        builtIn(73, ExitReason.Shutdown.class);
        builtIn(74, ExitReason.Crash.class);
        builtIn(75, ExitReason.BadReturnValue.class);
        builtIn(76, ExitReason.NodeDown.class);
        builtIn(77, ExitReason.AlreadyStarted.class);
        builtIn(78, ExitReason.CallCycle.class);
        builtIn(79, ExitReason.FailedCall.class);
        builtIn(80, ExitReason.Term.class);
        builtIn(81, Start.Ok.class);
        builtIn(82, Start.Ignore.class);
        builtIn(83, Start.Failed.class);
        builtIn(84, Response.Reply.class);
        builtIn(85, Response.Failed.class);
        builtIn(86, Response.TimedOut.class);
        builtIn(87, MultiCall.class);
        builtIn(88, ProcessInfo.class);
        builtIn(89, ProcessInfo.Status.class);
        builtIn(90, Sys.Statistics.class);
        builtIn(91, SystemEvent.InCall.class);
        builtIn(92, SystemEvent.InCast.class);
        builtIn(93, SystemEvent.In.class);
        builtIn(94, SystemEvent.Out.class);
        builtIn(95, SystemEvent.NoReply.class);
        builtIn(96, SystemEvent.Continue.class);
    }

    private void builtIn(int id, Class<?> type) {
        builtIn(id, type, type.isEnum() ? ValueCodecs.constant(type) : record(type), null);
    }

    private void builtIn(int id, Class<?> type, Codec codec, @Nullable Direct direct) {
        types.put(type, new PayloadType(id, id, type.getName(), codec, direct));
    }

    private void add(Class<?> type) {
        if (types.containsKey(type)) {
            return;
        }
        if (type.isRecord()) {
            put(type, record(type));
        } else if (type.isEnum()) {
            put(type, ValueCodecs.constant(type));
        } else if (type.isSealed()) {
            List.of(type.getPermittedSubclasses()).forEach(this::add);
        } else {
            throw new IllegalArgumentException(
                    "expected a record, an enum or a sealed interface of them, got: "
                            + type.getName());
        }
    }

    private void put(Class<?> type, Codec codec) {
        String name = names.getOrDefault(type, type.getName());
        long fingerprint = fingerprint(name);
        int id = (int) (fingerprint & ((1 << ID_BITS) - 1)) | PayloadType.FIRST_OF_USERS;
        types.values().stream()
                .filter(other -> other.id() == id)
                .findAny()
                .ifPresent(other -> {
                    throw new IllegalArgumentException(
                            "expected types with different numbers, got: "
                                    + other.name()
                                    + " and "
                                    + name
                                    + "; give one of them another name with"
                                    + " PayloadTypes.andRenamed");
                });
        types.put(type, new PayloadType(id, fingerprint, type.getName(), codec, null));
    }

    private static long fingerprint(String name) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest(name.getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(hash).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("expected SHA-256, which each JDK has", e);
        }
    }

    private RecordCodec record(Class<?> type) {
        RecordCodec known = records.get(type);
        if (known != null) {
            return known;
        }
        RecordCodec codec = new RecordCodec(type);
        records.put(type, codec);
        RecordComponent[] components = type.getRecordComponents();
        for (int i = 0; i < components.length; i++) {
            try {
                codec.component(i, codec(components[i].getGenericType()));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "component "
                                + components[i].getName()
                                + " of "
                                + type.getName()
                                + ": "
                                + e.getMessage(),
                        e);
            }
        }
        return codec;
    }

    private Codec codec(Type type) {
        return switch (type) {
            case Class<?> plain -> plain(plain);
            case ParameterizedType generic -> generic(generic);
            case TypeVariable<?> variable -> codec(variable.getBounds()[0]);
            case WildcardType wildcard -> codec(wildcard.getUpperBounds()[0]);
            default ->
                    throw new IllegalArgumentException(
                            "expected a type that may cross, got: " + type + "; use a List");
        };
    }

    private Codec generic(ParameterizedType type) {
        Type[] arguments = type.getActualTypeArguments();
        Class<?> raw = (Class<?>) type.getRawType();
        if (raw == List.class || raw == Collection.class) {
            return CollectionCodec.list(codec(arguments[0]));
        }
        if (raw == Set.class) {
            return CollectionCodec.set(codec(arguments[0]));
        }
        if (raw == Map.class) {
            return CollectionCodec.map(codec(arguments[0]), codec(arguments[1]));
        }
        if (raw == Optional.class) {
            return CollectionCodec.optional(codec(arguments[0]));
        }
        return plain(raw);
    }

    private Codec plain(Class<?> type) {
        Codec primitive = primitive(type);
        if (primitive != null) {
            return primitive;
        }
        PayloadType known = types.get(type);
        if (known != null) {
            return known.codec();
        }
        if (type == From.class || type == ReplyTo.class) {
            return ValueCodecs.CALLER;
        }
        if (type.isRecord()) {
            return record(type);
        }
        if (type.isEnum()) {
            return ValueCodecs.constant(type);
        }
        if (Throwable.class.isAssignableFrom(type)
                && type.isAssignableFrom(RemoteException.class)) {
            return ValueCodecs.THROWABLE;
        }
        boolean isOpen =
                type == Object.class
                        || type.isInterface()
                        || Modifier.isAbstract(type.getModifiers());
        if (type.isArray() || !isOpen) {
            throw new IllegalArgumentException(
                    "expected a type that may cross to another node, got: "
                            + type.getName()
                            + "; use a record, an interface or a List");
        }
        if (type.isSealed() && !type.getPackageName().equals(Pid.class.getPackageName())) {
            add(type);
        }
        return new OpenCodec(type);
    }

    private static @Nullable Codec primitive(Class<?> type) {
        if (!type.isPrimitive()) {
            return null;
        }
        return switch (type.getName()) {
            case "boolean" -> ValueCodecs.BOOLEAN;
            case "byte" -> ValueCodecs.BYTE;
            case "short" -> ValueCodecs.SHORT;
            case "char" -> ValueCodecs.CHARACTER;
            case "int" -> ValueCodecs.INTEGER;
            case "long" -> ValueCodecs.LONG;
            case "float" -> ValueCodecs.FLOAT;
            default -> ValueCodecs.DOUBLE;
        };
    }
}
