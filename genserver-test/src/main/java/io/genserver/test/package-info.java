/// Testing processes: each test is one, and starts the others under a supervisor of its own. Start
/// reading at [io.genserver.test.GenServerExtension].
@NullMarked
package io.genserver.test;

import org.jspecify.annotations.NullMarked;
