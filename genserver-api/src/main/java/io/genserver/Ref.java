package io.genserver;

import io.genserver.spi.Reference;

/// A unique reference: of a monitor, of a timer, of a request. Prints as `#Reference<0.0.0.551>`.
///
/// Source: the `reference` type.
public sealed interface Ref permits Reference {}
