package io.genserver.cluster;

import java.io.IOException;

/// Values of a declared type that does not say which class they have. The number of the type is
/// written in front.
///
/// @param bound what each value has to be
record OpenCodec(Class<?> bound) implements Codec {

    static final Codec ANY = new OpenCodec(Object.class);

    @Override
    public void write(PayloadWriter out, Object value) throws IOException {
        out.writeOpen(value);
    }

    @Override
    public Object read(PayloadReader in) throws IOException {
        Object value = in.readOpen();
        if (!bound.isInstance(value)) {
            throw new FrameException(
                    "expected a " + bound.getName() + ", got: " + value.getClass().getName());
        }
        return value;
    }
}
