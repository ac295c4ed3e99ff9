package io.genserver.cluster;

import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.SerializedString;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Writes a record as a map from the names of its components. A component that the receiver does
/// not know is ignored; one that the sender does not know is absent.
final class RecordCodec implements Codec {

    private final String name;
    private final SerializedString[] names;
    private final Map<String, Integer> indexes = new HashMap<>();
    private final MethodHandle[] accessors;
    private final MethodHandle constructor;
    private final Codec[] codecs;

    /// What each component is if the sender has none.
    private final @Nullable Object[] absent;

    /// The codecs of the components are asked for last, because a record may contain itself.
    ///
    /// @param type the record
    RecordCodec(Class<?> type) {
        name = type.getName();
        RecordComponent[] components = type.getRecordComponents();
        names = new SerializedString[components.length];
        accessors = new MethodHandle[components.length];
        codecs = new Codec[components.length];
        absent = new Object[components.length];
        try {
            for (int i = 0; i < components.length; i++) {
                names[i] = new SerializedString(components[i].getName());
                indexes.put(components[i].getName(), i);
                Method accessor = components[i].getAccessor();
                accessor.setAccessible(true);
                accessors[i] =
                        MethodHandles.lookup()
                                .unreflect(accessor)
                                .asType(MethodType.methodType(Object.class, Object.class));
            }
            Constructor<?> canonical =
                    type.getDeclaredConstructor(
                            Arrays.stream(components)
                                    .map(RecordComponent::getType)
                                    .toArray(Class<?>[]::new));
            canonical.setAccessible(true);
            constructor =
                    MethodHandles.lookup()
                            .unreflectConstructor(canonical)
                            .asSpreader(Object[].class, components.length)
                            .asType(MethodType.methodType(Object.class, Object[].class));
        } catch (ReflectiveOperationException | RuntimeException e) {
            throw new IllegalArgumentException(
                    "expected a record that "
                            + RecordCodec.class.getModule()
                            + " can read, got: "
                            + name
                            + "; make it public in an exported package, or open its package to that"
                            + " module",
                    e);
        }
    }

    /// Sets the codec of a component.
    void component(int index, Codec codec) {
        codecs[index] = codec;
        absent[index] = codec.absent();
    }

    @Override
    public void write(PayloadWriter out, Object value) throws IOException {
        out.enter();
        out.cbor.writeStartObject(value, names.length);
        for (int i = 0; i < names.length; i++) {
            out.cbor.writeFieldName(names[i]);
            out.write(codecs[i], component(value, accessors[i]));
        }
        out.cbor.writeEndObject();
        out.leave();
    }

    private @Nullable Object component(Object value, MethodHandle accessor) {
        try {
            return (Object) accessor.invokeExact(value);
        } catch (VirtualMachineError e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalArgumentException(
                    "expected the components of " + name + ", got: " + e, e);
        }
    }

    @Override
    public Object read(PayloadReader in) throws IOException {
        in.expect(JsonToken.START_OBJECT);
        in.enter();
        @Nullable Object[] values = absent.clone();
        int expected = 0;
        while (true) {
            int index = expected;
            if (index == names.length || !in.cbor.nextFieldName(names[index])) {
                if (index == names.length) {
                    in.cbor.nextToken();
                }
                if (in.cbor.hasToken(JsonToken.END_OBJECT)) {
                    break;
                }
                in.expect(JsonToken.FIELD_NAME);
                index = indexes.getOrDefault(in.cbor.currentName(), -1);
            }
            in.cbor.nextToken();
            if (index < 0) {
                in.cbor.skipChildren();
            } else {
                values[index] = in.read(codecs[index]);
                expected = index + 1;
            }
        }
        in.leave();
        return create(values);
    }

    private Object create(@Nullable Object[] values) throws FrameException {
        try {
            return (Object) constructor.invokeExact(values);
        } catch (VirtualMachineError e) {
            throw e;
        } catch (Throwable e) {
            throw new FrameException("expected the components of " + name + ", got: " + e, e);
        }
    }
}
