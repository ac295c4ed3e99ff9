/// A cluster to play with, and to break. Begin with [demo.DemoNode], which is one node.
@NullMarked
package demo;

import org.jspecify.annotations.NullMarked;
