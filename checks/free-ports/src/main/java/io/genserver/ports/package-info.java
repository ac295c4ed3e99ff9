/// Ports for tests.
@org.jspecify.annotations.NullMarked
package io.genserver.ports;
