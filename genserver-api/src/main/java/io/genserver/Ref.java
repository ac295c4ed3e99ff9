package io.genserver;

import io.genserver.spi.Reference;

/// A unique reference, such as a monitor, a timer or an alias. It prints as
/// `#Reference<0.0.0.551>`.
///
/// Source: the `reference` type.
public sealed interface Ref permits Reference {}
