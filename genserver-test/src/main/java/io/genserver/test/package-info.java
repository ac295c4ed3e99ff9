/// Tests of processes. Each test is a process and starts the processes it needs under a supervisor
/// of its own. Start reading at [io.genserver.test.GenServerExtension].
@NullMarked
package io.genserver.test;

import org.jspecify.annotations.NullMarked;
