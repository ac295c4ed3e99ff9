/// The code of README.md and docs/tutorial.md, compiled and run.
@NullMarked
package kv.tutorial;

import org.jspecify.annotations.NullMarked;
