/// A shop: one whole system to read. Begin with [shop.Shop], which is the supervision tree.
@NullMarked
package shop;

import org.jspecify.annotations.NullMarked;
