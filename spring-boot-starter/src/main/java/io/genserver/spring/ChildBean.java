package io.genserver.spring;

import io.genserver.supervisor.ChildSpec;

/// A child of the tree.
///
/// @param bean the name of the bean that it comes from
/// @param spec its specification
record ChildBean(String bean, ChildSpec<?> spec) {

    /// Returns the id of a child as text.
    static String text(Object id) {
        return id instanceof Class<?> type ? type.getName() : id.toString();
    }
}
