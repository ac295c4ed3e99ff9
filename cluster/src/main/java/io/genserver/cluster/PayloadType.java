package io.genserver.cluster;

import org.jspecify.annotations.Nullable;

/// One line of the table of types.
///
/// @param id what stands for the type in frames
/// @param fingerprint what the nodes compare, so that no two types are taken for each other
/// @param name for people
/// @param direct the way without CBOR, if there is one
record PayloadType(int id, long fingerprint, String name, Codec codec, @Nullable Direct direct) {

    /// The numbers below are those of the built-in types.
    static final int FIRST_OF_USERS = 256;
}
