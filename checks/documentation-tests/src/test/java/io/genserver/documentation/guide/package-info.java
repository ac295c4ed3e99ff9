/// The programs of the guide, docs/guide, and the tests that run them.
@NullMarked
package io.genserver.documentation.guide;

import org.jspecify.annotations.NullMarked;
